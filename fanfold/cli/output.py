"""The folder that a command leaves its files in."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanfold.errors import RequestRefused

FILES = ("rejects.csv", "table_schema.json", "json_schema.json", "report.html", "report.json", "completion.json")
"""What a run may leave, in the order it appears: who finds the last one finds them all."""


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
        for name in FILES:
            if (fresh / name).exists():
                (fresh / name).replace(out / name)
            else:
                (out / name).unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        if not any(out.iterdir()):
            out.rmdir()
