"""What a field's values have to look like, as polars expressions over the column of texts: no loop over values."""

import polars as pl

from fanfold.schema.rules import Field

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


def ordered(field: Field, text: pl.Expr) -> pl.Expr:
    """The value that bounds are compared with; null where the text does not read."""
    if field.type in {"integer", "year"}:
        # As text first: a cast to an integer would refuse a plus sign.
        return number_text(field, text).str.strip_prefix("+").cast(pl.Int128, strict=False)
    if field.type == "number":
        return number_text(field, text).str.strip_prefix("+").cast(pl.Float64, strict=False)
    if field.type == "date":
        return text.str.to_date(_form(field, "%Y-%m-%d"), strict=False)
    if field.type == "datetime" and field.format != "default":
        return text.str.to_datetime(field.format, strict=False)
    if field.type == "datetime":
        return _clock(text)
    return text


def bound(field: Field, value: str) -> pl.Expr:
    """A bound of the schema as something that `ordered` values compare with."""
    if field.type in {"integer", "year"} and value.lstrip("+-").isdigit():
        return pl.lit(value.removeprefix("+")).cast(pl.Int128)
    if field.type in {"integer", "year", "number"}:
        return pl.lit(float(value))
    if field.type == "date":
        return pl.lit(value).str.to_date("%Y-%m-%d", strict=False)
    if field.type == "datetime" and field.format != "default":
        return pl.lit(value[:19].replace(" ", "T")).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    return _clock(pl.lit(value)) if field.type == "datetime" else pl.lit(value)


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
