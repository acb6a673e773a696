"""Decides the delimiter and the newline of a dataset from its head."""

import re
from collections import Counter

from fanfold.records.kinds import kind_of
from fanfold.records.sample import SampleRecord, sample_records

DELIMITERS = (",", ";", "\t", "|")
"""In order of preference between equals."""

CONSISTENCY_MIN = 0.5
"""The share of records that must have the usual number of fields."""

NEWLINE = re.compile(rb"\r\n|\n|\r")

FOREIGN = re.compile(rb"[\t|]|[,;](?! )")
"""Another delimiter inside a field without quotes; a comma or semicolon before a space is punctuation."""


def detect_newline(head: bytes, quote: str | None) -> str:
    """Choose the newline that is seen most outside quotes; a lone carriage return only where it is the first, too."""
    if quote is not None:
        mark = re.escape(quote.encode())
        outside = re.sub(mark + b"[^" + mark + b"]*" + mark, b"", head)
        # Stray quotes may have swallowed every newline there is.
        head = outside if NEWLINE.search(outside) else head
    newlines = Counter(NEWLINE.findall(head))
    first = NEWLINE.search(head)
    if first is not None and first[0] == b"\r" and newlines[b"\r"] > newlines[b"\n"] + newlines[b"\r\n"]:
        return "\r"
    return "\r\n" if newlines[b"\r\n"] > newlines[b"\n"] else "\n"


def detect_delimiter(head: bytes, start: int, quote: str | None, newline: str, *, complete: bool) -> str:
    """Choose the delimiter that gives the most regular table; if none does, one that separates nothing."""
    scores = {}
    for delimiter in DELIMITERS:
        records = sample_records(head, start, delimiter, quote, newline, complete=complete)
        scores[delimiter] = _score(records)
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best] > 0:
        return best
    return min(DELIMITERS, key=lambda delimiter: head.count(delimiter.encode()))


def _score(records: list[SampleRecord]) -> float:
    """Score a reading between 0 and 1: records of one width, many fields, no text after quotes, no foreign delimiters.

    A delimiter that is not the true one leaves the true one inside its fields.
    """
    filled = [record for record in records if not record.blank]
    widths = Counter(len(record.fields) for record in filled if record.regular)
    width = max((width for width in widths if width > 1), key=lambda width: (widths[width], width), default=1)
    consistency = widths[width] / len(filled) if filled else 0.0
    if width == 1 or consistency < CONSISTENCY_MIN:
        return 0.0
    regular = [record for record in filled if len(record.fields) == width]
    bare = [field for record in regular for field in record.bare]
    foreign = sum(1 for field in bare if FOREIGN.search(field) and kind_of(field) == "text") / (width * len(regular))
    return max(1e-9, consistency**2 * (1 - foreign) ** 2 * (1 - 1 / width))
