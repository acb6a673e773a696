"""Finds the lines before the table: a delimiter named for Excel, comments, titles."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from fanfold import limits
from fanfold.records.delimiter import usual_width
from fanfold.records.header import looks_like_header
from fanfold.records.sample import Reading, SampleRecord, sample_records

SEPARATOR_LINE = re.compile(rb'"?sep=([^\r\n"])"?(\r\n|\n|\r)', re.IGNORECASE)

COMMENT = re.compile(rb"#(?=[ #\t\r\n])")

BODY_MIN = 5
"""Records below that show how wide the table is."""

BODY_RATIO = 3
"""Times as many records as there are lines above them."""

BODY_CONSISTENCY_MIN = 0.9
"""The share of them that must have one width."""

Detect = Callable[[int], Reading]
"""Finds out how to read the records from an offset on."""


def separator_line(head: bytes, start: int) -> tuple[str | None, int]:
    """Give the delimiter that the first line names (`sep=;`), and where the next line starts."""
    line = SEPARATOR_LINE.match(head, start)
    if line is None or not line[1].isascii() or line[1] == b"\0":
        return None, start
    return line[1].decode(), line.end()


def after_lines(head: bytes, start: int, newline: str, count: int) -> int | None:
    """Give where the line starts before which there are `count`; None when the head has fewer."""
    for _ in range(count):
        place = head.find(newline[-1].encode(), start)
        if place < 0:
            return None
        start = place + 1
    return start


def after_comments(head: bytes, start: int, newline: str, detect: Detect) -> int:
    """Give where the first line starts that is no comment.

    A line that begins with `#` is one unless it looks like the table: `#id,name` is a header, and so is `# id,name`
    where what follows is none.
    """
    starts = [start]
    while head.startswith(b"#", starts[-1]) and len(starts) <= limits.PREAMBLE_LINES_MAX:
        stop = after_lines(head, starts[-1], newline, 1)
        if stop is None:
            return start
        starts.append(stop)
    if len(starts) == 1:
        return start
    reading = detect(starts[-1])
    table = sample_records(head, starts[-1], reading)
    width, _ = usual_width([record for record in table if not record.blank])
    if not table:
        return start
    after = start
    for line, stop in pairwise(starts):
        first = sample_records(head, line, reading, most=1)
        fits = width > 1 and [len(record.fields) for record in first] == [width]
        if fits and (not COMMENT.match(head, line) or (stop == starts[-1] and not looks_like_header(table))):
            return after
        after = stop
    return after


def after_titles(records: Sequence[SampleRecord], start: int) -> int:
    """Give where the table starts, if there are records above it that are clearly of another width."""
    width, _ = usual_width([record for record in records if not record.blank])
    titles = 0
    while titles < min(len(records), limits.PREAMBLE_LINES_MAX) and _is_title(records[titles], width):
        titles += 1
    body = [record for record in records[titles:] if not record.blank]
    fitting = sum(1 for record in body if len(record.fields) == width)
    if len(body) < max(BODY_MIN, BODY_RATIO * titles) or fitting < BODY_CONSISTENCY_MIN * len(body):
        return start
    if all(record.blank for record in records[:titles]):
        return start
    return records[titles].start


def _is_title(record: SampleRecord, width: int) -> bool:
    found = len(record.fields)
    return found != width and (found == 1 or abs(found - width) > 1)
