"""What is shown of one column: on its card, and in its row of the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold.report import charts, looks
from fanfold.report.contract import QUANTILES
from fanfold.report.facts import HASHED, distinct_bound, facts, value_of
from fanfold.report.figures import ESTIMATE_DIGITS, bound, number, share
from fanfold.report.pieces import Bar, Entry, approximate, bars, value
from fanfold.report.readings import reading_notes
from fanfold.report.text import datum

_NAME_CHARACTERS = 120
_CELL_CHARACTERS = 28
_MESSAGE_CHARACTERS = 1000
_QUANTILE_LABELS = {"0.5": "median"} | {key: f"{100 * float(key):g} %" for key in QUANTILES if key != "0.5"}
_FREQUENT_SHARE = 0.01  # below it no value stands out, and a few are enough to see what they look like
_INFREQUENT_SHOWN = 5
_FREQUENT_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Flag:
    """An alert, as it stands on the card it is about."""

    severity: str
    message: Markup


@dataclass(frozen=True, slots=True)
class Card:
    """One column. `sort` holds the keys the page's table is sorted by, "" for nothing."""

    position: int
    name: Markup
    short_name: Markup
    type: str
    count: int
    records: int
    complete: str
    complete_bar: Markup
    nulls: Markup
    distinct: Markup
    low: Markup
    mean: Markup
    high: Markup
    spark: Markup
    sort: Mapping[str, object]
    figures: tuple[Entry, ...]
    histogram: Markup
    edges: tuple[Markup, Markup] | None
    quantiles: tuple[Entry, ...]
    top: tuple[Bar, ...]
    patterns: tuple[Bar, ...]
    characters: tuple[Bar, ...]
    notes: tuple[str, ...]
    flags: tuple[Flag, ...]


def make_card(position: int, column: Mapping[str, Any], alerts: Sequence[Mapping[str, Any]]) -> Card:
    """The card of the column at a position that counts from 1, with the alerts about it."""
    count, records = column["count"], column["count"] + column["nulls"]
    bins = _bins(column)
    distinct = approximate(escape(number(column["distinct"]["value"])), distinct_bound(column))
    return Card(
        position=position,
        name=datum(column["name"], _NAME_CHARACTERS),
        short_name=datum(column["name"], _CELL_CHARACTERS * 2),
        type=column["type"],
        count=count,
        records=records,
        complete=share(count, records),
        complete_bar=charts.bar(count, records, "complete"),
        nulls=escape(number(column["nulls"])),
        distinct=distinct,
        low=value_of(column, column["min"], _CELL_CHARACTERS),
        mean=value(column.get("mean"), _CELL_CHARACTERS),
        high=value_of(column, column["max"], _CELL_CHARACTERS),
        spark=_spark(column),
        sort=_sort_keys(column),
        figures=tuple(facts(column, distinct)),
        histogram=charts.histogram(bins, _marks(column)) if bins else Markup(""),
        edges=(value(bins.edges[0]), value(min(bins.last(len(bins.counts) - 1), column["max"]))) if bins else None,
        quantiles=tuple(_quantiles(column)),
        top=tuple(_top(column)),
        patterns=tuple(looks.patterns(column)),
        characters=tuple(looks.characters(column)),
        notes=tuple(_notes(column)),
        flags=tuple(Flag(alert["severity"], datum(alert["message"], _MESSAGE_CHARACTERS)) for alert in alerts),
    )


def _bins(column: Mapping[str, Any]) -> charts.Bins | None:
    histogram = column.get("histogram")
    if not histogram:
        return None
    return charts.Bins(histogram["edges"], histogram["counts"], whole=column["type"] == "integer")


def _marks(column: Mapping[str, Any]) -> dict[str, float | None]:
    return {key: column["quantiles"][key] for key in QUANTILES}


def _quantiles(column: Mapping[str, Any]) -> list[Entry]:
    quantiles = column.get("quantiles")
    if not quantiles or quantiles["0.5"] is None:
        return []
    if quantiles["exact"]:
        return [Entry(_QUANTILE_LABELS[key], value(quantiles[key])) for key in QUANTILES]
    within = f"within {bound(quantiles['error'])}"
    shown = {key: escape(number(quantiles[key], ESTIMATE_DIGITS)) for key in QUANTILES}
    return [Entry(_QUANTILE_LABELS[key], approximate(shown[key], within)) for key in QUANTILES]


def _top(column: Mapping[str, Any]) -> list[Bar]:
    top, count = column["top"], column["count"]
    if not top:
        return []
    within = _top_bound(column)
    shown = top[: _FREQUENT_SHOWN if top[0]["count"] >= _FREQUENT_SHARE * count else _INFREQUENT_SHOWN]
    lines = bars([(value_of(column, item["value"]), item["count"]) for item in shown], count, within)
    rest = count - sum(item["count"] for item in shown)
    if rest > 0:
        figure = approximate(escape(number(rest)), within)
        lines.append(Bar(Markup("all others"), charts.bar(rest, count), figure, share(rest, count), rest=True))
    return lines


def _spark(column: Mapping[str, Any]) -> Markup:
    if column.get("histogram"):
        return charts.spark_bins(column["histogram"]["counts"])
    if not column["count"]:
        return Markup("")
    return charts.spark_parts([item["count"] for item in column["top"]], column["count"])


def _notes(column: Mapping[str, Any]) -> list[str]:
    notes = []
    read = sorted(((kind, n) for kind, n in column["evidence"].items() if n), key=lambda item: -item[1])
    if len(read) > 1:
        notes.append("Read as " + ", ".join(f"{kind} {number(count).text}" for kind, count in read) + ".")
    notes += reading_notes(column.get("reading", {}))
    estimates = [*_estimates(column)]
    if estimates:
        notes.append("≈ approximate: " + ", ".join(estimates) + ".")
    return notes


def _estimates(column: Mapping[str, Any]) -> Iterator[str]:
    if not column["distinct"]["exact"]:
        yield f"distinct {distinct_bound(column)}"
    for name in ("quantiles", "histogram"):
        found = column.get(name)
        if found and not found["exact"]:
            yield f"{name} within {bound(found['error'])}" if "error" in found else name
    if column["top"] and not column["top_exact"]:
        yield f"frequencies {_top_bound(column)}"


def _top_bound(column: Mapping[str, Any]) -> str:
    if column["top_exact"]:
        return ""
    return f"within {number(column['top_error']).text}" if column["top_error"] else HASHED


def _sort_keys(column: Mapping[str, Any]) -> dict[str, object]:
    count = column["count"]
    keys = {
        "filled": count / (count + column["nulls"]) if count + column["nulls"] else None,
        "nulls": column["nulls"],
        "distinct": column["distinct"]["value"],
        "min": column["min"],
        "mean": column.get("mean"),
        "max": column["max"],
    }
    return {key: raw if isinstance(raw, int | float) and not isinstance(raw, bool) else "" for key, raw in keys.items()}
