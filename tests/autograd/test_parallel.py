"""The thread pool: every block once, the caller's context, exceptions, nesting, forks, BLAS."""

import contextvars
import os
import signal
import subprocess
import sys
import textwrap
import threading
import weakref

import numpy as np
import pytest
from threadpoolctl import ThreadpoolController

import autograd
from autograd import parallel
from autograd.parallel import block_ranges, parallel_for, shrinking_ranges

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


def blas_threads():
    blas = ThreadpoolController().select(user_api="blas").lib_controllers
    return [b.get_num_threads() for b in blas if "numpy.libs" in b.filepath] or [
        b.get_num_threads() for b in blas
    ]


@pytest.fixture(autouse=True)
def two_threads():
    """Two threads and BLAS on two, also on a machine with one core; all put back afterwards."""
    before, blas = autograd.get_num_threads(), blas_threads()
    autograd.set_num_threads(2)
    yield
    after, expected = blas_threads(), [autograd.get_num_threads()] * len(blas)
    autograd.set_num_threads(before)
    parallel._blas.set(blas)
    assert after == expected


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("blocks", [0, 1, 2, 7, 100])
def test_every_block_runs_once(threads, blocks):
    autograd.set_num_threads(threads)
    runs = [0] * blocks
    seen = []

    def work(i):
        runs[i] += 1
        seen.append(threading.get_ident())

    parallel_for(work, blocks)
    assert runs == [1] * blocks
    assert len(set(seen)) <= threads


def test_two_threads_work_at_the_same_time():
    meeting = threading.Barrier(2, timeout=30)
    parallel_for(lambda i: meeting.wait(), 2)
    assert meeting.n_waiting == 0 and not meeting.broken


def test_little_work_stays_on_the_calling_thread():
    seen = set()
    parallel_for(lambda i: seen.add(threading.get_ident()), 50, seconds=1e-4)
    assert seen == {threading.get_ident()}


def test_half_a_millisecond_is_shared_in_long_calls_alone():
    meeting = threading.Barrier(2, timeout=10)
    parallel_for(lambda i: meeting.wait(), 2, seconds=5e-4, long_calls=True)
    seen = set()
    parallel_for(lambda i: seen.add(threading.get_ident()), 50, seconds=5e-4)
    parallel_for(lambda i: seen.add(threading.get_ident()), 50, seconds=1e-4, long_calls=True)
    assert seen == {threading.get_ident()}


def test_workers_see_the_callers_context():
    variable = contextvars.ContextVar("variable", default="nobody")
    variable.set("caller")
    meeting = threading.Barrier(2, timeout=30)
    seen = []

    def work(i):
        meeting.wait()
        seen.append((variable.get(), np.geterr()["divide"], autograd.is_grad_enabled()))
        variable.set("worker")

    with np.errstate(divide="raise"), autograd.no_grad():
        parallel_for(work, 2)
    assert seen == [("caller", "raise", False)] * 2
    parallel_for(work, 2)
    assert {divide for _, divide, _ in seen[2:]} == {np.geterr()["divide"]}


def test_floating_point_errors_of_workers_reach_the_caller():
    def work(i):
        np.divide(np.ones(4), np.zeros(4))

    with np.errstate(divide="raise"), pytest.raises(FloatingPointError):
        parallel_for(work, 4)


def test_an_exception_comes_after_every_begun_block_has_ended():
    meeting = threading.Barrier(2, timeout=30)
    failed, ended = threading.Event(), []

    def work(i):
        if i > 1:
            ended.append("late")
            return
        meeting.wait()
        if i == 1:
            failed.set()
            raise KeyError("first")
        failed.wait(30)
        np.exp(np.zeros(100_000))
        ended.append("begun")

    with pytest.raises(KeyError, match="first"):
        parallel_for(work, 1000)
    assert "begun" in ended
    assert len(ended) < 1000
    parallel_for(lambda i: ended.append(i), 2)
    assert sorted(ended[-2:]) == [0, 1]


def test_of_several_exceptions_the_first_blocks_is_raised():
    meeting = threading.Barrier(2, timeout=30)

    def work(i):
        meeting.wait()
        raise ValueError(f"block {i}")

    with pytest.raises(ValueError, match="block 0"):
        parallel_for(work, 2)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="this system cannot signal threads")
@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals need the main thread"
)
def test_an_interrupted_wait_still_waits_for_blocks():
    main = threading.main_thread().ident
    meeting, ended = threading.Barrier(2, timeout=30), []

    def work(i):
        meeting.wait()
        if threading.get_ident() != main:
            while "held" not in sys._current_frames()[main].f_locals:  # until it sleeps
                np.exp(np.zeros(1000))
            signal.pthread_kill(main, signal.SIGINT)
            np.exp(np.zeros(1_000_000))
            ended.append(i)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            parallel_for(work, 2)
        assert len(ended) == 1
    finally:
        signal.signal(signal.SIGINT, before)


def test_nested_calls_run_serially_in_their_thread():
    pairs = []

    def outer(i):
        mine = threading.get_ident()
        parallel_for(lambda j: pairs.append((mine, threading.get_ident())), 4)

    parallel_for(outer, 4)
    assert len(pairs) == 16
    assert all(mine == theirs for mine, theirs in pairs)


