# %% [markdown]
# # Your first graph
#
# Ten minutes with Backlight: one expression, its picture, its backward pass step by step, then a
# tensor, then a tiny network. Run the cells from top to bottom; change them and run them again.

# %%
import autograd
import viz

# %% [markdown]
# ## One expression
#
# A tensor that `requires_grad` remembers what is done with it. Nothing else is special about it:
# it holds a number, and arithmetic works.

# %%
x = autograd.tensor(3.0, requires_grad=True)
y = x * x + x
y

# %% [markdown]
# `backward()` computes how fast `y` changes with every tensor it was made of. By hand:
# $\frac{dy}{dx} = 2x + 1$, which is 7 at $x = 3$.

# %%
y.backward()
x.grad

# %% [markdown]
# ## Its picture
#
# Blue numbers are values and flow to the right; orange numbers are gradients and flow back to the
# left. The number where an edge enters a card is the *local* derivative: how fast that card's value
# changes with this one input.

# %%
viz.graph(y)

# %% [markdown]
# Look at `x`. It is used three times: twice in the product, once in the sum. Each use sends a
# contribution back, and they add up: 3 + 3 + 1 = 7. That sum is all there is to the
# *multivariate chain rule*.
#
# ## Step by step
#
# `backward()` is a loop over *steps*, and you can run that loop yourself. Each step takes the
# gradient that has arrived at an operation (`upstream`) and hands a contribution to each operand.

# %%
x = autograd.tensor(3.0, requires_grad=True)
y = x * x + x
for step in autograd.steps(y):
    passed_on = [float(contribution) for contribution in step.contributions]
    print(f"{step.op.name:>8}: {step.upstream} arrived, {passed_on} passed on")
x.grad

# %% [markdown]
# The same, with the picture: use the arrow keys or the buttons. (Where scripts are not run, as on
# GitHub, the finished picture is shown.)

# %%
viz.backprop(y)

# %% [markdown]
# ## A kink
#
# Some functions choose. `maximum` gives its gradient to the larger operand and nothing to the
# other, however close the race was. Dark lines are the paths that gradient takes.

# %%
a = autograd.tensor(2.0, requires_grad=True)
b = autograd.tensor(1.5, requires_grad=True)
c = autograd.tensor(-4.0, requires_grad=True)
m = autograd.maximum(a * b, c)
y = m * m
y.backward()
viz.graph(y)

# %%
a.grad, b.grad, c.grad

# %% [markdown]
# `c` lost, so its gradient is 0: changing it a little changes nothing. That is different from
# having *no* gradient: `None` means that none was ever computed.
#
# ## A tensor
#
# With arrays nothing changes but the shapes. A gradient always has the shape of its tensor: one
# derivative for each number.

# %%
W = autograd.tensor([[1.0, -2.0, 0.5], [0.0, 1.0, 2.0]], requires_grad=True)
v = autograd.tensor([1.0, 2.0, 3.0], requires_grad=True)
bias = autograd.tensor([0.5, -0.5], requires_grad=True)
h = W @ v + bias
y = (h * h).sum()
y.backward()
W.grad

# %% [markdown]
# The derivative of a sum of squares is $2h$, and a matrix product passes it on as an outer product
# to the matrix and through the transposed matrix to the vector:

# %%
W.grad.numpy() == 2 * h.detach().numpy()[:, None] * v.detach().numpy()[None, :]

# %%
v.grad.numpy() == W.detach().numpy().T @ (2 * h.detach().numpy())

# %%
viz.graph(y)

# %% [markdown]
# ## A tiny network
#
# Exclusive or: the output is 1 if exactly one of two inputs is. No straight line separates the two
# answers, so the network needs a hidden layer. The names are PyTorch's; what you learn here carries
# over.

# %%
import nn
import optim

autograd.manual_seed(3)
inputs = autograd.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 1.0]])
targets = autograd.tensor([1, 1, 0, 0])
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
loss_of = nn.CrossEntropyLoss()
optimizer = optim.SGD(model.parameters(), lr=0.5)

for step in range(201):
    loss = loss_of(model(inputs), targets)
    if step % 50 == 0:
        print(f"step {step:3}: loss {loss.item():.3f}")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

model(inputs).argmax(1)

# %% [markdown]
# Every loss has its graph. Here is the one of the first step of a fresh network: forward in blue,
# backward in orange, and for each layer how much of the gradient passes.

# %%
autograd.manual_seed(3)
model = nn.Sequential(nn.Linear(2, 8), nn.ReLU(), nn.Linear(8, 2))
loss = loss_of(model(inputs), targets)
loss.backward()
viz.graph(loss, view="layers", model=model)

# %% [markdown]
# ## Next
#
# Change the numbers in the first cells and guess the gradients before you run them; in the
# step-through, `Q` asks you first. `backlight demo` (or `make demo`) trains a convolutional network
# on real digits and writes the same pictures for one training step of it: where the gradient goes,
# and where it dies.
