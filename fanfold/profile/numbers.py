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
_BEGINNINGS = frozenset("-.0123456789")
_INT64_END = 2.0**63
"""Doubles of integers outside int64 are at least as large."""

_INTEGER = f"^-?[0-9]{{1,{limits.INTEGER_DIGITS_MAX}}}$"

_FIRST_LOOK = 16
"""Values that tell integers and fractions apart; a wrong guess costs time alone."""


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


_NO_ROWS: Rows = np.zeros(0, np.intp)
_NO_INTEGERS = Integers(_NO_ROWS, np.zeros(0, np.int64), _NO_ROWS, ())
_NO_NUMBERS = Numbers(_NO_ROWS, np.zeros(0, np.float64))


@dataclass(frozen=True, slots=True)
class Booleans:
    """Values that read as booleans."""

    rows: Rows
    values: Flags


def may_be_number(text: str) -> bool:
    """Whether a text begins like a number, which is much sooner told than whether it is one."""
    return text[:1] in _BEGINNINGS


def read_numbers(strings: Strings, settled: Sequence[Rows] = ()) -> tuple[Integers, Numbers]:
    """Find integers and numbers; rows that are known to be neither are ``settled``, to save time.

    The first values decide which of both is tried first, so most values are read once.
    """
    rows = _maybe_numbers(strings, settled)
    if not rows.size:
        return _NO_INTEGERS, _NO_NUMBERS
    texts = _pick(strings.series, rows)
    if _begin_with_fractions(texts):
        number_rows, numbers, _, _ = _cast(texts, rows, pl.Float64)
        # The double of an integer is whole.
        whole = number_rows[np.rint(numbers) == numbers]
        integer_rows, integers, _, _ = _cast(_pick(strings.series, whole), whole, pl.Int64)
        number_rows, numbers = _without(integer_rows, number_rows, numbers)
    else:
        integer_rows, integers, rest_rows, rest = _cast(texts, rows, pl.Int64)
        number_rows, numbers, _, _ = _cast(rest, rest_rows, pl.Float64)
    big_rows, big = _big_integers(strings.series, number_rows[np.abs(numbers) >= _INT64_END])
    number_rows, numbers = _without(big_rows, number_rows, numbers)
    finite = np.isfinite(numbers)
    if not finite.all():
        number_rows, numbers = number_rows[finite], numbers[finite]
    return Integers(integer_rows, integers, big_rows, big), Numbers(number_rows, numbers + 0.0)


def _maybe_numbers(strings: Strings, settled: Sequence[Rows]) -> Rows:
    """Rows of the values that begin, and end, like a number."""
    if any(other.size == strings.size for other in settled):
        return _NO_ROWS
    pairs = strings.prefix.view(np.uint16)
    maybe = (_FIRST.take(pairs[::2]) & _SECOND.take(pairs[1::2])) != 0
    maybe &= strings.lengths <= limits.NUMBER_BYTES_MAX
    for other in settled:
        maybe[other] = False
    rows = np.flatnonzero(maybe)
    # Where all values begin like a number, few are none.
    if strings.text.size and rows.size < strings.size:
        rows = rows[_ends_like_a_number(strings, rows)]
    return rows


def _begin_with_fractions(texts: pl.Series) -> bool:
    """Whether there is no integer among the first values, so that few are likely to follow."""
    first = texts[:_FIRST_LOOK].cast(pl.Int64, strict=False)
    return first.null_count() == len(first)


def _without(gone: Rows, rows: Rows, values: Floats) -> tuple[Rows, Floats]:
    if not gone.size:
        return rows, values
    kept = ~np.isin(rows, gone, assume_unique=True)
    return rows[kept], values[kept]


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
    if rows.size == len(series):
        return series
    return series[rows] if rows.size else series.clear()


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


def _big_integers(series: pl.Series, rows: Rows) -> tuple[Rows, tuple[int, ...]]:
    """Those of the numbers in ``rows`` that are integers, as Python's own."""
    if not rows.size:
        return rows, ()
    texts = series[rows]
    found = np.flatnonzero(texts.str.contains(_INTEGER).to_numpy())
    return rows[found], tuple(map(int, texts[found]))


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
