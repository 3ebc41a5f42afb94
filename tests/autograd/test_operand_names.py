"""An operation of one's own may call its operands as it likes."""

import numpy as np
import pytest

import autograd

# What the functions that are written from a row call their own, and what a user is likely to write.
NAMES = (
    "a b m n p q r t op mode node dtype shape storage short tracked x y w out edge value".split()
)


@pytest.mark.parametrize("first", NAMES)
def test_operands_may_have_any_name(first):
    for second in NAMES:
        if second == first:
            continue
        space = {"__name__": __name__}
        exec(f"def f({first}, {second}):\n    return {first} * {second} + {first}\n", space)
        rules = {
            first: eval(f"lambda {second}: {second} + 1"),
            second: eval(f"lambda {first}: {first}"),
        }
        operation = autograd.elementwise(**rules)(space["f"])
        for shapes in [((), ()), ((3,), (3,)), ((3, 1), (1, 2))]:
            u, v = (
                autograd.tensor(np.full(s, n), requires_grad=True)
                for s, n in zip(shapes, (2.0, 5.0), strict=True)
            )
            out = operation(u, v)
            out.sum().backward()
            np.testing.assert_array_equal(out.detach().numpy(), 12.0)
            copies = (2, 3) if shapes[0] == (3, 1) else (1, 1)
            np.testing.assert_array_equal(u.grad.numpy(), 6.0 * copies[0])
            np.testing.assert_array_equal(v.grad.numpy(), 2.0 * copies[1])
        assert operation(**{first: u, second: v}).shape == out.shape
        assert operation(np.ones(2), np.ones(2)).tolist() == [2, 2]


@pytest.mark.parametrize("name", ["z", "upstream", "ties", "record"])
def test_a_name_that_rules_know_is_refused(name):
    space = {"__name__": __name__}
    exec(f"def f(x, {name}):\n    return x * {name}\n", space)
    with pytest.raises(TypeError, match=f"f: an operand cannot be called {name}"):
        autograd.elementwise(x=eval(f"lambda {name}: {name}"))(space["f"])
