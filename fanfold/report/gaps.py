"""Which values are missing: how many records have a gap, in which columns, and in which pairs of them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fanfold.report.figures import share
from fanfold.report.pieces import Bar, bars, column_link, value

_NAME_CHARACTERS = 40
_SHOWN = 15


@dataclass(frozen=True, slots=True)
class Section:
    """Bars of records: of the columns with gaps, of the pairs with gaps in the same records; the largest ones."""

    incomplete: Markup
    share: str
    columns: tuple[Bar, ...]
    more_columns: int
    together: tuple[Bar, ...]
    more_together: int


def section(document: Mapping[str, Any], positions: Mapping[str, int]) -> Section | None:
    """None where nothing is missing."""
    found = document["dataset"].get("missingness")
    if not found or not found["incomplete"]:
        return None
    records = document["dataset"]["records"]
    gaps = sorted((column for column in document["columns"] if column["nulls"]), key=lambda column: -column["nulls"])
    alone = [(column_link(gap["name"], positions, _NAME_CHARACTERS), gap["nulls"]) for gap in gaps[:_SHOWN]]
    pairs = [(_pair(pair["columns"], positions), pair["records"]) for pair in found["together"][:_SHOWN]]
    return Section(
        incomplete=value(found["incomplete"]),
        share=share(found["incomplete"], records),
        columns=tuple(bars(alone, records)),
        more_columns=max(0, len(gaps) - _SHOWN),
        together=tuple(bars(pairs, records)),
        more_together=max(0, len(found["together"]) - _SHOWN),
    )


def _pair(names: list[str], positions: Mapping[str, int]) -> Markup:
    return Markup(" + ").join(column_link(name, positions, _NAME_CHARACTERS) for name in names)
