# %% [markdown]
# # Training
#
# Backward passes compute gradients; training is what one does with them. This notebook goes the
# way a training goes: look at the start, find a rate, choose an optimiser, watch the curves, keep
# the network from learning by heart, and save it. Each picture is drawn from `Figure.data`, so
# every number that you see can be had as a number. It takes an hour; the first notebook comes
# before it.

# %%
import tempfile

import numpy as np

import autograd
import nn
import optim
import viz
from nn import functional as F
from optim import lr_scheduler
from optim.data import Augmented, DataLoader, TensorDataset, mnist, transforms

cross_entropy = nn.CrossEntropyLoss()

# %% [markdown]
# ## The loss does not move
#
# A network of one hidden layer, 500 points in ten clouds, fifty steps. It ought to learn that by
# heart. If the loss is flat instead, four things are usually blamed.


# %%
def clouds(shares=None, scale=None):
    """Return a 20-50-10 network and the points that it is to learn."""
    rng = np.random.default_rng(0)
    classes = rng.integers(0, 10, 500) if shares is None else rng.choice(10, 500, p=shares)
    points = 2 * rng.standard_normal((10, 20))[classes] + rng.standard_normal((500, 20))
    autograd.manual_seed(0)
    model = nn.Sequential(nn.Linear(20, 50), nn.ReLU(), nn.Linear(50, 10)).double()
    for layer in (model[0], model[2]):
        if scale is None:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        else:
            nn.init.normal_(layer.weight, std=scale)
        nn.init.zeros_(layer.bias)
    return model, (autograd.tensor(points), autograd.tensor(classes))


def penalty(parameters):
    return F.l2_penalty([p for p in parameters if p.ndim == 2], 1.0)


uneven = [0.91] + [0.01] * 9
for suspect, (model, data), options in [
    ("a low rate", clouds(), {"lr": 1e-6}),
    ("strong regularisation", clouds(), {"lr": 0.1, "penalty": penalty}),
    ("uneven classes", clouds(uneven, scale=0.01), {"lr": 0.1}),
    ("small weights", clouds(scale=1e-4), {"lr": 0.1}),
]:
    print(suspect, end=": ")
    optim.diagnose_flat_loss(model, cross_entropy, data, **options)

# %% [markdown]
# Two of the four are guilty. Too low a rate and too small weights keep a loss flat. Strong
# regularisation makes the *total* fall steeply, because the penalty falls; what is left is the loss
# of chance, log 10. And with uneven classes the loss falls at once, because "always the frequent
# one" is easily learnt.
#
# ## Before a long training
#
# Five checks that cost seconds: does the loss stay in its bounds, does it start where chance would,
# is there no regularisation at first, does regularisation raise it, and can the network learn
# twenty samples by heart?

# %%
images, labels = mnist(train=True)
digits = autograd.tensor(images.astype(float)), autograd.tensor(labels)
flat = digits[0].reshape(-1, 784), digits[1]


def dense(seed=0, width=32):
    autograd.manual_seed(seed)
    return nn.Sequential(nn.Linear(784, width), nn.ReLU(), nn.Linear(width, 10)).double()


_ = optim.sanity_check(dense(), cross_entropy, (flat[0][:100], flat[1][:100]))

# %% [markdown]
# ## Where it starts
#
# Ten layers of 64 units, before any training. With small weights and sigmoids each layer multiplies
# the gradient by something small, and nothing is left of it at the input: it has *vanished*. He's
# scale with rectifiers keeps it.


# %%
def deep(activation, fill):
    autograd.manual_seed(0)
    layers = []
    for fan_in in [784] + [64] * 9:
        layers += [nn.Linear(fan_in, 64), activation()]
        fill(layers[-2].weight)
    return nn.Sequential(*layers, nn.Linear(64, 10)).double()


