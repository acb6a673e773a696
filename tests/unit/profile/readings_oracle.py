"""How a column is read, as one would write it without a thought for speed: a value at a time, a character at a time."""

import itertools
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import profile_oracle as oracle

EVERYWHERE = {"NULL", "null", "(null)", "N/A", "n/a", "#N/A", "<NA>", "\\N"}
WHERE_TYPED = {
    "NA", "na", "N.A.", "n.a.", "#NA", "Null", "None", "none", "NONE", "NaN", "nan", "NAN",
    "-", "--", "\u2013", "\u2014", ".", "..", "?",
}  # fmt: skip
CURRENCIES = "$€£¥₹₩₽₺"
SPACES = " \xa0\u2009\u202f"
APOSTROPHES = "'\u2019"
DIGITS = set("0123456789")


@dataclass
class Number:
    """A number form taken apart; the plain text it stands for, and its marks."""

    plain: str
    unit: str = ""
    separator: str = ""
    bracketed: bool = False


@dataclass
class Reading:
    """A column as it should be reported."""

    rule: str
    type: str
    present: list[str]
    read: list[str]
    null_tokens: Counter[str] = field(default_factory=Counter)
    ambiguous: bool = False
    objected: bool = False


def wrappings() -> Iterator[tuple[str, str, bool, str, bool]]:
    """What may stand before and behind digits, whether that makes them negative, the unit, and whether in brackets."""
    yield "", "", False, "", False
    yield "-", "", True, "", False
    yield "(", ")", True, "", True
    for unit, space in itertools.product(CURRENCIES + "%", ("", *SPACES)):
        for sign in ("", "-", "+"):
            yield sign, space + unit, sign == "-", unit, False
            if unit != "%":
                yield sign + unit + space, "", sign == "-", unit, False
                yield unit + space + sign, "", sign == "-", unit, False
        yield "(", space + unit + ")", True, unit, True
        if unit != "%":
            yield "(" + unit + space, ")", True, unit, True
            yield unit + space + "(", ")", True, unit, True


WRAPPINGS = list(wrappings())


def number_of(text: str, decimal: str) -> Number | None:
    """Read a value that is no plain number, with that decimal mark."""
    if len(text.encode()) > 40:
        return None
    if decimal == "," and re.fullmatch(r"-?(0|[1-9][0-9]*)?,[0-9]+[eE][+-]?[0-9]{1,2}", text):
        return Number(text.replace(",", "."))
    for before, behind, negative, unit, bracketed in WRAPPINGS:
        if not text.startswith(before) or not text.endswith(behind):
            continue
        body = text[len(before) : len(text) - len(behind)]
        whole, mark, fraction = body.partition(decimal)
        digits, separator = whole_of(whole, "," if decimal == "." else ".")
        if digits is not None and (fraction if mark else whole) and set(fraction) <= DIGITS:
            plain = ("-" if negative else "") + digits + ("." if mark else "") + fraction
            return Number(plain, unit, separator, bracketed)
    return None


def whole_of(text: str, mark: str) -> tuple[str | None, str]:
    """Digits before the decimal mark, and how they are separated; None when they are not well formed."""
    for separator, characters in ((mark, mark), (" ", SPACES), ("'", APOSTROPHES)):
        groups = "".join(separator if each in characters else each for each in text).split(separator)
        if not set("".join(groups)) <= DIGITS:
            continue
        if len(groups) == 1:
            return (None if text.startswith("0") and text != "0" else text), ""
        good = 1 <= len(groups[0]) <= 3 and not text.startswith("0") and all(len(each) == 3 for each in groups[1:])
        return ("".join(groups) if good else None), separator
    return None, ""


