"""The report in a terminal's width: one row of short texts a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fanfold.report.figures import NOTHING, number
from fanfold.report.text import plain, written

_NAME_CHARACTERS = 32
_VALUE_CHARACTERS = 24


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A column's figures as shown; an approximate one begins with ≈. No control character is in any of them."""

    name: str
    type: str
    count: str
    nulls: str
    distinct: str
    min: str
    mean: str
    max: str
    top: str


def summary(document: Mapping[str, Any]) -> tuple[SummaryRow, ...]:
    """A row for each column of report.json, in the dataset's order."""
    return tuple(_row(column) for column in document["columns"])


def _row(column: Mapping[str, Any]) -> SummaryRow:
    distinct = column["distinct"]
    return SummaryRow(
        name=plain(column["name"], _NAME_CHARACTERS),
        type=column["type"],
        count=number(column["count"]).text,
        nulls=number(column["nulls"]).text,
        distinct=_approximately(distinct["exact"]) + number(distinct["value"]).text,
        min=short(column["min"]),
        mean=short(column.get("mean")),
        max=short(column["max"]),
        top=_top(column),
    )


def short(value: object) -> str:
    """A statistic or a value of the dataset in a few characters."""
    if value is None:
        return NOTHING
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number(value).text
    return plain(written(value), _VALUE_CHARACTERS)


def _top(column: Mapping[str, Any]) -> str:
    if not column["top"]:
        return NOTHING
    first = column["top"][0]
    return f"{short(first['value'])} ({_approximately(column['top_exact'])}{number(first['count']).text})"


def _approximately(exact: bool) -> str:
    return "" if exact else "≈"
