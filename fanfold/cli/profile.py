"""python -m fanfold profile FILE: the whole run in one process tree, without any host."""

import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from datetime import UTC, datetime
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from fanfold import limits
from fanfold.cli.report import earlier_run, leaving_report
from fanfold.cli.terminal import progress
from fanfold.pipeline.emitting import emit_part
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import process_or_set_aside, run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.storage.local import LocalPorts, file_version
from fanfold.storage.url import is_url, url_version

_WORTH_A_POOL_BYTES = 8 * limits.MIB
"""Below this, starting worker processes takes longer than the work."""

_ONE_THREAD = ("POLARS_MAX_THREADS", "OPENBLAS_NUM_THREADS")

T = TypeVar("T")
R = TypeVar("R")


def profile(file: str, out: Path | None, options: dict[str, Any], form: str | None) -> int:
    """Profile a file, or a blob by its URL, into a folder and show the summary, or print the report in one form.

    Compares with what an earlier run of another version left in that folder, unless the options say otherwise.
    """
    dataset = url_version(file) if is_url(file) else file_version(Path(file))
    with tempfile.TemporaryDirectory(prefix="fanfold-") as folder, leaving_report(out, dataset.blob, form) as reports:
        before = None if out is None else earlier_run(out)
        if before is not None and before != run_id(dataset):
            options.setdefault("baseline", before)
        request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
        ports = LocalPorts(file, Path(folder), reports, out)
        side_by_side = _pool if dataset.size >= _WORTH_A_POOL_BYTES else _alone
        execute = side_by_side(partial(process_or_set_aside, ports=ports), "profiling")
        emit = side_by_side(partial(emit_part, ports=ports), "emitting")
        run_in_process(request, ports, lambda: datetime.now(UTC), execute, emit)
    return 0


def _alone(step: Callable[[T], R], what: str) -> Callable[[Sequence[T]], Iterable[R]]:  # noqa: ARG001 - too quick to show
    return lambda tasks: [step(task) for task in tasks]


def _pool(step: Callable[[T], R], what: str) -> Callable[[Sequence[T]], Iterable[R]]:
    """Tasks side by side, one process a core; polars and NumPy stay on one thread each, which measures faster."""

    def execute(tasks: Sequence[T]) -> Iterable[R]:
        os.environ |= dict.fromkeys(_ONE_THREAD, "1")
        with progress() as bar, ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
            shown = bar.add_task(what, total=len(tasks))
            futures = [pool.submit(step, task) for task in tasks]
            for future in futures:
                future.add_done_callback(lambda _: bar.advance(shown))
            return _results(pool, futures)

    return execute


def _results(pool: ProcessPoolExecutor, futures: list[Future[R]]) -> list[R]:
    """The results in order; after the first failure nothing new is begun."""
    try:
        return [future.result() for future in futures]
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
