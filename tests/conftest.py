"""What every test stands on: one seed, no leaked state, and PyTorch where it is installed.

Comparisons with PyTorch take the ``torch`` fixture or bear ``@pytest.mark.torch``. Without PyTorch
they skip and say so; with ``BACKLIGHT_REQUIRE_TORCH=1`` (continuous integration) a missing PyTorch
ends the run instead, so that a green run has compared.
"""

import contextlib
import importlib
import importlib.util
import os
import random

import numpy as np
import pytest
import threadpoolctl  # noqa: F401 - sets KMP_DUPLICATE_LIB_OK: now, not in whichever test is first
from hypothesis import HealthCheck, settings

WITHOUT_TORCH = "PyTorch is not installed: pip install torch==2.13.0 adds the comparisons with it"
SEED = 20261121
# pytest names the running test; PyTorch's compiler, when it is first imported, sets the others.
SET_BY_LIBRARIES = {"PYTEST_CURRENT_TEST", "KMP_DUPLICATE_LIB_OK", "TORCHINDUCTOR_CACHE_DIR"}

# The same examples on every run and machine; the leak check below is a fixture of each function.
settings.register_profile(
    "backlight",
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("backlight")


def torch_is_installed():
    return importlib.util.find_spec("torch") is not None


def pytest_sessionstart(session):
    if os.environ.get("BACKLIGHT_REQUIRE_TORCH") == "1" and not torch_is_installed():
        pytest.exit(f"BACKLIGHT_REQUIRE_TORCH=1, but {WITHOUT_TORCH}", returncode=4)


def pytest_collection_modifyitems(items):
    if not torch_is_installed():
        skip = pytest.mark.skip(reason=WITHOUT_TORCH)
        for item in items:
            if item.get_closest_marker("torch"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def torch():
    """PyTorch on one thread (xdist has the cores), or a skip that says how to get it."""
    if not torch_is_installed():
        pytest.skip(WITHOUT_TORCH)
    module = importlib.import_module("torch")
    module.set_num_threads(1)
    return module


@pytest.fixture(autouse=True)
def seeded():
    """Start every test from the same random state, whatever ran before it in this process."""
    random.seed(SEED)
    np.random.seed(SEED)
    with contextlib.suppress(AttributeError):
        importlib.import_module("autograd").manual_seed(SEED)


def global_state():
    """Everything outside a test's own variables that its successors would notice."""
    state = {
        "NumPy's error handling": np.geterr(),
        "NumPy's print options": np.get_printoptions(),
        "the working directory": os.getcwd(),
        "the environment": {
            name: value for name, value in os.environ.items() if name not in SET_BY_LIBRARIES
        },
    }
    autograd = importlib.import_module("autograd")
    with contextlib.suppress(ImportError):
        state["the mode of autograd"] = repr(importlib.import_module("autograd.modes").MODE.get())
    with contextlib.suppress(ImportError):
        options = importlib.import_module("autograd.representation")._options
        state["how tensors print"] = repr(options)
    for name in ("get_default_dtype", "get_num_threads"):
        if hasattr(autograd, name):
            state[f"autograd.{name}()"] = getattr(autograd, name)()
    return state


@pytest.fixture(autouse=True)
def leaks_nothing(seeded):
    """Fail a test that leaves a mode, a default or the environment other than it found them."""
    before = global_state()
    yield
    after = global_state()
    changed = {name: (before[name], after[name]) for name in before if before[name] != after[name]}
    assert not changed, f"the test leaves behind (before, after): {changed}"