def date_of(text: str, order: str) -> str | None:
    """Read a value that is no ISO date, as ISO."""
    date, blank, clock = text.partition(" ") if " " in text else text.partition("T")
    for separator in "/.-":
        parts = date.split(separator)
        if len(parts) == 3 and all(part and set(part) <= DIGITS for part in parts):
            break
    else:
        return None
    first, second, year = parts
    if len(first) > 2 or len(second) > 2 or len(year) != 4 or (separator == "." and order == "month_first"):
        return None
    day, month = (first, second) if order == "day_first" else (second, first)
    if blank:
        times = clock.split(":")
        if len(times) not in (2, 3) or not all(part and set(part) <= DIGITS for part in times):
            return None
        if len(times[0]) > 2 or any(len(part) != 2 for part in times[1:]):
            return None
        clock = ":".join(part.zfill(2) for part in times)
    iso = f"{year}-{month.zfill(2)}-{day.zfill(2)}" + (blank + clock if blank else "")
    return iso if oracle.kind_of(iso)[0] in ("date", "datetime") else None


def as_number(text: str, decimal: str) -> Number | None:
    """Read any value of a column of numbers; a plain one may be another with a decimal comma."""
    kind = oracle.kind_of(text)[0]
    if kind == "integer" or (kind == "number" and (decimal == "." or "." not in text)):
        return Number(text)
    if kind == "number":
        return Number(text.replace(".", ""), separator=".") if re.fullmatch(r"-?[1-9]\d{0,2}\.\d{3}", text) else None
    return number_of(text, decimal) if kind == "text" else None


def as_date(text: str, order: str) -> str | None:
    """Read any value of a column of dates."""
    kind = oracle.kind_of(text)[0]
    if kind in ("date", "datetime"):
        return text
    return date_of(text, order) if kind == "text" else None


def objects(numbers: list[Number]) -> bool:
    """Whether numbers that all read are none together."""
    units = {number.unit for number in numbers} - {""}
    separators = {number.separator for number in numbers} - {""}
    mixed = "%" in units and any(number.unit != "%" for number in numbers)
    return len(units) > 1 or len(separators) > 1 or mixed or all(number.bracketed for number in numbers)


def read_values(present: list[str]) -> Reading:
    """Read values none of which is null."""
    kind = oracle.type_of(present)
    if kind != "string":
        with_comma = [as_number(value, ",") for value in present] if kind == "number" else []
        others = [number.plain for number in with_comma if number]
        return Reading("plain", kind, present, present, ambiguous=len(others) == len(present) and others != present)
    for names, options in (
        (("decimal_point", "decimal_comma"), [[as_number(value, mark) for value in present] for mark in ".,"]),
        (
            ("day_first", "month_first"),
            [[as_date(v, order) for v in present] for order in ("day_first", "month_first")],
        ),
    ):
        if not all(one or other for one, other in zip(*options, strict=True)):
            continue
        fitting = {}
        for name, read in zip(names, options, strict=True):
            known = [each for each in read if each is not None]
            if len(known) == len(present) and not (isinstance(known[0], Number) and objects(known)):
                fitting[name] = [each.plain if isinstance(each, Number) else each for each in known]
        if not fitting:
            return Reading("plain", "string", present, present, objected=True)
        rule, read = next(iter(fitting.items()))
        return Reading(
            rule,
            oracle.type_of(read),
            present,
            read,
            ambiguous=any(meant(other) != meant(read) for other in fitting.values()),
        )
    return Reading("plain", "string", present, present)


def meant(texts: list[str]) -> list[object]:
    """What texts stand for."""
    return [oracle.kind_of(text)[1] for text in texts]


def read_column(values: list[str], null_values: set[str] | None = None) -> Reading:
    """Read a column, empty values among it."""
    everywhere = EVERYWHERE if null_values is None else null_values
    typed = everywhere | (WHERE_TYPED if null_values is None else set())
    tokens = typed
    reading = read_values([value for value in values if value and value not in typed])
    if reading.type in ("string", "empty"):
        tokens = everywhere
        reading = read_values([value for value in values if value and value not in everywhere])
    reading.null_tokens = Counter(value for value in values if value and value in tokens)
    return reading
