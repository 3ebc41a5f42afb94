"""Functions generated once from a row of calculus, as ``dataclasses`` does it.

The function that a learner calls (``multiply(x, y)``) is written from its row (recording.py), and
so is the backward of its op, from the row's rules (backward.py): ``upstream * op.saved_y``.  A
formula that is one operator stands in the text itself (operators.py), and functions of one text
are compiled once (compiling.py).
"""
