"""A Table Schema as the rules that its fields have to keep.

Format: the Table Schema of the Data Package standard (https://datapackage.org/standard/table-schema/), read and
checked by `frictionless`. What is not supported is refused by name: the types object, array, list, geopoint, geojson
and duration, keys of several fields, foreign keys, missing values of a single field, the format `any`, patterns with
look-around or back-references.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

import msgspec
import polars as pl

from fanfold import limits
from fanfold.errors import RequestRefused

TYPES = ("string", "integer", "number", "boolean", "date", "time", "datetime", "year", "yearmonth", "any")
_FORMATS = {"string": ("default", "email", "uri", "uuid")}
_PLACE = "options.schema"
_NUMERIC = ("integer", "number", "year")
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_DAY = r"\d{4}-\d\d-\d\d"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d+)?)?"
_BOUND_FORMS = {
    "date": re.compile(_DAY, re.ASCII),
    "time": re.compile(_CLOCK, re.ASCII),
    "datetime": re.compile(rf"{_DAY}[T ]{_CLOCK}(Z|[+-]\d\d:?\d\d)?", re.ASCII),
    "yearmonth": re.compile(r"\d{4}-(0[1-9]|1[0-2])", re.ASCII),
}


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
    exclusive_minimum: str | None = None
    exclusive_maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    decimal_char: str = "."
    group_char: str = ""
    bare_number: bool = True


class _Document(msgspec.Struct, frozen=True, rename={"profile": "$schema"}):
    """The types of what is read of a descriptor, for the library looks at few of them."""

    profile: str = ""
    primaryKey: str | list[str] = ""  # noqa: N815 - as the standard calls it, here and below
    uniqueKeys: tuple[str | list[str], ...] = ()  # noqa: N815
    foreignKeys: tuple[Any, ...] = ()  # noqa: N815
    missingValues: tuple[str, ...] = ()  # noqa: N815
    fieldsMatch: Literal["exact", "equal", "subset", "superset", "partial"] = "exact"  # noqa: N815
    fields: tuple["_Described", ...] = ()


class _Described(msgspec.Struct, frozen=True):
    name: str = ""
    type: str = ""
    format: str = ""
    trueValues: tuple[str, ...] = ()  # noqa: N815
    falseValues: tuple[str, ...] = ()  # noqa: N815
    decimalChar: str = ""  # noqa: N815
    groupChar: str = ""  # noqa: N815
    bareNumber: bool = True  # noqa: N815
    constraints: dict[str, Any] = {}


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
    fields = _fields(checked, places)
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
        json.dumps(descriptor, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise RequestRefused(f"{_PLACE}: found half a surrogate pair, which no dataset holds: {error}") from error
    # Takes a quarter of a second, and few runs are given a schema; every process that reads chunks has the rules above.
    from frictionless import FrictionlessException, Schema  # noqa: PLC0415

    try:
        checked: dict[str, Any] = Schema.from_descriptor(dict(descriptor)).to_descriptor()
        msgspec.convert(descriptor, _Document)
    except FrictionlessException as error:
        notes = "; ".join(reason.note for reason in error.reasons[:3]) or error.error.note
        raise RequestRefused(f"{_PLACE}: expected a Table Schema, found that {notes}") from error
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise RequestRefused(f"{_PLACE}: expected a Table Schema, found something of another type: {error}") from error
    if len(checked["fields"]) > limits.COLUMNS_MAX:
        raise RequestRefused(f"{_PLACE}.fields: expected at most {limits.COLUMNS_MAX}, found {len(checked['fields'])}")
    if checked.get("foreignKeys"):
        raise RequestRefused(f"{_PLACE}.foreignKeys: other tables are not read, so these are not supported")
    _fields(checked, {})
    return checked


def _fields(checked: Mapping[str, Any], places: Mapping[str, int]) -> tuple[Field, ...]:
    primary = _key("primaryKey", checked.get("primaryKey") or ())
    keys = {_key("uniqueKeys", key) for key in checked.get("uniqueKeys", ())} | {primary}
    fields = (_field(place, field, places) for place, field in enumerate(checked["fields"]))
    return tuple(
        msgspec.structs.replace(
            field, required=field.required or field.name == primary, unique=field.unique or field.name in keys
        )
        for field in fields
    )


def _key(name: str, given: str | Sequence[str]) -> str | None:
    """The one field that a key is made of."""
    fields = [given] if isinstance(given, str) else given
    if len(fields) > 1:
        raise RequestRefused(f"{_PLACE}.{name}: a key of several fields is not supported")
    return fields[0] if fields else None


def _field(place: int, given: Mapping[str, Any], places: Mapping[str, int]) -> Field:
    where = f"{_PLACE}.fields[{place}] ({given['name']!r})"
    constraints = given.get("constraints", {})
    kind = given.get("type", "string")
    _check_kind(where, kind, given.get("format", "default"))
    if "missingValues" in given:
        raise RequestRefused(f"{where}: missingValues of a single field are not supported; give them to all of them")
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
        enum=None if "enum" not in constraints else _enum(where, constraints["enum"], kind),
        **{_snake(name): _bound(where, name, constraints, kind) for name in _BOUNDS},
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


def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _enum(where: str, values: Sequence[Any], kind: str) -> tuple[str, ...]:
    texts = tuple(map(written, values))
    wrong = [text for text in texts if kind in _NUMERIC and not _is_number(text, kind)]
    if wrong:
        raise RequestRefused(f"{where}: expected {kind}s as enum, found {wrong[0]!r}")
    return texts


def _bound(where: str, name: str, constraints: Mapping[str, Any], kind: str) -> str | None:
    if name not in constraints:
        return None
    text = written(constraints[name])
    if kind in _NUMERIC and not _is_number(text, "number"):
        raise RequestRefused(f"{where}: expected a number as {name}, found {text!r}")
    if kind in _BOUND_FORMS and not _is_moment(text, kind):
        raise RequestRefused(f"{where}: expected a {kind} in its ISO form as {name}, found {text!r}")
    return text


def _is_number(text: str, kind: str) -> bool:
    try:
        return not math.isnan(float(text)) if kind == "number" else int(text) is not None
    except ValueError:
        return False


def _is_moment(text: str, kind: str) -> bool:
    """Whether a text names a moment, and one that is in the calendar."""
    if not _BOUND_FORMS[kind].fullmatch(text):
        return False
    if kind not in {"date", "datetime"}:
        return True
    year, rest = text[:4], text[4:10]
    try:
        # The year 0, which Python does not have, is as long as 4.
        return date.fromisoformat(("0004" if year == "0000" else year) + rest) is not None
    except ValueError:
        return False
