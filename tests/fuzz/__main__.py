"""``python -m tests.fuzz --calls 100000 --seed 0``: exit 1 if there is a finding."""

import argparse
import sys
import time

from tests.fuzz.judging import FINDINGS, load_torch
from tests.fuzz.workers import run, run_one


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", help="a function or a room: exp, method.exp, layers ...")
    parser.add_argument("--call", type=int, help="repeat the call of this number alone")
    parser.add_argument("--quiet-kinds", action="store_true", help="list lenient and spoilt too")
    options = parser.parse_args()
    torch = load_torch()
    if options.call is not None:
        verdict, text = run_one(options.seed, options.call, options.only)
        print(text or verdict.key)
        print(verdict)
        return int(verdict.is_finding)
    start = time.monotonic()
    report = run(options.calls, options.seed, options.jobs, options.only)
    peer = f"compared with PyTorch {torch.__version__}" if torch else "without PyTorch"
    seconds = time.monotonic() - start
    print(f"{options.calls} calls, seed {options.seed}, {seconds:.0f} s, {peer}")
    for kind, count in sorted(report.kinds.items(), key=lambda item: -item[1]):
        print(f"{count:8} {kind}")
    for reason, count in sorted(report.reasons.items(), key=lambda item: -item[1]):
        print(f"{count:8} accepted: {reason}")
    tables = [report.findings] + ([report.quiet] if options.quiet_kinds else [])
    only = f" --only {options.only}" if options.only else ""
    for table in tables:
        for count, index, verdict, text in sorted(table.values(), key=lambda f: f[2].identity):
            print(f"\n{verdict.kind} ({count}): {verdict.key}: {verdict.detail} {verdict.where}")
            print(
                f"    {FINDINGS.get(verdict.kind, '')}: --seed {options.seed} --call {index}{only}"
            )
            print(f"    {text[:600]}")
    print(f"\n{len(report.findings)} findings")
    return int(bool(report.findings))


if __name__ == "__main__":
    sys.exit(main())