def test_blas_is_held_to_one_thread_within_blocks():
    seen = []
    parallel_for(lambda i: seen.append(blas_threads()), 4)
    parallel_for(lambda i: seen.append(blas_threads()), 2, seconds=0.0)
    assert {number for numbers in seen for number in numbers} == {1}
    assert set(blas_threads()) == {2}


def test_any_thread_may_hold_blas_to_one_thread():
    """Also after another thread, still alive, has done so first."""
    seen = []

    def call():
        parallel_for(lambda i: seen.append(blas_threads()), 4)
        seen.append(blas_threads())

    call()
    for _ in range(2):
        other = threading.Thread(target=call)
        other.start()
        other.join()
    assert [{*numbers} for numbers in seen] == 3 * (4 * [{1}] + [{2}])


def test_overlapping_calls_of_four_threads_restore_blas():
    begin = threading.Barrier(4, timeout=30)
    failures = []

    def call(number):
        begin.wait()
        for turn in range(50):
            try:
                parallel_for(lambda i: np.ones((8, 8)) @ np.ones((8, 8)), 3)
                if turn % 10 == number:
                    parallel_for(lambda i: 1 // 0, 3)
            except ZeroDivisionError:
                continue
            except BaseException as error:
                failures.append(error)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not failures
    assert set(blas_threads()) == {2}


def test_the_setting_made_while_blocks_run_holds_afterwards():
    parallel_for(lambda i: i == 0 and autograd.set_num_threads(3), 2)
    assert autograd.get_num_threads() == 3
    assert set(blas_threads()) == {3}
    autograd.set_num_threads(2)


def test_an_idle_pool_keeps_no_array_alive():
    class Payload:
        pass

    payload = Payload()
    alive = weakref.ref(payload)
    meeting = threading.Barrier(2, timeout=30)
    parallel_for(lambda i, payload=payload: meeting.wait() and payload, 2)
    del payload
    for _ in range(1000):  # the worker lets go of its job a moment after the caller returns
        if alive() is None:
            break
        parallel_for(lambda i: None, 2)
    assert alive() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_an_invitation_that_waits_for_a_busy_worker_keeps_no_array_alive():
    leave, inside = threading.Event(), threading.Barrier(3, timeout=30)

    def occupy(i):
        inside.wait()
        leave.wait(30)

    busy = threading.Thread(target=parallel_for, args=(occupy, 2))
    busy.start()
    try:
        inside.wait()  # the pool's only worker is within a block now
        array = np.ones(10)
        seen = weakref.ref(array)

        def work(i, array=array):
            array[i] = 0

        parallel_for(work, 10)
        del work, array
        assert seen() is None
    finally:
        leave.set()
        busy.join()


def test_a_forked_child_starts_afresh():
    program = """
        import os, threading, warnings
        import numpy as np
        import autograd
        from autograd.parallel import parallel_for
        warnings.simplefilter("ignore", DeprecationWarning)   # fork in a process with threads
        autograd.set_num_threads(2)

        def meet():
            meeting = threading.Barrier(2, timeout=60)
            parallel_for(lambda i: meeting.wait(), 2)

        meet()
        holding, leave = threading.Event(), threading.Event()
        def hold(i):
            holding.set(); leave.wait(60)
        other = threading.Thread(target=parallel_for, args=(hold, 2))
        other.start(); holding.wait(60)                       # fork while BLAS is pinned elsewhere
        child = os.fork()
        if child == 0:
            meet()
            from threadpoolctl import ThreadpoolController
            blas = ThreadpoolController().select(user_api="blas").lib_controllers
            assert blas[0].get_num_threads() == 2, blas[0].get_num_threads()
            os._exit(7)
        leave.set(); other.join()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        meet()
    """
    environment = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], check=True, env=environment, timeout=120
    )


@pytest.mark.parametrize(("wish", "threads"), [("1", 1), ("3", 3), ("5,2", 5)])
def test_omp_num_threads_is_the_default(wish, threads):
    program = "import autograd; print(autograd.get_num_threads())"
    environment = {**os.environ, "PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": wish}
    run = [sys.executable, "-c", program]
    assert subprocess.check_output(run, env=environment, text=True).strip() == str(threads)


@pytest.mark.parametrize("wrong", [0, -1])
def test_a_number_of_threads_is_positive(wrong):
    with pytest.raises(ValueError, match=f"positive integer, got {wrong}"):
        autograd.set_num_threads(wrong)


@pytest.mark.parametrize("wrong", [1.0, "2", None, True])
def test_a_number_of_threads_is_an_integer(wrong):
    with pytest.raises(TypeError, match="positive integer"):
        autograd.set_num_threads(wrong)


@pytest.mark.parametrize("stop", [0, 1, 7, 100, 101, 999, 5000])
def test_shrinking_ranges_cover_everything_once_and_leave_as_much_as_they_take(stop):
    pieces = shrinking_ranges(3, stop, 300, 16)
    covered = [i for begin, end in pieces for i in range(begin, end)]
    assert covered == list(range(3, stop))
    for begin, end in pieces:
        assert end - begin <= max(16, min(300, (stop - begin) // 2))


def test_block_ranges_cover_everything_once():
    for total in range(20):
        for size in range(1, 8):
            pieces = block_ranges(total, size)
            assert [i for start, stop in pieces for i in range(start, stop)] == list(range(total))
            assert all(stop - start == size for start, stop in pieces[:-1])
