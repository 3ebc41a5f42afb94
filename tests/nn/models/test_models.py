"""The models against PyTorch: the same layers, run by the same ``forward``."""

import numpy as np
import pytest

import autograd
import nn
from nn import geometry, models


def twin(torch, module):
    """Make the PyTorch module of the same parts and the same ``forward``, which is our own code."""
    if not module._modules:
        return eval(repr(module), dict(vars(torch.nn)))
    made = type(type(module).__name__, (torch.nn.Module,), {"forward": type(module).forward})()
    for name, child in module._modules.items():
        made.add_module(name, None if child is None else twin(torch, child))
    for name in ("stages", "every_step", "downsample"):
        if hasattr(module, name) and name not in module._modules:
            setattr(made, name, getattr(module, name))
    return made


SMALL = {
    "mlp": (lambda: models.MLP(7, [5, 6], 3, nn.Tanh, batch_norm=True, dropout=0.2), (4, 7)),
    "self-normalising": (lambda: models.SelfNormalizingMLP(7, [5, 6], 3, dropout=0.1), (4, 7)),
    "lenet": (lambda: models.LeNet5(padding=2), (2, 1, 28, 28)),
    "alexnet": (lambda: models.AlexNet(5, width=4, hidden=8), (2, 3, 65, 64)),
    "alexnet original": (
        lambda: models.AlexNet(5, form="original", width=6, hidden=8),
        (2, 3, 67, 67),
    ),
    "alexnet ungrouped": (
        lambda: models.AlexNet(5, form="ungrouped", width=6, hidden=8),
        (1, 3, 67, 71),
    ),
    "vgg": (lambda: models.VGG(11, 5, width=2, hidden=8), (2, 3, 33, 32)),
    "vgg_bn": (lambda: models.VGG(13, 5, batch_norm=True, width=2, hidden=8), (2, 3, 32, 40)),
    "resnet": (lambda: models.ResNet(18, 5, width=2), (2, 3, 33, 40)),
    "resnet bottleneck": (
        lambda: models.ResNet(None, 5, blocks=(1, 2), block=models.Bottleneck, width=2),
        (2, 3, 17, 16),
    ),
    "resnet cifar": (lambda: models.cifar_resnet(8, 4, width=2), (3, 3, 9, 8)),
    "rnn": (lambda: models.RNNClassifier(3, 5, 2), (2, 4, 3)),
    "rnn every step": (
        lambda: models.RNNClassifier(3, 5, 2, num_layers=2, every_step=True),
        (2, 4, 3),
    ),
    "pnet": (models.PNet, (2, 3, 15, 13)),
    "rnet": (models.RNet, (2, 3, 24, 24)),
    "onet": (models.ONet, (1, 3, 48, 48)),
}


@pytest.mark.parametrize("name", SMALL)
def test_outputs_and_gradients_are_those_of_pytorch(torch, name):
    make, shape = SMALL[name]
    ours = make().double()
    theirs = twin(torch, ours).double()
    state = ours.state_dict()
    assert list(theirs.state_dict()) == list(state)
    theirs.load_state_dict({key: torch.tensor(np.array(t.numpy())) for key, t in state.items()})
    array = np.random.default_rng(0).standard_normal(shape)
    for mode in (False,) if "elf" in name or "alex" in name or "mlp" in name else (False, True):
        if mode and "vgg" in name:
            continue  # dropout draws
        ours.train(mode)
        theirs.train(mode)
        results = []
        for library, model in ((autograd, ours), (torch, theirs)):
            x = library.tensor(array).requires_grad_()
            outputs = model(x)
            outputs = outputs if isinstance(outputs, tuple) else (outputs,)
            sum((y * y).sum() for y in outputs).backward()
            found = {f"output {i}": y.detach().numpy() for i, y in enumerate(outputs)}
            found["input"] = x.grad.numpy()
            found |= {key: p.grad.numpy() for key, p in model.named_parameters()}
            found |= {key: np.array(b.numpy()) for key, b in model.named_buffers()}
            model.zero_grad()
            results.append(found)
        assert results[0].keys() == results[1].keys()
        for key, value in results[1].items():
            scale = max(1, np.abs(value).max(initial=0))
            np.testing.assert_allclose(
                results[0][key], value, rtol=1e-8, atol=1e-9 * scale, err_msg=f"{key}, {mode}"
            )


@pytest.mark.parametrize("name", SMALL)
def test_a_shape_only_model_has_the_same_geometry(name):
    make, shape = SMALL[name]
    real = geometry.trace(make(), shape[1:])
    with nn.shape_only():
        hollow = make()
    assert geometry.trace(hollow, shape[1:]) == real
    assert real.output == _first(make().eval()(autograd.zeros(*shape))).shape[1:]
    assert sum(layer.parameters for layer in real) == real.parameters


def _first(outputs):
    return outputs[0] if isinstance(outputs, tuple) else outputs


