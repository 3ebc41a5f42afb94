"""Functions generated once, from rows of calculus and signatures, as ``dataclasses`` does it.

The function that a learner calls (``multiply(x, y)``) is written from its row (recording.py), and
so is the backward of its op, from the row's rules (backward.py): ``upstream * op.saved_y``.  A
formula that is one operator stands in the text itself (operators.py).  A public function that is
no row has one around it that names its errors (guarding.py).  Functions of one text are compiled
once (compiling.py).
"""
