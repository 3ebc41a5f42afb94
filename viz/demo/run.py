"""From nothing to a folder of pictures: what ``backlight demo`` does, in order."""

import os
from pathlib import Path

import nn
import optim
import viz
from viz.demo.exam import exam
from viz.demo.look import at_the_overlap, at_the_pool, at_the_step
from viz.demo.network import Step, hard_digit, train
from viz.demo.overlap import overlap
from viz.demo.page import Section, page
from viz.figure import Figure

__all__ = ["run"]


def run(
    output: str | os.PathLike[str] = "backlight-demo",
    *,
    epochs: int = 6,
    seed: int = 0,
    digits: int = 5000,
    progress: bool = True,
) -> dict[Path, str]:
    """Train, draw, and write the folder.

    Parameters
    ----------
    output : str or Path
        The folder; made if it is not there. Files of an earlier run are replaced.
    epochs, seed, digits, progress
        As in ``viz.demo.network.train``.

    Returns
    -------
    dict of Path to str
        The files that were written, and one line on what to look at in each; the page first.
    """
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)  # before the training, which would be in vain
    training = train(epochs, seed, digits, progress)
    print(
        f"After {epochs} epochs ({training.seconds:.0f} s) the network reads "
        f"{training.accuracy:.1%} of 1,000 held-out digits rightly."
    )
    step = hard_digit(training.model, seed)
    figures, sections = draw(training.model, step)
    for name, figure in figures.items():
        figure.save(folder / name)
    index = folder / "index.html"
    index.write_text(page(training, step, sections), encoding="utf-8", newline="\n")
    written = {index: "everything on one page; open this first"}
    for section in sections:
        written |= {folder / file: words for file, words in section.files.items()}
    return written


def draw(model: nn.Module, step: Step) -> tuple[dict[str, Figure], list[Section]]:
    """Return the pictures of the step and of the exam problem, and the sections they stand in."""
    x, loss = step.x, step.loss  # noqa: F841 - the pictures call them by these names
    optimizer = optim.SGD(model.parameters(), lr=0.01)  # not stepped: it says how far one step goes
    graph = viz.graph(loss, model=model, optimizer=optimizer)
    stepper = viz.backprop(loss, model=model, optimizer=optimizer)
    pool = viz.pool(step.pooled, subject=f"the digit {step.label}")
    overlapping = overlap()
    problem = exam()
    figures = {
        "graph.svg": graph,
        "backprop.html": stepper,
        "pool.svg": pool,
        "overlap.svg": overlapping,
        "exam.svg": problem.graph,
        "exam.html": problem.stepper,
    }
    sections = [
        Section(
            "One training step",
            "the step",
            "The whole network on this one digit, forward in blue, backward in vermilion.",
            look=at_the_step(loss),
            files={"graph.svg": "where the gradient goes, and where it dies"},
            svg=graph.svg(),
        ),
        Section(
            "The same, step by step",
            "step by step",
            "Back through the layers with the arrow keys: what arrives, what each sends on.",
            look=[
                f"Right and left arrow walk through {len(stepper) - 1} steps, Home and End jump.",
                "Numbers appear as backward() computes them; what is not yet known is a dash.",
            ],
            files={"backprop.html": f"its {len(stepper) - 1} steps, with the arrow keys"},
        ),
        Section(
            "Inside a max-pool",
            "the pool",
            f"{pool.data['inputs']} numbers come in, {len(pool.data['windows'])} leave, and each "
            "sends its gradient back to exactly one place.",
            look=at_the_pool(pool.data),
            files={"pool.svg": "who wins each window, and what lands there"},
            svg=pool.svg(),
        ),
        Section(
            "Windows that overlap",
            "overlap",
            "Six windows of 3 × 3 at stride 2, on numbers small enough to add up.",
            look=at_the_overlap(overlapping.data),
            files={"overlap.svg": "cells that win twice receive a sum"},
            svg=overlapping.svg(),
        ),
        Section(
            "An exam problem, by hand",
            "the exam",
            "A 1-D convolutional network small enough to check every number.",
            look=problem.look,
            files={
                "exam.svg": "z2 wins both maxima, and its gradient is a sum",
                "exam.html": f"the same in {len(problem.stepper) - 1} steps; Q asks you first",
            },
            svg=problem.graph.svg(),
        ),
    ]
    return figures, sections
