"""What in a profile a reader should look at, judged by one table, from the report's own figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Column = Mapping[str, Any]
Alert = dict[str, object]


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """An alert about one column, raised when ``find`` has a message for the column and the threshold."""

    kind: str
    severity: str
    threshold: float
    find: Callable[[Column, float], str | None]


@dataclass(frozen=True, slots=True)
class DatasetRule:
    """An alert about the dataset, raised when ``find`` has a message for its records and rejects."""

    kind: str
    severity: str
    find: Callable[[int, int], str | None]


def alerts(columns: Sequence[Column], records: int, rejected: int) -> list[Alert]:
    """JSON-ready: those of the dataset first, then by column and by rule, each in its given order."""
    raised: list[Alert] = [
        {"kind": rule.kind, "severity": rule.severity, "message": message}
        for rule in DATASET_RULES
        if (message := rule.find(records, rejected))
    ]
    if records:
        raised += [
            {"kind": rule.kind, "severity": rule.severity, "column": column["name"], "message": message}
            for column in columns
            for rule in COLUMN_RULES
            if (message := rule.find(column, rule.threshold))
        ]
    return raised


def _find_no_records(records: int, rejected: int) -> str | None:
    if records:
        return None
    return f"no record could be read, {rejected:,} rejected" if rejected else "there are no records"


def _find_rejected(records: int, rejected: int) -> str | None:
    if not rejected:
        return None
    return f"{rejected:,} of {records + rejected:,} records rejected ({_percent(rejected, records + rejected)})"


def _find_empty(column: Column, _threshold: float) -> str | None:
    return f"no value in any of {column['nulls']:,} records" if not column["count"] else None


def _find_constant(column: Column, threshold: float) -> str | None:
    distinct, count = column["distinct"], column["count"]
    if not count or not distinct["exact"] or distinct["value"] > threshold:
        return None
    return f"the same value in each of the {count:,} records that have one: {column['top'][0]['value']}"


def _find_missing(column: Column, threshold: float) -> str | None:
    nulls, count = column["nulls"], column["count"]
    if not count or nulls <= threshold * (nulls + count):
        return None
    return f"no value in {nulls:,} of {nulls + count:,} records ({_percent(nulls, nulls + count)})"


def _find_unique(column: Column, threshold: float) -> str | None:
    distinct, count = column["distinct"], column["count"]
    if count < threshold or column["nulls"] or column["type"] not in {"integer", "string"}:
        return None
    if distinct["value"] < (1 - distinct["error"]) * count:
        return None
    if not distinct["error"]:
        return f"all {count:,} values differ: possibly a key"
    about = f"about {distinct['value']:,} (± {distinct['error']:.1%})"
    return f"{about} of {count:,} values differ: possibly a key"


def _find_mixed(column: Column, threshold: float) -> str | None:
    evidence, count = column["evidence"], column["count"]
    found = [(kind, seen) for kind, seen in evidence.items() if seen]
    if column["type"] != "string" or len(found) < 2 or count - evidence["text"] < threshold * count:
        return None
    listed = ", ".join(f"{seen:,} {kind}" for kind, seen in sorted(found, key=lambda each: -each[1]))
    return f"values read as different kinds: {listed}"


def _find_ambiguous(column: Column, _threshold: float) -> str | None:
    reading = column.get("reading", {})
    if not reading.get("ambiguous"):
        return None
    if "dates" in reading:
        return f"no value tells whether the day or the month comes first: read {reading['dates']}"
    return "no value tells decimal marks from thousands separators: read with a decimal point"


def _find_contradictory(column: Column, _threshold: float) -> str | None:
    objection = column.get("reading", {}).get("objection")
    return f"each value can be read, but not by one rule: {objection}" if objection else None


def _find_zeros(column: Column, threshold: float) -> str | None:
    zeros, count = column.get("zeros", 0), column["count"]
    if not count or zeros <= threshold * count:
        return None
    return f"{zeros:,} of {count:,} values are zero ({_percent(zeros, count)})"


def _percent(part: int, whole: int) -> str:
    # One tenth of a percent, but neither 0 % nor 100 % unless it is.
    tenths = min(max(round(1000 * part / whole), 1), 999) if 0 < part < whole else 1000 * part // whole
    return f"{tenths / 10:.1f} %"


DATASET_RULES = (
    DatasetRule("no_records", "error", _find_no_records),
    DatasetRule("rejected_records", "warning", _find_rejected),
)

COLUMN_RULES = (
    ColumnRule("empty_column", "warning", 0, _find_empty),
    ColumnRule("constant", "warning", 1, _find_constant),
    ColumnRule("missing", "warning", 0.5, _find_missing),  # share of the records
    ColumnRule("mixed_types", "warning", 0.05, _find_mixed),  # share of the values that read as more than text
    ColumnRule("ambiguous_reading", "warning", 0, _find_ambiguous),
    ColumnRule("contradictory_reading", "warning", 0, _find_contradictory),
    ColumnRule("mostly_zeros", "info", 0.5, _find_zeros),  # share of the values
    ColumnRule("unique", "info", 2, _find_unique),  # values: a single one is no evidence
)
