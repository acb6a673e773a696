"""The head of a dataset -> its layout: encoding, dialect, header and columns."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from fanfold import limits
from fanfold.errors import DatasetRejected, RequestRefused
from fanfold.records.delimiter import detect_delimiter, detect_newline
from fanfold.records.dialect import Dialect
from fanfold.records.encoding import check_encoding
from fanfold.records.header import label_columns, looks_like_header
from fanfold.records.layout import Layout
from fanfold.records.sample import SampleRecord, sample_records

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class DialectOptions:
    """What the request says of the dialect; None: find out. An empty quote means that nothing is quoted."""

    delimiter: str | None = None
    quote: str | None = None
    header: bool | None = None


def inspect(head: bytes, size: int, options: DialectOptions) -> Layout:
    """Decide the layout from the first bytes of a dataset of `size` bytes.

    Raises DatasetRejected when it is no text we can read, and RequestRefused for options of the wrong form.
    """
    check_options(options)
    quote = '"' if options.quote is None else (options.quote or None)
    if size == 0:
        dialect = Dialect(
            options.delimiter or ",", quote, quote and "doubled", "\n", header=options.header is not False
        )
        return Layout(dialect, "utf-8", (), 0, 0)
    check_encoding(head)
    start = len(BYTE_ORDER_MARK) if head.startswith(BYTE_ORDER_MARK) else 0
    complete = len(head) >= size
    newline = detect_newline(head, quote)
    delimiter = options.delimiter or detect_delimiter(head, start, quote, newline, complete=complete)
    records = sample_records(head, start, delimiter, quote, newline, complete=complete)
    if not records and start < size:
        raise DatasetRejected(_endless_header(head, start, complete=complete))
    header, fields, data_start = _first_record(records, start, options)
    if len(fields) > limits.COLUMNS_MAX:
        raise DatasetRejected(f"found {len(fields)} columns, expected at most {limits.COLUMNS_MAX}")
    dialect = Dialect(delimiter, quote, quote and "doubled", newline, header)
    return Layout(dialect, "utf-8-sig" if start else "utf-8", label_columns(fields), data_start, size)


def check_options(options: DialectOptions) -> None:
    """Raise RequestRefused for what no grammar can be made of."""
    for name, value in (("delimiter", options.delimiter), ("quote", options.quote or None)):
        if value is not None and not (len(value) == 1 and value.isascii() and value not in "\r\n\0"):
            raise RequestRefused(f"options.{name}: expected one ASCII character, found {value!r}")
    quote = '"' if options.quote is None else options.quote
    if options.delimiter is not None and options.delimiter == quote:
        raise RequestRefused(f"options.delimiter: the delimiter and the quote are both {quote!r}")


def _first_record(
    records: list[SampleRecord], start: int, options: DialectOptions
) -> tuple[bool, Sequence[bytes], int]:
    """Decide whether there is a header; give it, or as many blank labels as there are columns, and the data's start."""
    filled = [record for record in records if not record.blank]
    if not filled:
        return options.header is not False, [b""] * min(len(records), 1), start
    header = looks_like_header(filled) if options.header is None else options.header
    if header:
        return True, filled[0].fields, filled[0].stop
    width = Counter(len(record.fields) for record in filled).most_common(1)[0][0]
    return False, [b""] * width, start


def _endless_header(head: bytes, start: int, *, complete: bool) -> str:
    if complete:
        return f"the first record, at byte {start}, opens a quote that is never closed"
    return f"the first record, at byte {start}, does not end within the {len(head)} bytes inspected"
