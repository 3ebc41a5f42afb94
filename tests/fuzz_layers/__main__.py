"""``python -m tests.fuzz_layers --calls 10000 --seed 0``: exit 1 if there is a finding."""

import argparse
import collections
import sys

from tests.fuzz_layers.comparing import Finding
from tests.fuzz_layers.running import judged


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_layers")
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--call", type=int, help="repeat the call of this number alone")
    options = parser.parse_args()
    alone = None if options.call is None else (options.call, options.call + 1)
    kinds, failed = collections.Counter(), False
    for verdict in judged(options.seed, alone or (0, options.calls)):
        kinds[verdict.kind if isinstance(verdict, Finding) else verdict] += 1
        if isinstance(verdict, Finding):
            failed = True
            print(verdict, flush=True)
    print(", ".join(f"{count} {kind}" for kind, count in kinds.most_common()))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
