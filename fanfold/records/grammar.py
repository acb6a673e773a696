"""The rules a run of bytes is read by, as the kernels want them: byte values and limits, no text.

A field that begins with the quote is quoted: delimiters and newlines are its content, a doubled quote is one quote,
a single one closes it, and only a delimiter, a newline or the end may follow. In any other field a quote is an
ordinary character (`5" pipe`). A record ends at a newline outside quotes, or at the end of the dataset.
"""

from dataclasses import dataclass

from fanfold import limits
from fanfold.records.layout import Layout

LF = 10
CR = 13


@dataclass(frozen=True, slots=True)
class Grammar:
    """Byte values of a dialect; `quote` is None where nothing is quoted. `newline` is LF, also for CRLF, or CR."""

    delimiter: int
    quote: int | None
    newline: int
    columns: int

    @classmethod
    def of(cls, layout: Layout) -> "Grammar":
        """Translate a layout."""
        dialect = layout.dialect
        return cls(
            delimiter=ord(dialect.delimiter),
            quote=None if dialect.quote is None else ord(dialect.quote),
            newline=ord(dialect.newline[-1]),
            columns=len(layout.columns),
        )


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
