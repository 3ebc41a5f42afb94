"""Layers in threads: the same bits for any number of them, and nothing left behind.

The inputs are large enough for each kernel to cut them into several blocks.
"""

import os
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import autograd
import nn

WORDS = np.random.default_rng(0).integers(0, 500, (16, 50))
CLASSES = np.arange(512) % 100

# Name, arguments, keywords, and the shape of the input, or the input itself.
LAYERS = [
    ("Linear", (256, 128), {}, (512, 256)),
    ("Linear", (784, 256), {}, (128, 784)),
    ("Conv1d", (16, 32, 5), {"padding": 2}, (16, 16, 512)),
    ("Conv2d", (32, 32, 3), {"padding": 1}, (16, 32, 24, 24)),
    ("Conv2d", (32, 32, 3), {"padding": 1, "stride": 2}, (16, 32, 24, 24)),
    ("Conv2d", (32, 64, 1), {}, (16, 32, 24, 24)),
    ("Conv2d", (3, 16, 5), {"padding": 2}, (32, 3, 24, 24)),
    ("Conv2d", (32, 32, 3), {"padding": 1, "groups": 4}, (16, 32, 24, 24)),
    ("Conv2d", (96, 96, 3), {"padding": 1, "groups": 4}, (16, 96, 24, 24)),
    ("Conv2d", (64, 64, 1), {}, (16, 64, 32, 32)),
    ("Conv2d", (32, 32, 3), {"padding": 1, "groups": 32}, (16, 32, 24, 24)),
    ("Conv2d", (16, 16, 3), {"padding": 2, "dilation": 2}, (16, 16, 24, 24)),
    ("Conv3d", (4, 8, 3), {"padding": 1}, (4, 4, 12, 16, 16)),
    ("ConvTranspose2d", (16, 16, 3), {"stride": 2, "output_padding": 1}, (16, 16, 16, 16)),
    ("MaxPool1d", (2,), {}, (32, 64, 512)),
    ("MaxPool2d", (2,), {}, (32, 32, 32, 32)),
    ("MaxPool2d", (3,), {"stride": 2, "padding": 1}, (32, 32, 32, 32)),
    ("MaxPool3d", (2,), {}, (16, 16, 16, 16, 16)),
    ("AvgPool2d", (2,), {}, (32, 32, 32, 32)),
    ("AvgPool2d", (3,), {"stride": 2, "padding": 1}, (32, 32, 32, 32)),
    ("AdaptiveAvgPool2d", (7,), {}, (32, 32, 32, 32)),
    ("AdaptiveMaxPool2d", (7,), {}, (32, 32, 32, 32)),
    ("Upsample", (), {"scale_factor": 2, "mode": "bilinear"}, (16, 16, 24, 24)),
    ("BatchNorm1d", (256,), {}, (4096, 256)),
    ("BatchNorm2d", (32,), {}, (32, 32, 32, 32)),
    ("LayerNorm", (512,), {}, (1024, 512)),
    ("GroupNorm", (4, 32), {}, (16, 32, 32, 32)),
    ("InstanceNorm2d", (32,), {"affine": True}, (16, 32, 32, 32)),
    ("RMSNorm", (512,), {}, (1024, 512)),
    ("LocalResponseNorm", (5,), {}, (32, 32, 32, 32)),
    ("Dropout", (0.3,), {}, (1024, 512)),
    ("Dropout2d", (0.3,), {}, (16, 32, 32, 32)),
    ("ReLU", (), {}, (1024, 512)),
    ("GELU", (), {}, (1024, 512)),
    ("Softmax", (-1,), {}, (1024, 512)),
    ("LogSoftmax", (1,), {}, (1024, 512)),
    ("Embedding", (500, 128), {}, WORDS),
    ("LSTM", (64, 64), {"batch_first": True}, (32, 50, 64)),
    ("GRU", (64, 64), {"batch_first": True}, (32, 50, 64)),
    ("TransformerEncoderLayer", (64, 4), {"batch_first": True, "dropout": 0.1}, (16, 50, 64)),
]


@pytest.fixture
def threads():
    """Set the number of threads; it is put back afterwards."""
    before = autograd.get_num_threads()
    yield autograd.set_num_threads
    autograd.set_num_threads(before)


