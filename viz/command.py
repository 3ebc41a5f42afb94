"""The ``backlight`` command.

``backlight demo`` trains a small CNN on real digits and draws one step of it; ``backlight doctor``
says what is installed.
"""

import argparse
import sys

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="backlight", description="An autograd engine that you can see through."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    demo = commands.add_parser("demo", help="train a CNN on real digits and draw one step of it")
    demo.add_argument("--output", default="backlight-demo", help="folder to write (%(default)s)")
    demo.add_argument("--epochs", type=_positive, default=6, help="passes over the digits (6)")
    demo.add_argument("--seed", type=int, default=0, help="of weights, order and dropout (0)")
    demo.set_defaults(run=_demo)

    doctor = commands.add_parser("doctor", help="say what is installed and what would draw")
    doctor.set_defaults(run=_doctor)

    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except KeyboardInterrupt:
        print(f"backlight {options.command}: interrupted", file=sys.stderr)
        return 130
    except OSError as error:  # a folder that cannot be written, a file of digits that is missing
        print(f"backlight {options.command}: {error}", file=sys.stderr)
        return 1
    except ValueError as error:
        if not str(error).startswith("mnist:"):  # the file of digits is damaged, and it says how
            raise
        print(f"backlight {options.command}: {error}", file=sys.stderr)
        return 1


def _demo(options: argparse.Namespace) -> int:
    from viz.demo import run

    written = run(options.output, epochs=options.epochs, seed=options.seed)
    width = max(len(str(path)) for path in written)
    print("Look at")
    for path, words in written.items():
        print(f"  {path!s:{width}}  {words}")
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return number


def _doctor(options: argparse.Namespace) -> int:
    from viz.doctor import report

    print(report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
