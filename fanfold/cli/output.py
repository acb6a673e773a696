"""The folder that a command leaves its files in."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from fanfold.errors import RequestRefused
from fanfold.pipeline.formats import FOLDER, MANIFEST

FILES = (
    "rejects.csv",
    "table_schema.json",
    "json_schema.json",
    "profile.bin",
    "report.md",
    "report.html",
    "report.json",
    "completion.json",
)
"""What a run may leave, in the order it appears: who finds the last one finds them all."""

_PART = re.compile(r"part-[0-9]{6,}\.[a-z]+")


def check_folder(out: Path) -> None:
    """RequestRefused when nothing can be left in a folder of that name."""
    if out.exists() and not out.is_dir():
        raise RequestRefused(f"{out}: expected a folder for the report, found a file")


@contextmanager
def leaving_files(out: Path) -> Iterator[Path]:
    """A new folder whose files move into `out` when the block ends well; half-written ones never show.

    What else is in `out` stays as it is. A file of an earlier run that this one does not have is removed.
    """
    check_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".fanfold-", dir=out))
    try:
        yield fresh
        _move_parts(fresh, out)
        for name in FILES:
            if (fresh / name).exists():
                (fresh / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()


def _move_parts(fresh: Path, out: Path) -> None:
    """Put the parts in the place of those of an earlier run; without the manifest, which comes last, there are none."""
    (out / MANIFEST).unlink(missing_ok=True)
    for old in (out / FOLDER).glob("part-*"):
        if _PART.fullmatch(old.name):
            old.unlink()
    if (fresh / MANIFEST).exists():
        (out / FOLDER).mkdir(exist_ok=True)
        for part in (fresh / FOLDER).glob("part-*"):
            part.replace(out / FOLDER / part.name)
        (fresh / MANIFEST).replace(out / MANIFEST)
    with suppress(OSError):  # there is none, or it holds something of the user's
        (out / FOLDER).rmdir()
