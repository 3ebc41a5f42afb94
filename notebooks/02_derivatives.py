# %% [markdown]
# # Derivatives of every order
#
# A tour of what the engine can do beyond one `backward()`: slopes of slopes, forward against
# reverse mode, Jacobians and Hessians, how a gradient is checked and what a check cannot see,
# hooks, finding the first NaN, and an operation of your own in two lines. It takes half an hour;
# the first notebook comes before it.

# %%
import re
import tracemalloc

import numpy as np

import autograd
import viz
from autograd.functional import grad

# %% [markdown]
# ## Value, slope, curvature
#
# `grad` takes a function and returns the function that computes its derivative. That is a function
# like any other, so it can be given to `grad` again.


# %%
def f(x):
    return x * autograd.exp(-x * x)


slope = grad(f)
curvature = grad(slope)
third = grad(curvature)

for at in (-1.0, 0.0, 1.0):
    x = autograd.tensor(at)
    print(f"x = {at:4}:", *(f"{float(g(x)) + 0:8.4f}" for g in (f, slope, curvature, third)))

# %% [markdown]
# By hand: $f' = (1 - 2x^2)\,e^{-x^2}$ and $f'' = (4x^3 - 6x)\,e^{-x^2}$, so $f'(0) = 1$,
# $f''(0) = 0$ and $f'''(0) = -6$.
#
# For many points at once, differentiate the sum: each point moves only its own term. Below, one
# line a point; the slope (`'`) crosses the axis where the value (`o`) turns, and the curvature
# (`"`) where the slope turns.

# %%
x = autograd.linspace(-2, 2, 17, dtype=autograd.float64, requires_grad=True)
y = f(x)
(first,) = autograd.grad(y.sum(), x, create_graph=True)
(second,) = autograd.grad(first.sum(), x)

for row in zip(x.tolist(), y.tolist(), first.tolist(), second.tolist(), strict=True):
    line = [" "] * 57
    line[28] = "|"
    for mark, value in zip("\"'o", row[:0:-1], strict=True):
        line[round(28 + 12 * value)] = mark
    print(f"{row[0]:6.2f} {''.join(line)}".rstrip())

# %% [markdown]
# `create_graph=True` says that the gradient shall be a graph, too. Here is the one of the slope of
# $x^3$, $3x^2$ times the 1 that `grad` starts with: nothing but operations, so it has values, local
# derivatives and gradients as any other.

# %%
x = autograd.tensor(2.0, requires_grad=True)
(first,) = autograd.grad(x**3, x, create_graph=True)
first.backward()
print(f"slope {first:.0f}, curvature {x.grad:.0f}")
viz.graph(first)

# %% [markdown]
# ## Forward and reverse
#
# The chain rule is a product of local derivatives, and a product can be worked out from either
# end. *Reverse mode* (`backward`, `vjp`) starts at one output and learns its derivative with
# respect to **every input** in one walk. *Forward mode* (`jvp`) starts at one input and learns how
# **every output** moves in one sweep. Both are loops that you can run, `autograd.steps` and
# `autograd.forward_steps`:

# %%
x = autograd.tensor(3.0, requires_grad=True)
y = autograd.sin(x * x)
print(
    "reverse:",
    [(s.op.name, round(float(s.upstream), 3)) for s in autograd.steps(y, retain_graph=True)],
)
print(
    "forward:", [(s.op.name, round(float(s.tangent), 3)) for s in autograd.forward_steps(y, x, 1.0)]
)

# %% [markdown]
# Both end in $2x\cos x^2 = -5.467$. What a whole Jacobian costs is then one walk an output, or one
# sweep an input. Not in seconds, which are your machine's, but in steps:


# %%
def units(tensor):
    return np.eye(tensor.numel(), dtype=np.float32).reshape(-1, *tensor.shape)


def steps_of_both(function, n):
    x = autograd.ones(n).requires_grad_()
    y = function(x)
    back = sum(
        len(list(autograd.steps(y, u, retain_graph=True, accumulate=False))) for u in units(y)
    )
    ahead = sum(len(list(autograd.forward_steps(y, x, u))) for u in units(x))
    return f"{n:4} -> {y.numel():4}: {back:4} steps in reverse, {ahead:4} forward"


