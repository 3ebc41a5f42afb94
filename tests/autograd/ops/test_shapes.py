"""Shapes, axes, joining, splitting, arrangement, padding, diagonals: misuse and odd calls."""

import numpy as np
import pytest

import autograd


class Given:
    """The same tensors for Backlight and for PyTorch."""

    def __init__(self, library, make):
        self.x = make(np.arange(6, dtype=np.float32).reshape(2, 3))
        self.v = make(np.arange(5, dtype=np.float32))
        self.s = make(np.array(2, dtype=np.float32))
        self.cube = make(np.zeros((2, 3, 4), dtype=np.float32))
        self.none = make(np.zeros((0, 3), dtype=np.float32))
        self.whole = make(np.array([2, 0]))
        self.library = library
        self.make = make


MISUSE = [
    (lambda g, f: g.x.reshape(4), "reshape: shape .4,. is invalid for a tensor of shape .2, 3."),
    (lambda g, f: g.x.reshape(-1, -1), "reshape: expected at most one -1"),
    (lambda g, f: g.x.reshape(-2, 3), "reshape: expected at most one -1 and no other negatives"),
    (lambda g, f: g.none.reshape(-1, 0), "reshape: -1 can be any length in shape"),
    (lambda g, f: g.x.reshape(2.0, 3), "reshape: expected integers, got"),
    (lambda g, f: g.x.reshape(), "reshape: expected shape, got nothing"),
    (lambda g, f: g.x.view(()), "view: shape .* is invalid"),
    (lambda g, f: g.x.unflatten(1, (-1, 2)), "unflatten: sizes .-1, 2. do not multiply up to 3"),
    (lambda g, f: g.x.unflatten(1, ()), "unflatten: cannot divide shape"),
    (lambda g, f: g.x.unflatten(5, (1,)), "unflatten: dim 5 is out of range for 2 dimensions"),
    (lambda g, f: g.s.squeeze(1), "squeeze: dim 1 is out of range for 0 dimensions"),
    (lambda g, f: g.x.squeeze((0, 0)), "squeeze: dim .* names an axis twice"),
    (lambda g, f: g.x.unsqueeze(3), "unsqueeze: dim 3 is out of range"),
    (lambda g, f: g.x.unsqueeze(-4), "unsqueeze: dim -4 is out of range"),
    (lambda g, f: g.x.flatten(1, 0), "flatten: start_dim 1 comes after end_dim 0"),
    (lambda g, f: g.x.flatten(0, 2), "flatten: dim 2 is out of range"),
    (lambda g, f: g.x.permute(0), "permute: dims .0,. do not order"),
    (lambda g, f: g.x.permute(0, 0), "permute: dims .0, 0. do not order"),
    (lambda g, f: g.x.permute(0, 5), "permute: dim 5 is out of range"),
    (lambda g, f: g.x.transpose(0, 2), "transpose: dim 2 is out of range"),
    (lambda g, f: g.s.transpose(0, 1), "transpose: dim 1 is out of range"),
    (lambda g, f: f.movedim(g.cube, (0, 1), (1,)), "movedim: source .* must be equally many"),
    (lambda g, f: f.movedim(g.cube, (0, 0), (1, 2)), "movedim: source .* names an axis twice"),
    (lambda g, f: f.movedim(g.cube, (0, 1), (2, 2)), "movedim: destination .* names an axis"),
    (lambda g, f: g.x.movedim(5, 0), "movedim: dim 5 is out of range"),
    (lambda g, f: g.cube.t(), "t: expected at most 2 dimensions"),
    (lambda g, f: g.v.mT, "mT: expected matrices, got a vector"),
    (lambda g, f: g.cube.H, "H: expected a matrix"),
    (lambda g, f: g.v.H, "H: expected a matrix"),
    (lambda g, f: g.x.expand(-1, 2, 3), "expand: shape .* cannot be expanded to"),
    (lambda g, f: g.x.expand(3), "expand: shape .* cannot be expanded to"),
    (lambda g, f: g.x.expand(-2, 3), "expand: shape .* cannot be expanded to"),
    (lambda g, f: f.broadcast_to(g.x, (2, 4)), "broadcast_to: shape .* cannot be expanded to"),
    (lambda g, f: f.broadcast_tensors(g.x, g.v), "broadcast_shapes: shapes .* do not broadcast"),
    (lambda g, f: f.broadcast_shapes((2,), (3,)), "broadcast_shapes: shapes .* do not broadcast"),
    (lambda g, f: f.broadcast_shapes((-1,), (3,)), "broadcast_shapes: expected lengths of 0"),
    (lambda g, f: f.meshgrid(g.v, g.v, indexing="zz"), "meshgrid: indexing must be"),
    (lambda g, f: f.meshgrid(g.x, g.v, indexing="ij"), "meshgrid: expected vectors"),
    (lambda g, f: f.meshgrid(g.v, g.v.long(), indexing="ij"), "meshgrid: expected one dtype"),
    (lambda g, f: f.meshgrid(indexing="ij"), "meshgrid: expected at least one tensor"),
    (lambda g, f: f.cat([]), "cat: expected at least one tensor, got none"),
    (lambda g, f: f.cat([g.x, g.v]), "cat: shapes must agree except along dim 0"),
    (lambda g, f: f.cat([g.s, g.s]), "cat: a 0-d tensor cannot be joined"),
    (lambda g, f: f.cat([g.x, g.x], 2), "cat: dim 2 is out of range"),
    (lambda g, f: f.cat([g.x, g.x[:, :0]]), "cat: shapes must agree"),
    (lambda g, f: f.cat(g.x), "cat: expected a list of tensors, got one of shape"),
    (lambda g, f: f.cat(g.x, g.x), "cat: expected the tensors as one list"),
    (lambda g, f: f.cat([g.x, 1]), "cat: expected tensors, got int at place 1"),
    (lambda g, f: f.stack([]), "stack: expected tensors of one shape, got"),
    (lambda g, f: f.stack([g.x, g.v]), "stack: expected tensors of one shape"),
    (lambda g, f: f.stack([g.x, g.x], 3), "stack: dim 3 is out of range"),
    (lambda g, f: f.hstack([]), "hstack: expected at least one tensor"),
    (lambda g, f: f.hstack([g.x, g.v]), "hstack: shapes must agree except along dim 1"),
    (lambda g, f: f.vstack([g.x, g.v]), "vstack: shapes must agree"),
    (lambda g, f: f.dstack([g.x, g.v]), "dstack: shapes must agree"),
    (lambda g, f: f.column_stack([]), "column_stack: expected at least one tensor"),
    (lambda g, f: f.block_diag(g.cube), "block_diag: expected at most 2 dimensions"),
    (lambda g, f: g.s.narrow(0, 0, 1), "narrow: expected at least one dimension"),
    (lambda g, f: g.x.narrow(0, 1, 2), "narrow: start 1 and length 2 reach beyond the 2 places"),
    (lambda g, f: g.x.narrow(0, -3, 1), "narrow: start -3 is out of range"),
    (lambda g, f: g.x.narrow(0, 0, -1), "narrow: expected a length of 0 or more"),
    (lambda g, f: g.x.narrow(5, 0, 0), "narrow: dim 5 is out of range"),
    (lambda g, f: g.s.select(0, 0), "select: a 0-d tensor has no dimension"),
    (lambda g, f: g.x.select(0, 2), "select: index 2 is out of range for 2 places"),
    (lambda g, f: g.x.select(0, -3), "select: index -3 is out of range"),
    (lambda g, f: g.x.select(4, 0), "select: dim 4 is out of range"),
    (lambda g, f: g.s.split(1), "split: expected at least one dimension"),
    (lambda g, f: g.x.split(0, 1), "split: expected a size of 1 or more, got 0"),
    (lambda g, f: g.x.split(-1, 1), "split: expected a size of 1 or more, got -1"),
    (lambda g, f: g.x.split([1, 1], 1), "split: sizes .1, 1. must be 0 or more and sum to 3"),
    (lambda g, f: g.x.split([1, -1, 3], 1), "split: sizes .* must be 0 or more"),
    (lambda g, f: g.x.split(1, 2), "split: dim 2 is out of range"),
    (lambda g, f: g.x.chunk(0), "chunk: expected 1 or more chunks, got 0"),
    (lambda g, f: g.s.chunk(1), "chunk: expected at least one dimension"),
    (lambda g, f: g.x.tensor_split(0), "tensor_split: expected 1 or more sections, got 0"),
    (lambda g, f: g.x.tensor_split(), "tensor_split: expected a number of sections"),
    (lambda g, f: g.s.tensor_split(1), "tensor_split: expected at least one dimension"),
    (lambda g, f: g.s.unbind(), "unbind: a 0-d tensor has no dimension"),
    (lambda g, f: g.x.unbind(2), "unbind: dim 2 is out of range"),
    (lambda g, f: g.x.hsplit(2), "hsplit: 3 does not divide into 2 parts"),
    (lambda g, f: g.s.hsplit(1), "hsplit: expected at least 1 dimensions"),
    (lambda g, f: g.v.vsplit(1), "vsplit: expected at least 2 dimensions"),
    (lambda g, f: g.x.dsplit(1), "dsplit: expected at least 3 dimensions"),
    (lambda g, f: g.x.unfold(1, 4, 1), "unfold: expected a size from 0 to 3"),
    (lambda g, f: g.x.unfold(1, -1, 1), "unfold: expected a size from 0 to 3"),
    (lambda g, f: g.x.unfold(1, 2, 0), "unfold: expected a step of 1 or more"),
    (lambda g, f: g.x.unfold(5, 2, 1), "unfold: dim 5 is out of range"),
    (lambda g, f: g.s.unfold(0, 2, 1), "unfold: expected a size from 0 to 1"),
    (lambda g, f: g.x.flip(0, 0), "flip: dims .* name an axis twice"),
    (lambda g, f: g.x.flip(5), "flip: dim 5 is out of range"),
    (lambda g, f: f.fliplr(g.v), "fliplr: expected at least 2 dimensions"),
    (lambda g, f: f.flipud(g.s), "flipud: expected at least 1 dimension"),
    (lambda g, f: g.x.roll((1, 2), 0), "roll: expected as many shifts as dims"),
    (lambda g, f: g.x.roll(1, (0, 1)), "roll: expected as many shifts as dims"),
    (lambda g, f: g.x.roll((1, 2)), "roll: shifts .1, 2. need as many dims"),
    (lambda g, f: g.s.roll(1, 0), "roll: a 0-d tensor has no dimension"),
    (lambda g, f: g.x.roll(1, 5), "roll: dim 5 is out of range"),
    (lambda g, f: g.x.rot90(1, (0, 0)), "rot90: expected two different dims"),
    (lambda g, f: g.x.rot90(1, (0, 1, 2)), "rot90: expected two dims"),
    (lambda g, f: g.v.rot90(), "rot90: expected two dims and at least 2 dimensions"),
    (lambda g, f: g.x.rot90(1, (0, 5)), "rot90: dim 5 is out of range"),
    (lambda g, f: g.x.repeat(2), "repeat: expected repeats for each of the axes"),
    (lambda g, f: g.x.repeat(-1, 2), "repeat: expected repeats of 0 or more"),
    (lambda g, f: g.x.repeat(), "repeat: expected repeats, got nothing"),
    (lambda g, f: g.x.tile(-1), "tile: expected repeats of 0 or more"),
    (lambda g, f: g.x.repeat_interleave(-1), "repeat_interleave: expected numbers of 0 or more"),
    (lambda g, f: g.x.repeat_interleave(g.whole - 1, 0), "repeat_interleave: expected numbers of"),
    (lambda g, f: g.cube.repeat_interleave(g.whole, 1), "repeat_interleave: .* or 3 along dim 1"),
    (lambda g, f: g.x.repeat_interleave([1, 0], 0), "repeat_interleave: expected an integer or"),
    (lambda g, f: g.x.repeat_interleave(2, 7), "repeat_interleave: dim 7 is out of range"),
    (lambda g, f: g.x.repeat_interleave(g.whole[None], 0), "repeat_interleave: expected one numb"),
    (lambda g, f: g.s.repeat_interleave(2, 0), "repeat_interleave: a 0-d tensor has no dim"),
    (lambda g, f: f.tril(g.v), "tril: expected at least 2 dimensions"),
    (lambda g, f: f.triu(g.s), "triu: expected at least 2 dimensions"),
    (lambda g, f: f.diag(g.s), "diag: expected a vector or a matrix"),
    (lambda g, f: f.diag(g.cube), "diag: expected a vector or a matrix"),
    (lambda g, f: f.diagonal(g.v), "diagonal: expected at least 2 dimensions"),
    (lambda g, f: f.diagonal(g.x, 0, 0, 0), "diagonal: dim1 0 and dim2 0 are the same axis"),
    (lambda g, f: f.diagonal(g.x, 0, 0, 2), "diagonal: dim 2 is out of range"),
    (lambda g, f: f.diag_embed(g.s), "diag_embed: expected at least 2 dimensions"),
    (lambda g, f: f.diag_embed(g.x, 0, 0, 0), "diag_embed: dim1 0 and dim2 0 are the same"),
]


