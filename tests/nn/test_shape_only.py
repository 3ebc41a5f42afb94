"""Networks without values: they cost nothing, pass shapes, and refuse what would need values."""

import asyncio
import copy
import io
import pickle
import threading
import tracemalloc

import numpy as np
import pytest

import autograd
import nn
import optim
from autograd.hollow import hollow, is_hollow
from tests.nn import cases

NO_VALUES = "made under nn.shape_only.. and holds no values"


def big():
    """A layer of 411 MB."""
    with nn.shape_only():
        return nn.Linear(25088, 4096)


class TestWhatItCosts:
    def test_parameters_occupy_no_memory(self):
        tracemalloc.start()
        try:
            layer = big()
            assert tracemalloc.get_traced_memory()[1] < 100_000
        finally:
            tracemalloc.stop()
        assert layer.weight.numel() == 102_760_448
        assert layer.weight.payload.strides == (0, 0)

    def test_an_empty_batch_neither_copies_nor_transforms_weights(self):
        layer = big()
        x = autograd.zeros(0, 25088)
        tracemalloc.start()
        try:
            assert layer(x).shape == (0, 4096)
            assert tracemalloc.get_traced_memory()[1] < 100_000
        finally:
            tracemalloc.stop()

    @pytest.mark.filterwarnings("ignore:NLLLoss2d:FutureWarning")
    @pytest.mark.parametrize("case", cases.ALL, ids=str)
    def test_every_module_can_be_built(self, case):
        with nn.shape_only():
            module = case.make(nn)
        expected = case.make(nn).state_dict()
        state = module.state_dict()
        assert {name: (t.shape, t.dtype) for name, t in state.items()} == {
            name: (t.shape, t.dtype) for name, t in expected.items()
        }
        assert all(is_hollow(parameter.payload) for parameter in module.parameters())
        assert not any(is_hollow(buffer.payload) for buffer in module.buffers())
        assert repr(module) == repr(case.make(nn))

    def test_initialisers_draw_nothing(self):
        before = autograd.randn(3)
        autograd.manual_seed(0)
        expected = autograd.randn(3).tolist()
        autograd.manual_seed(0)
        with nn.shape_only():
            w = nn.Parameter(autograd.zeros(4, 4))
            for name in nn.init.__all__:
                if name.endswith("_"):
                    more = {"constant_": [1.0], "default_": [None], "sparse_": [0.5]}.get(name, [])
                    tensor = nn.Parameter(autograd.zeros(4, 4, 3)) if name == "dirac_" else w
                    getattr(nn.init, name)(tensor, *more)
                    assert is_hollow(tensor.payload)
            with autograd.no_grad():
                w.fill_(1)
                w[0] = 2.0
                w[w.numpy() > 0] = 3.0
                w.mul_(2)
        assert is_hollow(w.payload)
        assert autograd.randn(3).tolist() == expected != before.tolist()


class TestWhereItHolds:
    def test_nothing_is_hollow_outside_of_the_block(self):
        with nn.shape_only():
            pass
        assert not is_hollow(nn.Linear(2, 2).weight.payload)
        with pytest.raises(KeyError), nn.shape_only():
            raise KeyError
        assert not is_hollow(nn.Linear(2, 2).weight.payload)

    def test_another_thread_builds_real_layers(self):
        built = []
        with nn.shape_only():
            thread = threading.Thread(target=lambda: built.append(nn.Linear(2, 2)))
            thread.start()
            thread.join()
        assert not is_hollow(built[0].weight.payload)

    def test_another_task_builds_real_layers(self):
        async def hollow_one(ready, done):
            with nn.shape_only():
                ready.set()
                await done.wait()
                return nn.Linear(2, 2)

        async def real_one(ready, done):
            await ready.wait()
            layer = nn.Linear(2, 2)
            done.set()
            return layer

        async def both():
            ready, done = asyncio.Event(), asyncio.Event()
            return await asyncio.gather(hollow_one(ready, done), real_one(ready, done))

        layers = asyncio.run(both())
        assert [is_hollow(layer.weight.payload) for layer in layers] == [True, False]

    def test_a_part_that_is_replaced_has_values(self):
        with nn.shape_only():
            model = nn.Linear(2, 1)
        model.weight = nn.Parameter([[1.0, 2.0]])
        model.bias = nn.Parameter([3.0])
        assert model(autograd.tensor([1.0, 1.0])).tolist() == [6]


