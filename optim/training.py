"""The training loop: forward, compare, backward, update, repeat; and what is written down of it.

``fit`` asks little of its parts: a model is called and has ``train`` and ``eval``, a loss takes
outputs and targets, data are batches ``(inputs, targets)``, an optimiser has ``zero_grad`` and
``step``. What can also give a ``state_dict`` is part of a checkpoint.
"""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from math import isfinite
from typing import Any

import autograd
from autograd import Tensor
from autograd.parallel import pinned_blas

from .arguments import check_parts, check_schedule, count, functions, pair, takes
from .checkpoint import Checkpoint, collected, restore
from .diagnosis import where_not_finite
from .early_stopping import EarlyStopping
from .evaluation import Metrics, Totals, evaluate, mode_kept
from .history import History
from .interrupts import Interrupts
from .progress import progress_bar
from .settings import number
from .watching import Look

__all__ = ["fit"]

Loss = Callable[[Any, Any], Tensor]
Callback = Callable[[History], Any]


def fit(
    model: Any,
    loss: Loss,
    data: Iterable[Any],
    *,
    optimizer: Any,
    epochs: int = 1,
    validation: Iterable[Any] | None = None,
    metrics: Metrics | None = None,
    schedule: Any = None,
    schedule_per: str = "epoch",
    monitor: str | None = None,
    early_stopping: EarlyStopping | int | None = None,
    clip: Callable[[Iterable[Any]], Any] | None = None,
    checkpoint: Checkpoint | str | os.PathLike[str] | None = None,
    resume: bool | str | os.PathLike[str] = False,
    watch: int = 10,
    progress: bool = True,
    callback: Callback | Sequence[Callback] = (),
) -> History:
    """Train ``model`` on mini-batches.

    Parameters
    ----------
    model : Module
        Trained in place; its modules are left in the mode (train or eval) in which they came.
    loss : callable
        ``loss(outputs, targets)`` returns a 0-d tensor.
    data : iterable of (inputs, targets)
        A ``DataLoader``, iterated once an epoch.
    optimizer : Optimizer
        Holds the parameters to update; one whose ``step`` needs a closure (LBFGS) gets it.
    epochs : int
        Passes over the data, those of a resumed training included.
    validation : iterable of (inputs, targets), optional
        Evaluated after each epoch, in eval mode, recording nothing.
    metrics : mapping, optional
        Names to functions of (outputs, targets); accuracy where the targets are classes, if not
        given.
    schedule : LRScheduler, optional
        Stepped after each epoch or, with ``schedule_per="batch"``, after each step;
        ``ReduceLROnPlateau`` is given what is monitored.
    monitor : str, optional
        The entry of an epoch's record that early stopping and ``ReduceLROnPlateau`` look at:
        ``validation_loss``, or without validation ``loss``, if not given.
    early_stopping : EarlyStopping or int, optional
        When to stop (a number is its patience). The model gets the weights of the best epoch back,
        also when it did not have to be stopped, but not after Ctrl-C.
    clip : callable, optional
        Called with the model's parameters between backward and update:
        ``lambda parameters: nn.utils.clip_grad_norm_(parameters, 1.0)``.
    checkpoint : Checkpoint or path, optional
        A file to write after each epoch, after every so many steps (``Checkpoint(path, every)``),
        and when Ctrl-C ends the training.
    resume : bool or path
        True: go on from ``checkpoint`` if there is such a file, else begin. A path: go on from that
        file. With the same model, data, optimiser, schedule and callbacks made anew, the resumed
        training ends with the same bits as one that was never interrupted, on any number of
        threads (BLAS stays on one where a training has checkpoints). Data or callbacks that draw
        from generators of their own must have ``state_dict`` and ``load_state_dict``.
    watch : int
        Look at the layers at every so many steps (see ``History.layers``); 0: never.
    progress : bool
        Show a bar (tqdm), in notebooks and terminals.
    callback : callable or list of callables, optional
        Called with the history after each epoch; one that returns True ends the training. Its
        ``after_step(history)``, if it has one, is called after each step.

    Returns
    -------
    History
        Losses and rates of each step; means of loss and metrics for each epoch; how the layers did.
        Ctrl-C ends the training, not the program: the step at hand is finished (a validation is
        not), the model keeps what it learnt, and ``history.interrupted`` is True. A second Ctrl-C
        does not wait.

    Raises
    ------
    ValueError
        The data has no batch, an argument is out of its range, the schedule is of another
        optimiser, or a checkpoint is truncated, not ours, or of another model or training; in the
        last case nothing is loaded or overwritten.
    FloatingPointError
        The loss is nan or infinite; the error names the first operation or layer that is. The
        update of that step is not made.
    TypeError
        Something cannot take its part in a training: no optimiser, no function, no batches.

    Warns
    -----
    UserWarning
        The optimiser holds none of the model's parameters, or a checkpoint will be overwritten.

    Examples
    --------
    >>> import autograd, nn, optim
    >>> _ = autograd.manual_seed(0)
    >>> x = autograd.linspace(-1, 1, 64).reshape(64, 1)
    >>> model = nn.Linear(1, 1)
    >>> history = optim.fit(
    ...     model, nn.MSELoss(), optim.DataLoader(optim.TensorDataset(x, 3 * x + 1), 16),
    ...     optimizer=optim.SGD(model.parameters(), lr=0.5), epochs=20, progress=False)
    >>> round(model.weight.item(), 4), round(model.bias.item(), 4), history["loss"][-1] < 1e-6
    (3.0, 1.0, True)

    Source: the course's five stages of a training step; Keras's ``Model.fit``.
    """
    check_schedule(schedule, schedule_per)
    options = {"schedule": schedule, "clip": clip, "validation": validation, "metrics": metrics}
    check_parts(model, loss, data, optimizer, options)
    callbacks, epochs, watch = functions(callback), count("epochs", epochs), count("watch", watch)
    if early_stopping is not None and not isinstance(early_stopping, EarlyStopping):
        early_stopping = EarlyStopping(early_stopping)
    if early_stopping is not None:
        early_stopping.start()
    if checkpoint is not None and not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    run = _Run(model, loss, data, optimizer)
    run.validation, run.metrics, run.clip, run.watch = validation, metrics, clip, watch
    run.schedule, run.schedule_per, run.monitor = schedule, schedule_per, monitor
    run.stopping, run.checkpoint, run.callbacks = early_stopping, checkpoint, callbacks
    run.totals = Totals(metrics)
    _resume(run, checkpoint, resume)
    begun = len(run.history.steps)
    with (
        mode_kept(model),
        progress_bar(data, epochs, begun, progress) as run.advance,
        # BLAS adds up long sums in another order on other numbers of threads.
        nullcontext() if checkpoint is None and resume is False else pinned_blas(),
        Interrupts() as run.interrupts,
    ):
        try:
            while run.epoch < epochs and not run.history.stopped:
                run.train_epoch()
        except KeyboardInterrupt:
            run.history.interrupted = True
        if early_stopping is not None and not run.history.interrupted:
            with run.interrupts.held():
                early_stopping.restore(model)
            run.history.interrupted = run.interrupts.came
    return run.history


