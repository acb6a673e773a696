"""What a command does with a finished report: leave it in a folder, or print it in one form."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fanfold.cli.output import leaving_files
from fanfold.cli.terminal import show_summary


def folder_of(out: Path | None, name: str, form: str | None) -> Path | None:
    """Where the report of that name is left: in `out`, if given; None where it is printed in a form and not left."""
    if out is None and form is None:
        return Path("out") / name.rsplit("/", 1)[-1]
    return out


@contextmanager
def leaving_report(folder: Path | None, form: str | None) -> Iterator[Path]:
    """A new folder for the files of a report. When the block ends well they move to `folder`, and a summary is shown.

    With a form, the report in that form is printed instead, and nothing is left where there is no `folder`.
    """
    if folder is None:
        fresh = Path(tempfile.mkdtemp(prefix="fanfold-"))
        try:
            yield fresh
            _print(fresh, form or "json")
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        return
    with leaving_files(folder) as fresh:
        yield fresh
    if form is not None:
        _print(folder, form)
    else:
        show_summary(json.loads((folder / "report.json").read_bytes()), folder)


def earlier_run(out: Path) -> str | None:
    """The id of the run whose report is in a folder, None where there is none that can be compared with."""
    try:
        found = json.loads((out / "report.json").read_bytes())["run"]["id"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) and (out / "profile.bin").exists() else None


def _print(folder: Path, form: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write((folder / f"report.{form}").read_bytes())
    sys.stdout.buffer.flush()
