"""What each operation sends to an operand, as a formula short enough for a picture.

g is the gradient that arrived, z the output, x and y the operands in their order; W is a linear
layer's weight, p a softmax.  The rules themselves stand beside the forwards in ``autograd/ops``;
here they are said in one line.
"""

from __future__ import annotations

from typing import Any

__all__ = ["RULES", "rule_text"]

WINNER = "g, to the winner"
WINNERS = "g, to the winners"
SPREAD = "g, spread"
BACK_IN_PLACE = "g, put back"
ITS_PART = "its part of g"
SHAPED = "g, reshaped"

# (operation, operand), or the operation alone for all of its operands.
RULES: dict[Any, str] = {
    # arithmetic
    "add": "g",
    ("add_scaled", 0): "g",
    ("add_scaled", 1): "g α",
    ("subtract", 0): "g",
    ("subtract", 1): "−g",
    ("subtract_scaled", 0): "g",
    ("subtract_scaled", 1): "−g α",
    "multiply": "g × the other factor",
    ("divide", 0): "g / y",
    ("divide", 1): "−g z / y",
    ("remainder", 0): "g",
    ("remainder", 1): "−g ⌊x / y⌋",
    ("fmod", 0): "g",
    ("fmod", 1): "−g trunc(x / y)",
    "floor_divide": "0 × g",
    "negative": "−g",
    "absolute": "g sign(x)",
    "sign": "0 × g",
    ("copysign", 0): "g sign(x) sign(y)",
    ("copysign", 1): "0 × g",
    ("addcmul", 0): "g",
    ("addcmul", 1): "g × the other factor",
    ("addcmul", 2): "g × the other factor",
    ("addcdiv", 0): "g",
    ("addcdiv", 1): "g / the divisor",
    ("addcdiv", 2): "−g × quotient / divisor",
    ("lerp", 0): "g (1 − weight)",
    ("lerp", 1): "g weight",
    ("lerp", 2): "g (end − x)",
    ("power", 0): "g y x^(y−1)",
    ("power", 1): "g z log x",
    "square": "2 g x",
    "sqrt": "g / (2z)",
    "rsqrt": "−g z³ / 2",
    "reciprocal": "−g z²",
    **dict.fromkeys(("floor", "ceil", "round", "trunc"), "0 × g"),
    "frac": "g",
    # exponential and special functions
    "exp": "g z",
    "exp2": "g z ln 2",
    "expm1": "g (z + 1)",
    "log": "g / x",
    "log2": "g / (x ln 2)",
    "log10": "g / (x ln 10)",
    "log1p": "g / (1 + x)",
    ("logaddexp", 0): "g e^(x − z)",
    ("logaddexp", 1): "g e^(y − z)",
    ("logaddexp2", 0): "g 2^(x − z)",
    ("logaddexp2", 1): "g 2^(y − z)",
    "logit": "g / (x (1 − x))",
    ("xlogy", 0): "g log y",
    ("xlogy", 1): "g x / y",
    "sigmoid": "g z (1 − z)",
    "erf": "g e^(−x²) 2/√π",
    "erfc": "−g e^(−x²) 2/√π",
    "erfinv": "g e^(z²) √π/2",
    "lgamma": "g ψ(x)",
    "digamma": "g ψ′(x)",
    "polygamma": "g ψ⁽ⁿ⁺¹⁾(x)",
    # trigonometry
    "sin": "g cos x",
    "cos": "−g sin x",
    "tan": "g (1 + z²)",
    "asin": "g / √(1 − x²)",
    "acos": "−g / √(1 − x²)",
    "atan": "g / (1 + x²)",
    ("atan2", 0): "g y / (x² + y²)",
    ("atan2", 1): "−g x / (x² + y²)",
    "sinh": "g cosh x",
    "cosh": "g sinh x",
    "tanh": "g (1 − z²)",
    "asinh": "g / √(x² + 1)",
    "acosh": "g / √(x² − 1)",
    "atanh": "g / (1 − x²)",
    ("hypot", 0): "g x / z",
    ("hypot", 1): "g y / z",
    "sinc": "g (cos πx − z) / x",
    "deg2rad": "g π/180",
    "rad2deg": "g 180/π",
    # selection
    "relu": "g where z > 0",
    **dict.fromkeys(("maximum", "fmax"), "g where larger"),
    **dict.fromkeys(("minimum", "fmin"), "g where smaller"),
    ("clamp", 0): "g within bounds",
    "clamp": "g where the bound holds",
    "where": "g where chosen",
    ("masked_fill", 0): "g outside the mask",
    ("masked_fill", 2): "Σ g under the mask",
    "gate": "g where the gate is open",
    "nan_to_num": "g where finite",
    **dict.fromkeys(("dropout", "drop_connect", "stochastic_depth"), "g × mask"),
    "alpha_dropout": "g × a mask",
    ("copied", 0): "0 × g",
    **dict.fromkeys(("copied", "clone", "cast", "alias"), "g"),
    # reductions
    **dict.fromkeys(("sum", "nansum", "sum_to", "sum_blocks", "sum_runs"), SPREAD),
    **dict.fromkeys(("mean", "nanmean"), "g / n, spread"),
    **dict.fromkeys(("max", "min", "median", "nanmedian", "kthvalue", "mode"), WINNER),
    **dict.fromkeys(("amax", "amin", "aminmax", "cummax", "cummin"), WINNERS),
    "logsumexp": "g e^(x − z)",
    "prod": "g z / x",
    "var": "2 g (x − mean) / (n − 1)",
    "std": "g (x − mean) / ((n − 1) z)",
    "vector_norm": "g along x",
    "cumsum": "g, summed from the end",
    "logcumsumexp": "g e^(x − z), from the end",
    "cumprod": "g z / x, from the end",
    "exclusive_product": "g z / x, from the end",
    ("recurrence", 0): "g, run backward",
    ("recurrence", 1): "g, run backward, × y",
    # products and linear algebra
    ("matmul", 0): "g @ yᵀ",
    ("matmul", 1): "xᵀ @ g",
    ("linear", 0): "g @ W",
    ("linear", 1): "gᵀ @ x",
    ("linear", 2): "Σ g over the batch",
    "einsum": "einsum of g and the other",
    ("cross", 0): "y × g",
    ("cross", 1): "g × x",
    "cdist": "g along the differences",
    "trace": "g on the diagonal",
    "det": "g z x⁻ᵀ",
    "slogdet": "g x⁻ᵀ",
    "inv": "−zᵀ g zᵀ",
    ("solve", 0): "−x⁻ᵀ g zᵀ",
    ("solve", 1): "x⁻ᵀ g",
    ("solve_triangular", 0): "−x⁻ᵀ g zᵀ",
    ("solve_triangular", 1): "x⁻ᵀ g",
    # shapes and places
    **dict.fromkeys(("reshape", "flatten"), SHAPED),
    "permute": "g, permuted back",
    "transpose": "g, transposed",
    "flip": "g, flipped back",
    "roll": "g, rolled back",
    "shift": "g, shifted back",
    **dict.fromkeys(("broadcast_to", "repeat", "repeat_interleave"), "Σ g over copies"),
    **dict.fromkeys(("concatenate", "stack", "block_diag"), ITS_PART),
    **dict.fromkeys(("getitem", "unfold"), BACK_IN_PLACE),
    **dict.fromkeys(("write_at", "fold"), ITS_PART),
    **dict.fromkeys((("index_put", 0), ("assign", 0)), "g outside what is written"),
    **dict.fromkeys((("index_put", 1), ("assign", 1)), "g of what is written"),
    "gather": "g, added up by index",
    "spread_along": "g, gathered",
    ("scatter", 0): "g outside what is written",
    ("scatter", 2): "g, gathered",
    ("scatter_add", 0): "g",
    ("scatter_add", 2): "g, gathered",
    "scatter_reduce": WINNERS,
    ("bincount", 1): "g of its bin",
    "diagonal": "g on the diagonal",
    "place_diagonal": "the diagonal of g",
    "tril": "g, its lower triangle",
    "triu": "g, its upper triangle",
    "pad": "g without the border",
    "fold_border": "g, its border repeated",
    # layers
    **{(f"conv{n}d", 0): "g ∗ flipped weight" for n in (1, 2, 3)},
    **{(f"conv{n}d", 1): "x ⋆ g" for n in (1, 2, 3)},
    **{(f"conv{n}d", 2): "Σ g" for n in (1, 2, 3)},
    **{(f"conv_transpose{n}d", 0): "g ⋆ weight" for n in (1, 2, 3)},
    **{(f"conv_transpose{n}d", 1): "g ⋆ x" for n in (1, 2, 3)},
    **{(f"conv_transpose{n}d", 2): "Σ g" for n in (1, 2, 3)},
    "im2col": "g, added up over windows",
    "col2im": "g, window by window",
    **{f"{which}max_pool{n}d": WINNERS for n in (1, 2, 3) for which in ("", "adaptive_")},
    "max_pool_input": "g of the winners",
    "max_pool_winners": WINNERS,
    **{f"avg_pool{n}d": f"g / k{power}, spread" for n, power in ((1, ""), (2, "²"), (3, "³"))},
    **{f"adaptive_avg_pool{n}d": "g / n, spread" for n in (1, 2, 3)},
    "window_sums": "g, spread over each window",
    "spread": "Σ g over each window",
    "softmax": "p (g − Σ g p)",
    "cross_entropy": "(p − y) / n",
    **dict.fromkeys(("lstm", "gru"), "g, back through time"),
}


def rule_text(op: str, position: int) -> str:
    """Return the rule by which an operation sends gradient to one operand.

    Of an operation that has no short formula it says no more than where g goes through.

    >>> rule_text("matmul", 1), rule_text("sum", 0), rule_text("svd", 0)
    ('xᵀ @ g', 'g, spread', 'g through svd')
    """
    return RULES.get((op, position)) or RULES.get(op) or f"g through {op}"
