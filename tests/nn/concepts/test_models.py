"""CM and SN: models of the field; SH-14 to SH-16: their numbers."""

import tracemalloc

import numpy as np
import pytest

import autograd
import nn
from nn import geometry, models
from nn.functional import cross_entropy


def traced(make, size=224):
    """Return the geometry of a model that was built without values."""
    with nn.shape_only():
        model = make()
    return geometry.trace(model, (3, size, size))


def original():
    return models.AlexNet(form="original")


def ungrouped():
    return models.AlexNet(form="ungrouped")


@pytest.mark.parametrize(
    ("make", "size", "fields"),
    [
        (models.vgg16, 224, {"features.30": 212, "features.28": 196}),
        (models.vgg19, 224, {"features.36": 268}),
        (original, 227, {"features.conv5": 163, "features.pool5": 195}),
        (models.alexnet, 224, {"features.10": 163, "features.12": 195}),
    ],
)
def test_SH_14_fields_of_big_nets(make, size, fields):
    found = traced(make, size)
    assert {path: found[path].field for path in fields} == {p: (f, f) for p, f in fields.items()}


@pytest.mark.parametrize(
    ("make", "field"), [(models.resnet18, 435), (models.resnet34, 899), (models.resnet50, 427)]
)
def test_SH_14_fields_of_residual_nets(make, field):
    found = traced(make)
    last = [row for row in found if row.path.startswith("layer4")][-1]
    assert last.kind == "ReLU" and last.output[1:] == (7, 7)
    assert last.field == (field, field) and last.jump == (32, 32)


@pytest.mark.parametrize(
    ("make", "size", "parameters", "convolutions"),
    [
        (models.vgg16, 224, 138_357_544, 14_714_688),
        (models.vgg19, 224, 143_667_240, 20_024_384),
        (original, 227, 60_965_224, None),
        (ungrouped, 227, 62_378_344, None),
        (models.alexnet, 224, 61_100_840, None),
        (models.resnet18, 224, 11_689_512, None),
        (models.resnet34, 224, 21_797_672, None),
        (models.resnet50, 224, 25_557_032, None),
        (models.resnet101, 224, 44_549_160, None),
    ],
)
def test_SH_15_parameters_of_named_nets(make, size, parameters, convolutions):
    found = traced(make, size)
    assert found.parameters == parameters == sum(row.parameters for row in found)
    if convolutions is not None:
        part = sum(row.parameters for row in found if row.path.startswith("features"))
        assert part == convolutions


def test_SH_16_activation_memory_of_vgg16():
    found = traced(models.vgg16)
    assert found.activations == 15_237_608
    assert round(found.activation_bytes / 2**20, 1) == 58.1
    assert found.inputs == ((3, 224, 224),)


def test_CM_04_big_nets_from_lists_at_no_cost():
    tracemalloc.start()
    try:
        found = traced(models.vgg19)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
    assert found.parameter_bytes == 574_668_960
    shapes = [row.output for row in found if row.kind == "MaxPool2d"]
    assert shapes == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]
    found = traced(original, 227)
    assert [row.output for row in found if row.kind == "Conv2d"] == [
        (96, 55, 55),
        (256, 27, 27),
        (384, 13, 13),
        (384, 13, 13),
        (256, 13, 13),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: models.AlexNet(4, form="original", width=6, hidden=8),
        lambda: models.VGG(16, 4, width=2, hidden=8),
        lambda: models.VGG(19, 4, width=2, hidden=8),
    ],
)
def test_CM_04_small_variants_run(make):
    model = make()
    x = autograd.randn(2, 3, 67, 67)
    scores = model(x)
    assert scores.shape == (2, 4)
    cross_entropy(scores, autograd.tensor([0, 3])).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_CM_05_resnets_by_depth_and_width():
    counts = {18: 11_689_512, 34: 21_797_672, 50: 25_557_032, 101: 44_549_160, 152: 60_192_808}
    for depth, parameters in counts.items():
        with nn.shape_only():
            model = models.ResNet(depth)
        assert sum(p.numel() for p in model.parameters()) == parameters
        convs = [m for path, m in model.named_modules() if isinstance(m, nn.Conv2d)]
        shortcuts = [path for path, _ in model.named_modules() if path.endswith("downsample.0")]
        assert len(convs) - len(shortcuts) + 1 == depth  # and the linear layer
    narrow, wide = (traced(lambda w=w: models.ResNet(18, width=w)) for w in (32, 64))
    assert narrow["layer4.1.conv2"].output == (256, 7, 7)
    assert 3.5 < wide.multiply_adds / narrow.multiply_adds < 4
    found = traced(lambda: models.ResNet(18, 10, stem="cifar"), 32)
    assert found.parameters == 11_173_962 and found["layer4.1.conv2"].output == (512, 4, 4)
    found = traced(lambda: models.cifar_resnet(56), 32)
    assert found["layer3.8.conv2"].output == (64, 8, 8)
    assert sum(row.kind in ("Conv2d", "Linear") for row in found) == 56 + 2  # projections