starts = {
    "sigmoid, std 0.1": deep(nn.Sigmoid, lambda w: nn.init.normal_(w, std=0.1)),
    "ReLU, He": deep(nn.ReLU, lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")),
}
for model in starts.values():
    cross_entropy(model(flat[0][:100]), flat[1][:100]).backward()
viz.grad_flow(starts)

# %% [markdown]
# The outputs tell the same. Weights that are too large do not make a tanh large: they *saturate*
# it. All outputs are near -1 or 1, where the slope is nearly zero.

# %%
saturated = nn.Sequential(nn.Linear(784, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh())
for layer, deviation in ((saturated[0], 784**-0.5), (saturated[2], 1.0)):
    nn.init.normal_(layer.weight, std=deviation)
viz.activations(saturated.double(), flat[0][:100])

# %% [markdown]
# ## The rate
#
# One network, one start, four rates. Too low: it goes in the right direction, and will arrive next
# week. High: it falls fast, then jumps about and stays above. Too high: every step overshoots, and
# the next gradient is larger.

# %%
first = flat[0][:200], flat[1][:200]
viz.lr_curves(dense(), cross_entropy, first, [0.003, 0.1, 1, 100], steps=25)

# %% [markdown]
# A rate may also fall while one trains: large steps at first, small ones for the end. Warm-up does
# the reverse for the first epochs, when gradients say little.

# %%
viz.schedules(
    {
        "StepLR": lambda o: lr_scheduler.StepLR(o, 30),
        "ExponentialLR": lambda o: lr_scheduler.ExponentialLR(o, 0.95),
        "InverseTimeLR": lambda o: lr_scheduler.InverseTimeLR(o, 0.1),
        "CosineAnnealingLR": lambda o: lr_scheduler.CosineAnnealingLR(o, 100),
        "warm-up, then cosine": lambda o: lr_scheduler.SequentialLR(
            o,
            [lr_scheduler.LinearLR(o, 0.1, total_iters=10), lr_scheduler.CosineAnnealingLR(o, 90)],
            milestones=[10],
        ),
        "OneCycleLR": lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=101),
    },
    epochs=100,
)  # fmt: skip

# %% [markdown]
# ## A narrow valley
#
# The loss of a real network is steep in some directions and flat in others. In small: ten times
# narrower than long. Gradient descent jumps from wall to wall, because its rate is bounded by the
# steep direction, and crawls along the flat one. Momentum adds up what points the same way. RMSprop
# and Adam divide each weight's gradient by its usual size, and set off as if the valley were round;
# Adam has a momentum, too, and swings past the minimum.


# %%
def valley(x, y):
    return (x**2 + 100 * y**2) / 2


viz.surface(
    valley,
    {
        "gradient descent": lambda w: optim.SGD(w, lr=0.018),
        "momentum": lambda w: optim.SGD(w, lr=0.01, momentum=0.8),
        "RMSprop": lambda w: optim.RMSprop(w, lr=0.02, alpha=0.9),
        "Adam": lambda w: optim.Adam(w, lr=0.1),
    },
    start=(-2, 0.4),
    steps=40,
    limits=((-2.3, 0.8), (-0.5, 0.5)),
    points={"minimum": (0, 0)},
    title="½ (x² + 100 y²)",
)

# %% [markdown]
# Rosenbrock's valley is curved, too. All optimisers have the same face, also L-BFGS, which guesses
# the curvature from its last gradients.

# %%
viz.surface(
    lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    {
        "gradient descent": lambda w: optim.SGD(w, lr=1e-3),
        "Nesterov": lambda w: optim.SGD(w, lr=1e-3, momentum=0.9, nesterov=True),
        "Adagrad": lambda w: optim.Adagrad(w, lr=0.5),
        "Adam": lambda w: optim.Adam(w, lr=0.2),
        "L-BFGS": lambda w: optim.LBFGS(w, max_iter=4, line_search_fn="strong_wolfe"),
    },
    start=(-1.5, 2),
    steps=100,
    limits=((-2, 1.7), (-0.6, 3)),
    points={"minimum": (1, 1)},
    title="Rosenbrock's valley",
)

# %% [markdown]
# ## Mini-batches are noisy
#
# The gradient of a batch is an estimate of that of all samples. Its error falls with the *root* of
# the batch: sixteen times the work, a quarter of the noise. So many cheap steps often beat few good
# ones, until one has arrived and only the noise is left: that is when a lower rate helps.

# %%
rng = np.random.default_rng(0)
samples = rng.normal(0, 2, (50_000, 2))  # the loss of each is half its squared distance to w


def noisy(batch_size, steps=60):
    w = autograd.tensor(np.array([4.0, 3.0]), requires_grad=True)
    optimizer, points = optim.SGD([w], lr=0.1), [w.tolist()]
    for _ in range(steps):
        batch = autograd.tensor(samples[rng.integers(0, len(samples), batch_size)])
        optimizer.zero_grad()
        ((w - batch) ** 2 / 2).sum(1).mean().backward()
        optimizer.step()
        points.append(w.tolist())
    return points


for size in (1, 4, 16, 64, 256):
    means = [samples[rng.integers(0, len(samples), size), 0].mean() for _ in range(1000)]
    print(f"B = {size:3}: deviation of the gradient {np.std(means):.3f}")

# %%
viz.surface(
    lambda w: (w[0] ** 2 + w[1] ** 2) / 2,
    {"B = 1": noisy(1), "B = 16": noisy(16), "all samples": noisy(50_000)},
    points={"minimum": (0, 0)},
    title="The same steps with gradients of 1, 16 and all samples",
)

# %% [markdown]
# ## Learning by heart
#
# 150 digits are few for 25,450 weights. `optim.fit` writes everything down, and `viz.history` draws
# it. The training loss goes to zero, the validation loss turns and rises: from there on the network
# learns the 150 digits, and not digits. Early stopping gives it the weights of its best epoch back.

# %%
few = DataLoader(TensorDataset(flat[0][:150], flat[1][:150]), 25, shuffle=True)
held_out = DataLoader(TensorDataset(flat[0][4000:4500], flat[1][4000:4500]), 500)
model = dense()
history = optim.fit(
    model,
    cross_entropy,
    few,
    optimizer=optim.SGD(model.parameters(), lr=0.1),
    epochs=40,
    validation=held_out,
    early_stopping=15,
    watch=6,
    progress=False,
)
print(history.stopped)
print("over-fits after epoch", optim.overfit_epoch(history) + 1)
viz.history(history, title="150 digits, learnt by heart")

# %% [markdown]
# What helps? Constraints on the weights, noise in the network, data made from the data one has
# (here digits moved by up to two pixels), and best of all: more data. Each gets equally many steps.

# %%
plain = TensorDataset(digits[0][:150], digits[1][:150])
shifted = Augmented(plain, transforms.RandomCrop(28, padding=2, fill=float(images.min())))
more = TensorDataset(digits[0][:1500], digits[1][:1500])
for name, data, decay, drop in [
    ("nothing", plain, 0, 0),
    ("weight decay", plain, 0.03, 0),
    ("dropout", plain, 0, 0.5),
    ("shifted digits", shifted, 0, 0),
    ("1,500 digits", more, 0, 0),
]:
    autograd.manual_seed(0)
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Dropout(drop), nn.Linear(128, 10)
    ).double()
    optimizer = optim.SGD(net.parameters(), lr=0.05, weight_decay=decay)
    batches = DataLoader(data, 25, shuffle=True)
    epochs = 40 * len(plain) // len(data)
    optim.fit(net, cross_entropy, batches, optimizer=optimizer, epochs=epochs, watch=0,
              progress=False)  # fmt: skip
    train = optim.evaluate(net, cross_entropy, DataLoader(plain, 150))
    test = optim.evaluate(net, cross_entropy, held_out)
    losses = f"loss {train['loss']:.2f} in training, {test['loss']:.2f} held out"
    print(f"{name:15} {losses}; accuracy {test['accuracy']:.2f}")

