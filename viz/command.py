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

    doctor = commands.add_parser("doctor", help="say what is installed and what would draw")
    doctor.set_defaults(run=_doctor)

    options = parser.parse_args(arguments)
    return options.run(options)


def _doctor(options: argparse.Namespace) -> int:
    from viz.doctor import report

    print(report())
    return 0


if __name__ == "__main__":
    sys.exit(main())
