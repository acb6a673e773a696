"""Runs processors on frames, folds what they made, and asks for their sections. Errors are values here, too.

What travels between chunks is JSON text per processor. The first error in file order stays: a section is the work of
all records, or it says why not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from fanfold import limits
from fanfold.processors.contract import Chunk, Processor
from fanfold.processors.loading import load

if TYPE_CHECKING:  # takes half a second to import, and few runs need it
    import pandas as pd

_MESSAGE_CHARS = 500
_LISTS = (list, tuple)


class Outcome(msgspec.Struct, frozen=True, array_like=True):
    """What a processor made of some records: the JSON text of its partial, or why there is none."""

    partial: str = ""
    error: str = ""


Outcomes = dict[str, Outcome]
"""By the processor's name."""


def process_frame(frame: pl.DataFrame, chunks: Mapping[str, Chunk]) -> Outcomes:
    """Hand the records of a batch to each processor; `chunks` by its name."""
    if not chunks:
        return {}
    labels = next(iter(chunks.values())).columns
    shown = frame.rename(dict(zip(frame.columns, labels, strict=True))).to_pandas()
    return {name: _outcome(name, _processed(shown, chunk)) for name, chunk in chunks.items()}


def merge(parts: Sequence[Outcomes]) -> Outcomes:
    """Fold what neighbours made, in file order."""
    return {name: _merged(name, [part[name] for part in parts]) for name in (parts[0] if parts else {})}


def describe(name: str, outcome: Outcome) -> dict[str, Any]:
    """The section of a processor as the report has it, with its name, or with its error."""
    if outcome.error:
        return {"processor": name, "error": outcome.error}
    made = _outcome(name, lambda processor: checked(processor.report(json.loads(outcome.partial))))
    if made.error:
        return {"processor": name, "error": made.error}
    return {"processor": name, **json.loads(made.partial)}


def checked(section: Any) -> dict[str, Any]:
    """The section; TypeError when it is not of the stated form."""
    form = {"title": str, "text": str, "figures": dict, "tables": list}
    if not isinstance(section, dict) or not isinstance(section.get("title"), str):
        raise TypeError(f"report gave {_kind(section)}; expected a dict with a `title`")
    for key, value in section.items():
        if not isinstance(value, form.get(key, ())):
            raise TypeError(f"report gave {key!r}: {_kind(value)}; expected title, text, figures (dict), tables (list)")
    for table in section.get("tables", ()):
        _check_table(table)
    return section


def _check_table(table: Any) -> None:
    if not isinstance(table, dict) or not {"columns", "rows"} <= table.keys() <= {"title", "columns", "rows"}:
        found = list(table) if isinstance(table, dict) else _kind(table)
        raise TypeError(f"report gave a table of {found}; expected columns, rows, and, if it likes, a title")
    labels = table["columns"]
    if not isinstance(labels, _LISTS) or not all(isinstance(text, str) for text in (table.get("title", ""), *labels)):
        raise TypeError(
            f"report gave a table with the columns {labels!r}; expected a list of texts, and as title a text"
        )
    if any(not isinstance(row, _LISTS) or len(row) != len(labels) for row in table["rows"]):
        raise TypeError(f"report gave a table with rows of another width than its {len(labels)} columns")


def to_text(partial: Any) -> str:
    """A partial as JSON text; TypeError or ValueError when it is none, or too long to travel."""
    text = json.dumps(partial, allow_nan=False, separators=(",", ":"))
    if len(text) > limits.SECTION_BYTES_MAX:
        raise ValueError(f"a partial of {len(text)} bytes, expected at most {limits.SECTION_BYTES_MAX}")
    return text


def _processed(frame: pd.DataFrame, chunk: Chunk) -> Callable[[Processor], Any]:
    return lambda processor: processor.process(frame.copy(deep=False), chunk)


def _merged(name: str, outcomes: Sequence[Outcome]) -> Outcome:
    failed = next((outcome for outcome in outcomes if outcome.error), None)
    if failed is not None or len(outcomes) == 1:
        return failed or outcomes[0]

    def fold(processor: Processor) -> Any:
        parts: Iterator[Any] = (json.loads(outcome.partial) for outcome in outcomes)
        total = next(parts)
        for part in parts:
            total = processor.merge(total, part)
        return total

    return _outcome(name, fold)


def _outcome(name: str, ask: Callable[[Processor], Any]) -> Outcome:
    """Somebody else's code runs here: whatever it raises is the error of its own section."""
    try:
        return Outcome(partial=to_text(ask(load(name))))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - as the docstring says
        return Outcome(error=f"{type(error).__name__}: {' '.join(str(error).split())}"[:_MESSAGE_CHARS])


def _kind(value: Any) -> str:
    return type(value).__name__
