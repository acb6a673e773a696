"""A Table Schema as the rules that its fields have to keep.

Format: the Table Schema of the Data Package standard (https://datapackage.org/standard/table-schema/), read and
checked by `frictionless`. What is not supported is refused by name: the types object, array, list, geopoint, geojson
and duration, composite keys, the format `any`, patterns with look-around or back-references.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import polars as pl
from frictionless import FrictionlessException, Schema

from fanfold import limits
from fanfold.errors import RequestRefused

TYPES = ("string", "integer", "number", "boolean", "date", "time", "datetime", "year", "yearmonth", "any")
_FORMATS = {"string": ("default", "email", "uri", "uuid")}
_PLACE = "options.schema"


class Field(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One field of a schema; `column` is its 0-based place in the dataset, None where the dataset does not have it."""

    name: str
    column: int | None
    type: str
    format: str = "default"
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    enum: tuple[str, ...] | None = None
    minimum: str | None = None
    maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    decimal_char: str = "."
    group_char: str = ""
    bare_number: bool = True


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """A schema bound to the columns of a dataset."""

    fields: tuple[Field, ...]
    missing_values: tuple[str, ...] = ("",)
    extra: tuple[str, ...] = ()
    """Columns that the schema does not know."""
    disordered: bool = False
    """Whether the schema wants its order kept, and it is not."""
    fields_match: str = "exact"


def read_rules(descriptor: Mapping[str, Any], columns: Sequence[str]) -> Rules:
    """Bind a Table Schema to the dataset's columns, by name; RequestRefused for what is invalid or not supported."""
    checked = check_descriptor(descriptor)
    places = {name: place for place, name in enumerate(columns)}
    fields = tuple(_field(place, field, places) for place, field in enumerate(checked["fields"]))
    found = [field.column for field in fields if field.column is not None]
    known = set(found)
    match = checked.get("fieldsMatch", "exact")
    return Rules(
        fields=fields,
        missing_values=tuple(checked.get("missingValues", ("",))),
        extra=tuple(name for place, name in enumerate(columns) if place not in known),
        disordered=match == "exact" and found != sorted(found),
        fields_match=match,
    )


def check_descriptor(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """The descriptor as the standard has it; RequestRefused says what is wrong with it, and where."""
    try:
        checked: dict[str, Any] = Schema.from_descriptor(dict(descriptor)).to_descriptor()
    except FrictionlessException as error:
        notes = "; ".join(reason.note for reason in error.reasons[:3]) or error.error.note
        raise RequestRefused(f"{_PLACE}: expected a Table Schema, found that {notes}") from error
    if len(checked["fields"]) > limits.COLUMNS_MAX:
        raise RequestRefused(f"{_PLACE}.fields: expected at most {limits.COLUMNS_MAX}, found {len(checked['fields'])}")
    if isinstance(checked.get("primaryKey"), list) and len(checked["primaryKey"]) > 1:
        raise RequestRefused(f"{_PLACE}.primaryKey: a key of several fields is not supported")
    return checked


def _field(place: int, given: Mapping[str, Any], places: Mapping[str, int]) -> Field:
    where = f"{_PLACE}.fields[{place}] ({given['name']!r})"
    constraints = given.get("constraints", {})
    kind = given.get("type", "string")
    _check_kind(where, kind, given.get("format", "default"))
    pattern = constraints.get("pattern")
    if pattern is not None:
        _check_pattern(where, pattern)
    return Field(
        name=given["name"],
        column=places.get(given["name"]),
        type=kind,
        format=given.get("format", "default"),
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        pattern=pattern,
        enum=None if "enum" not in constraints else tuple(map(written, constraints["enum"])),
        minimum=_bound(where, "minimum", constraints, kind),
        maximum=_bound(where, "maximum", constraints, kind),
        min_length=constraints.get("minLength"),
        max_length=constraints.get("maxLength"),
        true_values=tuple(given.get("trueValues", ("true", "True", "TRUE", "1"))),
        false_values=tuple(given.get("falseValues", ("false", "False", "FALSE", "0"))),
        decimal_char=given.get("decimalChar", "."),
        group_char=given.get("groupChar", ""),
        bare_number=given.get("bareNumber", True),
    )


def written(value: Any) -> str:
    """A value of a JSON document as it would stand in a CSV."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _check_kind(where: str, kind: str, form: str) -> None:
    if kind not in TYPES:
        raise RequestRefused(f"{where}: type {kind!r} is not supported; expected one of {', '.join(TYPES)}")
    formats = _FORMATS.get(kind, ("default",))
    if form not in formats and not (kind in {"date", "time", "datetime"} and "%" in form):
        raise RequestRefused(f"{where}: format {form!r} of a {kind} is not supported; expected {' or '.join(formats)}")


def _check_pattern(where: str, pattern: str) -> None:
    """An engine of linear time: no pattern can be made to hang on a value."""
    try:
        pl.Series([""]).str.contains(whole(pattern))
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n\nThis error", maxsplit=1)[0].strip().splitlines()[-1]
        raise RequestRefused(f"{where}: pattern {pattern!r} is not supported: {reason}") from error


def whole(pattern: str) -> str:
    """A pattern that has to match all of a value."""
    return f"^(?:{pattern})$"


def _bound(where: str, name: str, constraints: Mapping[str, Any], kind: str) -> str | None:
    if name not in constraints:
        return None
    text = written(constraints[name])
    if kind in {"integer", "number", "year"}:
        try:
            float(text)
        except ValueError:
            raise RequestRefused(f"{where}: expected a number as {name}, found {text!r}") from None
    return text
