"""Which functions of shapes give views, and changes in place through them, against PyTorch."""

import numpy as np
import pytest

import autograd

VIEWS = {
    "reshape": lambda x: x.reshape(3, 4),
    "view": lambda x: x.view(12),
    "view_as": lambda x: x.view_as(x.reshape(4, 3)),
    "reshape_as": lambda x: x.reshape_as(x[None]),
    "flatten": lambda x: x.flatten(1),
    "unflatten": lambda x: x.unflatten(2, (1, -1)),
    "ravel": lambda x: x.ravel(),
    "squeeze": lambda x: x.squeeze(),
    "unsqueeze": lambda x: x.unsqueeze(1),
    "permute": lambda x: x.permute(2, 0, 1),
    "transpose": lambda x: x.transpose(0, 2),
    "swapaxes": lambda x: x.swapaxes(0, 2),
    "movedim": lambda x: x.movedim(0, -1),
    "t": lambda x: x[0].t(),
    "T": lambda x: x[0].T,
    "mT": lambda x: x.mT,
    "H": lambda x: x[1].H,
    "narrow": lambda x: x.narrow(1, 1, 1),
    "select": lambda x: x.select(2, -1),
    "diagonal": lambda x: x.diagonal(1, 1, 2),
    "unfold": lambda x: x.unfold(2, 1, 2),
    "expand of nothing": lambda x: x.expand(1, 2, 2, 3),
    "part of an expanded view": lambda x: x.unsqueeze(0).expand(5, 2, 2, 3)[2],
    "tensor_split": lambda x: x.tensor_split(2, 2)[0],
    "hsplit": lambda x: x.hsplit(2)[1],
    "vsplit": lambda x: x.vsplit(2)[1],
    "dsplit": lambda x: x.dsplit([1])[1],
    "view of a view of a view": lambda x: x.movedim(0, 2).narrow(0, 1, 1).diagonal(0, 1, 2),
}
PARTS = {  # PyTorch refuses changes of these where a gradient flows
    "split": lambda x: x.split(2, 2)[0],
    "split sizes": lambda x: x.split([1, 2], 2)[1],
    "chunk": lambda x: x.chunk(2, 2)[1],
    "unbind": lambda x: x.unbind(2)[1],
}
OVERLAPPING = {
    "expand": lambda x: x.expand(5, 2, 2, 3),
    "expand_as": lambda x: x[:, :, :1].expand_as(x),
    "broadcast_to": lambda x: x[:1].broadcast_to((4, 2, 3)),
    "unfold": lambda x: x.unfold(2, 2, 1),
}
COPIES = {
    "flip": lambda x: x.flip(0),
    "flip of nothing": lambda x: x.flip(()),
    "fliplr": lambda x: x.fliplr(),
    "flipud": lambda x: x.flipud(),
    "roll": lambda x: x.roll(0),
    "roll dims": lambda x: x.roll(0, 1),
    "rot90": lambda x: x.rot90(4),
    "repeat": lambda x: x.repeat(1, 1, 1),
    "tile": lambda x: x.tile(1),
    "repeat_interleave": lambda x: x.repeat_interleave(1, 0),
    "diag": lambda x: x[0].diag(),
    "tril": lambda x: x.tril(5),
}


def values():
    return np.arange(12.0).reshape(2, 2, 3) / 7


@pytest.mark.parametrize("name", [*VIEWS, *PARTS, *OVERLAPPING])
def test_views_share_storage(name, torch):
    take = {**VIEWS, **PARTS, **OVERLAPPING}[name]
    x = autograd.from_numpy(values())
    z = take(x)
    assert z.storage is x.storage and np.shares_memory(z.payload, x.payload)
    assert take(torch.tensor(values()))._is_view()


@pytest.mark.parametrize("name", COPIES)
def test_copies_have_memory_of_their_own(name, torch):
    x = autograd.from_numpy(values())
    z = COPIES[name](x)
    assert z.view_of is None and not np.shares_memory(z.payload, x.payload)
    y = torch.tensor(values())
    assert COPIES[name](y).untyped_storage().data_ptr() != y.untyped_storage().data_ptr()


