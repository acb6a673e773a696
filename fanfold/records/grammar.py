r"""The rules a run of text is read by, as the kernels want them: byte values and limits, no text.

A field that begins with the quote is quoted: delimiters and newlines are its content, a doubled quote is one quote,
a single one closes it, and only a delimiter, a newline or the end may follow. In any other field a quote is an
ordinary character (`5" pipe`). A record ends at a newline outside quotes, or at the end of the dataset. A delimiter
of several characters is matched from left to right: `|||` is the delimiter `||` and a `|`.

Where a backslash escapes, it makes the one character after it ordinary, in and outside quotes, and is no content
itself: `\"`, `\,`, a newline, another backslash. That is Python's `csv` with `escapechar="\\", doublequote=False`: a
quote is not doubled then, a second one is text after the first. A backslash that ends the dataset is content.

A record that does not end within the maximum, or whose quote is never closed, costs its first line only: it is a
reject up to the first newline that is not escaped, in or outside quotes, and reading goes on, outside quotes, behind
it. That place depends on the record's start alone, so it is the same for every chunking.

Lengths and places are in code units (fanfold.records.shadow); one unit is one byte but for UTF-16, where it is two.
"""

from dataclasses import dataclass, replace

from fanfold import limits
from fanfold.records.codec import CODECS, UTF_8, Codec
from fanfold.records.layout import Layout

LF = 10
CR = 13

DELIMITER_FIRST, DELIMITER_LAST = 0xFE, 0xFF
"""Mark the first and the last unit of a delimiter of several characters in a shadow."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """Byte values of a dialect; `quote` is None where nothing is quoted. `newline` is LF, also for CRLF, or CR.

    `sequence` is a delimiter of several characters, b"" where it is the one `delimiter`. `escapes`: a backslash does.
    `pads`: short records are completed; `keeps_extra`: what is beyond the last column goes into one more.
    """

    delimiter: int
    quote: int | None
    newline: int
    columns: int
    sequence: bytes = b""
    escapes: bool = False
    codec: Codec = UTF_8
    pads: bool = False
    keeps_extra: bool = False

    @classmethod
    def of(cls, layout: Layout) -> "Grammar":
        """Translate a layout."""
        dialect = layout.dialect
        several = len(dialect.delimiter) > 1
        return cls(
            delimiter=DELIMITER_LAST if several else ord(dialect.delimiter),
            quote=None if dialect.quote is None else ord(dialect.quote),
            newline=ord(dialect.newline[-1]),
            columns=len(layout.columns) - layout.policy.keeps_extra,
            sequence=dialect.delimiter.encode() if several else b"",
            escapes=dialect.escape == "backslash",
            codec=CODECS[layout.encoding],
            pads=layout.policy.pads,
            keeps_extra=layout.policy.keeps_extra,
        )

    @property
    def opener(self) -> int:
        """The byte that a delimiter begins with in a shadow."""
        return DELIMITER_FIRST if self.sequence else self.delimiter

    @property
    def delimiter_size(self) -> int:
        """Units of a delimiter."""
        return len(self.sequence) or 1

    @property
    def width(self) -> int:
        """Columns of a table of accepted records."""
        return self.columns + self.keeps_extra


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits reading keeps, in bytes (`rejects_kept` in rejects); tests make them small."""

    batch: int = limits.BATCH_BYTES
    block: int = limits.BLOCK_BYTES
    record_max: int = limits.RECORD_BYTES_MAX
    window: int = limits.WINDOW_BYTES
    tail: int = limits.TAIL_BYTES
    reject_text: int = limits.REJECT_TEXT_BYTES
    rejects_kept: int = limits.REJECTS_KEPT

    def in_units(self, unit: int) -> "Bounds":
        """Give the same limits in code units of that many bytes."""
        if unit == 1:
            return self
        return replace(
            self,
            batch=max(1, self.batch // unit),
            block=max(1, self.block // unit),
            record_max=max(1, self.record_max // unit),
            window=max(1, self.window // unit),
            tail=max(1, self.tail // unit),
            reject_text=max(1, self.reject_text // unit),
        )
