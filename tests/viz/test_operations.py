"""Every differentiable operation of the table can be drawn and stepped through, in each state."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

import autograd
import viz
from tests.autograd.cases import CASES
from tests.autograd.test_operations import drawn, examples_of, generator, tensors_of

DIFFERENTIABLE = [case for case in CASES if case.differentiable]
ELEMENTWISE = [case for case in DIFFERENTIABLE if case.elementwise]
ENGINE = "layered"  # starts no program
HOSTILE = "<b>&'\"]]>"


def tensors_in(z):
    """The outputs of a call that carry a gradient."""
    if isinstance(z, list | tuple):
        return [t for part in z for t in tensors_in(part)]
    return [z] if isinstance(z, autograd.Tensor) and z.requires_grad else []


def loss_of(case, example):
    arrays = drawn(case, example.shapes, generator(str(case), str(example)))
    operands = tensors_of(arrays)
    outputs = tensors_in(case(*operands, **example.attributes))
    return sum((output * output).sum() for output in outputs), operands


def two_examples(case):
    """The first and the largest: shapes that are drawn as cells, and as prints if there are any."""
    examples = examples_of(case)
    largest = max(examples, key=lambda e: (sum(map(np.prod, e.shapes)), len(e.attributes)))
    return list({id(e): e for e in (examples[0], largest)}.values())


def check_gradients(picture, operands):
    """A card shows each leaf's gradient as backward computed it."""
    shown = [n for n in picture.scene.nodes if not n.op and n.rows]
    held = [x for x in operands if x.requires_grad and x.grad is not None]
    for node in shown:
        assert node.gradient is not None
        assert any(
            x.shape == np.shape(node.gradient)
            and np.allclose(x.grad.payload, node.gradient, equal_nan=True)
            for x in held
        )


@pytest.mark.parametrize("case", DIFFERENTIABLE, ids=str)
def test_an_operation_is_drawn_before_and_after_backward_and_under_create_graph(case):
    for example in two_examples(case):
        loss, operands = loss_of(case, example)
        before = viz.graph(loss, names={HOSTILE: operands[0]}, engine=ENGINE)
        assert all(x.grad is None for x in operands)
        steps = viz.backprop(loss, engine=ENGINE)
        contributions = [f for f in steps if f.phase == "backward"]
        assert len(contributions) >= 2 and len(steps.data["frames"]) == len(steps)
        assert all("Parts" not in f.text and "array(" not in f.text for f in steps)

        loss.backward(retain_graph=True)
        check_gradients(before, operands)
        after = viz.graph(loss, names={HOSTILE: operands[0]}, engine=ENGINE)
        assert {n.id: n.gradient_state for n in after.scene.nodes} == {
            n.id: n.gradient_state for n in before.scene.nodes
        }
        (wanted,) = [x for x in operands if x.requires_grad][:1]
        (slope,) = autograd.grad(loss, wanted, create_graph=True)
        if slope.requires_grad:
            second = viz.graph(slope.sum(), max_nodes=30, engine=ENGINE)
            assert second.data["nodes"] and second.text()

    svg = before.svg()
    root = ElementTree.fromstring(svg)
    assert not [e for e in root.iter() if e.tag.endswith("}b")] and "Parts(" not in svg
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    assert "array(" not in before.text() + svg


@pytest.mark.parametrize("case", ELEMENTWISE, ids=str)
def test_the_local_derivative_of_numbers_is_the_numeric_one(case):
    shapes = ((),) * len(case.domains)
    arrays = drawn(case, shapes, generator(str(case), "scalar"))
    operands = tensors_of(arrays)
    z = case(*operands)
    named = {f"v{i}": x for i, x in enumerate(operands) if x.requires_grad}
    scene = viz.graph(z, names=named, view="names", engine=ENGINE).scene
    result = scene.node(scene.root)
    labelled = {port.label: port for port in result.ports if port.edge}
    if set(labelled) != set(named):  # made of several cards: the gradient is the derivative
        shown = {name: scene.node(name).gradient for name in named}
    else:
        shown = {name: port.local for name, port in labelled.items()}
    for i, name in enumerate(f"v{i}" for i in range(len(operands))):
        if name not in named:
            continue
        h = 1e-6
        moved = ([a + s * h if j == i else a for j, a in enumerate(arrays)] for s in (1, -1))
        ends = [case(*tensors_of(near, requires_grad=False)) for near in moved]
        slope = (float(ends[0]) - float(ends[1])) / (2 * h)
        assert float(shown[name]) == pytest.approx(slope, rel=2e-5, abs=1e-7)


def test_every_rule_in_words_is_of_an_operation_that_is_recorded():
    import nn  # noqa: F401 - whose operations are meant, too
    from autograd.op import ROWS
    from viz import formulas, words

    known = {row.name for row in ROWS} | {"add_scaled", "subtract_scaled"}
    layers = re.compile(
        r"conv\dd|(max|avg)_pool\dd|softmax|cross_entropy|dropout|flatten|transpose"
    )
    for table in (formulas.RULES, words.RULES):
        names = {key[0] if isinstance(key, tuple) else key for key in table}
        assert {name for name in names - known if not layers.fullmatch(name)} == set()
