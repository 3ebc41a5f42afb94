"""Random numbers: generators, distributions by their moments, filling in place, threads."""

import copy
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import autograd
from autograd.random import drawing_from

N = 20_000


def made(seed=5):
    return autograd.Generator().manual_seed(seed)


DRAWS = {  # name: (draw N numbers from a generator, mean, standard deviation, least, most)
    "rand": (lambda g: autograd.rand(N, generator=g), 0.5, 12**-0.5, 0, 1),
    "rand float16": (lambda g: autograd.rand(N, generator=g, dtype="float16"), 0.5, 12**-0.5, 0, 1),
    "rand_like": (lambda g: autograd.rand_like(autograd.ones(N), generator=g), 0.5, 12**-0.5, 0, 1),
    "randn": (lambda g: autograd.randn(N, generator=g), 0, 1, -9, 9),
    "randn float16": (lambda g: autograd.randn(N, generator=g, dtype="float16"), 0, 1, -9, 9),
    "randn_like": (lambda g: autograd.randn_like(autograd.ones(N), generator=g), 0, 1, -9, 9),
    "randint": (lambda g: autograd.randint(-2, 3, (N,), generator=g), 0, 2**0.5, -2, 2),
    "randint_like": (
        lambda g: autograd.randint_like(autograd.ones(N), 5, generator=g), 2, 2**0.5, 0, 4,
    ),
    "normal": (lambda g: autograd.normal(5, 2, (N,), generator=g), 5, 2, -15, 25),
    "normal of tensors": (
        lambda g: autograd.normal(
            autograd.full((N, 1), 5.0), autograd.full((1,), 2.0), generator=g
        ),
        5, 2, -15, 25,
    ),
    "normal of a mean": (
        lambda g: autograd.normal(autograd.full((N,), 5.0), 2.0, generator=g), 5, 2, -15, 25,
    ),
    "normal of a deviation": (
        lambda g: autograd.normal(5.0, autograd.full((N,), 2.0), generator=g), 5, 2, -15, 25,
    ),
    "bernoulli": (
        lambda g: autograd.bernoulli(autograd.full((N,), 0.3), generator=g), 0.3, 0.21**0.5, 0, 1,
    ),
    "bernoulli of p": (
        lambda g: autograd.bernoulli(autograd.zeros(N), 0.3, generator=g), 0.3, 0.21**0.5, 0, 1,
    ),
    "poisson": (lambda g: autograd.poisson(autograd.full((N,), 4.0), g), 4, 2, 0, 30),
    "multinomial": (
        lambda g: autograd.multinomial(autograd.tensor([1.0, 0, 3]), N, True, generator=g),
        1.5, 0.75**0.5, 0, 2,
    ),
    "uniform_": (lambda g: autograd.empty(N).uniform_(2, 4, generator=g), 3, 3**-0.5, 2, 4),
    "normal_": (lambda g: autograd.empty(N).normal_(5, 2, generator=g), 5, 2, -15, 25),
    "bernoulli_": (lambda g: autograd.ones(N).bernoulli_(0.3, generator=g), 0.3, 0.21**0.5, 0, 1),
    "bernoulli_ of a tensor": (
        lambda g: autograd.ones(N).bernoulli_(autograd.tensor([0.3]), generator=g),
        0.3, 0.21**0.5, 0, 1,
    ),
    "random_": (lambda g: autograd.empty(N).random_(5, generator=g), 2, 2**0.5, 0, 4),
    "random_ from": (lambda g: autograd.empty(N).random_(-2, 3, generator=g), 0, 2**0.5, -2, 2),
    "random_ bool": (
        lambda g: autograd.zeros(N, dtype=bool).random_(generator=g), 0.5, 0.5, 0, 1,
    ),
    "exponential_": (lambda g: autograd.empty(N).exponential_(2, generator=g), 0.5, 0.5, 0, 9),
    "log_normal_": (
        lambda g: autograd.empty(N).log_normal_(0, 0.5, generator=g).log(), 0, 0.5, -9, 9,
    ),
    "cauchy_": (
        lambda g: autograd.empty(N).cauchy_(3, 2, generator=g).sub(3).div(2).clamp(-1, 1).sign(),
        0, 1, -1, 1,
    ),
    "geometric_": (lambda g: autograd.empty(N).geometric_(0.5, generator=g), 2, 2**0.5, 1, 40),
}  # fmt: skip


