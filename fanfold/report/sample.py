"""A few records as they are, drawn uniformly from the different ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fanfold import limits
from fanfold.report.pieces import column_link
from fanfold.report.text import datum

_NAME_CHARACTERS = 40
_CELL_CHARACTERS = 60
_NUMERIC = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Section:
    """A table: headings and cells, each with whether the column holds numbers; an empty cell is a missing value."""

    columns: tuple[tuple[Markup, bool], ...]
    rows: tuple[tuple[tuple[Markup, bool], ...], ...]
    unshown: int
    records: int


def section(document: Mapping[str, Any], positions: Mapping[str, int]) -> Section | None:
    """None where there are no records."""
    rows = document["dataset"].get("sample")
    if not rows:
        return None
    columns = document["columns"][: limits.SAMPLE_COLUMNS_SHOWN]
    numeric = [column["type"] in _NUMERIC for column in columns]
    names = [column_link(column["name"], positions, _NAME_CHARACTERS) for column in columns]
    return Section(
        columns=tuple(zip(names, numeric, strict=True)),
        rows=tuple(tuple(zip(map(_cell, row), numeric, strict=False)) for row in rows),
        unshown=len(document["columns"]) - len(columns),
        records=document["dataset"]["records"],
    )


def _cell(raw: str | None) -> Markup:
    return Markup("") if raw is None else datum(raw, _CELL_CHARACTERS)
