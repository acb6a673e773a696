"""The sections of the processors, made ready to be shown: somebody else's texts, figures and tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fanfold import limits
from fanfold.nouns import counted
from fanfold.report.pieces import Entry, value
from fanfold.report.text import datum, visible

_CELL_CHARACTERS = 80
_TEXT_CHARACTERS = 2_000
_COLUMNS_SHOWN = 50
"""A table with more is read in report.json."""


@dataclass(frozen=True, slots=True)
class Table:
    """As much of a table as a page shows; ``more`` says what is left out, or is empty."""

    title: Markup
    columns: tuple[Markup, ...]
    rows: tuple[tuple[tuple[Markup, bool], ...], ...]
    """Cells, each with whether it is a number."""
    more: str


@dataclass(frozen=True, slots=True)
class Section:
    """One processor's part of the page; ``error`` is empty unless it failed."""

    anchor: str
    title: Markup
    text: Markup
    figures: tuple[Entry, ...]
    tables: tuple[Table, ...]
    error: Markup


def sections(document: Mapping[str, Any]) -> tuple[Section, ...]:
    """The sections in the order of the document."""
    return tuple(_section(place, section) for place, section in enumerate(document.get("sections", ()), 1))


def _section(place: int, section: Mapping[str, Any]) -> Section:
    figures = section.get("figures", {}).items()
    return Section(
        anchor=f"section-{place}",
        title=datum(section.get("title") or section["processor"], _CELL_CHARACTERS),
        text=datum(section["text"], _TEXT_CHARACTERS) if section.get("text") else Markup(),
        figures=tuple(Entry(datum(label, _CELL_CHARACTERS), _cell(figure)[0]) for label, figure in figures),
        tables=tuple(_table(table) for table in section.get("tables", ())),
        error=visible(section["error"]) if section.get("error") else Markup(),
    )


def _table(table: Mapping[str, Any]) -> Table:
    columns, rows = table["columns"], table["rows"]
    left_out = [
        counted(left, f"more {thing}")
        for left, thing in (
            (len(rows) - limits.SECTION_ROWS_SHOWN, "row"),
            (len(columns) - _COLUMNS_SHOWN, "column"),
        )
        if left > 0
    ]
    return Table(
        title=datum(table["title"], _CELL_CHARACTERS) if table.get("title") else Markup(),
        columns=tuple(datum(label, _CELL_CHARACTERS) for label in columns[:_COLUMNS_SHOWN]),
        rows=tuple(tuple(map(_cell, row[:_COLUMNS_SHOWN])) for row in rows[: limits.SECTION_ROWS_SHOWN]),
        more=" and ".join(left_out),
    )


def _cell(raw: Any) -> tuple[Markup, bool]:
    """A value as shown, and whether it is a number; lists and dicts as JSON."""
    shown = json.dumps(raw, ensure_ascii=False) if isinstance(raw, dict | list) else raw
    return value(shown, _CELL_CHARACTERS), isinstance(raw, int | float) and not isinstance(raw, bool)