@pytest.mark.parametrize("name", VIEWS)
def test_a_change_through_a_view_reaches_the_root_and_its_gradient(name, torch):
    found = []
    for library, make in ((autograd, autograd.tensor), (torch, torch.tensor)):
        leaf = make(values(), requires_grad=True)
        root = leaf * 1
        view = VIEWS[name](root)
        weight = make(np.arange(1.0, view.numel() + 1).reshape(view.shape))
        view.mul_(weight)
        view.add_(VIEWS[name](leaf * leaf))
        (root * root).sum().backward()
        found.append((root.detach().numpy(), leaf.grad.numpy(), view.detach().numpy()))
        assert library.is_grad_enabled()
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)


@pytest.mark.parametrize("name", PARTS)
def test_a_change_through_one_of_several_views_reaches_the_root(name):
    leaf = autograd.tensor(values(), requires_grad=True)
    root = leaf * 1
    PARTS[name](root).mul_(3)
    factor = np.ones((2, 2, 3))
    part = PARTS[name](autograd.from_numpy(factor))
    part.payload[...] = 3
    np.testing.assert_allclose(root.detach().numpy(), values() * factor)
    root.sum().backward()
    np.testing.assert_array_equal(leaf.grad.numpy(), factor)


@pytest.mark.parametrize("name", OVERLAPPING)
@pytest.mark.parametrize("change", ["add_", "mul_", "copy_"])
def test_views_that_hold_one_cell_in_several_places_cannot_be_changed(name, change):
    x = autograd.from_numpy(values())
    view = OVERLAPPING[name](x)
    with pytest.raises(RuntimeError, match=f"{change}: .*(one cell of memory|windows overlap)"):
        getattr(view, change)(2.0)
    np.testing.assert_array_equal(x.numpy(), values())


def test_an_expanded_view_of_read_only_memory_stays_read_only():
    array = np.zeros(1)
    array.flags.writeable = False
    with pytest.raises(RuntimeError, match="read-only"):
        autograd.from_numpy(array).expand(2, 1)[0].add_(1)


def test_view_says_when_it_would_have_to_copy(torch):
    for make in (autograd.from_numpy, torch.tensor):
        x = make(values())
        assert x[:, :, 0].view(2, 2).shape == (2, 2)
        with pytest.raises(RuntimeError):
            x.movedim(0, 2).view(12)
    assert autograd.zeros(2, 0).T.view(0).shape == (0,)


@pytest.mark.parametrize(
    "values, dtype, wanted",
    [
        ([1.0, -2.0], "float32", "int32"),
        ([[1.0, 2.0, 3.0, 4.0]], "float32", "float64"),
        ([[1.0, 2.0]], "float64", "float16"),
        (3.0, "float32", "int32"),
        ([True, False], "bool", "uint8"),
    ],
)
def test_bits_are_read_as_another_dtypes(values, dtype, wanted, torch):
    ours, theirs = (
        t.tensor(values, dtype=getattr(t, dtype)).view(getattr(t, wanted))
        for t in (autograd, torch)
    )
    assert str(ours.dtype) == wanted
    np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


def test_bits_are_a_view_without_a_derivative():
    x = autograd.zeros(2)
    x.view(autograd.int32)[0] = 0x3F800000
    assert x.tolist() == [1, 0]
    assert not autograd.ones(2, requires_grad=True).view(autograd.int32).requires_grad
    y = autograd.ones(2, requires_grad=True) * 1
    z = (y * y).sum()
    y.detach().view(autograd.int32).fill_(0)
    with pytest.raises(RuntimeError, match="changed in place"):
        z.backward()
    for shape, wanted in [((2, 3), autograd.float64), ((), autograd.int16)]:
        with pytest.raises(RuntimeError, match="^view: shape .* cannot be read as"):
            autograd.zeros(shape).view(wanted)
