"""rejects.csv: every kept reject, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

HEADER = ("record", "offset", "reason", "text")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width twins count too


@dataclass(frozen=True, slots=True)
class RejectRow:
    """A record that could not be read as the header promises.

    `record` counts from 1 over all records of the dataset, rejects included, the header excluded; `offset` is in bytes.
    """

    record: int
    offset: int
    reason: str
    text: bytes


def rejects_csv(rejects: Iterable[RejectRow], encoding: str = "utf-8") -> bytes:
    """RFC 4180 with CRLF, in UTF-8. Bytes that the encoding does not have, and NULs, are written as escapes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for reject in rejects:
        writer.writerow(
            (reject.record, reject.offset, _inert(reject.reason), _inert(printable(raw_text(reject.text, encoding))))
        )
    return out.getvalue().encode("utf-8", "backslashreplace")


def raw_text(raw: bytes, encoding: str) -> str:
    """The raw bytes of a record as text, invalid ones as backslash escapes."""
    # A byte order mark is nowhere but before the header.
    return raw.decode("utf-8" if encoding == "utf-8-sig" else encoding, "backslashreplace")


def printable(text: str) -> str:
    """Text that any reader takes."""
    return text.replace("\x00", "\\x00")


def _inert(cell: str) -> str:
    """Excel and its kin run a cell that begins like a formula; an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
