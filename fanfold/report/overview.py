"""What is shown of the dataset as a whole: the summary strip, the types, the alerts, the rejects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold import limits
from fanfold.report import charts
from fanfold.report.contract import SEVERITIES, TYPES
from fanfold.report.figures import duration, number, share, size
from fanfold.report.pieces import Bar, Entry, bars, value
from fanfold.report.text import datum, lines

_NAME_CHARACTERS = 60
_REASON_CHARACTERS = 200
_MESSAGE_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding; `position` is that of the card it is about, 0 for none."""

    severity: str
    kind: Markup
    message: Markup
    column: Markup
    position: int


@dataclass(frozen=True, slots=True)
class Alerts:
    """The findings, the most severe first: those seen at once, those the reader asks for, and how many are left out."""

    severities: tuple[tuple[str, str], ...]
    open: tuple[Alert, ...]
    folded: tuple[Alert, ...]
    unshown: int
    total: str


@dataclass(frozen=True, slots=True)
class Types:
    """How many columns there are of each type."""

    chart: Markup
    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A rejected record."""

    record: Markup
    offset: Markup
    reason: Markup
    text: Markup


@dataclass(frozen=True, slots=True)
class Rejects:
    """The rejected records; `unkept` tells that some are not in rejects.csv, `cut` where the texts there end."""

    count: Markup
    reasons: tuple[Bar, ...]
    examples: tuple[Example, ...]
    kept: Markup
    unkept: bool
    cut: Markup


def strip(document: Mapping[str, Any]) -> tuple[Entry, ...]:
    """The figures a reader looks for first."""
    dataset, rejected = document["dataset"], document["dataset"]["rejected"]
    present = sum(column["count"] for column in document["columns"])
    cells = sum(column["count"] + column["nulls"] for column in document["columns"])
    rejected_share = share(rejected, dataset["records"] + rejected)
    rejected_text = Markup("{} <small>{}</small>").format(value(rejected), rejected_share) if rejected else value(0)
    return (
        Entry("records", value(dataset["records"])),
        Entry("columns", value(dataset["columns"])),
        Entry("rejected", rejected_text),
        Entry("cells filled", escape(share(present, cells))),
        Entry("size", escape(size(dataset["bytes"]))),
        Entry("profiled in", escape(duration(document["run"]["duration_s"]))),
    )


def types(columns: Sequence[Mapping[str, Any]]) -> Types:
    """The breakdown, in the order of the contract."""
    counted = Counter(column["type"] for column in columns)
    present = tuple((kind, counted[kind]) for kind in TYPES if counted[kind])
    return Types(charts.segments([(f"is-{kind}", count) for kind, count in present]), present)


def alerts(found: Sequence[Mapping[str, Any]], positions: Mapping[str, int]) -> tuple[Alert, ...]:
    """The most severe first, else in the document's order."""
    return tuple(
        Alert(
            severity=alert["severity"],
            kind=datum(words(alert["kind"]), _REASON_CHARACTERS),
            message=datum(alert["message"], _MESSAGE_CHARACTERS),
            column=datum(alert["column"], _NAME_CHARACTERS) if "column" in alert else Markup(""),
            position=positions.get(alert.get("column", ""), 0),
        )
        for alert in _ranked(found)
    )


def _ranked(found: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return sorted(found, key=lambda alert: SEVERITIES.index(alert["severity"]))


def all_alerts(found: Sequence[Mapping[str, Any]], positions: Mapping[str, int]) -> Alerts:
    """As many as a page holds."""
    counts = Counter(alert["severity"] for alert in found)
    shown = alerts(_ranked(found)[: limits.ALERTS_SHOWN], positions)
    return Alerts(
        severities=tuple((severity, number(counts[severity]).text) for severity in SEVERITIES if counts[severity]),
        open=shown[: limits.ALERTS_OPEN],
        folded=shown[limits.ALERTS_OPEN :],
        unshown=len(found) - len(shown),
        total=number(len(found)).text if found else "",
    )


def rejects(document: Mapping[str, Any]) -> Rejects:
    """Reasons by frequency, examples in file order."""
    found = document["rejects"]
    reasons = sorted(found["reasons"].items(), key=lambda item: (-item[1], item[0]))
    return Rejects(
        count=value(found["count"]),
        reasons=tuple(bars([(_reason(reason), n) for reason, n in reasons], found["count"])),
        examples=tuple(_example(example) for example in found["examples"]),
        kept=value(found["kept"]),
        unkept=found["kept"] < found["count"],
        cut=value(found["text_bytes_max"]) if "text_bytes_max" in found else Markup(""),
    )


def words(key: str) -> str:
    """A key of the document as words: `chunk_bytes` as "Chunk bytes"."""
    text = key.replace("_", " ")
    return text[:1].upper() + text[1:]


def _reason(reason: str) -> Markup:
    return datum(reason.replace("_", " "), _REASON_CHARACTERS)


def _example(example: Mapping[str, Any]) -> Example:
    return Example(
        record=value(example["record"]),
        offset=value(example["offset"]),
        reason=_reason(example["reason"]),
        text=lines(example["text"]),
    )
