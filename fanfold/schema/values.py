"""What a field's values have to look like, as polars expressions over the column of texts: no loop over values."""

from collections.abc import Callable, Sequence

import polars as pl

from fanfold.schema.rules import Field

_INTEGER_DIGITS = 38
"""Characters of an integer that fits 128 bits in any case."""
_INTEGER = r"^[+-]?[0-9]+$"
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_NAMED = ("NaN", "INF", "-INF")
_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9](:([0-5][0-9]|60)(\.[0-9]+)?)?"
_ZONE = r"(Z|[+-][0-9]{2}:?[0-9]{2})?"
_PLAIN_FORMS = {"year": r"^-?[0-9]{4,}$", "yearmonth": r"^[0-9]{4}-(0[1-9]|1[0-2])$"}
_TEXT_FORMS = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "uri": r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$",
    "uuid": r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
}


def reads(field: Field, text: pl.Expr) -> pl.Expr:
    """Whether a text reads as the field's type."""
    if field.type in {"date", "time", "datetime"}:
        return _reads_time(field, text)
    if field.type in {"integer", "number"}:
        plain = number_text(field, text)
        digits = _INTEGER if field.type == "integer" else _NUMBER
        return plain.str.contains(digits) | plain.is_in(_NAMED if field.type == "number" else [])
    if field.type == "boolean":
        return text.is_in([*field.true_values, *field.false_values])
    form = _TEXT_FORMS.get(field.format) or _PLAIN_FORMS.get(field.type)
    return pl.lit(value=True) if form is None else text.str.contains(form)


def number_text(field: Field, text: pl.Expr) -> pl.Expr:
    """A number with a point for its decimals and nothing between its digits."""
    if field.group_char:
        text = text.str.replace_all(field.group_char, "", literal=True)
    if field.decimal_char != ".":
        text = text.str.replace(field.decimal_char, ".", literal=True)
    if not field.bare_number:
        text = text.str.replace(r"^\+?[^0-9+.-]+", "").str.replace(r"[^0-9.]+$", "")
    return text


def among(field: Field, text: pl.Expr, values: Sequence[str]) -> pl.Expr:
    """Whether a text that reads as the field's type is one of some values: of numbers 1.0 is 1."""
    if field.type in {"integer", "year"}:
        return _plain_integer(field, text).is_in([str(int(value)) for value in values])
    if field.type == "number":
        return _double(field, text).is_in([float(value) for value in values])
    if field.type == "boolean":
        sides = (field.true_values, "true"), (field.false_values, "false")
        meant = [each for side, name in sides if not {*side, name}.isdisjoint(values) for each in side]
        return text.is_in(meant)
    return text.is_in(list(values))


def compared(field: Field, text: pl.Expr, value: str, outside: Callable[[pl.Expr, pl.Expr], pl.Expr]) -> pl.Expr:
    """Whether a text lies outside a bound; one that does not read does not."""
    found = outside(_ordered(field, text), _bound(field, value))
    if field.type in {"integer", "year"}:
        # Beyond the widest integer there is, doubles are near enough: the bound is either not there, or as large.
        found = found.fill_null(outside(_double(field, text), pl.lit(float(value))))
    return found.fill_null(value=False)


def _ordered(field: Field, text: pl.Expr) -> pl.Expr:
    """The value that bounds are compared with; null where the text does not read."""
    if field.type in {"integer", "year"}:
        # As text first: a cast to an integer would refuse a plus sign.
        return number_text(field, text).str.strip_prefix("+").cast(pl.Int128, strict=False)
    if field.type == "number":
        return _double(field, text)
    if field.type == "date":
        return text.str.to_date(_form(field, "%Y-%m-%d"), strict=False)
    if field.type == "datetime":
        return _clock(text) if field.format == "default" else text.str.to_datetime(field.format, strict=False)
    if field.type == "time":
        return _full(text) if field.format == "default" else text.str.to_time(field.format, strict=False)
    return text


def _bound(field: Field, value: str) -> pl.Expr:
    """A bound of the schema as something that ordered values compare with."""
    if field.type in {"integer", "year", "number"}:
        whole = field.type != "number" and len(value) <= _INTEGER_DIGITS and value.lstrip("+-").isdigit()
        return pl.lit(value.removeprefix("+")).cast(pl.Int128) if whole else pl.lit(float(value))
    text = pl.lit(value)
    if field.type == "date":
        return text.str.to_date("%Y-%m-%d", strict=False)
    if field.type == "datetime":
        return _clock(text) if field.format == "default" else _clock(text).str.to_datetime("%Y-%m-%dT%H:%M:%S")
    if field.type == "time":
        return _full(text) if field.format == "default" else _full(text).str.to_time("%H:%M:%S")
    return text


def _double(field: Field, text: pl.Expr) -> pl.Expr:
    return number_text(field, text).str.strip_prefix("+").cast(pl.Float64, strict=False)


def _plain_integer(field: Field, text: pl.Expr) -> pl.Expr:
    """An integer as it is written without a plus sign or leading zeros."""
    bare = number_text(field, text).str.strip_prefix("+").str.replace(r"^(-?)0+([0-9])", "${1}${2}")
    return bare.str.replace("^-0$", "0")


def _full(text: pl.Expr) -> pl.Expr:
    """A time with its seconds, which orders as text."""
    return pl.when(text.str.len_bytes() == len("HH:MM")).then(text + pl.lit(":00")).otherwise(text)


def _clock(text: pl.Expr) -> pl.Expr:
    """A datetime up to its seconds as it is written, which orders as text; the zone is left aside."""
    seconds = pl.when(text.str.slice(16, 1) == ":").then(text.str.slice(16, 3)).otherwise(pl.lit(":00"))
    return text.str.slice(0, 10) + pl.lit("T") + text.str.slice(11, 5) + seconds


def _reads_time(field: Field, text: pl.Expr) -> pl.Expr:
    if field.format != "default":
        parse = {"date": text.str.to_date, "datetime": text.str.to_datetime, "time": text.str.to_time}[field.type]
        return parse(field.format, strict=False).is_not_null()
    if field.type == "time":
        return text.str.contains(f"^{_CLOCK}$")
    day = text if field.type == "date" else text.str.slice(0, 10)
    real = day.str.contains(_DATE) & day.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return real if field.type == "date" else real & text.str.slice(10).str.contains(f"^[T ]{_CLOCK}{_ZONE}$")


def _form(field: Field, default: str) -> str:
    return default if field.format == "default" else field.format