class TestWhatItRefuses:
    def test_a_batch_with_samples(self):
        layer = big()
        with pytest.raises(
            RuntimeError,
            match=r"Linear: the model was built under nn.shape_only\(\) and holds no values, so it "
            r"takes empty batches only, got an input of shape \(2, 25088\)",
        ):
            layer(autograd.zeros(2, 25088))

    def test_a_batch_given_by_name(self):
        layer = big()
        assert len(layer._forward_pre_hooks) == 1
        with pytest.raises(RuntimeError, match="takes empty batches only, got an input of shape"):
            layer(input=autograd.zeros(2, 25088))

    def test_a_batch_given_to_a_parameter_of_the_users_own_module(self):
        class Scale(nn.Module):
            def __init__(self):
                super().__init__()
                self.register_parameter("scale", nn.Parameter(autograd.ones(3)))

            def forward(self, x):
                return x * self.scale

        with nn.shape_only():
            model = nn.Sequential(Scale())
        assert model(autograd.zeros(0, 3)).shape == (0, 3)
        with pytest.raises(RuntimeError, match="Scale: the model was built under nn.shape_only"):
            model(autograd.zeros(1, 3))

    def test_what_is_computed_from_its_parameters_is_nan(self):
        assert np.isnan(big().bias.sum().item())

    def test_changes(self):
        layer = big()
        with autograd.no_grad():
            with pytest.raises(
                RuntimeError, match="mul_: a tensor of shape .4096,. was " + NO_VALUES
            ):
                layer.bias.mul_(2)
            with pytest.raises(RuntimeError, match=NO_VALUES):
                layer.bias[0] = 1.0
            with pytest.raises(RuntimeError, match=NO_VALUES):
                layer.bias[layer.bias.numpy() > 0] = 1.0
        with pytest.raises(RuntimeError, match=f"nn.init: .*{NO_VALUES}"):
            nn.init.zeros_(layer.weight)

    def test_loading(self):
        state = nn.Linear(2, 2).state_dict()
        with nn.shape_only():
            layer = nn.Linear(2, 2)
        sentence = (
            r"load_state_dict: Linear was built under nn.shape_only\(\) and holds no values to "
            "copy into; assign=True gives it those of the state dict"
        )
        with pytest.raises(RuntimeError, match=sentence):
            layer.load_state_dict(state)
        with pytest.raises(RuntimeError, match=NO_VALUES):
            nn.Linear(2, 2).load_state_dict(layer.state_dict())

    def test_training(self):
        with pytest.raises(RuntimeError, match=f"SGD: parameter 0: .*{NO_VALUES}"):
            optim.SGD(big().parameters(), lr=0.1)

    @pytest.mark.parametrize("keep", [False, True])
    def test_saving(self, keep):
        state = big().state_dict(keep_vars=keep)
        with pytest.raises(RuntimeError, match=f"save: weight: .*{NO_VALUES}"):
            autograd.save(state, io.BytesIO())
        with pytest.raises(RuntimeError, match=f"pickle: .*{NO_VALUES}"):
            pickle.dumps(state)


def test_assigning_a_state_dict_gives_it_values():
    real = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    x = autograd.randn(5, 3)
    real(x)
    with nn.shape_only():
        model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    assert model.load_state_dict(real.state_dict(), assign=True) == ([], [])
    expected = real.eval()(x).tolist()
    assert model.eval()(x).tolist() == expected
    assert model[0].weight.payload is real[0].weight.payload  # taken over, not copied
    optim.SGD(model.parameters(), lr=0.1)
    with nn.shape_only():
        half = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    part = {name: t for name, t in real.state_dict().items() if not name.startswith("2")}
    assert half.load_state_dict(part, strict=False, assign=True).missing_keys == [
        "2.weight",
        "2.bias",
    ]
    with pytest.raises(RuntimeError, match="Linear: the model was built under nn.shape_only"):
        half(x)


class TestWhatItKeeps:
    def test_it_prints_its_shape(self):
        layer = big()
        assert repr(layer) == "Linear(in_features=25088, out_features=4096, bias=True)"
        assert repr(layer.weight) == (
            "Parameter containing:\ntensor(..., size=(4096, 25088), dtype=float32, shape_only=True)"
        )

    def test_copies_and_conversions_stay_hollow(self):
        layer = copy.deepcopy(big()).double()
        assert layer.weight.shape == (4096, 25088) and layer.weight.dtype == np.float64
        for tensor in (layer.weight, *layer.state_dict().values()):
            assert is_hollow(tensor.payload) and is_hollow(copy.deepcopy(tensor).payload)
        with pytest.raises(RuntimeError, match="takes empty batches only"):
            layer(autograd.zeros(1, 25088, dtype=np.float64))

    def test_views_are_hollow(self):
        array = hollow((3, 4), np.float64)
        assert is_hollow(array.T) and is_hollow(array[1:]) and is_hollow(array[None])
        assert not is_hollow(array.copy()) and np.isnan(array).all()
        assert np.isnan(hollow((2,), np.float16)).all()
