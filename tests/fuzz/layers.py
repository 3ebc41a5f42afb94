"""What the functions of ``nn.functional`` like to get; see hints.py.

Their arguments agree in more ways than a name can say (channels with groups, kernels with sizes),
so that most have an entry of their own here; the activations have few parameters and are drawn by
those.  Activations and losses get nan and inf.  What sums products gets finite numbers: whether nan
is seen where a kernel meets the zeros of a border is a matter of how the sum is arranged.
"""

import re

import numpy as np

import nn.functional
from tests.fuzz.hints import PARAMETERS, flag, of, option, pairs, small
from tests.fuzz.values import DTYPES, FLOATS, Drawn

# Of the functions, those that are other rooms', take functions, or what a module has prepared.
LEFT_OUT = {
    *("check_loss", "conv_matrix", "one_hot", "sigmoid", "tanh", "flatten", "prelu", "hardshrink"),
    "multi_head_attention_forward",
}
NAMES = [
    name
    for name in sorted(nn.functional.__all__)
    if callable(getattr(nn.functional, name)) and name not in LEFT_OUT
]

# Buffers that a function writes to on purpose.
WRITING = {"batch_norm", "instance_norm"}
RANDOM = {
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout"),
    *("fractional_max_pool2d", "fractional_max_pool3d", "gumbel_softmax", "rrelu", "rrelu_"),
    *("fractional_max_pool2d_with_indices", "fractional_max_pool3d_with_indices"),
    *("drop_connect", "stochastic_depth"),
}

OWN_PARAMETERS = {
    "training": flag,
    "inplace": option(False, False, False, True),
    **dict.fromkeys(("negative_slope", "min_val", "threshold"), option(0.1, 0.0, -1.0, 2, 20.0)),
    **dict.fromkeys(("max_val", "lambd", "tau", "strength"), option(0.5, 1.0, 2, 0.0)),
    "value": option(0.0, 1.5, -2),
    **dict.fromkeys(("alpha", "beta"), option(1.0, 0.5, 2, 0.0)),
    "approximate": option("none", "tanh", "other"),
    "lower": option(0.1, 0.125),
    "upper": option(0.3, 1 / 3),
    "p": option(0.5, 0.1, 0.0, 1.0, 0, 1),
    "hard": flag,
    "pieces": small(1, 3),
    "convention": option("inverted", "standard", "other"),
    "mode": option("batch", "row", "other"),
    **dict.fromkeys(("input", "logits", "weight"), lambda draw: draw.tensor(dtype=floating(draw))),
    "weights": lambda draw: draw.tensor(dtype=floating(draw)),
}


def parameter(name):
    """Return what draws an argument of this name, or None."""
    return OWN_PARAMETERS.get(name) or PARAMETERS.get(name)


def layer(*names):
    """Register what draws the arguments of these functions of ``nn.functional``."""
    return of(*(f"layers.{name}" for name in names))


# ---------------------------------------------------------------- what they have in common


def floating(draw):
    return draw.one(DTYPES) if draw.chance(0.04) else draw.one(FLOATS[:2])


def dims_of(name):
    """Return the number of spatial axes that a function's name ends with: 2 of ``conv2d``."""
    return int(re.search(r"(\d)d", name)[1])


def sizes(draw, n, low=1, high=6):
    return tuple(draw.integer(low, high) for _ in range(n))


def lead(draw, *channels):
    """Return batch and channels; the batch may be missing or, seldom, empty."""
    if draw.chance(0.15):
        return channels
    return (draw.one((1, 1, 2, 2, 3, 0)) if draw.chance(0.2) else draw.integer(1, 2), *channels)


def each(draw, n, low, high, odd=0.02):
    """Return one number for all axes or one for each, seldom too many or a negative one."""
    if draw.chance(odd):
        return draw.one([0, -1, (low,) * (n + 1)])
    return draw.integer(low, high) if draw.chance(0.6) else sizes(draw, n, low, high)


def some(draw, **makers):
    """Return some of the options, each with probability 0.4."""
    return {name: maker(draw) for name, maker in makers.items() if draw.chance(0.4)}


