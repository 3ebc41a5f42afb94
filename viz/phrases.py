"""The local derivative of one operation, in a sentence: a rule for each that has a short reason.

A rule takes the op (``Entry``), the contribution's way (``Passage``) and how numbers are written;
it returns None where it has nothing to say, of arrays for example.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from viz.passage import Entry, Passage

__all__ = ["RULES"]


def _product(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    other, value = entry.operands[entry.other] or "a constant", entry.values[entry.other]
    if value is None or np.ndim(value):
        return f"{passage.operand} is multiplied by {other}, so that is its local derivative."
    if entry.operands[0] == entry.operands[1]:
        return (
            f"{passage.operand} is multiplied by itself: for this factor the other one, "
            f"{number(value)}, is the local derivative."
        )
    text = number(value)
    if other == text:
        return f"{passage.operand} is multiplied by {text}, so that is its local derivative."
    factor = f"{other} = {text}"
    return f"{passage.operand} is multiplied by {factor}, so {other} is its local derivative."


def _quotient(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    if passage.local is None or np.ndim(passage.local):
        return None
    other, slope = entry.operands[entry.other], number(passage.local)
    if entry.position == 0:
        inverse = f"1/{other} = {slope}"
        return f"{passage.operand} is divided by {other}, so its local derivative is {inverse}."
    value = entry.values[1]
    at = "" if value is None or np.ndim(value) else f" at {passage.operand} = {number(value)}"
    return f"The slope of {other}/{passage.operand}{at} is {slope}."


def _power(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    value, exponent = entry.values[0], entry.values[1] if len(entry.values) > 1 else 2
    if entry.position == 1 or value is None or np.ndim(value) or exponent is None:
        return None
    if passage.local is None or np.ndim(passage.local) or np.ndim(exponent):
        return None
    raised = f"{passage.operand}{SUPERSCRIPTS.get(number(exponent), '^' + number(exponent))}"
    at = f"{passage.operand} = {number(value)}"
    return f"The slope of {raised} at {at} is {number(passage.local)}."


SUPERSCRIPTS = {"2": "²", "3": "³", "4": "⁴", "−1": "⁻¹", "0.5": "^½"}


def _slope(of: str, formula: str = "") -> Callable[..., str | None]:
    """Return the rule of a function of one operand: its name and, if short, its derivative."""

    def words(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
        x, z = entry.values[0], entry.value
        known = x is not None and not np.ndim(x)
        at = f" at {passage.operand} = {number(x)}" if known else ""
        if passage.local is None or np.ndim(passage.local):
            return f"The slope of {of}{f' is {formula}' if formula else ''}, taken at each element."
        reason = ""
        if formula and z is not None and not np.ndim(z):
            reason = f"{formula} = " if len(formula) < 20 else ""
        return f"The slope of {of}{at} is {reason}{number(passage.local)}."

    return words


def _gate(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    value = entry.values[0]
    if value is None or np.ndim(value):
        return "Where the input is positive the gradient passes unchanged; elsewhere it stops."
    state = f"{passage.operand} = {number(value)}"
    if value > 0:
        return f"{state} is positive, so relu passes the gradient on whole."
    return f"{state} is not positive, so relu lets nothing through."


def _clip(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    if entry.position:
        return _bound(passage)
    if passage.local is None or np.ndim(passage.local):
        return "Inside the limits the gradient passes unchanged; outside it stops."
    if passage.local:
        return f"{passage.operand} is inside the limits, so the gradient passes unchanged."
    return f"{passage.operand} is outside the limits, so nothing passes to it."


def _bound(passage: Passage) -> str:
    if passage.local is None or np.ndim(passage.local):
        return f"Where {passage.operand} is the limit in force it receives the gradient."
    if passage.local:
        return f"{passage.operand} is the limit in force, so the gradient passes to it."
    return f"{passage.operand} is a limit that is not in force, so nothing passes to it."


def _partial(of: str, first: str, second: str) -> Callable[..., str | None]:
    """Return the rule of a function of two operands: its derivative by each of them."""

    def words(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
        x, y = entry.operands[:2]
        formula = (first, second)[entry.position].format(
            x=x or "the first operand", y=y or "the second operand", z=passage.consumer
        )
        name = of.format(x=x or "x", y=y or "y")
        by = f"The derivative of {name} by {passage.operand} is {formula}"
        if passage.local is None or np.ndim(passage.local):
            return f"{by}, taken at each element."
        return f"{by} = {number(passage.local)}."

    return words


def _lerp(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    if passage.local is None or np.ndim(passage.local):
        return None
    slope = number(passage.local)
    if entry.position == 2:
        return f"Each step of {passage.operand} leads on by the distance of the ends, {slope}."
    return f"{passage.operand} enters with the weight {slope}, which is its local derivative."


def _step(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
    return f"{entry.name} is flat between its steps, so {passage.operand} receives 0."


def _each(sentence: str) -> Callable[..., str | None]:
    def words(entry: Entry, passage: Passage, number: Callable[[Any], str]) -> str | None:
        other = entry.operands[entry.other] if len(entry.operands) == 2 else ""
        return sentence.format(
            x=passage.operand, z=passage.consumer, other=f", {other}" if other else ""
        )

    return words


RULES: dict[str, Callable[..., str | None]] = {
    "multiply": _product,
    "divide": _quotient,
    "power": _power,
    "square": _power,
    "reciprocal": _slope("1/x", "−z²"),
    "exp": _slope("exp", "exp itself"),
    "exp2": _slope("2ˣ", "z ln 2"),
    "expm1": _slope("expm1", "z + 1"),
    "log": _slope("log", "1/x"),
    "log2": _slope("log2", "1/(x ln 2)"),
    "log10": _slope("log10", "1/(x ln 10)"),
    "log1p": _slope("log1p", "1/(1 + x)"),
    "logit": _slope("logit", "1/(x(1 − x))"),
    "rsqrt": _slope("1/√x", "−z³/2"),
    "erf": _slope("erf", "e^(−x²) 2/√π"),
    "erfc": _slope("erfc", "−e^(−x²) 2/√π"),
    "erfinv": _slope("erfinv", "e^(z²) √π/2"),
    "lgamma": _slope("lgamma", "digamma(x)"),
    "logaddexp": _partial("logaddexp", "e^({x} − {z})", "e^({y} − {z})"),
    "logaddexp2": _partial("logaddexp2", "2^({x} − {z})", "2^({y} − {z})"),
    "xlogy": _partial("{x}·log {y}", "log {y}", "{x}/{y}"),
    "atan2": _partial("atan2", "{y}/({x}² + {y}²)", "−{x}/({x}² + {y}²)"),
    "hypot": _partial("√(x² + y²)", "{x}/{z}", "{y}/{z}"),
    "remainder": _partial("the remainder", "1", "−⌊{x}/{y}⌋"),
    "fmod": _partial("the remainder", "1", "minus {x}/{y}, cut to an integer"),
    "lerp": _lerp,
    **dict.fromkeys(("floor", "ceil", "round", "trunc", "sign", "floor_divide"), _step),
    "sqrt": _slope("√", "1/(2√x)"),
    "sin": _slope("sin", "cos x"),
    "cos": _slope("cos", "−sin x"),
    "tan": _slope("tan", "1 + z²"),
    "asin": _slope("asin", "1/√(1 − x²)"),
    "acos": _slope("acos", "−1/√(1 − x²)"),
    "atan": _slope("atan", "1/(1 + x²)"),
    "sinh": _slope("sinh", "cosh x"),
    "cosh": _slope("cosh", "sinh x"),
    "asinh": _slope("asinh", "1/√(x² + 1)"),
    "acosh": _slope("acosh", "1/√(x² − 1)"),
    "atanh": _slope("atanh", "1/(1 − x²)"),
    "tanh": _slope("tanh", "1 − z²"),
    "sigmoid": _slope("sigmoid", "z(1 − z)"),
    "absolute": _slope("|x|", "the sign of x"),
    "relu": _gate,
    "leaky_relu": _slope("a leaky relu", "1, or the small slope where x ≤ 0"),
    "silu": _slope("silu", "σ + xσ(1 − σ)"),
    "gelu": _slope("gelu", "Φ(x) + xφ(x)"),
    "softplus": _slope("softplus", "σ(βx)"),
    "clamp": _clip,
    "sum": _each("{z} is a sum over {x}, so each element receives its sum’s gradient."),
    "mean": _each("{z} is a mean over {x}, so each element receives an equal share."),
    "amax": _each("{z} is the largest of {x}, so the gradient goes to the winners."),
    "max": _each("{z} holds the largest of {x}, so the gradient goes to the winners."),
    "min": _each("{z} holds the smallest of {x}, so the gradient goes to the winners."),
    "amin": _each("{z} is the smallest of {x}, so the gradient goes to the winners."),
    "reshape": _each("{z} is {x} in another shape, so the gradient is reshaped back."),
    "permute": _each("{z} is {x} with its axes permuted, so the gradient is permuted back."),
    "matmul": _each("Back through a matrix product the gradient meets the other factor{other}."),
    "linear": _each("Back through a linear layer the gradient is a matrix product itself."),
    "getitem": _each("{z} is a part of {x}: the gradient lands there, the rest gets 0."),
    "concatenate": _each("{x} is a part of {z}, so it receives that part of the gradient."),
    **{
        f"{which}max_pool{n}d": _each("Each window of {z} sends its gradient to its winner in {x}.")
        for n in (1, 2, 3)
        for which in ("", "adaptive_")
    },
    **{
        f"{which}avg_pool{n}d": _each("Each window of {z} shares its gradient evenly over {x}.")
        for n in (1, 2, 3)
        for which in ("", "adaptive_")
    },
    "interpolate": _each("Each pixel of {z} sends its gradient to those of {x} that it reads."),
    "unpool": _each("{x} was put at places of {z}, so it receives the gradient of those places."),
    "take_at": _each("{z} is {x} at some places: the gradient lands there, the rest gets 0."),
    "cross_entropy": _each("{z} sends back p − y: softmax minus the target."),
    "embedding": _each("{z} are rows of {x}: each row receives the sum over its uses."),
    "attention": _each("{z} is a mean of values, weighted by how well keys fit queries."),
    **dict.fromkeys(
        ("lstm", "gru"),
        _each(
            "The gradient runs back through the steps of {z}, and each step adds to that of {x}."
        ),
    ),
}
