"""How the texts of a column look: their patterns, the kinds of characters in them, and whether they are personal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup, escape

from fanfold.report.contract import CHARACTERS
from fanfold.report.figures import number
from fanfold.report.pieces import VALUE_CHARACTERS, Bar, bars, value

_PATTERNS_SHOWN = 5
_PERSONAL = {"email": "e-mail addresses", "phone": "phone numbers", "card": "card numbers", "iban": "IBANs"}


def patterns(column: Mapping[str, Any]) -> list[Bar]:
    """The most frequent ones: A and a stand for letters, 9 for a digit."""
    found = column.get("patterns", ())[:_PATTERNS_SHOWN]
    within = "" if column.get("patterns_exact", True) else _within(column["patterns_error"])
    shown = [(value(pattern["pattern"], VALUE_CHARACTERS), pattern["count"]) for pattern in found]
    return bars(shown, column["count"], within)


def characters(column: Mapping[str, Any]) -> list[Bar]:
    """How many values hold a kind of character; nothing is said of kinds that are in none."""
    found = column.get("characters")
    if not found:
        return []
    within = "" if found["exact"] else _within(found["error"])
    words = [(escape(kind.replace("_", "-")), found[kind]) for kind in CHARACTERS if found[kind]]
    return bars(words, column["count"], within)


def personal(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """How many of the values that were looked at have the form of personal data, kind by kind."""
    found = column.get("personal", {})
    looked_at = number(found.get("looked_at")).text
    seen = {key: count for key, count in found.items() if key != "looked_at" and count}
    return [
        (f"like {_PERSONAL.get(key, key)}", escape(f"{number(count).text} of {looked_at}"))
        for key, count in seen.items()
    ]


def _within(error: int) -> str:
    return f"within {number(error).text}"
