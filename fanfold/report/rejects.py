"""rejects.csv: every kept reject, safe to open in a spreadsheet.

A cell that begins like a formula, if only after blanks or signs that are not seen, gets an apostrophe in front. Control
characters are written as backslash escapes, but for tabs and line breaks: those stay as they are, inside of quotes.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass

HEADER = ("record", "offset", "reason", "text")
_FORMULA = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]*[=+\-@＝＋－＠]|[\t\r\n]")  # noqa: RUF001 - full-width twins count too
"""How a formula begins; so may a cell that begins with a tab or a line break, for some programs drop those."""

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""The C0 and C1 controls but for tab, line feed and carriage return."""


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
    """RFC 4180 with CRLF, in UTF-8. Bytes that the encoding does not have, and controls, are written as escapes."""
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
    return _CONTROLS.sub(_escaped, text)


def _escaped(control: re.Match[str]) -> str:
    return f"\\x{ord(control[0]):02x}"


def _inert(cell: str) -> str:
    """Excel and its kin run a cell that begins like a formula; an apostrophe makes it text."""
    return f"'{cell}" if _FORMULA.match(cell) else cell
