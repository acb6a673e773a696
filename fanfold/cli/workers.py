"""The processes that work side by side for a command, one a core; the command's own is one of them.

This module imports little, so that the others can be started before the command imports what it needs: all of them get
ready at the same time.
"""

import ctypes
import gc
import importlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context, resource_tracker
from pathlib import Path
from threading import Lock
from typing import Any, Generic, TypeVar

from fanfold import limits
from fanfold.errors import PipelineFault

WORTH_A_POOL_BYTES = 8 * limits.MIB
"""Below this, starting worker processes takes longer than the work."""

_ONE_THREAD = dict.fromkeys(("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS"), "1")
"""One process a core: more threads would only be in each other's way."""

_STEP = "fanfold.pipeline.chunk"

T = TypeVar("T")
R = TypeVar("R")


class Workers(AbstractContextManager["Workers"]):
    """Started once, when they are first asked to; ended with the block."""

    def __init__(self) -> None:
        self._others = (os.cpu_count() or 1) - 1
        self._pool: ProcessPoolExecutor | None = None

    def start_for(self, file: str) -> None:
        """Start for a file that is worth it. How large something elsewhere is, is not known yet."""
        path = Path(file)
        if path.is_file() and path.stat().st_size >= WORTH_A_POOL_BYTES:
            self.start(path.stat().st_size // WORTH_A_POOL_BYTES)

    def start(self, ahead: int = 1) -> None:
        """Start, unless they have been: so many `ahead` of the tasks, the others when there are tasks for them."""
        if self._pool is None and self._others:
            os.environ |= _ONE_THREAD
            _keep_memory()
            with _deaf_to_interrupts():
                self._pool = ProcessPoolExecutor(self._others, get_context("spawn"), _get_ready)
                for _ in range(min(ahead, self._others)):  # a task for which no process is idle starts one
                    self._pool.submit(_get_nothing)

    def map(self, step: Callable[[T], R], tasks: Sequence[T], done: Callable[[], object] = lambda: None) -> list[R]:
        """The results of tasks in their order; `done` is called after each.

        After a failure nothing new is begun, and what was begun has ended when it is raised: so nobody writes any more
        where the caller cleans up.
        """
        self.start()
        work = _Work(step, tasks, done)
        try:
            if self._pool is not None:
                with _deaf_to_interrupts():
                    for _ in range(self._others):
                        work.hand_out(self._pool)
            return work.join_in()
        except BrokenProcessPool as error:
            work.stop()
            raise PipelineFault("a worker process was ended from outside, perhaps for want of memory") from error
        except BaseException:
            work.stop()
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)
            raise

    def __exit__(self, *raised: object) -> None:
        """End them, after what they are at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


class _Work(Generic[T, R]):
    """Tasks that are waiting, begun, and done: each process begins the next one when it has ended its last."""

    def __init__(self, step: Callable[[T], R], tasks: Sequence[T], done: Callable[[], object]) -> None:
        self._step, self._tasks, self._done = step, tasks, done
        self._next = iter(range(len(tasks)))
        self._begun: dict[int, Future[R]] = {}
        self._lock = Lock()

    def stop(self) -> None:
        """Begin nothing new."""
        with self._lock:
            self._next = iter(range(0))

    def hand_out(self, pool: ProcessPoolExecutor) -> None:
        """Let another process begin the next task, and one more whenever it has ended one."""
        with self._lock:
            place = next(self._next, None)
            if place is None:
                return
            begun = self._begun[place] = Future()
            theirs = pool.submit(self._step, self._tasks[place])

        def go_on(ended: Future[R]) -> None:
            try:
                result = ended.result()
                self._done()
                self.hand_out(pool)
            except BaseException as failure:  # noqa: BLE001 - whatever it is, the one who waits is to have it
                self.stop()
                begun.set_exception(failure)
            else:
                begun.set_result(result)

        theirs.add_done_callback(go_on)

    def join_in(self) -> list[R]:
        """Do tasks in this process, too, and wait for the others."""
        while True:
            with self._lock:
                place = next(self._next, None)
                if place is None:
                    break
                begun = self._begun[place] = Future()
            result = self._step(self._tasks[place])
            self._done()
            begun.set_result(result)
        return [self._begun[place].result() for place in sorted(self._begun)]


@contextmanager
def importing() -> Iterator[None]:
    """Around imports: what they leave stays, so that garbage need not be looked for in it, neither now nor later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Around the start of processes and threads: they leave a Ctrl-C to the main one, which ends them.

    The main one gets a Ctrl-C that comes meanwhile when the block ends.
    """
    resource_tracker.ensure_running()  # its start, which the first process asks for, would let it through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _get_ready() -> None:
    """In a new worker: import what a chunk needs."""
    _keep_memory()
    with importing():
        importlib.import_module(_STEP)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3


def _keep_memory() -> None:
    """Have glibc keep what is freed for the next array, or every one would be new pages to be zeroed."""
    libc: Any = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_TRIM_THRESHOLD, limits.KEPT_MEMORY_BYTES)
        libc.mallopt(_M_MMAP_THRESHOLD, limits.KEPT_MEMORY_BYTES)


def _get_nothing() -> None:
    """What the first tasks do."""