@pytest.mark.parametrize(("call", "message"), MISUSE, ids=[m.split(":")[0] for _, m in MISUSE])
def test_misuse_raises_what_torch_raises_and_names_the_function(call, message, torch):
    with pytest.raises(Exception) as theirs:  # noqa: B017 - whichever PyTorch chose
        call(Given(torch, torch.tensor), torch)
    assert isinstance(theirs.value, (IndexError, RuntimeError, TypeError, ValueError))
    with pytest.raises(theirs.type, match=message):
        call(Given(autograd, autograd.tensor), autograd)


PADS = [
    ((1,), {}, "pad: expected .before, after. of at most 2 axes"),
    ((1, 1, 1, 1, 1, 1), {}, "pad: expected .before, after. of at most 2 axes"),
    ((-4, 0), {}, "pad: .-4, 0. takes off more than there is"),
    ((-2, -2), {}, "pad: .-2, -2. takes off more than there is"),
    ((3, 1), {"mode": "reflect"}, "by reflect does not fit an axis of length 3; the widest is 2"),
    ((4, 3), {"mode": "circular"}, "by circular does not fit an axis of length 3; the widest"),
    ((1, 1), {"mode": "circular", "value": 3}, "pad: mode 'circular' takes no value, got 3"),
    ((1, 1), {"mode": "edge"}, "pad: expected mode constant, reflect, replicate or circular"),
]


