"""The profile as one would write it without a thought for speed: Python's re, int, float, Fraction, Counter, sorted."""

import datetime as dt
import math
import re
from collections import Counter
from fractions import Fraction
from typing import Any

INTEGER = re.compile(r"-?(0|[1-9][0-9]*)", re.ASCII)
NUMBER = re.compile(r"-?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
PADDED = re.compile(r"-?0[0-9]", re.ASCII)
DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
CLOCK = re.compile(r"[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?", re.ASCII)
ZONE = re.compile(r"Z|([+-])([0-9]{2}):?([0-9]{2})", re.ASCII)
LARGEST = Fraction(1.7976931348623157e308) + Fraction(2) ** 969
"""Half a unit above the largest double: from here on a rational rounds to infinity."""


def kind_of(text: str) -> tuple[str, Any]:
    """Return kind and value of one text that is not empty."""
    if INTEGER.fullmatch(text) and len(text.lstrip("-")) <= 308:
        return "integer", int(text)
    if (
        NUMBER.fullmatch(text)
        and not PADDED.match(text)
        and len(text.encode()) <= 320
        and math.isfinite(value := float(text))
    ):
        return "number", value + 0.0
    if text.lower() in ("true", "false") and text.isascii():
        return "boolean", text.lower() == "true"
    return _time_of(text)


def _time_of(text: str) -> tuple[str, Any]:  # noqa: PLR0911 - a guard a line reads as the grammar does
    days = _days(text[:10])
    rest = text[10:]
    if days is None:
        return "text", text
    if not rest:
        return "date", days
    clock = CLOCK.match(rest)
    if not clock:
        return "text", text
    hour, minute, second = (int(clock[group] or 0) for group in (1, 2, 3))
    if hour > 23 or minute > 59 or second > 59:
        return "text", text
    nanoseconds = int((clock[4] or "").ljust(9, "0"))
    zone_text = rest[clock.end() :]
    instant = ((days * 24 + hour) * 60 + minute) * 60 + second
    if not zone_text:
        return "datetime", instant * 10**9 + nanoseconds
    zone = ZONE.fullmatch(zone_text)
    if not zone:
        return "text", text
    if zone[1]:
        hours, minutes = int(zone[2]), int(zone[3])
        if hours > 23 or minutes > 59:
            return "text", text
        instant -= (1 if zone[1] == "+" else -1) * (hours * 60 + minutes) * 60
    return "zoned", instant * 10**9 + nanoseconds


def _days(text: str) -> int | None:
    match = DATE.fullmatch(text)
    if not match:
        return None
    year, month, day = map(int, match.groups())
    shift = 0 if year else 400  # datetime starts at year 1; the calendar repeats every 400 years
    try:
        date = dt.date(year + shift, month, day)
    except ValueError:
        return None
    return date.toordinal() - dt.date(1970, 1, 1).toordinal() - (146_097 if shift else 0)


def kinds(values: list[str]) -> Counter[str]:
    """Evidence of a column."""
    return Counter(kind_of(value)[0] for value in values if value)


def type_of(values: list[str]) -> str:
    """Type of a column."""
    found = set(kinds(values))
    for name, allowed in (
        ("empty", set()),
        ("integer", {"integer"}),
        ("number", {"integer", "number"}),
        ("boolean", {"boolean"}),
        ("date", {"date"}),
        ("datetime", {"date", "datetime"}),
        ("datetime", {"zoned"}),
    ):
        if found <= allowed:
            return name
    return "string"


def nearest(value: Fraction) -> float | None:
    """Round a rational to a double; None beyond the largest."""
    return None if abs(value) >= LARGEST else float(value) + 0.0


def deviation(numbers: list[Fraction]) -> Fraction:
    """Sample variance, exactly."""
    mean = sum(numbers) / len(numbers)
    return sum((number - mean) ** 2 for number in numbers) / (len(numbers) - 1)


def quantile(ordered: list[Fraction], q: str) -> float | None:
    """Type 7."""
    return nearest(exact_quantile(ordered, q))


def exact_quantile(ordered: list[Fraction], q: str) -> Fraction:
    """Type 7, not rounded."""
    place = Fraction(q) * (len(ordered) - 1)
    low = ordered[math.floor(place)]
    return low + (place - math.floor(place)) * (ordered[math.ceil(place)] - low)
