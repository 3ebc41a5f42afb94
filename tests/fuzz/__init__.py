"""Random calls of everything public, judged one by one: ``python -m tests.fuzz --calls 100000``.

A call is drawn from a seed and its number alone (values.py draws arguments, hints.py knows what the
functions like to get, calls.py picks one), is run on Backlight and, where it is installed, on
PyTorch (judging.py), in worker processes that a watchdog kills when they hang (workers.py).  What
is found is printed once, with the line that repeats it; differences that are meant are listed with
their reasons (accepted.py).  The functions of ``nn.functional`` (layers.py) are called by ``--only
layers``.
"""