def trained_step(layer, given):
    """Return the bytes of output, gradients and buffers of one forward and backward."""
    autograd.manual_seed(5)
    x = autograd.tensor(given, requires_grad=given.dtype.kind == "f")
    out = layer(x)
    out = out[0] if isinstance(out, tuple) else out
    layer.zero_grad()
    upstream = np.random.default_rng(1).standard_normal(out.shape).astype(np.float32)
    out.backward(autograd.tensor(upstream))
    found = {"output": out.detach().numpy().tobytes()}
    if x.requires_grad:
        found["input"] = x.grad.numpy().tobytes()
    found |= {name: p.grad.numpy().tobytes() for name, p in layer.named_parameters()}
    return found | {name: b.numpy().tobytes() for name, b in layer.named_buffers()}


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "given"),
    LAYERS,
    ids=[f"{name}{args}{kwargs or ''}" for name, args, kwargs, _ in LAYERS],
)
def test_one_two_and_three_threads_give_the_same_bits(threads, name, args, kwargs, given):
    if isinstance(given, tuple):
        given = np.random.default_rng(0).standard_normal(given).astype(np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        autograd.manual_seed(3)
        results.append(trained_step(getattr(nn, name)(*args, **kwargs), given))
    for key, value in results[0].items():
        assert results[1][key] == value, f"{key} on two threads"
        assert results[2][key] == value, f"{key} on three threads"


def network():
    autograd.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(32, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 6 * 6, 10),
    )


def test_cross_entropy_is_the_same_on_any_number_of_threads(threads):
    scores = np.random.default_rng(0).standard_normal((512, 100)).astype(np.float32)
    results = []
    for number in (1, 2, 3):
        threads(number)
        x = autograd.tensor(scores, requires_grad=True)
        loss = nn.functional.cross_entropy(x, autograd.tensor(CLASSES), label_smoothing=0.1)
        loss.backward()
        results.append((loss.item(), x.grad.numpy().tobytes()))
    assert results[0] == results[1] == results[2]


def blas_threads():
    return [
        b.get_num_threads() for b in ThreadpoolController().select(user_api="blas").lib_controllers
    ]


MAKING = threading.Lock()  # the seed is shared, so models are made one after the other


def gradients(images):
    """Train for one step; return the loss and all gradients, as bytes."""
    with MAKING:
        model = network()
    labels = autograd.tensor(CLASSES[: len(images)] % 10)
    loss = nn.functional.cross_entropy(model(autograd.tensor(images)), labels)
    loss.backward()
    return [loss.item()] + [p.grad.numpy().tobytes() for p in model.parameters()]


def test_four_threads_train_at_once_as_one_alone(threads):
    """Overlapping kernels, and one of them failing, leave results and BLAS as they were."""
    threads(2)
    before = blas_threads()
    images = np.random.default_rng(0).standard_normal((16, 3, 24, 24)).astype(np.float32)
    expected = gradients(images)
    begin, results, failures = threading.Barrier(4, timeout=60), [], []

    def train(number):
        begin.wait()
        for turn in range(3):
            if turn == number:
                try:
                    nn.functional.conv2d(autograd.ones(16, 3, 24, 24), autograd.ones(8, 4, 3, 3))
                except ValueError as error:
                    failures.append(str(error))
            results.append(gradients(images))

    workers = [threading.Thread(target=train, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert not any(worker.is_alive() for worker in workers)
    assert len(results) == 12 and all(result == expected for result in results)
    assert len(failures) == 3 and "expects 4 input channels" in failures[0]
    assert blas_threads() == before


def test_kernels_honour_the_callers_errstate(threads):
    """Also in the blocks that other threads run."""
    threads(2)
    huge = autograd.full((16, 32, 32, 32), 3e38)
    layers = [nn.Conv2d(32, 32, 1), nn.AvgPool2d(2), nn.BatchNorm2d(32)]
    for layer in layers:
        with np.errstate(over="raise", invalid="raise"), pytest.raises(FloatingPointError):
            layer(huge)
        with np.errstate(all="ignore"):
            assert not np.isfinite(layer(huge).detach().numpy()).all()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_trains_and_its_parent_goes_on():
    program = """
        import os, warnings
        import numpy as np
        warnings.simplefilter("ignore", DeprecationWarning)  # fork in a process with threads
        import autograd
        from tests.nn.test_threads import blas_threads, gradients
        autograd.set_num_threads(2)
        images = np.random.default_rng(0).standard_normal((16, 3, 24, 24)).astype(np.float32)
        expected = gradients(images)
        child = os.fork()
        if child == 0:
            same = gradients(images) == expected and set(blas_threads()) == {2}
            os._exit(7 if same else 8)
        assert gradients(images) == expected
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    """
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, env=environment, timeout=120
    )
