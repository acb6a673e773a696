"""What is shown of how the report was made: the reading, the run, its options and versions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold import limits
from fanfold.report.figures import NOTHING, duration, moment, share, size
from fanfold.report.overview import words
from fanfold.report.pieces import Entry, value
from fanfold.report.text import datum, visible

_VALUE_CHARACTERS = 200
_NAMED = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe", " ": "space", ":": "colon"}
_NEWLINES = {"\n": "LF", "\r\n": "CR LF", "\r": "CR"}
_TIMES = {"started_at": "Started", "completed_at": "Completed"}
_LABELS = {"id": "Run id", "etag": "ETag"}
_SECTIONED = ("source", "options", "versions", "drift", "datasets")


def sections(document: Mapping[str, Any]) -> tuple[tuple[str, tuple[Entry, ...]], ...]:
    """Titled lists of entries; what the run has grown beyond the contract is listed with it."""
    run = document["run"]
    named = (
        ("Source", _pairs(run["source"])),
        ("Reading", _reading(document["dataset"])),
        ("Account", _account(document["dataset"]["account"])),
        ("Run", _run(run)),
        ("Options", _pairs(run["options"])),
        ("Versions", _pairs(run.get("versions", {}))),
    )
    return tuple((title, tuple(entries)) for title, entries in named)


@dataclass(frozen=True, slots=True)
class Failures:
    """What was not read: how much, the failed chunks with their errors, and the ranges of bytes."""

    chunks: Markup
    octets: Markup
    rows: tuple[tuple[Markup, Markup, Markup, Markup], ...]
    """Start, stop, kind and message of an error."""
    ranges: tuple[tuple[Markup, Markup], ...]
    unshown: int


def datasets(document: Mapping[str, Any]) -> tuple[tuple[Markup, ...], ...]:
    """Of a run of several datasets: name, bytes, records and rejected ones of each."""
    return tuple(
        (datum(each["blob"], _VALUE_CHARACTERS), *(value(each[key]) for key in ("bytes", "records", "rejected")))
        for each in document["run"].get("datasets", ())
    )


def failures(document: Mapping[str, Any]) -> Failures | None:
    """None where every byte was read."""
    run = document["run"]
    failed, unread = run.get("failed_chunks", {"count": 0}), run.get("unread", {"bytes": 0})
    if not failed["count"] and not unread["bytes"]:
        return None
    shown = failed.get("first", ())[: limits.UNREAD_SHOWN]
    return Failures(
        chunks=value(failed["count"]),
        octets=value(unread["bytes"]),
        rows=tuple(map(_failure, shown)),
        ranges=tuple((value(start), value(stop)) for start, stop in unread.get("first", ())[: limits.UNREAD_SHOWN]),
        unshown=failed["count"] - len(shown),
    )


def _failure(chunk: Mapping[str, Any]) -> tuple[Markup, Markup, Markup, Markup]:
    error = chunk["error"]
    return (value(chunk["start"]), value(chunk["stop"]), datum(error["kind"], 60), datum(error["message"], 300))


def _reading(dataset: Mapping[str, Any]) -> Iterator[Entry]:
    dialect = dataset["dialect"]
    yield Entry("Encoding", visible(dataset["encoding"]))
    yield Entry("Delimiter", _character(dialect["delimiter"]))
    yield Entry("Quote", _character(dialect["quote"]))
    yield Entry("Escape", visible(dialect["escape"] or "none"))
    yield Entry("Newline", escape(_NEWLINES.get(dialect["newline"], NOTHING)))
    rows = dialect.get("header_rows", 1)
    header = f"{rows} rows" if rows > 1 else "yes"
    yield Entry("Header", escape(header if dialect["header"] else "no"))
    if dialect.get("skipped_lines"):
        yield Entry("Lines before it", value(dialect["skipped_lines"]))
    if dialect.get("detected"):
        yield Entry("Found out", datum(", ".join(dialect["detected"]).replace("_", " "), _VALUE_CHARACTERS))
        yield Entry("Confidence", escape(share(dialect["confidence"], 1)))
    yield from _pairs(dataset.get("policy", {}))
    labels = {"padded": "Records padded", "extended": "Records with more fields"}
    yield from (Entry(label, value(dataset[key])) for key, label in labels.items() if dataset.get(key))


def _account(account: Mapping[str, Any]) -> Iterator[Entry]:
    """What adds up to what, and that it was checked."""
    octets, records = account["bytes"], account["records"]
    yield Entry(
        "Records", _sum(records["accepted"], "accepted", records["rejected"], "rejected", records["total"], unread=None)
    )
    header, rest = octets["preamble_and_header"], octets["records"]
    yield Entry(
        "Bytes", _sum(header, "before the records", rest, "of records", octets["total"], unread=octets.get("unread"))
    )
    yield Entry("Verified", escape("yes" if account["verified"] else "no"))


def _sum(first: int, of_first: str, second: int, of_second: str, total: int, *, unread: int | None) -> Markup:
    lost = Markup(" + {} not read").format(value(unread)) if unread else Markup("")
    terms = Markup("{} {} + {} {}").format(value(first), of_first, value(second), of_second)
    return Markup("{}{} = {}").format(terms, lost, value(total))


def _character(character: str | None) -> Markup:
    if character is None:
        return Markup("none")
    if character in _NAMED:
        return Markup("{} <code>{}</code>").format(_NAMED[character], visible(character))
    return Markup("<code>{}</code>").format(visible(character))


def _run(run: Mapping[str, Any]) -> Iterator[Entry]:
    for key, item in run.items():
        if key in _TIMES:
            yield Entry(_TIMES[key], escape(moment(item)))
        elif key == "duration_s":
            yield Entry("Duration", escape(duration(item)))
        elif key == "chunk_bytes" and isinstance(item, int):
            yield Entry("Chunk size", escape(size(item)))
        elif key == "failed_chunks":
            yield Entry("Failed chunks", value(item["count"]))
        elif key == "unread":
            yield Entry("Bytes not read", value(item["bytes"]))
        elif key not in _SECTIONED:
            yield from _pairs({key: item})


def _pairs(mapping: Mapping[str, Any], before: str = "") -> Iterator[Entry]:
    for key, item in mapping.items():
        words_of_key = f"{before}: {key.replace('_', ' ')}" if before else _LABELS.get(key, words(key))
        label = datum(words_of_key, _VALUE_CHARACTERS)
        if isinstance(item, Mapping):
            yield from _pairs(item, words(key))
        elif isinstance(item, list | tuple):
            yield Entry(label, datum(", ".join(map(str, item)), _VALUE_CHARACTERS))
        else:
            yield Entry(label, value(item) if isinstance(item, int | float) else _text(item))


def _text(item: object) -> Markup:
    return escape(NOTHING) if item is None else datum(item, _VALUE_CHARACTERS)
