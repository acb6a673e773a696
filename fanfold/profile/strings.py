"""A text column as arrays, without touching its bytes one by one.

Arrow keeps a string view in 16 bytes (https://arrow.apache.org/docs/format/Columnar.html): the length, then either up
to 12 bytes of text padded with zeros, or the first four bytes and the place of the whole. So lengths and first bytes
are strided reads, and a short value is two words.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from fanfold.profile.arrays import Hashes, Ints, Rows, Words

INLINE_BYTES = 12
"""The longest text that stands in the view itself."""

SHORT_BYTES = 7
"""The longest text that, with its length, is eight bytes."""

_32 = np.uint64(32)
_LENGTH_BIT = np.uint64(8 * SHORT_BYTES)
_HIGH_BITS = np.uint64(0x8080808080808080)


@dataclass(frozen=True, slots=True)
class Strings:
    """``n`` values: ``head`` holds length and first four bytes, ``tail`` the next eight of a value of 12 or less."""

    series: pl.Series
    lengths: Ints
    """In bytes."""
    prefix: np.ndarray[tuple[int], np.dtype[np.uint32]]
    """First four bytes, the first one lowest, padded with zeros."""
    head: Words
    tail: Words
    starts: Ints
    """Where each value starts in ``text``; empty when all values are inline."""
    text: Words
    """Eight bytes from every offset of all values laid end to end; empty when all values are inline."""
    array: pa.Array | None
    """The values as they are laid end to end, if they are."""

    @property
    def size(self) -> int:
        """How many values."""
        return len(self.series)

    def is_ascii(self) -> bool:
        """Whether all characters are, which are bytes then."""
        if self.text.size:
            words = np.bitwise_or.reduce(self.text[::8]) | self.text[-1]
        else:
            words = np.bitwise_or.reduce(self.head) >> _32 | np.bitwise_or.reduce(self.tail)
        return not words & _HIGH_BITS

    def characters(self) -> Ints:
        """Length of each in characters; not to be written to."""
        if self.is_ascii():
            return self.lengths
        characters: Ints = self.series.str.len_chars().to_numpy().astype(np.int64)
        return characters

    def short(self) -> Words:
        """Each text of at most SHORT_BYTES as a word: its bytes, the first one lowest, its length in the highest."""
        words: Words = self.head >> _32 | self.tail << _32 | self.head << _LENGTH_BIT
        return words

    def word(self, rows: Rows, offset: int | Ints) -> Words:
        """Eight bytes from ``offset`` of each of ``rows``, which must have them and be longer than 12."""
        words: Words = self.text[self.starts[rows] + offset]
        return words

    def value(self, row: int) -> bytes:
        """One value in UTF-8."""
        return str(self.series[row]).encode()


def of(series: pl.Series) -> Strings:
    """Lay out a String series without nulls."""
    series = series.rechunk()
    views = _views(series)
    halves = views.view(np.uint32).reshape(-1, 4)
    lengths = halves[:, 0].astype(np.int64)
    inline = not lengths.size or int(lengths.max()) <= INLINE_BYTES
    array = None if inline else series.to_arrow(compat_level=pl.CompatLevel.oldest())
    starts, text = (_NO_STARTS, _NO_TEXT) if array is None else _end_to_end(array)
    return Strings(series, lengths, np.ascontiguousarray(halves[:, 1]), views[:, 0], views[:, 1], starts, text, array)


_NO_STARTS: Ints = np.zeros(0, np.int64)
_NO_TEXT: Words = np.zeros(0, np.uint64)


def _views(series: pl.Series) -> Hashes:
    if not len(series):
        return np.zeros((0, 2), np.uint64)
    array = series.to_arrow(compat_level=pl.CompatLevel.newest())
    _, views = array.buffers()[:2]
    words = np.frombuffer(views, np.uint64, count=2 * (array.offset + len(array)))
    return words.reshape(-1, 2)[array.offset :]


def _end_to_end(array: pa.Array) -> tuple[Ints, Words]:
    _, offsets, text = array.buffers()
    starts = np.frombuffer(offsets, np.int64, count=array.offset + len(array))[array.offset :]
    size = int(np.frombuffer(offsets, np.int64, count=array.offset + len(array) + 1)[-1])
    # Overlapping words: some value is longer than 12 bytes, so there are eight.
    return starts, np.ndarray((size - 7,), np.dtype("<u8"), text, strides=(1,))