W = autograd.ones(200, 1)
print(steps_of_both(lambda x: (x * x).sum(), 200))
print(steps_of_both(lambda x: autograd.tanh(W @ x), 1))
print(steps_of_both(lambda x: autograd.tanh(x) * x, 20))

# %% [markdown]
# A loss is one number made of a million parameters: that is why training runs in reverse.
#
# ## Jacobian, Hessian, and a product without either
#
# From polar coordinates to a point in the plane. The Jacobian has a row for each output and a
# column for each input, and its determinant says by how much a small area grows: by $r$.


# %%
def point(polar):
    r, angle = polar
    return autograd.stack([r * autograd.cos(angle), r * autograd.sin(angle)])


polar = autograd.tensor([2.0, np.pi / 6], dtype=autograd.float64)
J = autograd.jacobian(point, polar)
print(J)
print(f"determinant {autograd.linalg.det(J):.6f}")

# %% [markdown]
# The Hessian holds all second derivatives of one number. Its eigenvalues tell a valley from a
# saddle: here one direction rises and one falls.


# %%
def saddle(p):
    x, y = p
    return x**2 + 3 * x * y + y**2


origin = autograd.zeros(2, dtype=autograd.float64)
H = autograd.hessian(saddle, origin)
print(H)
print("eigenvalues", [round(v, 6) for v in autograd.linalg.eigvalsh(H).tolist()])

# %% [markdown]
# Of n parameters the Hessian has n^2 elements. Its product with one direction takes one forward
# sweep over the backward walk, and the Hessian is never made: `hvp`. Ten thousand parameters:

# %%
p = autograd.ones(10_000, dtype=autograd.float64)
v = autograd.arange(10_000, dtype=autograd.float64)
_, product = autograd.hvp(lambda p: (p**3).sum(), p, v)
print("largest difference from 6 p v:", float((product - 6 * p * v).abs().max()))

# %% [markdown]
# ## Checking a gradient
#
# A derivative is a limit, so it can be tried: move the input by $h$ and look. Three ways for $x^3$
# at 1, where the truth is 3. *Forward* differences are wrong by about $3h$, *centred* ones by
# $h^2$; the *complex step* takes $h$ along the imaginary axis, subtracts nothing and so loses
# nothing.


# %%
def cube(x):
    return x**3


for h in (1e-1, 1e-2, 1e-3):
    quotients = [autograd.numerical_derivative(cube, 1.0, h, s) for s in ("forward", "centred")]
    print(f"h = {h:5}: forward {float(quotients[0]):.6f}, centred {float(quotients[1]):.6f}")
print("complex step:", float(autograd.numerical_derivative(cube, 1.0, scheme="complex")))

# %% [markdown]
# A smaller step is better, until it is worse: $f(x+h)$ and $f(x-h)$ then agree in all digits but
# the last few, and what is left of their difference is rounding. So the errors make a U. Here are
# those of $1 / (1 + x^2)$ at 1/2, three marks for each digit that is right:

# %%
study = autograd.step_study(lambda x: 1 / (1 + x * x), 0.5)
for h, forward, centred in study:
    bars = ["=" * round(-3 * np.log10(error)) for error in (forward, centred)]
    print(f"{h:.0e}  forward {bars[0]:27} centred {bars[1]}")

# %% [markdown]
# `gradcheck` does this for every element of every input, in float64, with twice as many evaluations
# as there are elements. It finds the commonest mistake of all, a sign:


# %%
@autograd.elementwise(x=lambda z: z * z)  # should be -z * z
def wrong_reciprocal(x):
    return 1 / x


x = autograd.tensor([0.5, -1.0, 2.0], dtype=autograd.float64, requires_grad=True)
print(autograd.gradcheck(autograd.reciprocal, x, report=True))
print(autograd.gradcheck(wrong_reciprocal, x, raise_exception=False, report=True))

# %% [markdown]
# ## Kinks
#
# `relu` has no derivative at 0. The engine says 0 there, as PyTorch does; a difference that reaches
# across the kink says something between 0 and 1, even where the derivative is certain:

# %%
for at in (1e-6, 0.0, -1e-6):
    x = autograd.tensor(at, dtype=autograd.float64, requires_grad=True)
    (analytic,) = autograd.grad(autograd.relu(x), x)
    centred = float(autograd.numerical_derivative(autograd.relu, at, 1e-5))
    print(f"x = {at:6}: engine {analytic:.0f}, centred {centred:.2f}")

