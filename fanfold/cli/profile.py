"""python -m fanfold profile FILE: the whole run in one process tree, without any host."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from fanfold.cli.report import earlier_run, folder_of, leaving_report
from fanfold.cli.terminal import progress
from fanfold.cli.workers import WORTH_A_POOL_BYTES, Workers
from fanfold.pipeline.chunk import process_or_set_aside
from fanfold.pipeline.emitting import emit_part
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import DatasetVersion, RunRequest
from fanfold.pipeline.ports import Dataset
from fanfold.storage.local import FileDataset, LocalPorts, file_version

T = TypeVar("T")
R = TypeVar("R")


def profile(file: str, out: Path | None, options: dict[str, Any], form: str | None, workers: Workers) -> int:
    """Profile a file, or a blob by its URL, into a folder and show the summary, or print the report in one form.

    Compares with what an earlier run of another version left in that folder, unless the options say otherwise.
    """
    dataset, open_version = _find(file)
    left = folder_of(out, dataset.blob, form)
    with tempfile.TemporaryDirectory(prefix="fanfold-") as work, leaving_report(left, form) as reports:
        before = None if left is None else earlier_run(left)
        if before is not None and before != run_id(dataset):
            options.setdefault("baseline", before)
        request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
        ports = LocalPorts(open_version, Path(work), reports, left)
        process = partial(process_or_set_aside, ports=ports)
        if dataset.size < WORTH_A_POOL_BYTES:
            run_in_process(request, ports, _now, lambda tasks: [process(task) for task in tasks])
        else:
            execute = _shown("profiling", workers, process)
            fold = partial(workers.map, partial(fold_partials, ports=ports))
            emit = _shown("emitting", workers, partial(emit_part, ports=ports))
            run_in_process(request, ports, _now, execute, fold=fold, emit=emit)
    return 0


def _find(file: str) -> tuple[DatasetVersion, Callable[[str], Dataset]]:
    """The version that a file, or a blob by its URL, has now, and what opens it."""
    if not file.startswith(("https://", "http://")):
        return file_version(Path(file)), partial(FileDataset, Path(file))
    # The libraries of Azure take as long as everything else together, and a file needs none of them.
    from fanfold.storage.url import UrlDataset, url_version  # noqa: PLC0415

    return url_version(file), partial(UrlDataset, file)


def _now() -> datetime:
    return datetime.now(UTC)


def _shown(what: str, workers: Workers, step: Callable[[T], R]) -> Callable[[Sequence[T]], Iterable[R]]:
    """Tasks side by side, under a bar that counts them."""

    def execute(tasks: Sequence[T]) -> Iterable[R]:
        with progress() as bar:
            shown = bar.add_task(what, total=len(tasks))
            return workers.map(step, tasks, lambda: bar.advance(shown))

    return execute
