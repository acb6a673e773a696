"""From what is known of the columns to schemas of them: a Table Schema and a JSON Schema.

Both are promises that this dataset keeps: a constraint stands in them only where every record keeps it. Where the
standard has no words for how a column is written (a currency sign after a minus, parentheses, spaces between
thousands, times that follow a day-first date), the Table Schema calls it a string.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fanfold import limits

_JSON_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string"},
    "string": {"type": "string"},
    "empty": {"type": "null"},
}
_ORDERED = ("integer", "number", "date", "datetime")
"""Types with bounds; but for instants with a zone, which the report gives in another one than they are written in."""


def table_schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """A Table Schema (https://datapackage.org/standard/table-schema/) of the report's columns."""
    missing = sorted({text for column in document["columns"] for text in column["reading"].get("null_tokens", {})})
    fields = [_field(column, document["dataset"]["records"], missing) for column in document["columns"]]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        "missingValues": ["", *missing],
    }


def json_schema(document: Mapping[str, Any]) -> dict[str, Any]:
    """A JSON Schema (draft 2020-12) of one record as an object with typed values, null where a field is empty."""
    columns = document["columns"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": document["dataset"]["name"],
        "type": "object",
        "properties": {column["name"]: _property(column) for column in columns},
        "required": [column["name"] for column in columns],
        "additionalProperties": False,
    }


def _field(column: Mapping[str, Any], records: int, missing: Sequence[str]) -> dict[str, Any]:
    kind, form = _table_type(column)
    constraints: dict[str, Any] = {}
    # What is null in one column is missing in all of them, though in one of text it is a value.
    if records and not column["nulls"] and not (missing and column["type"] == "string"):
        constraints["required"] = True
    if _is_unique(column):
        constraints["unique"] = True
    values = _few_values(column)
    if kind == "string" and values is not None:
        constraints["enum"] = list(values)
    # A bound of a date is written as its values are, which the report does not keep.
    if kind in _ORDERED and "format" not in form and column["min"] is not None and not column["evidence"]["zoned"]:
        constraints |= {"minimum": column["min"], "maximum": column["max"]}
    return {"name": column["name"], "type": kind, **form, **({"constraints": constraints} if constraints else {})}


def _table_type(column: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Type, and how it is written. An empty column may hold anything; one of several notations is text."""
    kind: str = column["type"]
    if kind == "empty":
        return "any", {}
    rule = column["reading"]["rule"]
    if rule != "plain":
        form = _number_form(column) if rule in _DECIMAL_CHARS else _date_form(column)
        return ("string", {}) if form is None else form
    evidence = column.get("evidence", {})
    mixed = kind == "datetime" and evidence.get("date", 0) > 0
    return ("string" if mixed else kind), {}


_DECIMAL_CHARS = {"decimal_point": ".", "decimal_comma": ","}
_DATES = {"day_first": ("%d", "%m", "%Y"), "month_first": ("%m", "%d", "%Y")}


def _number_form(column: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """As the standard has it: one character between thousands, and anything but a sign before and after a number."""
    reading = column["reading"]
    unit, group, decimal = reading.get("unit"), reading.get("thousands"), _DECIMAL_CHARS[reading["rule"]]
    signed = unit not in {None, "%"} and column["negatives"]
    if signed or "parentheses" in reading or group not in {None, ",", "."}:
        return None
    form = {
        **({"decimalChar": decimal} if decimal != "." else {}),
        **({"groupChar": group} if group else {}),
        **({"bareNumber": False} if unit else {}),
    }
    return ("number" if "decimalChar" in form or group else column["type"]), form


def _date_form(column: Mapping[str, Any]) -> tuple[str, dict[str, Any]] | None:
    reading = column["reading"]
    if column["type"] != "date" or "separator" not in reading or reading["evidence"]["plain"]:
        return None
    return "date", {"format": reading["separator"].join(_DATES[reading["rule"]])}


def _property(column: Mapping[str, Any]) -> dict[str, Any]:
    made = dict(_JSON_TYPES[column["type"]])
    if column["type"] in {"integer", "number"}:
        made |= {"minimum": column["min"], "maximum": column["max"]}
    values = _few_values(column)
    if column["type"] == "string" and values is not None:
        made["enum"] = [*values, *([None] if column["nulls"] else [])]
    if column["nulls"] and column["type"] != "empty":
        made["type"] = [made["type"], "null"]
    return made


def _is_unique(column: Mapping[str, Any]) -> bool:
    """Whether all values differ, as what they are: 1 and 1.0 are two texts and one number."""
    distinct = column["distinct"]
    differ = distinct["exact"] and column["count"] > 1 and distinct["value"] == column["count"]
    rising = column["type"] in _ORDERED and (column["sorted"] or "").startswith("strictly")
    return bool(differ and (_is_written_one_way(column) or rising))


def _is_written_one_way(column: Mapping[str, Any]) -> bool:
    """Whether there is but one text for each value; an integer that is zero has two."""
    if column["type"] == "string":
        return True
    plain = column["reading"]["rule"] == "plain"
    return plain and (column["type"] == "date" or (column["type"] == "integer" and bool(column["zeros"] < 2)))


def _few_values(column: Mapping[str, Any]) -> Sequence[str] | None:
    """All values, sorted, where they are few, each seen more than once on average, and none is cut."""
    top = column["top"]
    values = sorted(entry["value"] for entry in top)
    complete = column["top_exact"] and sum(entry["count"] for entry in top) == column["count"]
    few = 0 < len(values) <= limits.ENUM_VALUES_MAX and column["count"] >= 2 * len(values)
    whole = all(len(value) <= limits.SHOWN_CHARACTERS for value in values)
    return values if complete and few and whole else None
