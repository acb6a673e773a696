"""report.md: a summary for a pull request or a chat, from the report.json document alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from fanfold import limits
from fanfold.nouns import counted
from fanfold.report.contract import SEVERITIES
from fanfold.report.figures import number, share, size
from fanfold.report.summary import summary
from fanfold.report.text import plain

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~@:-])")
"""Escaped, so that a value is neither markup, nor a link, nor the mention of a person."""
_HEADINGS = ("column", "type", "present", "nulls", "distinct", "min", "mean", "max", "most frequent")
_NAME_CHARACTERS = 100
_MESSAGE_CHARACTERS = 200


def to_markdown(document: Mapping[str, Any]) -> bytes:
    """GitHub-flavoured Markdown in UTF-8."""
    return ("\n".join(_lines(document)) + "\n").encode("utf-8", "backslashreplace")


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    dataset = document["dataset"]
    all_records = dataset["records"] + dataset["rejected"]
    yield f"# {_text(dataset['name'], _NAME_CHARACTERS)}"
    yield ""
    yield (
        f"**{counted(dataset['records'], 'record')}** in **{counted(dataset['columns'], 'column')}**, "
        f"{number(dataset['rejected']).text} rejected ({share(dataset['rejected'], all_records)}), "
        f"{size(dataset['bytes']).text}"
    )
    yield from _verdict(document)
    yield from _alerts("Alerts", document["alerts"])
    yield from _alerts("Drift", document["run"].get("drift", {}).get("alerts", ()))
    yield from _columns(document)


def _verdict(document: Mapping[str, Any]) -> Iterator[str]:
    if "validation" in document:
        found = document["validation"]
        broken = sum(1 for rule in found["rules"] if rule["violations"])
        yield ""
        yield f"Schema: **{found['verdict']}** ({broken:,} of {counted(len(found['rules']), 'rule')} broken)"


def _alerts(title: str, alerts: Any) -> Iterator[str]:
    ranked = sorted(alerts, key=lambda alert: SEVERITIES.index(alert["severity"]))
    if not ranked:
        return
    yield from ("", f"## {title}", "")
    for alert in ranked[: limits.MARKDOWN_ALERTS]:
        where = f" in {_text(alert['column'], _NAME_CHARACTERS)}" if alert.get("column") is not None else ""
        what = _text(alert["kind"].replace("_", " "), _NAME_CHARACTERS)
        yield f"- **{alert['severity']}**: {what}{where}: {_text(alert['message'], _MESSAGE_CHARACTERS)}"
    if len(ranked) > limits.MARKDOWN_ALERTS:
        yield f"- and {len(ranked) - limits.MARKDOWN_ALERTS:,} more in report.json"


def _columns(document: Mapping[str, Any]) -> Iterator[str]:
    rows = summary(document)
    if not rows:
        return
    yield from ("", "## Columns", "", f"| {' | '.join(_HEADINGS)} |", f"|{' --- |' * len(_HEADINGS)}")
    for row in rows[: limits.MARKDOWN_COLUMNS]:
        figures = (row.name, row.type, row.count, row.nulls, row.distinct, row.min, row.mean, row.max, row.top)
        yield f"| {' | '.join(_text(figure) for figure in figures)} |"
    if len(rows) > limits.MARKDOWN_COLUMNS:
        yield ""
        yield f"And {counted(len(rows) - limits.MARKDOWN_COLUMNS, 'more column')} in report.json."


def _text(text: str, limit: int = _MESSAGE_CHARACTERS) -> str:
    return _SPECIAL.sub(r"\\\1", plain(text, limit))
