"""Gradient checking: the engine's derivatives against differences of values.

``differences`` has the schemes and what a step size does to them, ``checking`` compares, ``kinks``
finds out whether a disagreement is a kink that lies within the step, ``report`` says what was seen.
"""

from autograd.gradient_checking.checking import gradcheck, gradgradcheck
from autograd.gradient_checking.differences import (
    StepStudy,
    numerical_derivative,
    relative_error,
    step_study,
)
from autograd.gradient_checking.report import GradcheckReport, Kink

__all__ = [
    "GradcheckReport",
    "Kink",
    "StepStudy",
    "gradcheck",
    "gradgradcheck",
    "numerical_derivative",
    "relative_error",
    "step_study",
]
