"""The demo: train a small CNN on real digits, then show the backpropagation of one of them.

``run`` is what ``backlight demo`` calls. The parts: ``network`` trains and finds the digit,
``exam`` is a problem small enough to check by hand, ``page`` puts the pictures on one page.
"""

from viz.demo.run import run

__all__ = ["run"]
