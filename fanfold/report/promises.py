"""The Table Schema that follows from the data, as a table: what every record of this dataset keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from fanfold import limits
from fanfold.report.pieces import column_link, value
from fanfold.report.text import datum

_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `keeps` are its constraints in words."""

    name: Markup
    type: str
    keeps: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """As many fields as a page shows."""

    fields: tuple[Field, ...]
    unshown: int


def section(schema: Mapping[str, Any] | None, positions: Mapping[str, int]) -> Section | None:
    """None where there is no schema, or nothing in it."""
    if schema is None or not schema["fields"]:
        return None
    fields = schema["fields"]
    return Section(
        fields=tuple(_field(field, positions) for field in fields[: limits.CARDS_MAX]),
        unshown=max(0, len(fields) - limits.CARDS_MAX),
    )


def _field(field: Mapping[str, Any], positions: Mapping[str, int]) -> Field:
    constraints = field.get("constraints", {})
    parts = [Markup(word) for word in ("required", "unique") if constraints.get(word)]  # noqa: S704 - our own words
    if "minimum" in constraints:
        parts.append(
            Markup("{} to {}").format(
                value(constraints["minimum"], _CHARACTERS), value(constraints["maximum"], _CHARACTERS)
            )
        )
    if "enum" in constraints:
        parts.append(
            Markup("one of {}").format(Markup(", ").join(datum(each, _CHARACTERS) for each in constraints["enum"]))
        )
    return Field(column_link(field["name"], positions, _CHARACTERS), field["type"], Markup("; ").join(parts))
