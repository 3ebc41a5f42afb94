"""One random configuration of a layer, drawn from a seed and its number; of four one is spoilt."""

from dataclasses import replace

import numpy as np

from tests.fuzz_layers import images, losses, numbers, sequences
from tests.fuzz_layers.drawing import Draw, Given

BAD = (-1, 0, 2.5, "a", None, True, (1, 2), (1, 2, 3), [1], -3)

FAMILIES = (
    *(images.convolution, images.transposed_convolution, images.pooling, images.adaptive_pooling),
    *(images.unpooling, images.padding, images.unfolding, images.shuffling, images.resampling),
    *(images.sampling, numbers.normalisation, numbers.activation, numbers.linear),
    *(numbers.embedding, sequences.recurrence, sequences.recurrent_cell, sequences.attention),
    *(sequences.transformer, losses.regression_loss, losses.classification_loss),
    losses.margin_loss,
)


def draw(seed, number):
    """Draw the configuration of a number; of four one is spoilt."""
    d = Draw(seed * 1_000_003 + number)
    drawn = replace(d.random.choice(FAMILIES)(d), dtype=d.dtype)
    return spoilt(d, drawn) if d.chance(0.25) else drawn


def spoilt(d, drawn):
    """Change one thing: an argument, a shape, a dtype; most of such calls are to be refused."""
    what = d.pick("argument", "option", "shape", "dtype")
    options, inputs, args = dict(drawn.kwargs), list(drawn.inputs), list(drawn.args)
    plain = [i for i, x in enumerate(inputs) if isinstance(x, Given)]
    if what == "argument" and args:
        args[d.upto(0, len(args) - 1)] = d.random.choice(BAD)
    elif what == "option" and options:
        options[d.random.choice(list(options))] = d.random.choice(BAD)
    elif plain and drawn.name != "scaled_dot_product_attention":  # PyTorch reads beyond its end
        place = d.random.choice(plain)
        array = inputs[place].array
        if what == "dtype":
            array = array.astype(d.pick("float64", "float32", "int64", "bool"))
        elif array.ndim:
            axis = d.upto(0, array.ndim - 1)
            array = d.pick(array[None], np.concatenate([array, array], axis), array[..., :0])
        grad = inputs[place].grad and array.dtype.kind == "f"
        inputs[place] = Given(array, grad)
    return replace(drawn, kwargs=options, inputs=inputs, args=tuple(args), spoilt=True)
