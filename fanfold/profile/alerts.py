"""What in a profile a reader should look at, judged by one table, from the report's own figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanfold.nouns import counted

Column = Mapping[str, Any]
Dataset = Mapping[str, Any]
Alert = dict[str, object]

_LISTED = 5
"""Things named in one message."""
_YEAR_DIGITS = 4


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """An alert about one column, raised when ``find`` has a message for the column and the threshold."""

    kind: str
    severity: str
    threshold: float
    find: Callable[[Column, float], str | None]


@dataclass(frozen=True, slots=True)
class DatasetRule:
    """An alert about the dataset, raised when ``find`` has a message for it and the threshold."""

    kind: str
    severity: str
    threshold: float
    find: Callable[[Dataset, float], str | None]


def alerts(columns: Sequence[Column], dataset: Dataset) -> list[Alert]:
    """JSON-ready: those of the dataset first, then by column and by rule, each in its given order."""
    raised: list[Alert] = [
        {"kind": rule.kind, "severity": rule.severity, "message": message}
        for rule in RULES
        if isinstance(rule, DatasetRule) and (message := rule.find(dataset, rule.threshold))
    ]
    if dataset["records"]:
        raised += [
            {"kind": rule.kind, "severity": rule.severity, "column": column["name"], "message": message}
            for column in columns
            for rule in RULES
            if isinstance(rule, ColumnRule) and (message := rule.find(column, rule.threshold))
        ]
    return raised


def _find_no_records(dataset: Dataset, _threshold: float) -> str | None:
    rejected = dataset["rejected"]
    if dataset["records"]:
        return None
    return f"no record could be read, {rejected:,} rejected" if rejected else "there are no records"


def _find_rejected(dataset: Dataset, threshold: float) -> str | None:
    rejected, everything = dataset["rejected"], dataset["records"] + dataset["rejected"]
    if rejected <= threshold * everything:
        return None
    return f"{rejected:,} of {counted(everything, 'record')} rejected ({_percent(rejected, everything)})"


def _find_doubtful_dialect(dataset: Dataset, threshold: float) -> str | None:
    confidence = dataset["dialect"].get("confidence")
    if confidence is None or confidence >= threshold:
        return None
    return f"how records and fields are told apart is a guess: confidence {confidence:.2f}"


def _find_duplicates(dataset: Dataset, threshold: float) -> str | None:
    found, records = dataset["duplicates"]["records"], dataset["records"]
    if found["value"] - found["error"] <= threshold * records:
        return None
    about = f"about {found['value']:,} (± {found['error']:,})" if found["error"] else f"{found['value']:,}"
    return f"{about} of {records:,} records repeat another one ({_percent(found['value'], records)})"


def _find_correlated(dataset: Dataset, threshold: float) -> str | None:
    names, matrix = dataset["correlations"]["columns"], dataset["correlations"]["matrix"]
    pairs = [
        (-abs(matrix[i][j]), f"{names[i]} and {names[j]} ({_coefficient(matrix[i][j])})")
        for i in range(len(names))
        for j in range(i + 1, len(names))
        if matrix[i][j] is not None and abs(matrix[i][j]) >= threshold
    ]
    if not pairs:
        return None
    listed = [text for _, text in sorted(pairs)[:_LISTED]]
    more = [f"and {len(pairs) - _LISTED:,} more"] if len(pairs) > _LISTED else []
    return f"columns that say nearly the same: {', '.join(listed + more)}"


def _coefficient(value: float) -> str:
    """Three digits, and what is less than perfect never looks like it."""
    return f"{value:.3f}" if abs(value) == 1 else f"{max(-0.999, min(value, 0.999)):.3f}"


def _find_empty(column: Column, _threshold: float) -> str | None:
    return f"no value in any of {counted(column['nulls'], 'record')}" if not column["count"] else None


def _find_constant(column: Column, threshold: float) -> str | None:
    distinct, count = column["distinct"], column["count"]
    if not count or not distinct["exact"] or distinct["value"] > threshold:
        return None
    return f"a single value, in {counted(count, 'record')}: {column['top'][0]['value']}"


def _find_missing(column: Column, threshold: float) -> str | None:
    nulls, count = column["nulls"], column["count"]
    if not count or nulls <= threshold * (nulls + count):
        return None
    return f"no value in {nulls:,} of {counted(nulls + count, 'record')} ({_percent(nulls, nulls + count)})"


def _find_blank(column: Column, threshold: float) -> str | None:
    blanks, count = column["blanks"], column["count"]
    if blanks <= threshold * count:
        return None
    return f"{blanks:,} of {count:,} values are white space alone ({_percent(blanks, count)})"


def _find_infinite(column: Column, threshold: float) -> str | None:
    infinite, nans, count = column["infinite"], column["nans"], column["count"]
    if infinite + nans <= threshold * count:
        return None
    return f"of {count:,} values {infinite:,} are infinite and {nans:,} are no number (nan)"


def _find_unique(column: Column, threshold: float) -> str | None:
    distinct, count = column["distinct"], column["count"]
    if count < threshold or column["nulls"] or column["type"] not in {"integer", "string"}:
        return None
    if distinct["value"] < (1 - distinct["error"]) * count or column["singles"]["value"] < 1:
        return None
    if not distinct["error"] or column["singles"]["exact"]:
        return f"all {count:,} values differ: possibly a key"
    about = f"about {distinct['value']:,} (± {distinct['error']:.1%})"
    return f"{about} of {count:,} values differ: possibly a key"


def _find_many(column: Column, threshold: float) -> str | None:
    distinct, count = column["distinct"], column["count"]
    if column["type"] != "string" or count < _MANY_FROM or column["singles"]["value"] == 1:
        return None
    if distinct["value"] <= threshold * count:
        return None
    about = f"about {distinct['value']:,}" if distinct["error"] else f"{distinct['value']:,}"
    return f"{about} different texts in {count:,} values ({_percent(distinct['value'], count)})"


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


def _find_imbalance(column: Column, threshold: float) -> str | None:
    count, top = column["count"], column["top"]
    if column["distinct"]["value"] < 2 or not top or top[0]["count"] - column["top_error"] <= threshold * count:
        return None
    first = top[0]
    return f"{first['count']:,} of {count:,} values are the same ({_percent(first['count'], count)}): {first['value']}"


def _find_skewed(column: Column, threshold: float) -> str | None:
    skewness = column.get("skewness")
    if skewness is None or abs(skewness) <= threshold:
        return None
    side = "high" if skewness > 0 else "low"
    return f"a few values are far {side}er than the others: skewness {skewness:.1f}"


def _find_constant_length(column: Column, threshold: float) -> str | None:
    if column["type"] != "string" or column["count"] < threshold or column["distinct"]["value"] < 2:
        return None
    length = column["min_length"]
    if length != column["max_length"] or length < 2:
        return None
    return f"every value has {counted(length, 'character')}: possibly a code"


def _find_personal(column: Column, threshold: float) -> str | None:
    found = dict(column.get("personal", {}))
    looked_at = found.pop("looked_at", 0)
    listed = [f"{_PERSONAL[kind]} ({seen:,})" for kind, seen in found.items() if seen > threshold * looked_at]
    if not listed:
        return None
    return f"of {looked_at:,} values looked at many have the form of {', '.join(listed)}"


def _find_early(column: Column, threshold: float) -> str | None:
    if not column["type"].startswith("date") or column["min"] is None or _year(column["min"]) >= threshold:
        return None
    return f"the earliest is {column['min']}: before {threshold}"


def _find_late(column: Column, threshold: float) -> str | None:
    if not column["type"].startswith("date") or column["max"] is None or _year(column["max"]) <= threshold:
        return None
    return f"the latest is {column['max']}: after {threshold}"


def _year(text: str) -> int:
    """Year of what ``iso`` writes."""
    signed = text.startswith(("-", "+"))
    return int(text[: text.index("-", 1)]) if signed else int(text[:_YEAR_DIGITS])


def _percent(part: int, whole: int) -> str:
    # One tenth of a percent, but neither 0 % nor 100 % unless it is.
    tenths = min(max(round(1000 * part / whole), 1), 999) if 0 < part < whole else 1000 * part // whole
    return f"{tenths / 10:.1f} %"


_MANY_FROM = 50
"""Values a column has at least before it is told that most of its texts differ."""
_PERSONAL = {"email": "e-mail addresses", "phone": "phone numbers", "card": "payment cards", "iban": "bank accounts"}

RULES: tuple[ColumnRule | DatasetRule, ...] = (
    DatasetRule("no_records", "error", 0, _find_no_records),
    DatasetRule("rejected_records", "warning", 0, _find_rejected),  # share of all records
    DatasetRule("doubtful_dialect", "warning", 0.5, _find_doubtful_dialect),  # confidence, of 1
    DatasetRule("duplicate_records", "warning", 0, _find_duplicates),  # share of the records, beyond doubt
    DatasetRule("high_correlation", "info", 0.95, _find_correlated),  # size of the coefficient
    ColumnRule("empty_column", "warning", 0, _find_empty),
    ColumnRule("constant", "warning", 1, _find_constant),  # different values
    ColumnRule("missing", "warning", 0.5, _find_missing),  # share of the records
    ColumnRule("blank", "warning", 0, _find_blank),  # share of the values
    ColumnRule("infinite", "warning", 0, _find_infinite),  # share of the values
    ColumnRule("mixed_types", "warning", 0.05, _find_mixed),  # share of the values that read as more than text
    ColumnRule("ambiguous_reading", "warning", 0, _find_ambiguous),
    ColumnRule("contradictory_reading", "warning", 0, _find_contradictory),
    ColumnRule("personal_data", "warning", 0.5, _find_personal),  # share of the values looked at
    ColumnRule("early_date", "warning", 1900, _find_early),  # year; earlier ones are mostly placeholders
    ColumnRule("late_date", "warning", 2100, _find_late),  # year; later ones mean "never"
    ColumnRule("mostly_zeros", "info", 0.5, _find_zeros),  # share of the values
    ColumnRule("imbalance", "info", 0.9, _find_imbalance),  # share of the values that are the same one
    ColumnRule("skewed", "info", 5, _find_skewed),  # size of the skewness; an exponential distribution has 2
    ColumnRule("unique", "info", 2, _find_unique),  # values: a single one is no evidence
    ColumnRule("high_cardinality", "info", 0.5, _find_many),  # share of the values that are different texts
    ColumnRule("constant_length", "info", 10, _find_constant_length),  # values: a few are no evidence
)
"""Every alert, with its severity and its threshold."""
