"""The arithmetic of architectures: sizes, parameters, multiply-adds, memory, receptive fields.

By formula, for a layer or a stack given by numbers (``output_size``, ``conv_parameters``,
``receptive_field``), each with ``formula=True`` as a sentence with the numbers put in; and for a
model, whose ``forward`` is run on an empty batch (``trace``) or on values (``gradient_field``).
``viz.summary`` prints what ``trace`` finds.
"""

from . import counts, fields, measuring, report, sizes, tracing
from .counts import *
from .fields import *
from .measuring import *
from .report import *
from .sizes import *
from .tracing import *

__all__ = [*counts.__all__, *fields.__all__, *measuring.__all__, *report.__all__]
__all__ += [*sizes.__all__, *tracing.__all__]
