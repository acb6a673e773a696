"""The head of a dataset -> its layout: encoding, dialect, header and columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fanfold import limits
from fanfold.errors import DatasetRejected
from fanfold.records.codec import UTF_8
from fanfold.records.confidence import confidence
from fanfold.records.delimiter import DELIMITERS, Found, detect_newline, detect_quote, detect_reading
from fanfold.records.dialect import Detection, Dialect
from fanfold.records.encoding import Encoding, detect_encoding
from fanfold.records.header import joined_labels, label_columns, looks_like_header
from fanfold.records.layout import Layout
from fanfold.records.policy import DEFAULT_POLICY, EXTRA, Policy
from fanfold.records.preamble import after_comments, after_lines, after_titles, separator_line
from fanfold.records.sample import Reading, SampleRecord, sample_records
from fanfold.records.wishes import DialectOptions, checked


def inspect(head: bytes, size: int, options: DialectOptions, policy: Policy = DEFAULT_POLICY) -> Layout:
    """Decide the layout from the first bytes of a dataset of `size` bytes.

    Raises DatasetRejected when it is no text we can read, and RequestRefused for options of the wrong form.
    """
    options = checked(options)
    if size == 0:
        return _empty_layout(options)
    encoding = detect_encoding(head, options.encoding)
    sighted = _Head.of(head, encoding)
    begin, found = _find_table(sighted.text, sighted.start, options, complete=len(head) >= size)
    records = sample_records(sighted.text, begin, found.reading)
    if not records and begin < len(sighted.text):
        raise DatasetRejected(_endless_header(head, sighted.offset(begin), complete=found.reading.complete))
    rows, fields, data_start = _first_records(records, begin, options)
    if len(fields) > limits.COLUMNS_MAX:
        raise DatasetRejected(f"found {len(fields)} columns, expected at most {limits.COLUMNS_MAX}")
    if not fields:
        policy = DEFAULT_POLICY
    reading = found.reading
    lines = sighted.text.count(reading.newline[-1].encode(), sighted.start, begin)
    return Layout(
        dialect=_dialect(reading, header=rows > 0),
        encoding=encoding.name,
        columns=label_columns([*fields, EXTRA.encode()] if policy.keeps_extra else fields),
        data_start=sighted.offset(data_start),
        size=size,
        policy=policy,
        detection=Detection(rows, lines, confidence(found, records, options), options.missing),
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The head as UTF-8; `start` is where its text begins, behind a byte order mark. `size` is that of the head."""

    text: bytes
    start: int
    encoding: Encoding
    size: int

    @classmethod
    def of(cls, head: bytes, encoding: Encoding) -> "_Head":
        if encoding.codec is UTF_8:
            return cls(head, encoding.mark, encoding, len(head))
        text = head[encoding.mark :].decode(encoding.codec.name, "replace").encode()
        return cls(text, 0, encoding, len(head))

    def offset(self, place: int) -> int:
        """Give the place in the dataset of a place in the text."""
        codec = self.encoding.codec
        if codec is UTF_8:
            return place
        # Half a unit at the end reads as a whole character.
        return min(self.encoding.mark + codec.unit * codec.count(self.text[:place]), self.size)


def _empty_layout(options: DialectOptions) -> Layout:
    quote = '"' if options.quote is None else (options.quote or None)
    reading = Reading(
        options.delimiter or ",", quote, options.escape == "backslash", options.newline or "\n", complete=True
    )
    dialect = _dialect(reading, header=options.header is not False and options.header != 0)
    name = "utf-8" if options.encoding in {None, "utf-16"} else str(options.encoding)
    return Layout(dialect, name, (), 0, 0, detection=Detection(detected=options.missing))


def _dialect(reading: Reading, *, header: bool) -> Dialect:
    escape = "backslash" if reading.escapes else reading.quote and "doubled"
    return Dialect(reading.delimiter, reading.quote, escape, reading.newline, header)


def _find_table(text: bytes, start: int, options: DialectOptions, *, complete: bool) -> tuple[int, Found]:
    """Find where the table begins, its header included, and how it is to be read."""
    quote = _quote(text[start:], options)
    newline = options.newline or detect_newline(text, quote)
    named, begin = separator_line(text, start) if options.skip_lines is None else (None, start)
    wanted = options.delimiter or (named if named not in {quote, "\\"} else None)
    unread = Reading(wanted or ",", quote, options.escape == "backslash", newline, complete)
    delimiters = (wanted,) if wanted else tuple(each for each in DELIMITERS if not quote or quote not in each)
    escapes = (False, True) if options.escape is None and quote else (unread.escapes,)

    def reading_from(place: int) -> Found:
        return detect_reading(text, place, unread, delimiters, escapes)

    if options.skip_lines is not None:
        skipped = after_lines(text, start, newline, options.skip_lines)
        if skipped is None:
            raise DatasetRejected(
                f"expected more than {options.skip_lines} lines to skip (options.skip_lines), found fewer in the "
                f"first {len(text)} bytes"
            )
        return skipped, reading_from(skipped)
    found = reading_from(begin)
    table = after_comments(text, begin, newline, lambda place: reading_from(place).reading)
    found = reading_from(table) if table > begin else found
    titles = after_titles(sample_records(text, table, found.reading), table)
    return titles, reading_from(titles) if titles > table else found


def _quote(text: bytes, options: DialectOptions) -> str | None:
    """Give the quote that is asked for, or the one that is found; none is part of the delimiter that is asked for."""
    if options.quote is not None:
        return options.quote or None
    found = detect_quote(text)
    return '"' if found in (options.delimiter or "") else found


def _first_records(
    records: Sequence[SampleRecord], start: int, options: DialectOptions
) -> tuple[int, Sequence[bytes], int]:
    """Decide how many rows the header has; give them, their labels, or as many blank ones, and the data's start."""
    filled = [record for record in records if not record.blank]
    wanted = None if options.header is None else int(options.header)
    if not filled:
        return (1 if wanted is None else wanted), [b""] * min(len(records), 1), start
    rows = int(looks_like_header(filled)) if wanted is None else min(wanted, len(filled))
    if rows:
        return rows, joined_labels(filled[:rows]), filled[rows - 1].stop
    width = Counter(len(record.fields) for record in filled).most_common(1)[0][0]
    return 0, [b""] * width, start


def _endless_header(head: bytes, start: int, *, complete: bool) -> str:
    if complete:
        return f"the first record, at byte {start}, opens a quote that is never closed"
    return f"the first record, at byte {start}, does not end within the {len(head)} bytes inspected"