# %% [markdown]
# Weight decay and shifted digits raise the training loss; that is their purpose, and not a fault.
# Weight decay makes the network less sure of itself, which lowers the held-out loss more than the
# number of errors; dropout does little in so small a network. Nothing comes near more data.
#
# ## Stop, and go on to the same bits
#
# A checkpoint holds everything that the next step depends on: weights, the optimiser's momenta, the
# schedule, the random generators, the place in the data. A training that was interrupted and went
# on ends with the same bits as one that never stopped.


# %%
def training(epochs, **options):
    model = dense()
    optimizer = optim.Adam(model.parameters(), lr=1e-3)
    schedule = lr_scheduler.CosineAnnealingLR(optimizer, 6)
    data = DataLoader(TensorDataset(flat[0][:150], flat[1][:150]), 25, shuffle=True)
    optim.fit(model, cross_entropy, data, optimizer=optimizer, schedule=schedule, epochs=epochs,
              progress=False, **options)  # fmt: skip
    return model[0].weight.detach().numpy()


whole = training(6)
with tempfile.TemporaryDirectory() as folder:
    checkpoint = f"{folder}/run.safetensors"
    training(3, checkpoint=checkpoint)  # the program ends here, let us say
    resumed = training(6, checkpoint=checkpoint, resume=True)
print("the same bits:", whole.tobytes() == resumed.tobytes())

# %% [markdown]
# ## A small CNN
#
# All of it together, on real digits: batch normalisation, max-pooling, Adam, a rate that falls
# along a cosine. The test set is guarded: it is for one look, and the second one gives a warning.

# %%
autograd.manual_seed(0)
cnn = nn.Sequential(
    nn.Conv2d(1, 8, 5, stride=2, padding=2), nn.BatchNorm2d(8), nn.ReLU(),
    nn.Conv2d(8, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
    nn.Flatten(), nn.Linear(16 * 7 * 7, 10),
).double()  # fmt: skip
train_set = DataLoader(TensorDataset(digits[0][:4000], digits[1][:4000]), 50, shuffle=True)
validation = DataLoader(TensorDataset(digits[0][4000:], digits[1][4000:]), 250)
optimizer = optim.Adam(cnn.parameters(), lr=3e-3)
history = optim.fit(
    cnn,
    cross_entropy,
    train_set,
    optimizer=optimizer,
    epochs=3,
    validation=validation,
    schedule=lr_scheduler.CosineAnnealingLR(optimizer, 240),
    schedule_per="batch",
    progress=False,
)
viz.history(history, title="A small CNN on 4,000 digits")

# %%
images, labels = mnist(train=False)
test_set = optim.GuardedTestSet(DataLoader(TensorDataset(images.astype(float), labels), 250))
accuracy = optim.evaluate(cnn, cross_entropy, test_set)["accuracy"]
print(f"{accuracy:.1%} of the test digits are read rightly")

# %% [markdown]
# ## Next
#
# Train it longer, augment the digits, take the normalisation away and look at the layers' gradients
# again. `backlight demo` trains a network like this one and draws a single step of it.
