"""Random programs of operations, views and in-place changes, for Backlight and PyTorch alike.

Tensors of both have the same methods, so one interpreter runs a program with either library.  A
program is a list of instructions ``(name, i, j, k)``: i and j choose operands from the pool of
tensors made so far, k chooses a variant.
"""

import numpy as np

PURE = ("add", "add", "add", "mul", "tanh", "const", "view", "view", "view", "view")
CHANGES = ("add_", "add_", "mul_", "copy_", "tanh_", "scale_", "setitem", "setitem")
HIDDEN = ("nograd_mul_", "detach")  # what differences of the value would see, and gradients do not

VIEWS = (
    lambda x: x[0],
    lambda x: x[-1:],
    lambda x: x[::2],
    lambda x: x[..., 1:],
    lambda x: x[..., -1],
    lambda x: x.permute(*range(x.ndim)[::-1]),
    lambda x: x.reshape(-1),
    lambda x: x.permute(*range(x.ndim)[::-1]).reshape(-1),  # a view of column-major memory
    lambda x: x.reshape(-1, 1),
    lambda x: x.unsqueeze(0),
    lambda x: x.squeeze(),
    lambda x: x[:],
    lambda x: x[None, ..., 0],
    lambda x: x.narrow(-1, 1, x.shape[-1] - 1),
    lambda x: x.select(-1, -2),
    lambda x: x.movedim(-1, 0),
    lambda x: x.unflatten(-1, (1, -1)),
    lambda x: x.unfold(-1, 2, 2),
    lambda x: x.diagonal(1, -2, -1) if x.ndim > 1 else x.unsqueeze(0).diagonal(1),
    lambda x: x.tensor_split(2, -1)[1],
    lambda x: x.unbind(-1)[1],
    lambda x: x.split([1, x.shape[-1] - 1], -1)[1],
    lambda x: x.chunk(2, -1)[0],
    lambda x: x.expand(2, *x.shape)[1],
    lambda x: x.expand(2, *x.shape),
)


def random_program(random, hidden):
    names = PURE + CHANGES + (HIDDEN if hidden else ())
    length = random.randint(3, 12)
    return [
        (random.choice(names), *(random.randrange(1 << 16) for _ in range(3)))
        for _ in range(length)
    ]


def leaf_values(random):
    """Two matrices, row-major or column-major."""
    first = np.arange(1.0, 7.0).reshape(2, 3) / 5
    second = np.arange(2.0, 8.0).reshape(2, 3) / 7 - 0.6
    if random.randrange(2):
        first, second = np.asfortranarray(first), np.asfortranarray(second)
    return first, second


def fits(source, target):
    """Tell whether an in-place change of ``target`` can take ``source``."""
    try:
        return np.broadcast_shapes(source, target) == target
    except ValueError:
        return False


def run(program, library, leaves, shared):
    """Run a program; return its loss and all tensors it made.

    ``library`` has ``no_grad``, ``constant`` (a tensor from an array), ``is_view``, and ``apart``
    (an operand as a change of another tensor may read it).  Whether each view is one is appended
    to ``shared``: for reshape it depends on the memory order that a library chose for a sum.
    """
    a, b = leaves
    pool = [a + b, a * b, (b + b)[:]]
    if program[0][1] % 4 == 0:
        pool += [a, b[1:]]
    for name, i, j, k in program:
        # every other time one of the latest, so that views of views are changed
        x = pool[-1 - i % 3] if i & 1024 else pool[i % len(pool)]
        y = pool[j % len(pool)]
        shape = tuple(x.shape)
        if name in ("add", "mul"):
            try:
                np.broadcast_shapes(shape, tuple(y.shape))
            except ValueError:
                continue
            pool.append(x + y if name == "add" else x * y)
        elif name == "tanh":
            pool.append(x.tanh())
        elif name == "const":
            pool.append(library.constant(np.full((2, 3), 1.5)))
        elif name == "view":
            if x.ndim and x.shape[-1] > 1:
                pool.append(VIEWS[k % len(VIEWS)](x))
                shared.append(library.is_view(pool[-1]))
        elif name == "detach":
            pool.append(x.detach())
        elif name == "nograd_mul_":
            with library.no_grad():
                x.mul_(1.25)
        elif name == "tanh_":
            x.tanh_()
        elif name == "scale_":
            x.mul_(0.5)
        elif name == "setitem":
            set_part(x, library.apart(y, x), k, library.constant)
        elif fits(tuple(y.shape), shape):
            getattr(x, name)(library.apart(y, x))
    loss = 0
    for n, tensor in enumerate(pool):
        if tensor.requires_grad:
            loss = loss + (tensor * (0.7 + 0.1 * n)).sum()
    return loss, pool


def set_part(x, y, k, constant):
    """Write ``y`` into a row, a slice, a mask or rows chosen by number, where it fits."""
    if not x.ndim:
        index = Ellipsis
    elif k % 4 == 0:
        index = 0
    elif k % 4 == 1:
        index = (Ellipsis, slice(None, None, 2))
    elif k % 4 == 2:
        index = constant(np.arange(x.numel()).reshape(tuple(x.shape)) % 3 != 0)
    else:
        index = [x.shape[0] - 1]
    if k % 4 == 2 and x.ndim:
        x[index] = 0.25
    elif fits(tuple(y.shape), tuple(x[index].shape)):
        x[index] = y