def test_CM_06_a_multi_layer_perceptron_learns_xor():
    autograd.manual_seed(0)
    model = models.MLP(2, [8], 2, nn.Tanh)
    x = autograd.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    target = autograd.tensor([0, 1, 1, 0])
    first = cross_entropy(model(x), target).item()
    for _ in range(400):
        loss = cross_entropy(model(x), target)
        model.zero_grad()
        loss.backward()
        with autograd.no_grad():
            for p in model.parameters():
                p -= 1.0 * p.grad
    assert first > 0.6 and loss.item() < 0.01
    assert model(x).argmax(1).tolist() == [0, 1, 1, 0]


def moments(layers, mean, std):
    """Return mean and variance after each SELU of a net of width 256, by layer."""
    rng = np.random.default_rng(0)
    x = autograd.tensor(mean + std * rng.standard_normal((1000, 256))).float()
    found = {}
    with autograd.no_grad():
        for layer in range(1, max(layers) + 1):
            weight = autograd.tensor(rng.standard_normal((256, 256)).T / 16)  # of variance 1/n
            x = nn.functional.selu(nn.functional.linear(x, weight.float()))
            if layer in layers:
                found[layer] = (x.mean().item(), x.numpy().var())
    return found


def test_SN_01_selu_keeps_mean_0_and_variance_1():
    found = moments((1, 10, 100), mean=0, std=1)
    assert [found[n][0] for n in (1, 10, 100)] == pytest.approx([0.0007, 0.0062, 0.0043], abs=5e-5)
    assert [found[n][1] for n in (1, 10, 100)] == pytest.approx([1.008, 1.045, 1.045], abs=5e-4)


def test_SN_02_the_fixed_point_attracts():
    found = moments((1, 5, 10, 50), mean=3, std=2)
    means, variances = zip(*(found[n] for n in (1, 5, 10, 50)), strict=True)
    assert means == pytest.approx([0.938, 0.208, 0.118, 0.007], abs=5e-4)
    assert variances == pytest.approx([8.20, 2.43, 1.18, 1.06], abs=5e-3)


def test_SN_01_the_model_starts_so():
    autograd.manual_seed(0)
    x = autograd.randn(300, 128)
    for layer in models.SelfNormalizingMLP(128, [128] * 20, 128):
        x = layer(x)
        if isinstance(layer, nn.SELU):
            assert abs(x.mean().item()) < 0.2 and abs(x.var().item() - 1) < 0.3


def test_LY_32_blocks_that_start_at_0_pass_the_gradient_whole():
    """Fifty blocks whose branch is 0 are the identity, with gradient 1."""
    block = models.BasicBlock(2, 2).eval()
    nn.init.zeros_(block.bn2.weight)
    x = autograd.tensor(np.random.default_rng(0).random((1, 2, 4, 4)) + 0.1).float()
    y = x = x.requires_grad_()
    for _ in range(50):
        y = block(y)
    np.testing.assert_array_equal(y.detach().numpy(), x.detach().numpy())
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.ones(x.shape))


def test_LY_35_depth_gives_more_paths():
    """Width n and L layers: n^(L - 1) paths from an input to an output, each a product of 1s."""
    for width, depth in [(4, 3), (3, 3), (2, 5)]:
        model = models.MLP(2, [width] * (depth - 1), 3, nn.Identity)
        with autograd.no_grad():
            for p in model.parameters():
                p.fill_(1)
        jacobian = autograd.jacobian(model, autograd.tensor([1.0, -1.0]))
        assert jacobian.tolist() == [[width ** (depth - 1)] * 2] * 3
