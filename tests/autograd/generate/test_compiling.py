"""Functions written alike are compiled once, and each is a function of its own."""

import traceback

import pytest

import autograd
from autograd.generate import compiling


def scaled(name, factor):
    return compiling.make(name, ("x",), ["        return x * FACTOR"], {}, FACTOR=factor)


def test_one_text_is_compiled_once():
    double = scaled("double", 2)
    compiled = compiling._compiled.cache_info().misses
    triple = scaled("triple", 3)
    assert compiling._compiled.cache_info().misses == compiled
    assert (double(5), triple(5)) == (10, 15)


def test_functions_of_one_text_have_code_of_their_own():
    exp, sin = autograd.exp.__code__, autograd.sin.__code__
    assert exp.co_code == sin.co_code
    assert exp is not sin
    assert (exp.co_name, sin.co_name) == ("exp", "sin")


def test_a_traceback_names_the_function():
    halve = scaled("halve", None)
    with pytest.raises(TypeError) as error:
        halve(1)
    frame = traceback.extract_tb(error.value.__traceback__)[-1]
    assert (frame.filename, frame.name, frame.lineno) == ("<backlight halve>", "halve", 3)
