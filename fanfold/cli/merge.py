"""python -m fanfold merge A B: the profiles of several datasets as one report, without reading the datasets again."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from fanfold.cli.report import folder_of, leaving_report
from fanfold.errors import RequestRefused
from fanfold.pipeline.archive import Archive, merge_archives, unpack_archive
from fanfold.pipeline.baseline import ARCHIVE
from fanfold.pipeline.publishing import publish_archive
from fanfold.storage.local import FolderReportStore

_NAME = "merged"


def merge(sources: Sequence[str], out: Path | None, form: str | None) -> int:
    """Fold the profiles that stand in some folders, or files, in the order they are given."""
    archives = [_read(Path(source)) for source in sources]
    whole = merge_archives(archives, _run_id(archives))
    with leaving_report(folder_of(out, _NAME, form), form) as reports:
        publish_archive(whole, [archive.run_id for archive in archives], FolderReportStore(reports), datetime.now(UTC))
    return 0


def _read(source: Path) -> Archive:
    path = source / ARCHIVE if source.is_dir() else source
    try:
        return unpack_archive(path.read_bytes(), str(path))
    except FileNotFoundError as error:
        raise RequestRefused(f"{path}: expected a profile.bin, found no such file") from error


def _run_id(archives: Sequence[Archive]) -> str:
    """The same profiles in the same order always give the same run."""
    digest = hashlib.sha256("\0".join(archive.run_id for archive in archives).encode()).hexdigest()[:16]
    return f"{_NAME}-{digest}"
