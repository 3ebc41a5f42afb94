"""How tensors print: PyTorch's layout, compared character by character."""

import re

import numpy as np
import pytest

import autograd

SHAPES = [
    *((), (1,), (5,), (25,), (3, 4), (2, 3, 4), (0,), (2, 0), (0, 3, 2), (1001,), (40, 30)),
    *((7, 8, 30), (2, 2, 2, 2), (12, 200), (1, 1, 1100), (6, 7, 5, 6)),
]
DTYPES = ["float32", "float64", "float16", "int64", "int32", "int8", "uint8", "bool"]
VALUES = {
    "ordinary": lambda random, shape: random.standard_normal(shape),
    "tiny": lambda random, shape: random.standard_normal(shape) * 1e-6,
    "huge": lambda random, shape: random.standard_normal(shape) * 1e9,
    "spread": lambda random, shape: np.exp(6 * random.standard_normal(shape)),
    "whole": lambda random, shape: np.round(100 * random.standard_normal(shape)),
    "nan": lambda random, shape: np.where(
        random.random(shape) < 0.3, np.nan, random.random(shape) * 3
    ),
    "special": lambda random, shape: random.choice([np.inf, -np.inf, 0.0, -0.0, 3.0], shape),
    "zero": lambda random, shape: np.zeros(shape),
}


@pytest.fixture
def usual_options(torch):
    yield
    torch.set_printoptions(profile="default")
    autograd.set_printoptions(profile="default")


def same(array, torch, requires_grad=False):
    ours, theirs = autograd.from_numpy(array), torch.from_numpy(array)
    if requires_grad:
        ours.requires_grad_()
        theirs.requires_grad_()
    texts = [repr(ours), repr(theirs).replace("torch.", "")]
    if array.dtype != np.float32:  # the shorter name of a dtype may still fit in the line
        texts = [re.sub(r"\s+(dtype=|requires)", r" \1", text) for text in texts]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("values", VALUES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_tensors_print_as_in_torch(values, dtype, torch):
    random = np.random.default_rng(0)
    for shape in SHAPES:
        with np.errstate(all="ignore"):
            array = np.asarray(VALUES[values](random, shape))
            if not dtype.startswith("float"):
                array = np.nan_to_num(array, posinf=3, neginf=2)
            array = np.asarray(array.astype(dtype))
        same(array, torch, requires_grad=dtype.startswith("float") and len(shape) % 2 == 0)


@pytest.mark.parametrize(
    "options",
    [
        {"precision": 2},
        {"threshold": 5},
        {"threshold": 5, "edgeitems": 1},
        {"threshold": 5, "edgeitems": 0},
        {"linewidth": 40},
        {"sci_mode": True},
        {"sci_mode": False},
        {"profile": "short"},
        {"profile": "full"},
        {"profile": "short", "precision": 6},
    ],
    ids=str,
)
def test_print_options_are_torchs(options, torch, usual_options):
    autograd.set_printoptions(**options)
    torch.set_printoptions(**options)
    random = np.random.default_rng(0)
    for shape in [(), (3,), (30,), (7, 8), (3, 4, 9), (1200,), (0,), (2, 0)]:
        for scale in (1e-6, 1, 1e6):
            array = np.asarray(random.standard_normal(shape) * scale, np.float32)
            same(array, torch)
            same(np.asarray(np.round(array)), torch)


def test_an_unknown_profile_is_named():
    with pytest.raises(ValueError, match="set_printoptions: expected one of default, short, full "):
        autograd.set_printoptions(profile="long")


@pytest.mark.parametrize("value", [2.5, "2", [2], autograd.ones(2), -1])
@pytest.mark.parametrize("name", ["precision", "edgeitems", "linewidth", "threshold"])
def test_a_number_that_cannot_be_printed_with_is_refused(name, value):
    if name == "threshold" and isinstance(value, float):
        value = float("nan")
    with pytest.raises((TypeError, ValueError), match=f"set_printoptions: expected .*{name}"):
        autograd.set_printoptions(**{name: value})
    assert repr(autograd.ones(2)) == "tensor([1., 1.])"


def test_the_record_and_the_dtype_are_shown_where_they_are_not_the_usual_ones():
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    assert repr(x) == "tensor([1., 2.], requires_grad=True)"
    assert repr(x * 2) == "tensor([2., 4.], grad_fn=<multiply>)"
    assert repr(x[0]) == "tensor(1., grad_fn=<getitem>)"
    assert repr(x.detach()) == "tensor([1., 2.])"
    assert repr(x.double().detach()) == "tensor([1., 2.], dtype=float64)"
    assert repr(autograd.tensor([1, 2], dtype=autograd.uint8)) == "tensor([1, 2], dtype=uint8)"
    assert str(x) == repr(x)
    autograd.set_default_dtype(autograd.float64)
    try:
        assert repr(x.detach()) == "tensor([1., 2.], dtype=float32)"
        assert repr(x.detach().double()) == "tensor([1., 2.])"
    finally:
        autograd.set_default_dtype(autograd.float32)
