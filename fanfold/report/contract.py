"""The order of the keys of report.json, as its published schema (docs/report.schema.json) lists them.

A leaf is an empty mapping. A list passes its order on to its items. Keys that stand nowhere here (reasons, options,
versions, whatever `run` and `columns` grow) follow the known ones, sorted: the same content is the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Order: TypeAlias = Mapping[str, "Order"]

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")
TYPES = ("integer", "number", "boolean", "date", "datetime", "string", "empty")
CHARACTERS = ("letters", "digits", "spaces", "punctuation", "controls", "non_ascii")
SEVERITIES = ("error", "warning", "info")


def _leaves(*keys: str) -> dict[str, Order]:
    return {key: {} for key in keys}


_BOUNDED: Order = _leaves("value", "exact", "error")
_CHANGE: Order = _leaves("before", "now")
_ALERT: Order = _leaves("kind", "severity", "column", "message")

COLUMN: Order = {
    **_leaves("name", "type", "count", "nulls", "blanks", "infinite", "nans"),
    "distinct": _BOUNDED,
    "uniqueness": {},
    "singles": _BOUNDED,
    **_leaves("min", "max", "range", "first", "last", "sorted", "sum", "mean", "std", "variance", "standard_error"),
    **_leaves("cv", "skewness", "kurtosis", "zeros", "negatives"),
    "quantiles": _leaves(*QUANTILES, "exact", "error"),
    "iqr": {},
    "histogram": _leaves("edges", "counts", "exact", "error"),
    **_leaves("min_length", "max_length", "mean_length"),
    "characters": _leaves(*CHARACTERS, "exact", "error"),
    "patterns": _leaves("pattern", "count"),
    **_leaves("patterns_exact", "patterns_error"),
    "personal": _leaves("looked_at", "email", "phone", "card", "iban"),
    "top": _leaves("value", "count"),
    **_leaves("top_exact", "top_error"),
    "evidence": _leaves(*TYPES),
    "reading": _leaves(
        "rule",
        "ambiguous",
        "objection",
        "dates",
        "separator",
        "decimal",
        "thousands",
        "unit",
        "parentheses",
        "null_tokens",
        "evidence",
    ),
}

DOCUMENT: Order = {
    "schema_version": {},
    "run": {
        "id": {},
        "source": _leaves("container", "blob", "etag"),
        **_leaves("options", "chunks", "retries", "reprocessed"),
        "failed_chunks": {"count": {}, "first": {**_leaves("start", "stop"), "error": _leaves("kind", "message")}},
        "unread": _leaves("bytes", "first"),
        **_leaves("started_at", "completed_at", "duration_s", "versions", "chunk_bytes"),
        "batches": _leaves("read", "unproven"),
        "emitted": _leaves("format", "parts", "records", "bytes", "manifest"),
        "datasets": _leaves("blob", "etag", "bytes", "records", "rejected"),
        "merged": {},
        "drift": {
            **_leaves("baseline", "error"),
            "records": _CHANGE,
            **_leaves("added", "removed", "reordered"),
            "columns": {
                "name": {},
                **dict.fromkeys(("type", "null_rate", "distinct"), _CHANGE),
                **_leaves("psi", "jensen_shannon", "bins", "by"),
            },
            "alerts": _ALERT,
        },
    },
    "dataset": {
        **_leaves("name", "bytes", "records", "rejected", "padded", "extended", "columns", "encoding"),
        "dialect": _leaves(
            *("delimiter", "quote", "escape", "newline", "header"),
            *("header_rows", "skipped_lines", "confidence", "detected"),
        ),
        "policy": _leaves("short_records", "long_records", "record_bytes_max"),
        "account": {
            "bytes": _leaves("preamble_and_header", "records", "unread", "total"),
            "records": _leaves("accepted", "rejected", "total"),
            "verified": {},
        },
        "correlations": _leaves("columns", "matrix"),
        "missingness": {"incomplete": {}, "together": _leaves("columns", "records")},
        "candidate_keys": _leaves("column", "exact"),
        "duplicates": {"records": _BOUNDED, "distinct": _BOUNDED, "repeated_share": _BOUNDED},
        "sample": {},
    },
    "columns": COLUMN,
    "alerts": _ALERT,
    "rejects": {
        **_leaves("count", "reasons", "kept", "kept_max", "text_bytes_max"),
        "examples": _leaves("record", "offset", "reason", "text"),
    },
    "validation": {
        **_leaves("verdict", "tolerance", "missing", "extra", "disordered"),
        "rules": {
            **_leaves("field", "rule", "expected", "violations", "exact", "error", "verdict"),
            "examples": _leaves("record", "value"),
        },
    },
    "sections": {
        **_leaves("processor", "title", "text", "figures"),
        "tables": _leaves("title", "columns", "rows"),
        "error": {},
    },
}
