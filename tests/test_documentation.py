"""Every public name of autograd and nn says what it computes, whence, and shows it in a doctest.

A method or property that needs no page of its own is shown by an example of its class, whose
source is its own.  Aliases (``multiply`` and ``mul``) are one thing and count once.
"""

import doctest
import importlib
import inspect
import pkgutil
import re
import types

import pytest

import autograd
import nn
from autograd import functional, gradient_checking, linalg, special

FACES = {"": autograd, "linalg.": linalg, "special.": special, "functional.": functional}
FACES["gradient_checking."] = gradient_checking
FACES |= {"nn.": nn, "nn.functional.": nn.functional, "nn.init.": nn.init, "nn.utils.": nn.utils}

# Backlight's own, which nobody else has: no source to name.
OURS = """
    ForwardStep Leaf Op Step elementwise structural inspect step_study steps ties
    linalg.LinAlgError gradient_checking.GradcheckReport gradient_checking.Kink
    gradient_checking.StepStudy gradient_checking.StepStudy.best
    gradient_checking.relative_error
""".split()

# Functions of the rooms of operations whose result has the operands' shape, or is one number or no
# tensor; the others are found by their rows.
ELEMENTWISE = """
    add sub div addcmul addcdiv true_divide pow float_power positive logit polygamma round clamp
    clamp_max clamp_min
    Tensor.polygamma maximum minimum nan_to_num where isclose allclose equal broadcast_shapes
    celu hardshrink rrelu selu threshold gcd lcm frexp ldexp heaviside isreal detach
    real conj conj_physical resolve_conj resolve_neg
""".split()


# What every layer has, and says in its own docstring.
OF_EVERY_LAYER = {"forward", "extra_repr", "reset_parameters"}


def is_ours(thing):
    return getattr(thing, "__module__", "").partition(".")[0] in ("autograd", "nn")


def members(owner):
    """Return the public methods and properties that a class and its bases define."""
    for base in owner.__mro__:
        if is_ours(base):
            layer = issubclass(base, nn.Module)
            for name, member in vars(base).items():
                if layer and name in OF_EVERY_LAYER:
                    continue
                member = getattr(member, "__func__", member)
                if not name.startswith("_") and isinstance(member, (property, types.FunctionType)):
                    yield base, name, member


def public():
    """Return name -> (what it names, the class that defines it), each thing under one name."""
    found, seen = {}, set()
    for prefix, face in FACES.items():
        for name in face.__all__:
            thing = getattr(face, name)
            if not callable(thing) or not is_ours(thing) or id(thing) in seen:
                continue
            seen.add(id(thing))
            found[prefix + name] = thing, None
    for owner_name, (owner, _) in list(found.items()):
        if inspect.isclass(owner):
            for base, name, member in members(owner):
                if id(member) not in seen:
                    seen.add(id(member))
                    found[f"{owner_name}.{name}"] = member, base
    return found


PUBLIC = public()


def doc(name):
    return PUBLIC[name][0].__doc__ or ""


@pytest.fixture(scope="module")
def collected():
    """The docstrings that ``pytest --doctest-modules`` runs."""
    finder = doctest.DocTestFinder()
    modules = [autograd, nn]
    for package in (autograd, nn):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".make"):  # a script
                modules.append(importlib.import_module(module.name))
    tests = [test for module in modules for test in finder.find(module, module.__name__)]
    return {test.docstring for test in tests if test.examples}


def examples(docstring):
    return " ".join(example.source for example in doctest.DocTestParser().get_examples(docstring))


def of_class(owner, pattern):
    """Tell whether the class that defines a member says what its own docstring does not."""
    return owner is not None and re.search(pattern, owner.__doc__ or "") is not None


def missing(check):
    return [name for name, (thing, owner) in PUBLIC.items() if not check(name, thing, owner)]


def test_the_first_line_says_what_it_is():
    assert len(PUBLIC) > 500

    def says(name, thing, owner):
        first, *rest = (inspect.getdoc(thing) or "").splitlines() or [""]
        return 3 <= len(first.split()) and first.endswith(".") and (not rest or not rest[0])

    assert missing(says) == []


def test_an_example_runs(collected):
    def shown(name, thing, owner):
        if examples(thing.__doc__ or ""):
            return thing.__doc__ in collected
        if owner is None or owner.__doc__ not in collected:
            return False
        return re.search(rf"\b{name.rpartition('.')[2]}\b", examples(owner.__doc__)) is not None

    assert missing(shown) == []


@pytest.mark.parametrize("name", [name for name in PUBLIC if "+SKIP" in doc(name)])
def test_an_example_that_needs_scipy_runs_where_it_is(name):
    pytest.importorskip("scipy")
    source = re.sub(r" *# doctest: \+SKIP", "", doc(name))
    test = doctest.DocTestParser().get_doctest(source, {}, name, None, 0)
    flags = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS
    assert doctest.DocTestRunner(optionflags=flags).run(test).failed == 0


def test_the_source_is_named():
    def named(name, thing, owner):
        ours = name in OURS or name.rpartition(".")[0] in OURS
        return ours or "Source: " in (thing.__doc__ or "") or of_class(owner, "Source: ")

    assert missing(named) == []


def test_shapes_are_given_where_they_change():
    def given(name, thing, owner):
        if not thing_is_operation(thing) or name in ELEMENTWISE:
            return True
        row = getattr(thing, "row", None)
        return (row is not None and row.elementwise) or "Shapes" in (thing.__doc__ or "")

    def thing_is_operation(thing):
        room = getattr(thing, "__module__", "")
        in_place = getattr(thing, "__name__", "").endswith("_")
        here = room.startswith(("autograd.ops.", "autograd.functional."))
        return inspect.isfunction(thing) and here and not in_place

    assert missing(given) == []
    stale = [name for name in ELEMENTWISE if "Shapes" in PUBLIC[name][0].__doc__]
    assert stale == []


CANNOT_FAIL = [
    f"Tensor.{name}" for name in "half float double char short int long byte bool".split()
]


def raises(function):
    """Tell whether a function, or a helper that it calls, has a ``raise`` of its own."""
    function = inspect.unwrap(function)
    code = inspect.getsource(function)
    called = map(function.__globals__.get, re.findall(r"\b([A-Za-z_]\w*)\(", code))
    helpers = [f for f in called if inspect.isfunction(f) and is_ours(f) and not hasattr(f, "row")]
    helpers = [f for f in helpers if f.__name__ != "refuse_out"]  # which nearly all of them call
    sources = [code, *map(inspect.getsource, helpers)]
    return any(re.search(r"^\s+raise \w", source, re.M) for source in sources)


def test_errors_are_listed_by_who_raises_them():
    def listed(name, thing, owner):
        checked = inspect.isfunction(thing) and name not in CANNOT_FAIL
        return not (checked and raises(thing)) or "Raises" in (thing.__doc__ or "")

    assert missing(listed) == []


def test_a_changed_docstring_is_missed(monkeypatch):
    """The checks above see what they look for: without its docstring a function is found."""
    function = PUBLIC["repeat_interleave"][0]
    monkeypatch.setattr(function, "__doc__", "Reverse.")
    for check in (
        test_the_first_line_says_what_it_is,
        test_the_source_is_named,
        test_shapes_are_given_where_they_change,
        test_errors_are_listed_by_who_raises_them,
    ):
        with pytest.raises(AssertionError, match="repeat_interleave"):
            check()
