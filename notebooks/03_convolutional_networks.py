# %% [markdown]
# # Convolutional networks, layer by layer
#
# Each layer of a CNN is a small idea: a sum of products that slides, a maximum that routes, a
# normalisation that couples, a noise that is gone at test time. Here each is run on numbers small
# enough to check by hand, forward and backward, before they are put together. It takes an hour;
# the first notebook comes before it.

# %%
import numpy as np

import autograd
import nn
import viz
from nn import functional as F
from nn import geometry

# %% [markdown]
# ## Convolution
#
# A kernel slides over an image; at each place it is multiplied with what it meets, and the
# products are added. (Frameworks do not flip the kernel: it is a cross-correlation.)

# %%
x = autograd.tensor([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]], requires_grad=True)
kernel = autograd.tensor([[[[1.0, 2], [3, 4]]]], requires_grad=True)
y = F.conv2d(x, kernel)
y.detach().numpy()[0, 0]

# %% [markdown]
# Backwards there are two questions. Which pixels did a kernel entry meet? Those of a window, so
# the kernel's gradient is the image correlated with the upstream. Which outputs did a pixel take
# part in? All whose window covered it, so the image's gradient is a *full* correlation with the
# kernel turned upside down.

# %%
upstream = autograd.tensor([[[[1.0, -1], [2, 0]]]])
y.backward(upstream)
print("kernel:\n", kernel.grad.numpy()[0, 0])
print("image:\n", x.grad.numpy()[0, 0])

# %% [markdown]
# In one dimension the convolution is a matrix with the kernel on every row, one step further right
# each time. Its backward is the transpose of that matrix, and that is all a "transposed
# convolution" is.

# %%
K = F.conv_matrix(autograd.tensor([1.0, 2.0, 3.0]), 5)
print(K.numpy())
signal = autograd.tensor([[[1.0, 0, 2, 0, 1]]])
same = F.conv1d(signal, autograd.tensor([[[1.0, 2, 3]]]))
print((K @ signal[0, 0]).tolist(), "=", same[0, 0].tolist())
back = F.conv_transpose1d(same, autograd.tensor([[[1.0, 2, 3]]]))
print((K.T @ same[0, 0]).tolist(), "=", back[0, 0].tolist())

# %% [markdown]
# ## How large, how many, how far
#
# `nn.geometry` has the arithmetic that an exam asks for, and says its formula when asked.

# %%
print(geometry.output_size(32, 5, padding=2))
print(geometry.output_size(227, 11, stride=4, formula=True))

# %% [markdown]
# `viz.summary` prints it for a model: here LeNet-5. The field is what an output sees of the input,
# the jump how far apart two neighbours' fields lie.

# %%
viz.summary(nn.models.LeNet5(), (1, 32, 32))

# %% [markdown]
# A receptive field can be measured, too: let one output be the loss, and look where the gradient
# of the input is not zero. Three 3x3 layers see 7x7. What is far from the middle has fewer paths
# to the output, so the *effective* field is smaller.

# %%
autograd.manual_seed(0)
stack = nn.Sequential(*(nn.Conv2d(1, 1, 3, bias=False) for _ in range(3)))
for layer in stack:
    nn.init.constant_(layer.weight, 1 / 9)
image = autograd.zeros(1, 1, 11, 11, requires_grad=True)
stack(image)[0, 0, 2, 2].backward()
reach = image.grad.numpy()[0, 0]
print("width of the field:", int((reach.sum(0) != 0).sum()))
for row in reach[2:9]:
    print(" ".join(f"{1000 * share:5.1f}" for share in row[2:9]))

# %% [markdown]
# ## Max-pooling routes
#
# A maximum gives its whole gradient to the winner. Where windows overlap, a pixel may win twice
# and receives both gradients: the 7 wins two windows here, and so does the 8.

