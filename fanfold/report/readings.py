"""How a column was read, in sentences for its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fanfold.report.figures import number
from fanfold.report.text import plain

_NUMBERS = ("decimal_point", "decimal_comma")
_DATES = {
    "day_first": "Dates read with the day first.",
    "month_first": "Dates read with the month first.",
}
_MARKS = {
    "decimal": {".": "a decimal point", ",": "a decimal comma"},
    "thousands": {".": "points between thousands", ",": "commas between thousands"}
    | {" ": "spaces between thousands", "'": "apostrophes between thousands"},
}


def reading_notes(reading: Mapping[str, Any]) -> Iterator[str]:
    """Sentences, none for values that are read as they stand."""
    rule = reading.get("rule", "plain")
    if rule in _DATES:
        yield _DATES[rule]
    elif rule in _NUMBERS:
        yield f"Numbers written with {' and '.join(_marks(reading)) or 'parentheses'}."
    if reading.get("ambiguous"):
        yield "Ambiguous: nothing in the column rules out another reading."
    if "objection" in reading:
        yield f"Kept as text: {reading['objection']}."
    if reading.get("null_tokens"):
        listed = ", ".join(f"“{plain(text)}” {number(count).text}" for text, count in reading["null_tokens"].items())
        yield f"Taken for null: {listed}."


def _marks(reading: Mapping[str, Any]) -> Iterator[str]:
    for name, words in _MARKS.items():
        if name in reading:
            yield words[reading[name]]
    if "unit" in reading:
        yield f"the unit {reading['unit']}"
