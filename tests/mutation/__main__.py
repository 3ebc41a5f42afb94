"""Does a wrong sign in a derivative fail a test?  Mutants of autograd/ops, and what finds them.

    python -m tests.mutation                      rules and forwards, a seeded sample in 20 minutes
    python -m tests.mutation --rules              all derivative rules
    python -m tests.mutation --room reduction     one file
    python -m tests.mutation --room powers --function sqrt --keyword sqrt

mutmut does not reach lambdas in decorators, and it starts Python anew for each mutant; here a
process that has everything imported forks.
"""

import argparse
import collections
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: a fork has one thread
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest  # noqa: E402

from tests.mutation.equivalent import EQUIVALENT  # noqa: E402
from tests.mutation.mutants import all_mutants  # noqa: E402
from tests.mutation.patching import write_every_call  # noqa: E402
from tests.mutation.trials import TESTS, Outcome, Trials, evenly  # noqa: E402


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation")
    parser.add_argument("--room", action="append", help="a file of autograd/ops, without .py")
    parser.add_argument("--function", action="append", help="a function in it, with its rules")
    parser.add_argument("--rules", action="store_true", help="derivatives alone")
    parser.add_argument("--forwards", action="store_true", help="forwards alone")
    parser.add_argument("--kind", action="append", help="sign, product, factor, constant, ...")
    parser.add_argument("--tests", action="append", help="files or folders of tests")
    parser.add_argument("--keyword", help="which of the tests, as pytest's -k")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=float, default=1.0, help="share of the mutants")
    parser.add_argument("--seconds", type=float, default=1200, help="then no more are started")
    parser.add_argument("--limit", type=float, default=6, help="seconds of tests for a mutant")
    parser.add_argument("--remember", help="a file that keeps which test reaches which line")
    parser.add_argument("--seed", type=int, default=0, help="of the order, and of the sample")
    parser.add_argument("--killed", action="store_true", help="print what finds each mutant")
    return parser.parse_args()


def wanted(options: argparse.Namespace) -> list:
    mutants = [
        m
        for m in all_mutants(options.room)
        if (not options.function or m.function.split(".")[0] in options.function)
        and (not options.kind or m.kind in options.kind)
        and (m.rule or not options.rules)
        and (not m.rule or not options.forwards)
    ]
    gone = EQUIVALENT.keys() - {m.key for m in all_mutants()}
    for key in sorted(gone):
        print(f"equivalent.py names what is no mutant any more: {key}")
    chosen = evenly(mutants, options.sample, options.seed)
    print(f"{len(chosen)} of {len(mutants)} mutants, in the order of seed {options.seed}")
    return chosen


def table(outcomes: list[Outcome]) -> None:
    """Print the numbers by room, and the survivors."""
    counts: dict[tuple[str, bool], collections.Counter] = collections.defaultdict(
        collections.Counter
    )
    survivors = [o for o in outcomes if o.result == "survived"]
    for outcome in outcomes:
        mutant, result = outcome.mutant, outcome.result
        if result == "survived" and mutant.key in EQUIVALENT:
            result = "equivalent"
        for room in (mutant.room, "all"):
            counts[room, mutant.rule][result] += 1
            if mutant.kind == "sign":
                counts[f"{room}: signs", mutant.rule][result] += 1
    for rule, title in ((True, "rules"), (False, "forwards")):
        print(f"\n{title:20} killed survived equivalent unfit")
        rooms = sorted(r for r, is_rule in counts if is_rule == rule and not r.endswith("signs"))
        for room in [*(r for r in rooms if r != "all"), "all", "all: signs"]:
            number = counts[room, rule]
            if number:
                print(
                    f"{room:20} {number['killed']:6} {number['survived']:8}"
                    f" {number['equivalent']:10} {number['unfit']:5}"
                )
    for outcome in sorted(survivors, key=lambda o: (not o.mutant.rule, o.mutant.key)):
        reason = EQUIVALENT.get(outcome.mutant.key)
        print(f"\n{'equivalent' if reason else 'SURVIVED'}: {outcome.mutant}")
        print(f"    ({reason or outcome.by})")


def main() -> int:
    options = arguments()
    write_every_call()
    mutants = wanted(options)
    trials = Trials(
        mutants,
        jobs=options.jobs,
        seconds=options.seconds,
        limit=options.limit,
        remembered=options.remember,
    )
    narrowed = ["-k", options.keyword] if options.keyword else []
    flags = ["-qq", "-s", "--tb=native", "-p", "no:cacheprovider", "-p", "no:xdist"]
    pytest.main([*flags, *narrowed, *(options.tests or TESTS)], plugins=[trials])
    if options.killed:
        for outcome in trials.outcomes:
            if outcome.result != "survived":
                print(f"{outcome.result}: {outcome.mutant}\n    by {outcome.by}")
    table(trials.outcomes)
    return 0 if trials.outcomes else 1


if __name__ == "__main__":
    sys.exit(main())
