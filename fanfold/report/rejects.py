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


def rejects_csv(rejects: Iterable[RejectRow]) -> bytes:
    """RFC 4180 with CRLF, in UTF-8. Bytes that are no UTF-8, and NULs, are written as backslash escapes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for reject in rejects:
        writer.writerow((reject.record, reject.offset, _inert(reject.reason), _inert(raw_text(reject.text))))
    return out.getvalue().encode("utf-8", "backslashreplace")


def raw_text(raw: bytes) -> str:
    """The raw bytes of a record as text that any reader of UTF-8 takes."""
    return raw.decode("utf-8", "backslashreplace").replace("\x00", "\\x00")


def _inert(cell: str) -> str:
    """Excel and its kin run a cell that begins like a formula; an apostrophe makes it text."""
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell
