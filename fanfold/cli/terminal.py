"""What the command line shows: progress while it works, a summary at the end, one line when it fails."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table

from fanfold.nouns import counted
from fanfold.report.contract import SEVERITIES
from fanfold.report.summary import summary
from fanfold.report.text import plain

_COLUMNS_SHOWN = 40
_WIDTH_OF_A_FILE = 150
_WIDE = 120
_LINE_CHARACTERS = 10_000
"""Of a message or a path: far longer ones say nothing more."""
_SHOWN = tuple(
    (field.replace("top", "most frequent").replace("name", "column"), field)
    for field in ("name", "type", "count", "nulls", "distinct", "min", "max", "mean", "top")
)
_SHOWN_NARROW = 5
_TEXTS = frozenset({"name", "type", "top"})

CONSOLE = Console(stderr=True, highlight=False)


def progress() -> Progress:
    """A bar that counts chunks."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("chunks"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=CONSOLE,
    )


@contextmanager
def uploading(name: str, size: int) -> Iterator[Callable[[int, int | None], None]]:
    """A bar that counts bytes; yields the hook that the upload calls with the bytes sent so far."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    with Progress(*columns, console=CONSOLE, transient=True) as bar:
        shown = bar.add_task(f"dropping {escape(plain(name))}", total=size)
        yield lambda sent, _total: bar.update(shown, completed=sent)


def say(text: str) -> None:
    """A line about what is going on."""
    CONSOLE.print(escape(text), style="dim", soft_wrap=True)


def complain(text: str) -> None:
    """The one-line reason of a failure."""
    CONSOLE.print(f"[red]failed:[/red] {escape(plain(' '.join(text.split()), _LINE_CHARACTERS))}", soft_wrap=True)


def show_summary(document: dict[str, Any], out: Path) -> None:
    """The report in a terminal: what was read, a line a column, and where the files are."""
    width = None if sys.stdout.isatty() else _WIDTH_OF_A_FILE
    console = Console(file=sys.stdout, highlight=False, width=width)
    dataset, run = document["dataset"], document["run"]
    rejected = f"[yellow]{dataset['rejected']:,} rejected[/yellow]" if dataset["rejected"] else "none rejected"
    console.print(
        f"[bold]{escape(plain(dataset['name']))}[/bold]  {counted(dataset['bytes'], 'byte')}, "
        f"{counted(dataset['records'], 'record')}, {rejected}, {counted(run['chunks'], 'chunk')}, "
        f"{run['duration_s']:.1f} s"
    )
    if document["columns"]:
        console.print(_columns(document, wide=console.width >= _WIDE))
    for reason, count in document["rejects"]["reasons"].items():
        console.print(f"  [yellow]{count:,}[/yellow] {reason.replace('_', ' ')}")
    for line in _findings(document):
        console.print(f"  {line}", soft_wrap=True)
    for path in sorted(out.iterdir()):
        console.print(escape(plain(str(path), _LINE_CHARACTERS)), soft_wrap=True)


def _findings(document: dict[str, Any]) -> Iterator[str]:
    """What to look for in the report: the verdict on the schema, and how many alerts of each severity there are."""
    found = document.get("validation")
    if found is not None:
        broken = sum(1 for rule in found["rules"] if rule["violations"])
        color = {"pass": "green", "warn": "yellow", "fail": "red"}[found["verdict"]]
        rules = counted(len(found["rules"]), "rule")
        yield f"schema: [{color}]{found['verdict']}[/{color}], {broken:,} of {rules} broken"
    drift = document["run"].get("drift", {})
    for what, alerts in (("alerts", document["alerts"]), ("drift", drift.get("alerts", ()))):
        counts = Counter(alert["severity"] for alert in alerts)
        listed = [f"{counts[severity]:,} {severity}" for severity in SEVERITIES if counts[severity]]
        if listed:
            yield f"{what}: {', '.join(listed)}"
    if "error" in drift:
        yield f"drift: not known, {escape(plain(drift['error']))}"


def _columns(document: dict[str, Any], *, wide: bool) -> Table:
    """A row a column; a narrow terminal gets fewer figures rather than cut ones."""
    shown = _SHOWN if wide else _SHOWN[:_SHOWN_NARROW]
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading, field in shown:
        justify: Literal["left", "right"] = "left" if field in _TEXTS else "right"
        table.add_column(heading, justify=justify, no_wrap=True, min_width=len("distinct"))
    for row in summary(document)[:_COLUMNS_SHOWN]:
        table.add_row(*(escape(getattr(row, field)) for _, field in shown))
    if len(document["columns"]) > _COLUMNS_SHOWN:
        table.add_row(f"... and {len(document['columns']) - _COLUMNS_SHOWN:,} more")
    return table