# %%
square = autograd.tensor(
    [[[[1.0, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]]], requires_grad=True
)
pooled = F.max_pool2d(square, 3, stride=1)
pooled.sum().backward()
print(pooled.detach().numpy()[0, 0])
print(square.grad.numpy()[0, 0])

# %%
square.grad = None
pooled = F.max_pool2d(square, 2)
pooled.backward(autograd.tensor([[[[1.0, 2], [3, 4]]]]))
viz.pool(pooled)

# %% [markdown]
# ## Normalisation couples
#
# Batch normalisation subtracts a mean and divides by a deviation *of the batch*. So one sample's
# output depends on all others, and an upstream at the first sample alone moves every input. The
# gradients of a channel add up to zero: adding a constant to all changes nothing.

# %%
batch = autograd.tensor([[1.0], [2.0], [3.0], [6.0]], dtype=autograd.float64, requires_grad=True)
normalised = F.batch_norm(batch, None, None, training=True, eps=1e-12)
normalised[0, 0].backward()
print("normalised:", normalised.detach().numpy().ravel().round(4))
print("gradient:  ", batch.grad.numpy().ravel().round(4))
print("their sum: ", round(batch.grad.sum().item(), 9))

# %% [markdown]
# Which numbers share a mean is all that tells the normalisations apart.

# %%
block = autograd.arange(24.0).reshape(2, 3, 2, 2)
for layer, shared in [
    (nn.BatchNorm2d(3), (0, 2, 3)),
    (nn.LayerNorm((3, 2, 2)), (1, 2, 3)),
    (nn.InstanceNorm2d(3), (2, 3)),
]:
    out = layer(block).detach().numpy()
    means = block.numpy().mean(axis=shared).ravel()
    print(
        f"{type(layer).__name__:15} means {means}, afterwards {np.abs(out.mean(shared)).max():.0e}"
    )

# %% [markdown]
# ## Dropout is gone at test time
#
# In training each unit is dropped with probability `p`, and what stays is divided by `1 - p`: the
# mean is what it would be without. In `eval()` nothing is dropped and nothing scaled.

# %%
autograd.manual_seed(0)
drop = nn.Dropout(0.2)
ones = autograd.ones(100_000)
print(f"train: mean {drop(ones).mean().item():.2f}, variance {drop(ones).var().item():.2f}")
print(f"eval:  mean {drop.eval()(ones).mean().item():.2f}, variance {drop(ones).var().item():.2f}")

# %% [markdown]
# ## Where it starts
#
# The scale of the first weights decides whether a signal lives through ten layers. Standard
# deviations of the outputs of ten tanh layers of 500 units:

# %%
starts = {
    "normal, std 0.01": lambda w: nn.init.normal_(w, std=0.01),
    "normal, std 1": nn.init.normal_,
    "Xavier": lambda w: nn.init.xavier_normal_(w, mode="fan_in"),
}
for name, fill in starts.items():
    autograd.manual_seed(0)
    h, spread = autograd.randn(1000, 500), []
    for _ in range(10):
        h = autograd.tanh(h @ fill(autograd.empty(500, 500)).T)
        spread.append(h.std().item())
    print(f"{name:17}", " ".join(f"{s:.1e}" for s in spread[::3]))

# %% [markdown]
# The first dies out; the second has saturated (its outputs are all near -1 or 1), so that no
# gradient comes back; Xavier's lives.
#
# ## Two losses
#
# Softmax and hinge disagree about when to stop. The gradient of the softmax loss is `p - onehot`,
# never quite zero; the hinge is content once the right score leads by the margin.

# %%
scores = autograd.tensor([[3.2, 5.1, -1.7], [1.3, 4.9, 2.0]], requires_grad=True)
labels = autograd.tensor([0, 1])
for name, loss in [
    ("softmax", F.cross_entropy(scores, labels, reduction="none")),
    ("hinge", F.multiclass_hinge_loss(scores, labels, reduction="none")),
]:
    (gradient,) = autograd.grad(loss.sum(), scores)
    print(f"{name:8} losses {loss.detach().numpy().round(4)}")
    print(gradient.numpy().round(4))

# %% [markdown]
# ## A network too large to build
#
# VGG-19 has 143,667,240 parameters. Under `nn.shape_only()` they have shapes and no memory:
# counts, fields and the memory of a forward pass are known at once.

# %%
with nn.shape_only():
    vgg = nn.models.vgg19()
summary = viz.summary(vgg, (3, 224, 224))
print("\n".join(str(summary).splitlines()[-3:]))

# %% [markdown]
# ## What does a network look at?
#
# O-Net is a small face detector with published weights. On NASA's portrait of Eileen Collins it is
# sure of a face; the gradient of its score with respect to the pixels says which of them it hangs
# on.

# %%
detector = nn.models.onet(pretrained=True).eval()
face = nn.models.scale_pixels(nn.models.astronaut("face")).requires_grad_()
box, landmarks, probabilities = detector(face)
score = probabilities[0, 1]
score.backward()
print(f"face: {score.item():.4f}")

# %%
viz.graph(score, view="layers", model=detector)

# %% [markdown]
# Read it backwards, along the orange line: each max-pool stops four fifths of the gradient and
# hands the rest to the winners, so that the picture of the gradient at the pixels is made of dots.
# The softmax lets almost nothing through (its factor is at the top), because the network is sure:
# a score of .9995 has hardly any slope left. To see what the decision hangs on, one therefore
# looks at the difference of the scores before the softmax.

# %%
face = nn.models.scale_pixels(nn.models.astronaut("face")).requires_grad_()
logits = []
handle = detector.dense6_1.register_forward_hook(lambda module, args, out: logits.append(out))
detector(face)
handle.remove()
(logits[0][0, 1] - logits[0][0, 0]).backward()
strength = np.abs(face.grad.numpy()[0]).sum(0)
shades = " .:-=+*#%@"
coarse = strength.reshape(24, 2, 24, 2).mean((1, 3))
for row in coarse / coarse.max():
    print("".join(2 * shades[int(9 * share)] for share in row))

# %% [markdown]
# ## Next
#
# Take a layer that you know from PyTorch, and look at its graph here: `viz.graph(loss)` for small
# inputs, `view="layers"` for networks. `backlight demo` trains a small CNN on real digits and
# writes the pictures of one training step.