# %% [markdown]
# Which of the two is right? A check that calls this a failure teaches people to ignore failures.
# `gradcheck` watches which operations decide otherwise between $x-h$ and $x+h$, and reports a kink
# by its name:

# %%
x = autograd.tensor([[1.0, 3.0, 2.0], [4.0, 4.0 + 1e-7, 0.0]], dtype=autograd.float64)
print(autograd.gradcheck(lambda x: x.amax(1), x.requires_grad_(), report=True))

# %% [markdown]
# ## Hooks
#
# A hook sees the gradient of a tensor when it is complete, and may put another in its place.

# %%
x = autograd.tensor([1.0, -20.0], requires_grad=True)
y = x * x
seen = y.register_hook(lambda gradient: print("at y:", gradient))
clipped = x.register_hook(lambda gradient: gradient.clamp(-10, 10))
(y * 3).sum().backward()
print("at x:", x.grad)
seen.remove()

# %% [markdown]
# The second element would be 3 times -40; the hook let -10 pass.
#
# ## The first NaN
#
# A loss that is NaN was spoilt somewhere, and everything after that place is NaN as well. Here the
# value is fine and only the gradient is not:

# %%
x = autograd.tensor([4.0, 0.0, 1.0], requires_grad=True)
with np.errstate(all="ignore"):  # NumPy would warn
    loss = (autograd.sqrt(x) * x).sum()
    loss.backward()
print(loss.item(), x.grad)

# %% [markdown]
# Under `detect_anomaly` every value and every contribution is looked at as it is made, and the
# first that is not finite although all that went in was is an error. It names the operation, the
# line that called it and the numbers. (The name of this cell's file is taken out; it differs from
# run to run.)

# %%
x = autograd.tensor([4.0, 0.0, 1.0], requires_grad=True)
try:
    with np.errstate(all="ignore"), autograd.detect_anomaly():
        root = autograd.sqrt(x)
        loss = (root * x).sum()
        loss.backward()
except RuntimeError as error:
    print(re.sub(r"\([^()]*\.py:(\d+)\)", r"(line \1)", str(error)))

# %% [markdown]
# Line 4 of the cell: the square root. Its slope at 0 is infinite, and what arrived there was 0;
# 0 times infinity is no number.
#
# ## An operation of your own
#
# Two lines: the derivative, and the value. What the rule names is what it gets: `x` is the operand
# and `z` the result. It is a formula, so it has derivatives of its own, and runs in forward mode.


# %%
@autograd.elementwise(x=lambda x, z: z + (1 - z) * autograd.sigmoid(x))
def swish(x):
    return x / (1 + np.exp(-x))


x = autograd.tensor([-1.0, 0.0, 2.0], dtype=autograd.float64, requires_grad=True)
print(
    "first order:",
    autograd.gradcheck(swish, x),
    "  second order:",
    autograd.gradgradcheck(swish, x),
)
print("forward mode:", autograd.jvp(swish, x.detach(), autograd.ones_like(x))[1])

# %% [markdown]
# In a picture it is an operation like the others, with the derivative you wrote at its edge.

# %%
a = autograd.tensor(1.0, requires_grad=True)
b = autograd.tensor(0.5, requires_grad=True)
out = swish(a * 2 + b)
out.backward()
viz.graph(out)

# %% [markdown]
# ## Memory for time
#
# A backward needs values of the forward, so a long chain holds them all. A *checkpoint* keeps the
# input of its function only, and computes the rest again when backward comes by: the same gradient,
# fewer arrays, one more run. Sixteen layers of 1 MB:

# %%
runs = 0


def block(x):
    global runs
    runs += 1
    for _ in range(8):
        x = autograd.tanh(x)
    return x


for name, run in ("plain", block), ("checkpoint", lambda x: autograd.checkpoint(block, x)):
    runs = 0
    x = autograd.linspace(0, 1, 250_000).requires_grad_()
    tracemalloc.start()
    y = run(run(x)).sum()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    y.backward()
    print(f"{name:>10}: {held / 1e6:2.0f} MB held, {runs} runs, slope at 0 is {x.grad[0]:.0f}")

# %% [markdown]
# ## Next
#
# Change `f` in the first section, guess where its slope turns, and look. Give `wrong_reciprocal`
# its sign back. Write `softplus`, $\ln(1 + e^x)$, in two lines and let `gradgradcheck` judge it.
