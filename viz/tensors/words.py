"""Numbers as a layer picture prints them: measured, so rounded, with their zeros kept.

Three significant digits (``3.20``), an exact integer bare (``1``), a true minus, ``e−4`` below
1e−3, shares in whole percent that never round a little to nothing or nearly all to all.
"""

import math

from viz.numbers import MINUS, number

__all__ = ["compact", "factor", "fixed", "measured", "percent", "two_digits"]


def measured(value: float, digits: int = 3) -> str:
    """Write a measured number: three significant digits, as everywhere (viz/numbers.py).

    >>> measured(3.2001), measured(0.99999), measured(1), measured(-0.000123)
    ('3.20', '1.00', '1', '−1.23e−4')
    """
    return number(float(value), digits)


def two_digits(value: float) -> str:
    """Write a number to two significant digits, no zeros kept.

    >>> two_digits(1.13), two_digits(0.449), two_digits(1.02), two_digits(0.0001)
    ('1.1', '0.45', '1', '1e−4')
    """
    value = float(value)
    if not math.isfinite(value) or value == 0:
        return _minus(f"{value:g}")
    if abs(value) < 1e-3 or abs(value) >= 1e4:
        mantissa, exponent = f"{value:.1e}".split("e")
        return _minus(f"{float(mantissa):g}e{int(exponent)}")
    return _minus(f"{float(f'{value:.1e}'):g}")


def fixed(value: float, places: int = 2) -> str:
    """Write a number with a fixed number of places; minus zero is zero.

    >>> fixed(-0.024), fixed(-0.001)
    ('−0.02', '0.00')
    """
    text = f"{value:.{places}f}"
    return _minus(text if float(text) else text.lstrip("-"))


def compact(value: float, places: int = 2) -> str:
    """Write a number for a dense grid: no leading zero.

    >>> compact(0.28), compact(-0.5), compact(2.0), compact(0.0), compact(1.286)
    ('.28', '−.50', '2', '0', '1.29')
    """
    if not math.isfinite(value):
        return _minus(str(value))
    if value == int(value):
        return _minus(str(int(value)))
    text = fixed(value, places)
    return text.replace("0.", ".", 1) if text.lstrip(MINUS).startswith("0.") else text


def factor(gain: float, digits: int = 3) -> str:
    """Write a gain: ``×0.418``; one within the rounding of the norms is said as ``×1``.

    >>> factor(0.4178), factor(1.0000001), factor(0.0)
    ('×0.418', '×1', '×0')
    """
    return "×" + ("1" if abs(gain - 1) < 1e-6 else measured(gain, digits))


def percent(share: float, sign: bool = True) -> str:
    """Write a share in whole percent; some is never 0, and not all is never 100.

    >>> percent(0.184), percent(0.001), percent(0.999), percent(1.0), percent(0.16, sign=False)
    ('18 %', '<1 %', '>99 %', '100 %', '16')
    """
    if not math.isfinite(share):
        return str(share)
    whole = round(100 * share)
    text = str(whole)
    if whole == 0 and share > 0:
        text = "<1"
    if whole == 100 and share < 1:
        text = ">99"
    return f"{text} %" if sign else text


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
