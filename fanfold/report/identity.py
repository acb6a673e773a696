"""What tells records apart: columns that could be a key, and records that are there more than once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold.report.figures import ESTIMATE_DIGITS, bound, number, share
from fanfold.report.pieces import Entry, approximate, column_link

_NAME_CHARACTERS = 60
_KEYS_SHOWN = 50
_HASHED = "exact unless two records share a hash"


@dataclass(frozen=True, slots=True)
class Section:
    """Columns that could be a key, each with whether that is certain, and figures of the repeated records."""

    keys: tuple[tuple[Markup, bool], ...]
    more: int
    figures: tuple[Entry, ...]


def section(document: Mapping[str, Any], positions: Mapping[str, int]) -> Section | None:
    """None where there are no records."""
    dataset = document["dataset"]
    if "duplicates" not in dataset or not dataset["records"]:
        return None
    keys = dataset["candidate_keys"]
    shown = tuple((column_link(key["column"], positions, _NAME_CHARACTERS), key["exact"]) for key in keys[:_KEYS_SHOWN])
    return Section(shown, max(0, len(keys) - _KEYS_SHOWN), _figures(dataset["duplicates"]))


def _figures(found: Mapping[str, Any]) -> tuple[Entry, ...]:
    repeated, distinct, part = found["records"], found["distinct"], found["repeated_share"]
    records_within = f"within {number(repeated['error']).text}" if repeated["error"] else _HASHED
    distinct_within = f"within {bound(distinct['error'])}" if distinct["error"] else _HASHED
    share_within = f"within {100 * part['error']:.1f} points" if part["error"] else _HASHED
    digits = ESTIMATE_DIGITS if distinct["error"] else 15
    return (
        Entry("records that repeat another", _estimate(number(repeated["value"]), repeated, records_within)),
        Entry("different records", _estimate(number(distinct["value"], digits), distinct, distinct_within)),
        Entry("of them there more than once", _estimate(share(part["value"], 1), part, share_within)),
    )


def _estimate(figure: object, found: Mapping[str, Any], within: str) -> Markup:
    shown = escape(figure)
    if found["exact"]:
        return shown
    return Markup('{} <span class="within">{}</span>').format(approximate(shown, within), within)
