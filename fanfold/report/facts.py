"""The figures of one column, as they stand on its card."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup, escape

from fanfold.report import looks
from fanfold.report.figures import ESTIMATE_DIGITS, bound, duration, number, share
from fanfold.report.pieces import VALUE_CHARACTERS, Entry, approximate, value

HASHED = "exact unless two values share a hash"

_DAYS_FROM = timedelta(days=2)  # a shorter span is told in hours
_WITHOUT_RANGE = ("empty", "boolean")
_NUMERIC = ("integer", "number")


def facts(column: Mapping[str, Any], distinct: Markup) -> list[Entry]:
    """Labelled figures; nothing is said of what does not apply to the type."""
    shown = [("present", value(column["count"])), ("missing", value(column["nulls"])), ("distinct", distinct)]
    shown += _repetition(column)
    if column["type"] in _NUMERIC:
        labels = {"mean": "mean", "std": "std. deviation", "sum": "sum", "zeros": "zeros", "negatives": "negatives"}
        shown += [(key, value(column[key])) for key in ("min", "max", "range") if key in column]
        shown += [(label, value(column[key])) for key, label in labels.items()]
    elif column["type"] not in _WITHOUT_RANGE:
        first, last = ("earliest", "latest") if column["type"].startswith("date") else ("min", "max")
        shown += [(first, value_of(column, column["min"])), (last, value_of(column, column["max"]))]
        shown += _span(column) + _lengths(column)
    shown += _shape(column) + _in_file_order(column) + looks.personal(column)
    return [Entry(label, figure) for label, figure in shown]


def _repetition(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """How far the values differ, and how many of the different ones are there once."""
    if column.get("uniqueness") is None or column["type"] == "boolean":
        return []
    distinct, singles = column["distinct"], column["singles"]
    within = "" if distinct["exact"] else distinct_bound(column)
    return [
        ("distinct share", approximate(escape(share(column["uniqueness"], 1)), within)),
        ("there once", approximate(escape(share(singles["value"], 1)), _singles_bound(singles))),
    ]


def _singles_bound(singles: Mapping[str, Any]) -> str:
    if singles["exact"]:
        return ""
    return f"within {100 * singles['error']:.1f} points" if singles["error"] else HASHED


def _shape(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """How numbers spread and lean, and what is odd among the values; nothing is said of what is not there."""
    labels = {"variance": "variance", "standard_error": "std. error", "cv": "variation"}
    labels |= {"skewness": "skewness", "kurtosis": "kurtosis"}
    shown = [(label, value(column[key])) for key, label in labels.items() if column.get(key) is not None]
    if column.get("iqr") is not None:
        shown.append(("IQR", _iqr(column)))
    odd = {"blanks": "blank", "infinite": "infinite", "nans": "not a number"}
    return shown + [(label, value(column[key])) for key, label in odd.items() if column.get(key)]


def _iqr(column: Mapping[str, Any]) -> Markup:
    quantiles = column["quantiles"]
    if quantiles["exact"]:
        return value(column["iqr"])
    # Each quartile is within the bound of itself: what is between them is within that of both together.
    return approximate(
        escape(number(column["iqr"], ESTIMATE_DIGITS)), f"each quartile within {bound(quantiles['error'])}"
    )


def _in_file_order(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    if column.get("first") is None:
        return []
    shown = [("first", value_of(column, column["first"])), ("last", value_of(column, column["last"]))]
    return shown if column["sorted"] in {None, "no", "constant"} else [*shown, ("sorted", value(column["sorted"]))]


def _lengths(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    if column["type"] != "string":
        return []
    least, most = value(column["min_length"]), value(column["max_length"])
    lengths = least if column["min_length"] == column["max_length"] else Markup("{} to {}").format(least, most)
    return [("length", lengths), ("mean length", value(column["mean_length"]))]


def _span(column: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    try:
        read = date.fromisoformat if column["type"] == "date" else datetime.fromisoformat
        span = read(column["max"]) - read(column["min"])
    except (TypeError, ValueError):  # no date, or one that Python's calendar does not hold (year 0)
        return []
    if timedelta(0) < span < _DAYS_FROM:
        return [("span", escape(duration(span.total_seconds())))]
    return [("span", Markup("{} days").format(number(span.days).text))]


def value_of(column: Mapping[str, Any], raw: object, limit: int = VALUE_CHARACTERS) -> Markup:
    """A value of the column; an instant as people write it."""
    if column["type"] == "datetime" and isinstance(raw, str):
        raw = raw.replace("T", " ")
    return value(raw, limit)


def distinct_bound(column: Mapping[str, Any]) -> str:
    """What the number of different values is within, in words; empty where it is exact."""
    distinct = column["distinct"]
    if distinct["exact"]:
        return ""
    return f"within {bound(distinct['error'])}" if distinct["error"] else HASHED