def _resume(run: _Run, checkpoint: Checkpoint | None, resume: Any) -> None:
    """Bring the run to where its checkpoint was written; look at a file that is to be replaced."""
    source = None
    if resume is True:
        if checkpoint is None:
            raise ValueError("fit: resume=True needs a checkpoint to resume from; give its path")
        source = checkpoint if checkpoint.exists() else None
    elif resume is not False:
        source = Checkpoint(resume)
    if source is not None:
        restore(run, source.read(), source.path)
        run.resumed = run.step > 0
        stopping = run.stopping
        if stopping is not None and run.history.stopped and stopping.waited < stopping.patience:
            run.history.stopped = ""  # it has more patience now
    if checkpoint is None:
        return
    if checkpoint.exists() and (source is None or source.path != checkpoint.path):
        other = checkpoint.read()  # a file that is no checkpoint is not overwritten
        warnings.warn(
            f"fit: {checkpoint.path}, of a training that reached epoch {other['epoch']}, will be "
            "overwritten; resume=True would go on from it",
            UserWarning,
            stacklevel=3,
        )
    checkpoint.clear_leftovers()


class _Run:
    """A training: its parts, and how far it is."""

    validation: Any = None
    metrics: Metrics | None = None
    clip: Any = None
    watch: int = 0
    schedule: Any = None
    schedule_per: str = "epoch"
    monitor: str | None = None
    stopping: EarlyStopping | None = None
    checkpoint: Checkpoint | None = None
    callbacks: Sequence[Any] = ()
    advance: Any
    interrupts: Interrupts
    totals: Totals

    def __init__(self, model: Any, loss: Loss, data: Any, optimizer: Any) -> None:
        self.model, self.loss, self.data, self.optimizer = model, loss, data, optimizer
        self.needs_closure = takes(optimizer, "closure", required=True)
        self.history = History()
        self.epoch = 0  # finished epochs
        self.step = 0  # steps made of the next one
        self.trained = False  # whether these are all
        self.strays: list[Any] = []
        self.resumed = False  # whether the epoch begins behind its first batches
        self.epoch_random = autograd.get_rng_state()
        self.seconds = 0.0  # of this epoch, before it was resumed
        self.began: float | None = None

    def elapsed(self) -> float:
        """Return how long this epoch took so far."""
        return self.seconds + (0.0 if self.began is None else time.perf_counter() - self.began)

    def train_epoch(self) -> None:
        """Make the steps of an epoch, or what is left of it, and write its record."""
        self.model.train()
        self.strays = self._strays()
        self.began = time.perf_counter()
        if not self.trained:
            with self.interrupts.held():  # to fetch a batch is part of its step
                for batch in self._batches():
                    self.train_step(*pair("fit", batch))
                    self._after_step()
                self.trained = True
                self._after_step(ended=True)
        self.resumed = False
        if self.epoch and not self.totals.samples:
            raise ValueError(
                f"fit: the data has no batch in epoch {self.epoch + 1}: expected what can be "
                f"iterated anew each epoch, got a {type(self.data).__name__}"
            )
        record = {"epoch": self.epoch + 1, **self.totals.means("fit")}
        if self.validation is not None:
            held_out = self._validated()
            record |= {f"validation_{name}": mean for name, mean in held_out.items()}
        if self.history.rates and self.history.rates[-1]:
            record["lr"] = self.history.rates[-1][0]
        record["seconds"] = self.elapsed()
        with self.interrupts.held():
            self._end_epoch(record)
        self.interrupts.raise_held()

    def _after_step(self, ended: bool = False) -> None:
        """Write a checkpoint if it is time, or if Ctrl-C came, which may end the training now."""
        came = self.interrupts.came
        if self.checkpoint is not None:
            due = not ended and self.checkpoint.due(len(self.history.steps))
            if due or (came and self.step):
                self.checkpoint.write(collected(self))
        self.interrupts.raise_held()

    def _validated(self) -> dict[str, float]:
        """Return the means over what was held out; Ctrl-C does not wait for them."""
        before = None if self.checkpoint is None else collected(self)
        try:
            return evaluate(self.model, self.loss, self.validation, metrics=self.metrics)
        except KeyboardInterrupt:
            if before is not None and self.checkpoint is not None:
                self.checkpoint.write(before)
            raise

    def _end_epoch(self, record: dict[str, Any]) -> None:
        history = self.history
        history.epochs.append(record)
        history.ends.append(len(history.steps))
        self.epoch, self.step, self.seconds, self.began = self.epoch + 1, 0, 0.0, None
        self.trained = False
        self.totals = Totals(self.metrics)
        if self.schedule is not None and self.schedule_per == "epoch":
            if takes(self.schedule, "metrics"):
                self.schedule.step(self._monitored(record))
            else:
                self.schedule.step()
        if self.stopping is not None:
            if self.stopping.update(self._monitored(record), self.epoch, self.model):
                history.stopped = f"stopped early: epoch {self.stopping.best_epoch} was the best"
            history.best_epoch = self.stopping.best_epoch
        for each in self.callbacks:
            if each(history) is True:
                history.stopped = history.stopped or "stopped by a callback"
        if self.checkpoint is not None:
            self.checkpoint.write(collected(self))

    def _monitored(self, record: dict[str, Any]) -> float:
        name = self.monitor or ("loss" if self.validation is None else "validation_loss")
        if name not in record:
            raise ValueError(
                f"fit: there is no {name} to monitor, an epoch's record has {', '.join(record)}"
            )
        return float(record[name])

    def _batches(self) -> Iterator[Any]:
        """Iterate over the batches that are left of this epoch."""
        skip = self.step if self.resumed else 0
        self.resumed = False
        if not skip:
            self.epoch_random = autograd.get_rng_state()
        elif not hasattr(self.data, "load_state_dict"):  # else it has its position already
            now = autograd.get_rng_state()
            autograd.set_rng_state(self.epoch_random)
            batches: Iterator[Any] = iter(self.data)
            for _ in range(skip):
                next(batches)
            autograd.set_rng_state(now)
            return batches
        return iter(self.data)

    def _strays(self) -> list[Any]:
        """Return the parameters whose gradients the optimiser does not forget: none of its own."""
        held = getattr(self.optimizer, "param_groups", ())
        known = {id(parameter) for group in held for parameter in group["params"]}
        every = self.model.parameters() if hasattr(self.model, "parameters") else ()
        return [p for p in every if id(p) not in known and p.requires_grad]

    def train_step(self, inputs: Any, targets: Any) -> None:
        """Forward, compare, backward, update; write it down."""
        history = self.history
        step = len(history.steps) + 1
        look = Look(self.model) if self.watch and (step - 1) % self.watch == 0 else None
        made: list[Any] = []

        def closure() -> Tensor:
            self.optimizer.zero_grad()
            for stray in self.strays:
                stray.grad = None
            with look.forward() if look and not made else nullcontext():
                outputs = self.model(inputs)
            value = self.loss(outputs, targets)
            loss = self._checked(value, inputs)
            value.backward()
            if look and not made:
                look.before_update()
            if self.clip is not None:
                self.clip(self.model.parameters())
            made[:] = made or (loss, outputs)
            return value

        groups = getattr(self.optimizer, "param_groups", ())
        rates = [float(number(group["lr"])) for group in groups if "lr" in group]
        if self.needs_closure:
            self.optimizer.step(closure)
        else:
            closure()
            self.optimizer.step()
        loss, outputs = made
        self.step += 1
        history.steps.append(loss)
        history.rates.append(rates)
        if look:
            look.after_update()
            history.write_layers(step, look.seen)
        if self.schedule is not None and self.schedule_per == "batch":
            self.schedule.step()
        self.totals.add(loss, outputs, targets)
        for each in self.callbacks:
            if hasattr(each, "after_step"):
                each.after_step(history)
        self.advance(self.epoch + 1, self.totals.running)

    def _checked(self, value: Any, inputs: Any) -> float:
        if not isinstance(value, Tensor):
            raise TypeError(
                f"fit: the loss must be a Tensor to go back from, got {type(value).__name__}"
            )
        if value.numel() != 1:
            raise ValueError(f"fit: the loss must be a single number, got shape {value.shape}")
        loss = float(value.item())
        if not isfinite(loss):
            raise FloatingPointError(
                f"fit: the loss is {loss} at epoch {self.epoch + 1}, step {self.step + 1}; "
                f"{where_not_finite(value, self.model, inputs)}"
            )
        return loss
