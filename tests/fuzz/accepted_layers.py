"""Differences of ``nn.functional`` from PyTorch that are meant; see accepted.py."""

from tests.fuzz.causes import drawn_in, empty, extreme, ties, whole

ACCEPTED = [
    (
        r"layers\..*",
        "stricter",
        "must be a floating-point tensor|must be floating-point",
        "layers of integers are refused with a sentence; PyTorch computes some of them",
    ),
    (
        r"layers\.dropout[123]d",
        "stricter",
        "expected input",
        "PyTorch warns of shapes that have no channels",
    ),
    (
        r"layers\.ctc_loss",
        "gradient|gradient nan",
        "",
        "PyTorch's slope is that of scores before the log_softmax, ours that of what is given",
    ),
    (
        r"layers\.(hardtanh_|relu6|hardtanh|hardswish|hardsigmoid)",
        "gradient",
        "",
        "of nan PyTorch's gate differs with its vectors",
        extreme,
    ),
    (
        r"layers\.hardtanh_",
        "stricter",
        "expected min_val <= max_val",
        "PyTorch checks the limits unless it works in place",
    ),
    (
        r"layers\.fractional_max_pool.*",
        "stricter",
        "do not fit in the input|at least 1",
        "no windows, or of no elements",
    ),
    (
        r"layers\.soft_margin_loss",
        "stricter",
        "must have one shape",
        "losses of different shapes are refused; PyTorch broadcasts some of them",
    ),
    (
        r"layers\.poisson_nll_loss",
        "gradient",
        r"PyTorch np.float..\(nan\)",
        "PyTorch's slope of Stirling's formula is nan where it is not used, for targets up to 1",
    ),
    (
        r"layers\.(softsign|gelu|silu|mish|logsigmoid|softplus|selu|elu_?|celu_?|tanhshrink|"
        r"soft_margin_loss|kl_div|.*_loss|binary_cross_entropy.*|cross_entropy|normalize)",
        "gradient|value",
        r"PyTorch np.float..\((nan|-?inf)\)",
        "PyTorch multiplies inf by 0, or exponentiates what overflows",
        extreme,
    ),
    (
        r"layers\.multi(label)?_margin_loss|layers\.multi_margin_loss",
        "nan|value",
        "",
        "PyTorch leaves out what nan makes of a margin, and does not write the mean of no losses",
        lambda call: extreme(call) or empty(call),
    ),
    (
        r"layers\.(adaptive_)?max_pool.*",
        "value",
        r"^\[1\]",
        "the place of the largest number in a border that holds none, or of several equal ones",
    ),
    (
        r"layers\.conv_transpose.*",
        "stricter",
        r"would give an output of size \(.*\b0\b",
        "an output without elements is refused",
    ),
    (
        r"layers\.conv_transpose.*",
        "stricter",
        "output_padding must be less",
        "PyTorch lets a wrong option pass where the batch is empty",
        empty,
    ),
    (
        r"layers\.batch_norm",
        "gradient",
        "",
        "PyTorch reads an image or a weight that is a view as if its cells lay side by side",
        lambda call: any(drawn.layout != "plain" for drawn in drawn_in(call)),
    ),
    (
        r"layers\..*_norm",
        "gradient",
        r"np\.float16",
        "PyTorch rounds to halves between its steps, where the gradient is what rounding leaves",
    ),
    (
        r"layers\.max_pool.*",
        "gradient",
        "",
        "of a window that lies in the border PyTorch sends the gradient to a cell beyond it",
        lambda call: {"padding", "dilation"} <= set(call.kwargs),
    ),
    (
        r"layers\.ctc_loss",
        "stricter",
        "out of bounds",
        "PyTorch reads what lies beyond the classes",
    ),
    (
        r"layers\..*",
        "unnamed error",
        "truth value",
        "an array as a flag, which activations hand to Python's if: a look would cost each call",
        lambda call: call.spoilt,
    ),
    (
        r"layers\.softsign",
        "value",
        "",
        "PyTorch adds 1 to small integers, where it overflows",
        whole,
    ),
    (
        r"layers\.threshold_?",
        "stricter",
        "several elements of an expanded view",
        "writes into expanded views are refused, of which PyTorch allows some and warns",
    ),
    (
        r"layers\.cross_entropy|layers\.nll_loss",
        "stricter",
        "has no derivative for weight",
        "a weight without a derivative is refused; PyTorch refuses it with class indices only",
    ),
    (
        r"layers\.lp_pool.*",
        "gradient",
        r"PyTorch np.float..\(-?0.0\)",
        "at a norm of 0 PyTorch's slope is 0, also with p = 1",
        ties,
    ),
]