@pytest.mark.parametrize("name", DRAWS)
def test_distributions_have_their_moments(name):
    draw, mean, deviation, least, most = DRAWS[name]
    drawn = draw(made()).numpy().astype(np.float64)
    assert drawn.size == N
    assert abs(drawn.mean() - mean) < 5 * deviation / N**0.5
    assert abs(drawn.std() - deviation) < 0.05 * deviation
    assert least <= drawn.min() and drawn.max() <= most


@pytest.mark.parametrize("name", DRAWS)
def test_draws_repeat_with_the_seed_and_the_state(name):
    draw = DRAWS[name][0]
    generator = made()
    first = draw(generator).numpy()
    state = generator.get_state()
    second = draw(generator).numpy()
    assert not np.array_equal(first, second)
    np.testing.assert_array_equal(draw(made()).numpy(), first)
    for again in (generator.set_state(state), copy.deepcopy(made().set_state(state))):
        np.testing.assert_array_equal(draw(again).numpy(), second)
    autograd.manual_seed(5)
    np.testing.assert_array_equal(draw(None).numpy(), first)


@pytest.mark.parametrize("name", DRAWS)
def test_draws_take_numpys_generator_and_nothing_else(name):
    draw = DRAWS[name][0]
    np.testing.assert_array_equal(draw(np.random.default_rng(5)).numpy(), draw(made()).numpy())
    with pytest.raises(TypeError, match="expected generator to be a Generator, got int"):
        draw(3)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_uniform_numbers_never_reach_their_end(dtype):
    class Highest:
        """Draws the largest number below 1 that NumPy can."""

        def random(self, shape, kind):
            return np.full(
                shape, np.nextafter(kind(1) if isinstance(kind, type) else kind.type(1), 0)
            )

    from autograd.draws import draw_uniform
    from autograd.ops import filling

    drawn = draw_uniform(Highest(), (3,), np.dtype(dtype))
    assert drawn.dtype == dtype and np.all(drawn < 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(filling, "numpy_generator", lambda *_: Highest())
        x = autograd.zeros(2, dtype=dtype).uniform_(100, 101)
        assert np.all(x.numpy() < 101)
        assert autograd.zeros(2, dtype=dtype).uniform_(1, 1).tolist() == [1, 1]


def test_samples_without_replacement_are_distinct_and_weighted():
    weights = autograd.tensor([[1.0, 2, 0, 5], [0, 1, 1, 0]])
    generator = made()
    draws = [autograd.multinomial(weights, 2, generator=generator) for _ in range(4000)]
    drawn = autograd.stack(draws).numpy()
    assert drawn.dtype == np.int64 and drawn.shape == (4000, 2, 2)
    assert np.all(drawn[..., 0] != drawn[..., 1])
    np.testing.assert_allclose(
        np.bincount(drawn[:, 0, 0], minlength=4) / 4000, [1 / 8, 2 / 8, 0, 5 / 8], atol=0.03
    )
    assert set(drawn[:, 1].ravel()) == {1, 2}
    few = autograd.multinomial(autograd.tensor([1.0, 0.0]), 2, generator=generator)
    assert few.tolist() == [0, 1]


MISUSE = [
    (lambda f: f.rand(-1), "rand: expected lengths of 0 or more, got"),
    (lambda f: f.rand(), "rand: expected a size"),
    (lambda f: f.rand(3, dtype=f.int64), "rand: expected a floating-point dtype, got int64"),
    (lambda f: f.randn(3, dtype=f.int64), "randn: expected a floating-point dtype, got int64"),
    (lambda f: f.rand(3, generator=3), "rand: expected generator to be a Generator, got int"),
    (lambda f: f.rand_like(f.arange(3)), "rand_like: expected a floating-point dtype"),
    (lambda f: f.randn_like(f.arange(3)), "randn_like: expected a floating-point dtype"),
    (lambda f: f.rand_like([1.0]), "rand_like: expected a Tensor, got list"),
    (lambda f: f.randint(5, 2, (3,)), "randint: there is no integer in .5, 2."),
    (lambda f: f.randint(0, (3,)), "randint: there is no integer in .0, 0."),
    (lambda f: f.randint(2.5, (3,)), "randint: expected integer bounds and a size"),
    (lambda f: f.randint(5), "randint: expected integer bounds and a size"),
    (lambda f: f.randint(5, (3,), requires_grad=True), "only floating-point tensors can"),
    (lambda f: f.randint(0, 300, (3,), dtype=f.uint8), "randint: .0, 300. does not fit in uint8"),
    (lambda f: f.randint(-1, 3, (3,), dtype=f.uint8), "randint: .-1, 3. does not fit in uint8"),
    (lambda f: f.randint(0, 3, (3,), dtype=f.bool), "randint: .0, 3. does not fit in bool"),
    (lambda f: f.randint_like(f.ones(2), 5, 2), "randint_like: there is no integer in"),
    (lambda f: f.randperm(-1), "randperm: expected lengths of 0 or more"),
    (lambda f: f.randperm(300, dtype=f.uint8), "randperm: 299 does not fit in uint8"),
    (lambda f: f.normal(0.0, 1.0), "normal: expected a size"),
    (
        lambda f: f.normal(0.0, -1.0, (2,)),
        "normal: expected standard deviations of 0 or more, got -1",
    ),
    (lambda f: f.normal(f.ones(2), -f.ones(2)), "normal: expected standard deviations of 0"),
    (lambda f: f.normal(f.ones(2), f.ones(3)), "normal: shapes .2,. and .3,. do not broadcast"),
    (lambda f: f.normal(f.arange(2), 1.0), "normal: expected a floating-point dtype"),
    (lambda f: f.normal(f.ones(2), 1.0, (2,)), "normal: size is for two numbers"),
    (
        lambda f: f.bernoulli(2 * f.ones(2)),
        "bernoulli: expected probabilities from 0 to 1, got 2.0 to 2.0",
    ),
    (lambda f: f.bernoulli(f.tensor(float("nan"))), "bernoulli: expected probabilities"),
    (lambda f: f.bernoulli(f.arange(2)), "bernoulli: expected a floating-point dtype"),
    (lambda f: f.bernoulli(f.ones(2), 1.5), "bernoulli: expected probabilities"),
    (lambda f: f.bernoulli(0.5), "bernoulli: expected a Tensor, got float"),
    (lambda f: f.multinomial(f.ones(5), 6), "multinomial: cannot draw 6 samples of 5 places"),
    (lambda f: f.multinomial(f.ones(5), 0), "multinomial: cannot draw 0 samples"),
    (
        lambda f: f.multinomial(-f.ones(5), 2),
        "multinomial: expected finite weights of 0 or more, got some from -1.0",
    ),
    (lambda f: f.multinomial(f.zeros(3), 2), "multinomial: expected a weight above 0"),
    (lambda f: f.multinomial(f.zeros(3), 2, True), "multinomial: expected a weight above 0"),
    (lambda f: f.multinomial(f.arange(3), 2), "multinomial: expected a floating-point dtype"),
    (lambda f: f.multinomial(f.ones(2, 2, 2), 1), "multinomial: expected a vector or a matrix"),
    (lambda f: f.multinomial(f.tensor(1.0), 1), "multinomial: expected a vector or a matrix"),
    (lambda f: f.multinomial(f.tensor([1, float("inf")]), 1), "multinomial: expected finite"),
    (lambda f: f.poisson(-f.ones(2)), "poisson: expected rates of 0 or more"),
    (lambda f: f.poisson(f.arange(2)), "poisson: expected a floating-point dtype"),
    (lambda f: f.zeros(3).uniform_(2, 1), "uniform_: expected low <= high, got 2 and 1"),
    (lambda f: f.arange(3).uniform_(), "uniform_: expected a floating-point dtype"),
    (lambda f: f.zeros(3).normal_(0, -1), "normal_: expected a standard deviation of 0 or more"),
    (lambda f: f.arange(3).normal_(), "normal_: expected a floating-point dtype"),
    (lambda f: f.zeros(3).bernoulli_(2), "bernoulli_: expected probabilities"),
    (lambda f: f.zeros(3).random_(5, 2), "random_: there is no integer in"),
    (lambda f: f.zeros(3).random_(0), "random_: there is no integer in"),
    (lambda f: f.zeros(3, dtype=f.uint8).random_(0, 300), "random_: .* does not fit in uint8"),
    (lambda f: f.zeros(3).exponential_(0), "exponential_: expected a rate above 0"),
    (lambda f: f.arange(3).exponential_(), "exponential_: expected a floating-point dtype"),
    (lambda f: f.zeros(3).log_normal_(0, 0), "log_normal_: expected a standard deviation above"),
    (lambda f: f.zeros(3).cauchy_(0, 0), "cauchy_: expected a width above 0"),
    (lambda f: f.zeros(3).geometric_(1.5), "geometric_: expected a probability between"),
    (lambda f: f.zeros(1).expand(3).uniform_(), "uniform_: several elements of an expanded view"),
    (lambda f: f.ones(2, requires_grad=True).normal_(), "normal_: a leaf that requires grad"),
    (lambda f: f.Generator().manual_seed("a"), "manual_seed: expected an integer, got str"),
    (lambda f: f.Generator().manual_seed(1.5), "manual_seed: expected an integer, got float"),
    (lambda f: f.Generator().manual_seed(2**64), "manual_seed: expected a seed of 64 bits"),
    (lambda f: f.Generator().set_state(f.zeros(3)), "set_state: expected a tensor of uint8"),
    (
        lambda f: f.Generator().set_state(f.zeros(3, dtype=f.uint8)),
        "set_state: expected 45 bytes, got 3",
    ),
    (lambda f: f.Generator("cuda"), "Generator: there is no device but the CPU"),
]


@pytest.mark.parametrize(("call", "message"), MISUSE, ids=[m[:40] for _, m in MISUSE])
def test_misuse_raises_what_torch_raises_and_names_the_function(call, message, torch):
    with pytest.raises(Exception) as theirs:  # noqa: B017 - whichever PyTorch chose
        call(torch)
    with pytest.raises(theirs.type, match=message):
        call(autograd)


KINDS = {
    "randint": lambda f: f.randint(5, (3,)),
    "randint float": lambda f: f.randint(0, 5, (2, 2), dtype=f.float16),
    "randint bool": lambda f: f.randint(0, 2, (3,), dtype=f.bool),
    "randint 0-d": lambda f: f.randint(5, ()),
    "randint by name": lambda f: f.randint(high=5, size=(2,)),
    "randint_like": lambda f: f.randint_like(f.ones(2, 3), 2, 5),
    "randperm": lambda f: f.randperm(4),
    "randperm empty": lambda f: f.randperm(0, dtype=f.float32),
    "rand 0-d": lambda f: f.rand(()),
    "rand empty": lambda f: f.rand(2, 0, dtype=f.float64),
    "rand_like": lambda f: f.rand_like(f.arange(3), dtype=f.float64),
    "randn_like": lambda f: f.randn_like(f.ones(2, 3, dtype=f.float64)),
    "normal mixed": lambda f: f.normal(f.ones(2, 1), f.ones(3, dtype=f.float64)),
    "normal dtype": lambda f: f.normal(0.0, 1.0, (2,), dtype=f.float64),
    "normal mean only": lambda f: f.normal(f.ones(2, dtype=f.float16)),
    "bernoulli 0-d": lambda f: f.bernoulli(f.tensor(0.5)),
    "bernoulli integers": lambda f: f.bernoulli(f.arange(3), 0.5),
    "multinomial rows": lambda f: f.multinomial(f.ones(2, 3, dtype=f.float64), 2),
    "multinomial of no row": lambda f: f.multinomial(f.ones(0, 3), 1),
    "multinomial of no row again": lambda f: f.multinomial(f.ones(0, 3), 2, True),
    "poisson": lambda f: f.poisson(f.ones(2, 2)),
    "bernoulli_ integers": lambda f: f.zeros(3, dtype=f.int64).bernoulli_(0.5),
    "random_": lambda f: f.zeros(3, dtype=f.int8).random_(),
    "requires_grad": lambda f: f.rand(2, requires_grad=True),
}


@pytest.mark.parametrize("name", KINDS)
def test_shapes_and_dtypes_are_those_of_torch(name, torch):
    ours, theirs = KINDS[name](autograd), KINDS[name](torch)
    assert (ours.shape, str(ours.dtype)) == (tuple(theirs.shape), str(theirs.dtype)[6:])
    assert ours.requires_grad == theirs.requires_grad


def test_seeds_are_those_of_torch(torch):
    for library in (autograd, torch):
        generator = library.Generator()
        assert generator.initial_seed() == 67280421310721
        assert generator.manual_seed(-1).initial_seed() == 2**64 - 1
        assert generator.seed() == generator.initial_seed()
        assert generator.get_state().dtype == library.uint8
    assert autograd.manual_seed(3) is autograd.default_generator
    assert autograd.initial_seed() == 3
    assert autograd.seed() == autograd.initial_seed()
    assert repr(made(4)) == "Generator(device='cpu', initial_seed=4)"
    assert made(4).device == "cpu"


def test_a_cloned_state_goes_on_alone():
    generator = made()
    autograd.randint(9, (3,), generator=generator, dtype=np.int32)  # half of 64 bits is left over
    twin = generator.clone_state()
    first = autograd.randint(9, (30,), generator=generator, dtype=np.int32)
    assert first.tolist() == autograd.randint(9, (30,), generator=twin, dtype=np.int32).tolist()


def test_filling_forgets_what_was_there():
    x = autograd.ones(3, requires_grad=True)
    y = x * 2
    y[:2].normal_()
    (y * y).sum().backward()
    assert x.grad.tolist() == [0, 0, 8]
    with autograd.no_grad():
        x.uniform_(5, 6)
    assert x.requires_grad and x.min().item() >= 5


def test_threads_may_share_a_generator():
    generator, drawn, start = made(), [None] * 16, threading.Barrier(16)

    def work(i):
        start.wait()
        parts = []
        for _ in range(50):
            parts.append(autograd.rand(64, dtype=np.float64, generator=generator).numpy())
            generator.set_state(generator.get_state().clone()) if i == 0 else generator.get_state()
            autograd.randint(9, (3,), generator=generator)
            autograd.randperm(5, generator=generator)
        drawn[i] = np.concatenate(parts)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    values = np.concatenate(drawn)
    assert values.min() >= 0 and values.max() < 1
    assert abs(values.mean() - 0.5) < 0.01


def test_threads_that_only_draw_get_different_numbers():
    generator, drawn = made(), [None] * 16

    def work(i):
        drawn[i] = [autograd.rand(7, dtype=np.float64, generator=generator) for _ in range(100)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    values = np.concatenate([part.numpy() for parts in drawn for part in parts])
    expected = autograd.rand(16 * 700, dtype=np.float64, generator=made()).numpy()
    np.testing.assert_array_equal(np.sort(values), np.sort(expected))


def test_generators_can_be_pickled():
    code = (
        "import autograd, pickle; g = autograd.Generator(); autograd.rand(3, generator=g);"
        "h = pickle.loads(pickle.dumps(g));"
        "assert (autograd.rand(9, generator=g) == autograd.rand(9, generator=h)).all()"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_importing_does_not_import_numpys_random():
    code = "import sys, autograd; sys.exit('numpy.random' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_something_else_can_stand_in_for_the_default_generator():
    outside = autograd.get_rng_state()
    inner, outer = np.random.default_rng(1), np.random.default_rng(2)
    with drawing_from(lambda: outer):
        with drawing_from(lambda: inner):
            drawn = autograd.rand(3), autograd.zeros(3).normal_()
            own = autograd.rand(3, generator=autograd.Generator().manual_seed(5))
        after = autograd.rand(2)
        with ThreadPoolExecutor(1) as pool:  # another thread draws from the default generator
            elsewhere = pool.submit(autograd.rand, 2).result()
    again = np.random.default_rng(1)
    assert drawn[0].tolist() == again.random(3, np.float32).tolist()
    assert drawn[1].tolist() == again.standard_normal(3, np.float32).tolist()
    assert own.tolist() == autograd.rand(3, generator=autograd.Generator().manual_seed(5)).tolist()
    assert after.tolist() == np.random.default_rng(2).random(2, np.float32).tolist()
    autograd.set_rng_state(outside)
    assert autograd.rand(2).tolist() == elsewhere.tolist()