class TestNamesOfTorchvision:
    """Names and shapes that torchvision's files have; how many entries, and some of them."""

    @pytest.mark.parametrize(
        ("make", "entries", "some"),
        [
            (
                models.alexnet,
                16,
                {
                    "features.0.weight": (64, 3, 11, 11),
                    "features.3.weight": (192, 64, 5, 5),
                    "features.6.weight": (384, 192, 3, 3),
                    "features.8.weight": (256, 384, 3, 3),
                    "features.10.bias": (256,),
                    "classifier.1.weight": (4096, 9216),
                    "classifier.4.weight": (4096, 4096),
                    "classifier.6.weight": (1000, 4096),
                },
            ),
            (
                models.vgg16,
                32,
                {
                    "features.0.weight": (64, 3, 3, 3),
                    "features.28.weight": (512, 512, 3, 3),
                    "classifier.0.weight": (4096, 25088),
                    "classifier.3.weight": (4096, 4096),
                    "classifier.6.bias": (1000,),
                },
            ),
            (
                models.vgg16_bn,
                97,
                {"features.1.running_mean": (64,), "features.41.num_batches_tracked": ()},
            ),
            (
                models.resnet18,
                122,
                {
                    "conv1.weight": (64, 3, 7, 7),
                    "bn1.running_var": (64,),
                    "layer1.0.conv1.weight": (64, 64, 3, 3),
                    "layer2.0.downsample.0.weight": (128, 64, 1, 1),
                    "layer2.0.downsample.1.num_batches_tracked": (),
                    "layer4.1.bn2.bias": (512,),
                    "fc.weight": (1000, 512),
                },
            ),
            (
                models.resnet50,
                320,
                {
                    "layer1.0.conv1.weight": (64, 64, 1, 1),
                    "layer1.0.conv3.weight": (256, 64, 1, 1),
                    "layer1.0.downsample.0.weight": (256, 64, 1, 1),
                    "layer3.0.conv2.weight": (256, 256, 3, 3),
                    "layer4.2.bn3.weight": (2048,),
                    "fc.weight": (1000, 2048),
                },
            ),
        ],
    )
    def test_entries(self, make, entries, some):
        with nn.shape_only():
            state = make().state_dict()
        assert len(state) == entries
        assert {name: state[name].shape for name in some} == some

    def test_first_and_last_of_the_order(self):
        with nn.shape_only():
            names = list(models.resnet18().state_dict())
        assert names[:7] == [
            "conv1.weight",
            *(f"bn1.{name}" for name in ("weight", "bias", "running_mean", "running_var")),
            "bn1.num_batches_tracked",
            "layer1.0.conv1.weight",
        ]
        assert names[-2:] == ["fc.weight", "fc.bias"]


class TestStart:
    """What the models start from, as torchvision's do."""

    def test_of_vgg(self):
        model = models.VGG(11, 10, width=16, hidden=64)
        conv = model.features[3]
        assert conv.weight.numpy().std() == pytest.approx((2 / (32 * 9)) ** 0.5, rel=0.05)
        assert not conv.bias.numpy().any()
        linear = model.classifier[0]
        assert linear.weight.numpy().std() == pytest.approx(0.01, rel=0.02)
        assert not linear.bias.numpy().any()

    def test_of_resnet(self):
        model = models.ResNet(18, 10, width=16, zero_init_residual=True)
        std = model.layer3[0].conv2.weight.numpy().std()
        assert std == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.05)
        block = model.layer2[1]
        assert not block.bn2.weight.numpy().any() and block.bn1.weight.numpy().all()
        x = autograd.tensor(np.random.default_rng(0).random((2, 32, 4, 4), np.float32))
        np.testing.assert_array_equal(block(x).numpy(), x.numpy())  # the identity, of x >= 0

    def test_of_the_original_alexnet(self):
        model = models.AlexNet(10, form="original", width=24, hidden=32)
        assert model.features.conv1.weight.numpy().std() == pytest.approx(0.01, rel=0.05)
        ones = [path for path, p in model.named_parameters() if "bias" in path and p.numpy().all()]
        assert ones == [
            *(f"features.conv{n}.bias" for n in (2, 4, 5)),
            *(f"classifier.{n}.bias" for n in (1, 4)),
        ]

    def test_of_the_self_normalising(self):
        model = models.SelfNormalizingMLP(400, [300], 2)
        assert model[0].weight.numpy().std() == pytest.approx(400**-0.5, rel=0.02)
        assert not model[0].bias.numpy().any()

    def test_of_the_perceptron(self):
        model = models.Perceptron(3, 2)
        x = autograd.tensor([[1.0, -2.0, 3.0]])
        assert model(x).tolist() == [[0, 0]] == model.scores(x).tolist()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: models.VGG(12), "VGG: depth must be one of .11, 13, 16, 19., got 12"),
        (lambda: models.VGG(11, width=0), "VGG: width must be at least 1, got 0"),
        (lambda: models.AlexNet(form="first"), "form must be one of torchvision, original"),
        (lambda: models.ResNet(20), "ResNet: depth must be one of .18, 34, 50, 101, 152."),
        (lambda: models.ResNet(None), "or None beside blocks, got None"),
        (lambda: models.ResNet(18, stem="mnist"), "stem must be one of imagenet, cifar"),
        (lambda: models.ResNet(None, blocks=(1, 0)), "ResNet: blocks must be at least 1, got 0"),
        (lambda: models.cifar_resnet(21), "cifar_resnet: depth must be 6 n . 2 .8, 14"),
        (lambda: models.MLP(2, [0], 1), "MLP: hidden must be at least 1, got 0"),
        (lambda: models.MLP(2, [2], 1, dropout=2), "MLP: p must be a probability in"),
        (lambda: models.rnet(pretrained=True), "rnet: pretrained weights are shipped for P-Net"),
        (lambda: models.astronaut("moon"), "astronaut: part must be one of .'face', 'photograph'"),
    ],
)
def test_refusals(make, sentence):
    with pytest.raises(ValueError, match=sentence):
        make()


def test_every_name_of_the_package_has_a_docstring_and_is_a_model_or_builds_one():
    assert set(models.__all__) <= set(dir(models))
    for name in models.__all__:
        assert getattr(models, name).__doc__
