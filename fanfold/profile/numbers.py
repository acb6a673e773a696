"""Texts that read as numbers or booleans. A value reads the same wherever it stands.

====== =====================================================================================================
kind    grammar
====== =====================================================================================================
integer ``-?(0|[1-9][0-9]*)`` of at most 308 digits
number  ``-?(D+(.D*)?|.D+)([eE][+-]?D+)?`` (D = ``[0-9]``) that is no integer, does not start with a zero and another
        digit, is at most 320 characters long and finite as an IEEE double
boolean ``true`` or ``false`` in any mixture of cases
====== =====================================================================================================

So ``007`` and ``-01.5`` are text (an identifier that a number would destroy), and so are ``+1``, ``1_000``, ``0x10``,
``inf``, ``nan``, ``1e400`` and anything with a blank around it.

The parsing itself is polars' non-strict cast, which accepts this grammar and, besides, a plus sign, leading zeros and
names such as ``inf``: the first four bytes, which a string view has at hand, decide all of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile.arrays import Flags, Floats, Ints, Rows
from fanfold.profile.strings import INLINE_BYTES, Strings

_DIGITS = b"0123456789"
_INT64_DIGITS = 19
"""An integer outside int64 has at least as many."""


def _first_pairs() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """For the first two bytes: 0 no number, 1 maybe, 2 maybe when the third is no digit."""
    table = np.zeros((256, 256), np.uint8)
    for first in _DIGITS:
        table[first, list(_DIGITS + b".eE\0")] = 1
    table[ord("0"), list(_DIGITS)] = 0
    table[ord("-"), list(_DIGITS + b".")] = 1
    table[ord("-"), ord("0")] = 2
    table[ord("."), list(_DIGITS)] = 1
    return table.T.reshape(-1).copy()  # little-endian: the first byte is the low one


def _second_pairs() -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """For bytes three and four: 0 no number, 1 maybe when the third is a digit, 3 maybe."""
    table = np.zeros((256, 256), np.uint8)
    anything = list(_DIGITS + b".eE+-\0")
    table[np.ix_(anything, anything)] = 3
    table[np.ix_(list(_DIGITS), anything)] = 1
    return table.T.reshape(-1).copy()


_FIRST, _SECOND = _first_pairs(), _second_pairs()


@dataclass(frozen=True, slots=True)
class Integers:
    """Values that read as integers, with their rows; ``big`` are those outside int64."""

    rows: Rows
    values: Ints
    big_rows: Rows
    big: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Values that read as numbers but not as integers, as finite doubles; zeros are positive."""

    rows: Rows
    values: Floats


@dataclass(frozen=True, slots=True)
class Booleans:
    """Values that read as booleans."""

    rows: Rows
    values: Flags


def read_numbers(strings: Strings, settled: Sequence[Rows] = ()) -> tuple[Integers, Numbers]:
    """Find integers and numbers; rows that are known to be neither are ``settled``, to save time."""
    low, high = strings.prefix & np.uint32(0xFFFF), strings.prefix >> np.uint32(16)
    maybe = (_FIRST[low] & _SECOND[high]) != 0
    maybe &= strings.lengths <= limits.NUMBER_BYTES_MAX
    for other in settled:
        maybe[other] = False
    rows = np.flatnonzero(maybe)
    if strings.text.size:
        rows = rows[_ends_like_a_number(strings, rows)]
    texts = _pick(strings.series, rows)
    rows, values, rest_rows, rest = _cast(texts, rows, pl.Int64)
    big_rows, big, rest_rows, rest = _big_integers(rest, rest_rows)
    number_rows, numbers, _, _ = _cast(rest, rest_rows, pl.Float64)
    finite = np.isfinite(numbers)
    if not finite.all():
        number_rows, numbers = number_rows[finite], numbers[finite]
    return Integers(rows, values, big_rows, big), Numbers(number_rows, numbers + 0.0)


_LETTERS = np.uint64(0x4040404040404040)
"""Set in letters, and in none of the other characters of a number."""


def _ends_like_a_number(strings: Strings, rows: Rows) -> Flags:
    """Whether there is one letter at most, the ``e``, in the last eight bytes of a value that is longer than those."""
    good: Flags = np.ones(rows.size, np.bool_)
    long = np.flatnonzero(strings.lengths[rows] > INLINE_BYTES)
    ends = strings.word(rows[long], strings.lengths[rows[long]] - 8)
    good[long] = np.bitwise_count(ends & _LETTERS) <= 1
    return good


def _pick(series: pl.Series, rows: Rows) -> pl.Series:
    return series if rows.size == len(series) else series.gather(rows)


def _cast(texts: pl.Series, rows: Rows, dtype: type[pl.DataType]) -> tuple[Rows, np.ndarray, Rows, pl.Series]:
    """Split into what casts, as an array, and what does not; each with its rows."""
    read = texts.cast(dtype, strict=False)
    if read.null_count() == len(read):
        return rows[:0], read.clear().to_numpy(), rows, texts
    if not read.null_count():
        return rows, read.to_numpy(), rows[:0], texts.clear()
    failed = read.is_null()
    missing = failed.to_numpy()
    return rows[~missing], read.drop_nulls().to_numpy(), rows[missing], texts.filter(failed)


def _big_integers(texts: pl.Series, rows: Rows) -> tuple[Rows, tuple[int, ...], Rows, pl.Series]:
    """Split off the integers outside int64, as Python's own."""
    if not rows.size:
        return rows, (), rows, texts
    long = np.flatnonzero((texts.str.len_bytes() >= _INT64_DIGITS).to_numpy())
    if not long.size:
        return rows[:0], (), rows, texts
    integral = texts.gather(long).str.contains(rf"^-?[0-9]{{{_INT64_DIGITS},{limits.INTEGER_DIGITS_MAX}}}$")
    found = long[integral.to_numpy()]
    big = tuple(map(int, texts.gather(found)))
    other = np.ones(rows.size, np.bool_)
    other[found] = False
    return rows[found], big, rows[other], texts.filter(pl.Series(other))


_LOWER = np.uint64(0x2020202020202020)
_TRUE, _FALSE = (int.from_bytes(text, "little") for text in (b"true", b"fals"))


def read_booleans(strings: Strings) -> Booleans:
    """Find ``true`` and ``false``."""
    lower = strings.prefix | np.uint32(0x20202020)
    true = (lower == _TRUE) & (strings.lengths == len("true"))
    false = lower == _FALSE
    if false.any():
        # The fifth byte: of a value of at most 12 bytes it is the lowest of the tail.
        false &= (strings.lengths == len("false")) & ((strings.tail | _LOWER) & np.uint64(0xFF) == ord("e"))
    rows = np.flatnonzero(true | false)
    return Booleans(rows, true[rows])