@pytest.mark.parametrize(("widths", "options", "message"), PADS)
def test_misuse_of_pad_raises_what_torch_raises(widths, options, message, torch):
    with pytest.raises((RuntimeError, NotImplementedError)) as theirs:
        torch.nn.functional.pad(torch.ones(2, 3), widths, **options)
    with pytest.raises(theirs.type, match=message):
        autograd.pad(autograd.ones(2, 3), widths, **options)


@pytest.mark.parametrize("mode", ["reflect", "replicate", "circular"])
def test_an_empty_axis_has_nothing_to_pad_with(mode, torch):
    with pytest.raises(RuntimeError, match=f"by {mode} does not fit an axis of length 0"):
        autograd.pad(autograd.zeros(2, 0), (1, 1), mode)
    with pytest.raises(RuntimeError):
        torch.nn.functional.pad(torch.zeros(2, 0), (1, 1), mode)
    assert autograd.pad(autograd.zeros(2, 0), (0, 0), mode).shape == (2, 0)


ODD = {
    "reshape by name": lambda g, f: f.reshape(g.x, shape=(3, 2)),
    "permute by name": lambda g, f: g.x.permute(dims=(1, 0)),
    "flip by name": lambda g, f: g.x.flip(dims=(1,)),
    "expand by name": lambda g, f: g.s.expand(size=(2,)),
    "repeat by name": lambda g, f: g.v.repeat(repeats=(2,)),
    "cat axis": lambda g, f: f.cat((g.x, g.x), axis=1),
    "stack axis": lambda g, f: f.stack((g.x, g.x), axis=1),
    "cat of dtypes": lambda g, f: f.cat([g.x.long(), g.x.double(), g.x]),
    "cat of old empties": lambda g, f: f.cat([g.make(np.zeros(0)), g.whole]),
    "cat of integers": lambda g, f: f.cat([g.whole, g.whole.bool()]),
    "stack of dtypes": lambda g, f: f.stack([g.s, g.s.long()]),
    "block_diag of dtypes": lambda g, f: f.block_diag(g.whole, g.x),
    "block_diag of an empty": lambda g, f: f.block_diag(g.none, g.x),
    "narrow from a tensor": lambda g, f: g.x.narrow(0, g.whole[1], 1),
    "select a tensor": lambda g, f: g.x.select(1, g.whole[0]),
    "split of nothing": lambda g, f: g.none.split(0)[0],
    "tensor_split at a tensor": lambda g, f: g.v.tensor_split(g.whole)[2],
    "tensor_split by a tensor": lambda g, f: g.v.tensor_split(g.whole[0])[1],
    "tensor_split sections": lambda g, f: g.v.tensor_split(sections=2)[1],
    "tensor_split indices": lambda g, f: g.v.tensor_split(indices=(2, 3))[1],
    "repeats alone": lambda g, f: f.repeat_interleave(g.whole),
    "repeats of one": lambda g, f: f.repeat_interleave(g.x, g.whole[:1], 1),
    "output_size": lambda g, f: f.repeat_interleave(g.x, g.whole, 0, output_size=2),
    "atleast_2d of several": lambda g, f: f.atleast_2d(g.s, g.v)[1],
    "atleast_3d of a list": lambda g, f: f.atleast_3d([g.s, g.x])[1],
    "meshgrid of a list": lambda g, f: f.meshgrid([g.v, g.whole.float()], indexing="xy")[1],
    "reshape to 0-d": lambda g, f: g.x[0, :1].reshape(()),
    "reshape of nothing": lambda g, f: g.none.reshape(5, 0, 7),
    "movedim of 0-d": lambda g, f: g.s.movedim(0, 0),
    "T of a cube": lambda g, f: g.x.T,
    "mT of 0-d": lambda g, f: g.s.expand(1, 1).mT,
    "tril of booleans": lambda g, f: f.tril(g.x > 2),
    "diag of booleans": lambda g, f: f.diag(g.v > 2, 1),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_calls_give_what_torch_gives(name, torch):
    z = ODD[name](Given(autograd, autograd.tensor), autograd)
    expected = ODD[name](Given(torch, torch.tensor), torch)
    assert (z.shape, str(z.dtype)) == (tuple(expected.shape), str(expected.dtype)[6:])
    np.testing.assert_array_equal(z.payload, expected.numpy())


@pytest.mark.parametrize("function", [autograd.tril, autograd.triu])
def test_triangles_select_so_that_inf_and_nan_stay_outside(function):
    x = autograd.tensor(np.full((2, 2), np.inf), requires_grad=True)
    z = function(x)
    assert sorted(z.detach().numpy().ravel()) == [0, np.inf, np.inf, np.inf]
    z.backward(np.full((2, 2), np.nan))
    assert np.count_nonzero(np.isnan(x.grad.numpy())) == 3


def test_repeats_are_read_when_asked_for():
    times = autograd.tensor([1, 2])
    x = autograd.tensor([1.0, 2.0], requires_grad=True)
    z = x.repeat_interleave(times)
    times.fill_(5)
    z.sum().backward()
    assert x.grad.tolist() == [1, 2]


def test_methods_and_functions_take_arrays_without_recording():
    assert type(autograd.flip(np.arange(3), (0,))) is np.ndarray
    assert autograd.cat([np.zeros((1, 2)), np.ones((1, 2))]).tolist() == [[0, 0], [1, 1]]
    assert autograd.pad(np.arange(3), (1, 0)).tolist() == [0, 0, 1, 2]
    assert autograd.diagonal(np.eye(2)).tolist() == [1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda lib, x: lib.cat(tensors=[x, x], axis=1),
        lambda lib, x: lib.stack(tensors=[x, x], axis=-1),
        lambda lib, x: lib.unsqueeze(x, axis=1),
        lambda lib, x: x[:, :1].squeeze(axis=1),
        lambda lib, x: lib.sort(x, axis=0).values,
        lambda lib, x: lib.argsort(x, axis=0, descending=True),
        lambda lib, x: lib.topk(x, 1, axis=0).values,
    ],
)
def test_axis_is_another_name_of_dim(call, torch):
    numbers = [[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]]
    assert (
        call(autograd, autograd.tensor(numbers)).tolist()
        == call(torch, torch.tensor(numbers)).tolist()
    )
