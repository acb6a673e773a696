"""The processes that work side by side for a command, one a core.

This module imports little, so that they can be started before their command imports what it needs: all of them get
ready at the same time.
"""

import gc
import importlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from fanfold import limits

WORTH_A_POOL_BYTES = 8 * limits.MIB
"""Below this, starting worker processes takes longer than the work."""

_SURROUNDINGS = {
    # One process a core: more threads would only be in each other's way.
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    # Of glibc: what is freed is kept for the next array, or every one would be new pages to be zeroed.
    "MALLOC_MMAP_THRESHOLD_": str(1024 * limits.MIB),
    "MALLOC_TRIM_THRESHOLD_": str(1024 * limits.MIB),
}
_STEP = "fanfold.pipeline.chunk"

T = TypeVar("T")
R = TypeVar("R")


class Workers(AbstractContextManager["Workers"]):
    """Started once, when they are first asked to; ended with the block."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None

    def start_for(self, file: str) -> None:
        """Start for a file that is worth it. How large something elsewhere is, is not known yet."""
        path = Path(file)
        if path.is_file() and path.stat().st_size >= WORTH_A_POOL_BYTES:
            self.start(path.stat().st_size // WORTH_A_POOL_BYTES)

    def start(self, ahead: int = 1) -> ProcessPoolExecutor:
        """Start, unless they have been: so many `ahead` of the tasks, the others when there are tasks for them."""
        if self._pool is None:
            os.environ |= _SURROUNDINGS
            count = os.cpu_count() or 1
            self._pool = ProcessPoolExecutor(count, get_context("spawn"), _get_ready)
            for _ in range(min(ahead, count)):  # a task for which no process is idle starts one
                self._pool.submit(_get_nothing)
        return self._pool

    def map(self, step: Callable[[T], R], tasks: Sequence[T], done: Callable[[], object] = lambda: None) -> list[R]:
        """The results of tasks in their order; `done` is called after each. After a failure nothing new is begun."""
        pool = self.start()
        futures = [pool.submit(step, task) for task in tasks]
        for future in futures:
            future.add_done_callback(lambda _: done())
        try:
            return [future.result() for future in futures]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise

    def __exit__(self, *raised: object) -> None:
        """End them, after what they are at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)


@contextmanager
def importing() -> Iterator[None]:
    """Around imports: what they leave stays, so that garbage need not be looked for in it, neither now nor later."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _get_ready() -> None:
    """In a new worker: leave a Ctrl-C to the main process, which ends this one, and import what a chunk needs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with importing():
        importlib.import_module(_STEP)


def _get_nothing() -> None:
    """What the first tasks do."""
