"""Decides the delimiter, the quote, its escape and the newline of a dataset from its head."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fanfold.records.kinds import kind_of
from fanfold.records.sample import SAMPLE_RECORDS_MAX, Reading, SampleRecord, sample_records

DELIMITERS = (", ", "; ", ",", ";", "\t", "|")
"""In order of preference between equals: where a space follows every one of them, it is part of the delimiter."""

NEGLIGIBLE = 1e-9
"""The least that a reading which makes a table at all is worth."""

CONSISTENCY_MIN = 0.5
"""The share of records that must have the usual number of fields."""

SPACED_RECORDS_MIN = 3
"""Fewer records do not show that a space divides fields, not words."""

WRAPPED_MIN = 2
"""Fields in single quotes that make them quotes; one may be an accident."""

NEWLINE = re.compile(rb"\r\n|\n|\r")

FOREIGN = re.compile(rb"[\t|]|[,;](?! )")
"""Another delimiter inside a field without quotes; a comma or semicolon before a space is punctuation."""

OPENS = re.compile(rb"(?:^|[,;\t|\r\n]) ?'", re.MULTILINE)
WRAPPED = re.compile(rb"(?:^|[,;\t|\r\n]) ?'(?:[^']|'')*+'(?=[,;\t|\r\n]|\Z)", re.MULTILINE)
WRAPPED_IN_DOUBLE = re.compile(rb'(?:^|[,;\t|\r\n]) ?"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Found:
    """A reading, and how clear it is: the merit of it and of the best one with another delimiter, 0 to 1."""

    reading: Reading
    merit: float
    runner_up: float


def detect_quote(head: bytes) -> str:
    """Choose the single quote where fields are wrapped in it, and none in the double one."""
    if WRAPPED_IN_DOUBLE.search(head):
        return '"'
    wrapped = len(WRAPPED.findall(head))
    return "'" if wrapped >= WRAPPED_MIN and wrapped == len(OPENS.findall(head)) else '"'


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


def detect_reading(
    head: bytes, start: int, reading: Reading, delimiters: Sequence[str], escapes: Sequence[bool]
) -> Found:
    """Choose the delimiter and the escape that give the most regular table.

    If none does, the delimiter is the one that is seen least: it separates nothing.
    """
    if b'\\"' not in head and b"\\'" not in head:
        escapes = escapes[:1]
    merits: dict[tuple[str, bool], float] = {}
    for escaping in escapes:
        for delimiter in delimiters:
            tried = replace(reading, delimiter=delimiter, escapes=escaping)
            records = sample_records(head, start, tried)
            merits[delimiter, escaping] = _merit(records) * _covered(head, start, records)
    if max(merits.values()) == 0 and len(delimiters) > 1:
        delimiter, merit = _spaced(head, start, reading, delimiters, escapes[0])
        return Found(replace(reading, delimiter=delimiter, escapes=escapes[0]), merit, 0)
    best = max(merits, key=lambda tried: merits[tried])
    others = [merit for tried, merit in merits.items() if tried[0].strip(" ") != best[0].strip(" ")]
    found = replace(reading, delimiter=best[0], escapes=best[1])
    return Found(found, merits[best], max(others, default=0.0))


def _spaced(head: bytes, start: int, reading: Reading, delimiters: Sequence[str], escapes: bool) -> tuple[str, float]:
    """Tell whether spaces divide numbers from each other; else give a delimiter that separates nothing."""
    records = sample_records(head, start, replace(reading, delimiter=" ", escapes=escapes))
    filled = [record for record in records if not record.blank]
    widths = {len(record.fields) for record in filled}
    kinds = Counter(kind_of(field) for record in filled[1:] for field in record.fields)
    if (
        len(filled) >= SPACED_RECORDS_MIN
        and len(widths) == 1
        and widths != {1}
        and 2 * kinds["number"] >= kinds.total()
        and reading.quote != " "
    ):
        return " ", _merit(records)
    single = [delimiter for delimiter in delimiters if len(delimiter) == 1]
    rarest = min(single, key=lambda delimiter: head.count(delimiter.encode()))
    divided = max(sum(1 for record in filled if delimiter.encode() in b" ".join(record.bare)) for delimiter in single)
    return rarest, 1 - divided / len(filled) if filled else 1.0


def _covered(head: bytes, start: int, records: Sequence[SampleRecord]) -> float:
    """Tell how much of the head the records are, if they did not stop because there were enough."""
    if len(records) >= SAMPLE_RECORDS_MAX or not records:
        return 1.0
    return (records[-1].stop - start) / (len(head) - start)


def _merit(records: Sequence[SampleRecord]) -> float:
    """Rate a reading between 0 and 1: records of one width, many fields, no text after quotes, no foreign delimiters.

    A delimiter that is not the true one leaves the true one inside its fields.
    """
    filled = [record for record in records if not record.blank]
    width, consistency = usual_width(filled)
    if width == 1 or consistency < CONSISTENCY_MIN:
        return 0.0
    regular = [record for record in filled if len(record.fields) == width]
    bare = [field for record in regular for field in record.bare]
    foreign = sum(1 for field in bare if FOREIGN.search(field) and kind_of(field) == "text") / (width * len(regular))
    return max(NEGLIGIBLE, consistency**2 * (1 - foreign) ** 2 * (1 - 1 / width))


def usual_width(filled: Sequence[SampleRecord]) -> tuple[int, float]:
    """Give the number of fields that most records have, if they have several, and the share of those records."""
    widths = Counter(len(record.fields) for record in filled if record.regular)
    width = max((width for width in widths if width > 1), key=lambda width: (widths[width], width), default=1)
    return width, widths[width] / len(filled) if filled else 0.0
