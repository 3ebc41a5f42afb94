"""Cases of functions made of straight pieces, and of smooth ones and gates."""

import numpy as np

import autograd
from autograd.ops import gates, rectifiers, smooth
from tests.autograd.cases.case import Case, Example, reals, unary


def between_kinks(random, shape):
    """From -4 to 9, no value within .1 of an integer or of a half, where pieces meet."""
    return (
        random.integers(-4, 9, shape)
        + random.choice([0.15, 0.65], shape)
        + 0.2 * random.random(shape)
    )


def inner(name, function=None, domain=between_kinks, reference=None, **attributes):
    """A row that PyTorch has in nn.functional, or that a public function leads to."""
    plain = name.split()[0]

    def torchs(torch, x):
        return getattr(torch.nn.functional, plain)(x, **attributes)

    case = Case(f"{name} of nn", (domain,), reference or torchs, numbers="")
    case.call = lambda x: function(x, **attributes)
    return case


def step(torch, x):
    """PyTorch's heaviside has no derivative."""
    return torch.where(torch.isnan(x), x.detach(), torch.ceil(torch.sign(x) / 2))


def not_special(case):
    case.special = False
    return case


NOISE = 0.25
HALVES = [Example(((4,),), {"dim": 0}), Example(((2, 4),), {"dim": 1}),
          Example(((4, 3, 2),), {"dim": 0}), Example(((2, 6, 0),), {"dim": 1})]  # fmt: skip

CASES = [
    unary("hardshrink", between_kinks),
    unary(
        "threshold",
        between_kinks,
        reference=lambda t, x: t.threshold(x, 1, -7),
        call=lambda x: autograd.threshold(x, 1, -7),
    ),
    unary("rrelu", between_kinks, numbers=""),
    inner(
        "random slopes",
        lambda x: rectifiers.sloped_at_random(x, noise=np.asarray(NOISE, x.dtype)),
        reference=lambda t, x: x * NOISE,
    ),
    Case("prelu", (between_kinks, reals), reference=lambda t, x, w: t.where(x > 0, x, w * x),
         call=rectifiers.sloped_by, special=False, numbers=""),
    inner("leaky_relu", rectifiers.sloped, negative_slope=0.1),
    inner("leaky_relu steeper than 1", rectifiers.sloped, negative_slope=-1.5),
    inner("hardtanh", rectifiers.clipped, min_val=-1.0, max_val=2.5),
    inner("relu6", rectifiers.clipped_at_six),
    # PyTorch's sixth is one of float32, also in float64.
    not_special(inner("hardsigmoid", rectifiers.hardsigmoid,
                      reference=lambda t, x: t.clip(x + 3, 0, 6) / 6)),
    inner("hardswish", rectifiers.hardswish),
    inner("step", rectifiers.step, reference=step),
    inner("softshrink", rectifiers.shrunk_softly, lambd=0.5),
    unary("celu"),
    inner("celu of 2", smooth.exponential_linear_of, reals,
          reference=lambda t, x: t.celu(x, 2.0), alpha=2.0),
    unary("selu"),
    inner("elu", smooth.exponential_linear, reals, alpha=1.5),
    inner("softplus", smooth.softplus, reals, beta=2.0, threshold=1.5),
    inner("logsigmoid", smooth.logsigmoid, reals),
    # PyTorch composes these two, and its derivatives lose what is small.
    not_special(inner("softsign", smooth.softsign, reals)),
    not_special(inner("tanhshrink", smooth.tanhshrink, reals)),
    inner("silu", gates.silu, reals),
    inner("mish", gates.mish, reals),
    not_special(inner("gelu", gates.gelu, reals)),  # in float32 PyTorch has nan at inf
    inner("gelu by tanh", gates.gelu_by_tanh, reals,
          reference=lambda t, x: t.nn.functional.gelu(x, approximate="tanh")),
    Case("glu of nn", (reals,), lambda t, x, dim: t.nn.functional.glu(x, dim),
         call=gates.gated_half, examples=HALVES, numbers=""),
]  # fmt: skip