def reduction(draw):
    if draw.chance(0.3):
        return {}
    return {"reduction": draw.one(["none", "mean", "sum"]) if draw.chance(0.97) else "other"}


def maybe(draw, shape, dtype):
    """Return a tensor or None."""
    return draw.tensor(shape, dtype) if draw.chance(0.6) else None


# ---------------------------------------------------------------- convolution and pooling


@layer("conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
def convolution(draw, name):
    draw.special = False
    n, dtype, groups = dims_of(name), floating(draw), draw.one((1, 1, 2))
    inside, outside = groups * draw.integer(1, 2), groups * draw.integer(1, 2)
    kernel = sizes(draw, n, 1, 3)
    x = draw.tensor((*lead(draw, inside), *sizes(draw, n, 1, 5)), dtype)
    named = some(
        draw,
        stride=lambda d: each(d, n, 1, 3),
        padding=lambda d: each(d, n, 0, 2),
        dilation=lambda d: each(d, n, 1, 2),
    )
    if "transpose" in name:
        weight = (inside, outside // groups, *kernel)
        named |= some(draw, output_padding=lambda d: each(d, n, 0, 1))
    else:
        weight = (outside, inside // groups, *kernel)
        if draw.chance(0.1):
            named["padding"] = draw.one(["same", "valid", "other"])
    if groups > 1 or draw.chance(0.1):
        named["groups"] = groups if draw.chance(0.95) else 3
    bias = [maybe(draw, (outside,), dtype)] if draw.chance(0.6) else []
    return [x, draw.tensor(weight, dtype), *bias], named


def pooled(draw, name):
    draw.special = False
    n = dims_of(name)
    x = draw.tensor((*lead(draw, draw.integer(1, 2)), *sizes(draw, n)), floating(draw))
    return n, x


@layer("max_pool1d", "max_pool2d", "max_pool3d", "max_pool1d_with_indices",
    "max_pool2d_with_indices", "max_pool3d_with_indices", "avg_pool1d", "avg_pool2d",
    "avg_pool3d", "lp_pool1d", "lp_pool2d", "lp_pool3d")  # fmt: skip
def pool(draw, name):
    n, x = pooled(draw, name)
    named = some(draw, stride=lambda d: each(d, n, 1, 3), ceil_mode=lambda d: d.chance(0.5))
    kernel = each(draw, n, 1, 3)
    if name.startswith("lp"):
        return [x, draw.one([1, 2, 2.0, 3.0]), kernel], named
    named |= some(draw, padding=lambda d: each(d, n, 0, 1))
    if name.startswith("avg"):
        named |= some(draw, count_include_pad=lambda d: d.chance(0.5))
        if n > 1:
            named |= some(draw, divisor_override=option(None, 3, 1, -2))
    else:
        named |= some(draw, dilation=lambda d: each(d, n, 1, 2))
        if "indices" not in name:
            named |= some(draw, return_indices=lambda d: d.chance(0.5))
    return [x, kernel], named


@layer("adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_avg_pool3d",
    "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
    "adaptive_max_pool1d_with_indices", "adaptive_max_pool2d_with_indices",
    "adaptive_max_pool3d_with_indices")  # fmt: skip
def adaptive_pool(draw, name):
    n, x = pooled(draw, name)
    wanted = each(draw, n, 1, 4)
    if n > 1 and draw.chance(0.2):
        wanted = tuple(draw.one([None, 1, 2, 3]) for _ in range(n))
    named = {}
    if "max" in name and "indices" not in name:
        named = some(draw, return_indices=lambda d: d.chance(0.5))
    return [x, wanted], named


@layer("fractional_max_pool2d", "fractional_max_pool3d", "fractional_max_pool2d_with_indices",
    "fractional_max_pool3d_with_indices")  # fmt: skip
def fractional_pool(draw, name):
    n, x = pooled(draw, name)
    if draw.chance(0.5):
        return [x, each(draw, n, 1, 2), each(draw, n, 1, 3)], {}
    return [x, each(draw, n, 1, 2)], {"output_ratio": draw.one([0.5, (0.5,) * n, 0.9, 1.5])}


@layer("max_unpool1d", "max_unpool2d", "max_unpool3d")
def unpool(draw, name):
    n, x = pooled(draw, name)
    k = draw.integer(1, 3)
    cells = np.indices(x.shape[-n:]) * k
    places = np.ravel_multi_index(tuple(cells), tuple(s * k for s in x.shape[-n:]))
    places = np.broadcast_to(places, x.shape)
    if draw.chance(0.05):
        places = places + 7
    return [x, Drawn(np.array(places, "int64")), k], {}


@layer("fold")
def fold(draw):
    draw.special = False
    size, kernel = sizes(draw, 2, 2, 5), sizes(draw, 2, 1, 2)
    named = some(draw, stride=lambda d: each(d, 2, 1, 2), padding=lambda d: each(d, 2, 0, 1))
    stride, padding = (
        np.broadcast_to(named.get(key, value), 2) if np.size(named.get(key, value)) in (1, 2) else 1
        for key, value in (("stride", 1), ("padding", 0))
    )
    stride = np.maximum(stride, 1)
    blocks = np.prod((np.array(size) + 2 * np.array(padding) - kernel) // stride + 1)
    shape = (*lead(draw, int(np.prod(kernel)) * draw.integer(1, 2)), max(int(blocks), 0))
    return [draw.tensor(shape, floating(draw)), size, kernel], named


@layer("unfold")
def unfold(draw):
    draw.special = False
    x = draw.tensor((*lead(draw, draw.integer(1, 2)), *sizes(draw, 2)), floating(draw))
    return [x, each(draw, 2, 1, 3)], some(
        draw,
        stride=lambda d: each(d, 2, 1, 2),
        padding=lambda d: each(d, 2, 0, 1),
        dilation=lambda d: each(d, 2, 1, 2),
    )


@layer("interpolate")
def interpolate(draw):
    draw.special = False
    n = draw.integer(1, 3)
    x = draw.tensor((draw.integer(1, 2), draw.integer(1, 2), *sizes(draw, n, 1, 4)), floating(draw))
    modes = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}[n]
    named = {"mode": draw.one(["nearest", "area", "nearest-exact", *modes])}
    if draw.chance(0.5):
        named["size"] = each(draw, n, 1, 6)
    else:
        named["scale_factor"] = draw.one([2, 0.5, 1.5, (2.0,) * n, 1.0])
    if named["mode"] in (*modes, "other"):
        named |= some(draw, align_corners=flag)
    return [x], named


@layer("grid_sample")
def grid_sample(draw):
    draw.special = False
    n, dtype, batch = draw.integer(2, 3), floating(draw), draw.integer(1, 2)
    x = draw.tensor((batch, draw.integer(1, 2), *sizes(draw, n, 1, 4)), dtype)
    grid = draw.tensor((batch, *sizes(draw, n, 1, 3), n), dtype)
    return [x, grid], {
        **some(draw, mode=option("bilinear", "nearest", "bicubic" if n == 2 else "nearest")),
        **some(draw, padding_mode=option("zeros", "border", "reflection")),
        "align_corners": draw.chance(0.5),
    }


@layer("affine_grid")
def affine_grid(draw):
    draw.special = False
    n, batch = draw.integer(2, 3), draw.integer(1, 2)
    theta = draw.tensor((batch, n, n + 1), floating(draw))
    return [theta, [batch, draw.integer(1, 2), *sizes(draw, n, 1, 3)], draw.chance(0.5)], {}


@layer("pixel_shuffle", "pixel_unshuffle", "channel_shuffle")
def shuffle(draw, name):
    r = draw.integer(1, 3)
    channels, factor = {"shuffle": (r * r, 1), "unshuffle": (1, r)}.get(
        name.removeprefix("layers.").removeprefix("pixel_"), (r, 1)
    )
    shape = (draw.integer(1, 2), channels * draw.integer(1, 2))
    shape = (*shape, *(factor * n for n in sizes(draw, 2, 1, 3)))
    return [draw.tensor(shape), r], {}


@layer("pad")
def pad(draw):
    x = draw.tensor((*lead(draw, 2), *sizes(draw, draw.integer(1, 2), 1, 4)))
    named = {"mode": draw.one(["constant", "reflect", "replicate", "circular", "other"])}
    if draw.chance(0.5):
        named = some(draw, value=option(0.0, 1.5, None, 2))
        draw.shape = x.shape
        return [x, pairs(draw)], named
    n = x.values.ndim - 2 if x.values.ndim > 2 else 1
    return [x, tuple(draw.integer(-1, 2) for _ in range(2 * n))], named


# ---------------------------------------------------------------- normalisation and products


@layer("batch_norm", "instance_norm")
def batch_norm(draw, name):
    draw.special = False
    c, dtype = draw.integer(1, 3), floating(draw)
    x = draw.tensor((draw.integer(1, 3), c, *sizes(draw, draw.integer(0, 2), 1, 4)), dtype)
    running = [None, None]
    if draw.chance(0.6):
        running = [Drawn(draw.values((c,), dtype)), Drawn(np.abs(draw.values((c,), dtype)))]
    named = some(draw, momentum=option(0.1, 0.5, 0.0, 1.0), eps=option(1e-5, 1e-3))
    named["training" if "batch" in name else "use_input_stats"] = draw.chance(0.7)
    return [x, *running, maybe(draw, (c,), dtype), maybe(draw, (c,), dtype)], named


@layer("layer_norm", "rms_norm")
def layer_norm(draw, name):
    draw.special = False
    dtype = floating(draw)
    x = draw.tensor(draw.any_shape(draw.integer(1, 3)), dtype)
    shape = x.shape[draw.integer(0, x.values.ndim - 1) :]
    bias = [maybe(draw, shape, dtype)] if "layer_norm" in name else []
    return [x, draw.one([shape, list(shape)]), maybe(draw, shape, dtype), *bias], some(
        draw, eps=option(1e-5, 0.1)
    )


@layer("group_norm")
def group_norm(draw):
    draw.special = False
    groups, dtype = draw.integer(1, 3), floating(draw)
    c = groups * draw.integer(1, 2)
    x = draw.tensor((draw.integer(1, 2), c, *sizes(draw, draw.integer(0, 2), 1, 3)), dtype)
    given = groups if draw.chance(0.95) else 5
    return [x, given, maybe(draw, (c,), dtype), maybe(draw, (c,), dtype)], {}


@layer("local_response_norm")
def local_response_norm(draw):
    draw.special = False
    x = draw.tensor((draw.integer(1, 2), *sizes(draw, draw.integer(1, 3), 1, 4)), floating(draw))
    return [x, draw.integer(1, 4)], some(draw, alpha=option(1e-4, 0.5), k=option(1.0, 2))


@layer("linear")
def linear(draw):
    draw.special = False
    n, m, dtype = draw.integer(0, 3), draw.integer(1, 3), floating(draw)
    x = draw.tensor((*draw.any_shape(draw.integer(0, 2)), n), dtype)
    return [x, draw.tensor((m, n), dtype), maybe(draw, (m,), dtype)], {}


@layer("bilinear")
def bilinear(draw):
    draw.special = False
    (n, m, k), dtype, shape = sizes(draw, 3, 1, 3), floating(draw), draw.any_shape(1)
    x, y = draw.tensor((*shape, n), dtype), draw.tensor((*shape, m), dtype)
    return [x, y, draw.tensor((k, n, m), dtype), maybe(draw, (k,), dtype)], {}


@layer("embedding")
def embedding(draw):
    n, dtype = draw.integer(1, 5), draw.one(FLOATS[:2])
    index = draw.integers(draw.any_shape(draw.integer(0, 2)), 0, n + draw.chance(0.05))
    named = some(draw, padding_idx=lambda d: d.integer(-n, n - 1))
    return [index, draw.tensor((n, draw.integer(1, 3)), dtype)], named


@layer("embedding_bag")
def embedding_bag(draw):
    draw.special = False
    n, dtype = draw.integer(1, 5), draw.one(FLOATS[:2])
    weight = draw.tensor((n, draw.integer(1, 3)), dtype)
    named = some(draw, mode=option("sum", "mean", "max"))
    if draw.chance(0.5):
        return [draw.integers(sizes(draw, 2, 1, 3), 0, n), weight], named
    count = draw.integer(1, 6)
    offsets = [0, *sorted(draw.integer(0, count) for _ in range(draw.integer(0, 2)))]
    return [draw.integers((count,), 0, n), weight, Drawn(np.array(offsets))], named


@layer("scaled_dot_product_attention")
def attention(draw):
    draw.special = False
    (q, k, e, v), dtype = sizes(draw, 4, 1, 4), floating(draw)
    shape = draw.one([(), (2,), (2, 2)])
    named = {}
    if draw.chance(0.3):
        named["attn_mask"] = draw.tensor((q, k), draw.one(["bool", dtype]), grad=False)
    elif draw.chance(0.3):
        named["is_causal"] = True
    named |= some(draw, scale=option(None, 0.5, 1.0))
    made = [draw.tensor((*shape, *pair), dtype) for pair in ((q, e), (k, e), (k, v))]
    return made, named


# ---------------------------------------------------------------- losses and distances


@layer("l1_loss", "mse_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss",
    "half_squared_error", "poisson_nll_loss", "kl_div")  # fmt: skip
def between(draw, name):
    dtype = floating(draw)
    named = reduction(draw)
    if "smooth" in name:
        named |= some(draw, beta=option(1.0, 0.5, 0.0))
    if "huber" in name:
        named |= some(draw, delta=option(1.0, 0.5))
    if "poisson" in name:
        named |= some(draw, log_input=flag, full=flag)
    if "kl_div" in name:
        named |= some(draw, log_target=flag)
    return [draw.tensor(dtype=dtype), draw.tensor(draw.like(), dtype)], named


@layer("binary_cross_entropy", "binary_cross_entropy_with_logits")
def binary(draw, name):
    dtype = draw.one(FLOATS[:2])
    chance = draw.random.random
    x = draw.tensor(dtype=dtype, domain=None if "logits" in name else chance)
    y = draw.tensor(dtype=dtype, domain=chance)
    named = reduction(draw) | some(draw, weight=lambda d: d.tensor(d.shape, dtype, grad=False))
    return [x, y], named


@layer("cross_entropy", "nll_loss", "multi_margin_loss", "multiclass_hinge_loss",
    "perceptron_loss")  # fmt: skip
def classified(draw, name):
    n, c, dtype = draw.integer(0, 3), draw.integer(1, 4), floating(draw)
    further = sizes(draw, draw.one((0, 0, 0, 1, 2)), 1, 3) if "margin" not in name else ()
    shape = (c,) if draw.chance(0.15) else (n, c, *further)
    x = draw.tensor(shape, dtype)
    y = draw.integers((*shape[:-1][:1], *shape[2:]), 0, c + draw.chance(0.03))
    named = reduction(draw)
    if "cross" in name and draw.chance(0.2):
        y = draw.tensor(shape, dtype, domain=lambda s: draw.random.random(s))
    if name.endswith(("cross_entropy", "nll_loss")):
        named |= some(draw, weight=lambda d: d.tensor((c,), dtype, grad=False))
        named |= some(draw, ignore_index=option(-100, 0, 1))
    if name.endswith("cross_entropy"):
        named |= some(draw, label_smoothing=option(0.0, 0.1, 1.0))
    if "multi_margin" in name:
        named |= some(draw, p=option(1, 2), margin=option(1.0, 0.5))
    return [x, y], named


@layer("multilabel_margin_loss", "multilabel_soft_margin_loss")
def labelled(draw, name):
    n, c, dtype = draw.integer(1, 3), draw.integer(1, 4), draw.one(FLOATS[:2])
    shape = (c,) if draw.chance(0.2) else (n, c)
    if "soft" in name:
        y = draw.tensor(shape, dtype, domain=lambda s: draw.random.random(s) < 0.5, grad=False)
    else:
        y = draw.integers(shape, -1, c)
    return [draw.tensor(shape, dtype), y], reduction(draw)


@layer("gaussian_nll_loss")
def gaussian(draw):
    dtype = draw.one(FLOATS[:2])
    var = draw.tensor(dtype=dtype, domain=lambda s: draw.random.random(s))
    return [draw.tensor(dtype=dtype), draw.tensor(dtype=dtype), var], reduction(draw) | some(
        draw, full=flag, eps=option(1e-6, 0.1)
    )


@layer("cosine_embedding_loss", "margin_ranking_loss", "hinge_embedding_loss")
def signed(draw, name):
    dtype = draw.one(FLOATS[:2])
    shape = (draw.integer(1, 3), draw.integer(1, 3)) if "cosine" in name else draw.shape
    signs = draw.values(shape[:1] if "cosine" in name else shape, "float64") > 0
    y = Drawn(np.where(signs, 1, -1).astype(dtype))
    count = 1 if "hinge" in name else 2
    return [*(draw.tensor(shape, dtype) for _ in range(count)), y], reduction(draw) | some(
        draw, margin=option(0.0, 0.5, 1.0)
    )


@layer("triplet_margin_loss", "triplet_margin_with_distance_loss")
def triplet(draw, name):
    draw.special = False
    shape, dtype = sizes(draw, 2, 1, 3), draw.one(FLOATS[:2])
    named = reduction(draw) | some(draw, margin=option(1.0, 0.5), swap=flag)
    if "distance" not in name:
        named |= some(draw, p=option(2.0, 1.0, 3.0))
    return [draw.tensor(shape, dtype) for _ in range(3)], named


@layer("ctc_loss")
def ctc_loss(draw):
    draw.special = False
    t, n, c, s = draw.integer(1, 5), draw.integer(1, 3), draw.integer(2, 4), draw.integer(1, 3)
    shape, dtype = (t, n, c), draw.one(FLOATS[:2])
    scores = draw.tensor(
        shape, dtype, domain=lambda s: np.log(draw.random.dirichlet([1] * c, s[:2]))
    )
    lengths = [draw.integers((n,), 1, t + 1), draw.integers((n,), 0, s + 1)]
    named = reduction(draw) | some(draw, zero_infinity=flag)
    return [scores, draw.integers((n, s), 1, c), *lengths], named


@layer("cosine_similarity", "pairwise_distance")
def compared(draw, name):
    draw.special = False
    dtype = draw.one(FLOATS[:2])
    shape = draw.any_shape(draw.integer(1, 3))
    named = some(draw, eps=option(1e-6, 0.1))
    named |= (
        some(draw, dim=lambda d: d.dim(len(shape)))
        if "cosine" in name
        else some(draw, p=option(2.0, 1.0, 3.0, float("inf")), keepdim=flag)
    )
    return [draw.tensor(shape, dtype), draw.tensor(draw.like(shape), dtype)], named


@layer("pdist")
def pdist(draw):
    draw.special = False
    x = draw.tensor(sizes(draw, 2, 0, 4), draw.one(FLOATS[:2]))
    return [x], some(draw, p=option(2.0, 1.0, 0.0, 3.0, float("inf")))


@layer("normalize")
def normalize(draw):
    draw.special = False
    x = draw.tensor(dtype=floating(draw))
    return [x], some(draw, p=option(2.0, 1.0, 3.0, float("inf")), dim=lambda d: d.dim())


@layer("softmax", "log_softmax", "softmin", "glu", "maxout")
def along(draw, name):
    x = draw.tensor(dtype=floating(draw))
    if name.endswith("glu"):
        x = draw.tensor((*draw.any_shape(draw.integer(0, 2)), 2 * draw.integer(1, 3)), x.dtype)
        return [x], {}
    if name.endswith("maxout"):
        return [x, draw.integer(1, 3)], {}
    return [x], {"dim": draw.dim()}
