"""Texts that read as dates or datetimes. A value reads the same wherever it stands.

======== ====================================================================================================
kind     grammar
======== ====================================================================================================
date     ``YYYY-MM-DD``, a day of the proleptic Gregorian calendar, years 0000 to 9999
datetime a date, ``T`` or one blank, ``HH:MM``, or ``HH:MM:SS``, or that with a fraction of one to nine digits after
         a point; 00:00 to 23:59:59.999999999
zoned    a datetime followed by ``Z``, ``+HH:MM``, ``-HH:MM``, ``+HHMM`` or ``-HHMM``, up to 23:59
======== ====================================================================================================

An instant is whole seconds since 1970-01-01T00:00 (for zoned ones in UTC) and nanoseconds: together they exceed
int64 between the years 0 and 9999, apart they do not. Pairs of digits are looked up in a table of 65,536.
"""

import calendar
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from fanfold.profile.arrays import Flags, Ints, Rows, Words
from fanfold.profile.strings import Strings

_NO_PAIR = 1_000
"""What two bytes that are no digits read as: larger than any bound they are checked against."""


Pairs = NDArray[np.int16]


def _pairs() -> Pairs:
    table = np.full((256, 256), _NO_PAIR, np.int16)
    for tens in range(10):
        for ones in range(10):
            table[ord("0") + ones, ord("0") + tens] = 10 * tens + ones
    return table.reshape(-1)


_PAIRS = _pairs()
_DAYS_BEFORE_MONTH = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_DAYS_OF_MONTH = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_LEAP = np.array([calendar.isleap(year) for year in range(10_000)])
_EPOCH_DAY = 719_528
"""1970-01-01, counted from 0000-01-01."""
_DAYS_BEFORE_YEAR = 365 * np.arange(_LEAP.size) + np.cumsum(_LEAP) - _LEAP - _EPOCH_DAY
DAY_S = 86_400

_FIRST_LOOK = 64
_DATE_BYTES = len("YYYY-MM-DD")
_SECONDS_BYTES = len("YYYY-MM-DD HH:MM:SS")


@dataclass(frozen=True, slots=True)
class Dates:
    """Values that read as dates: days since 1970-01-01."""

    rows: Rows
    days: Ints


@dataclass(frozen=True, slots=True)
class Instants:
    """Values that read as datetimes: seconds since 1970-01-01T00:00 and nanoseconds within the second."""

    rows: Rows
    seconds: Ints
    nanoseconds: Ints


def may_be_time(text: str) -> bool:
    """Whether a text has the length of a date or datetime and the first hyphen of one."""
    return len(text) >= _DATE_BYTES and text[4] == "-"


def _none_begins_with_a_digit(strings: Strings) -> bool:
    return not ((strings.prefix.astype(np.uint8) - np.uint8(ord("0"))) < 10).any()


def read_times(strings: Strings) -> tuple[Dates, Instants, Instants]:
    """Find dates, datetimes without and with a zone."""
    alike = _read_alike(strings)
    if alike is not None:
        return alike
    if _none_begins_with_a_digit(strings):
        return Dates(_NONE.rows, _EMPTY), _NONE, _NONE
    lengths = strings.lengths
    short, year = _years(strings, np.flatnonzero(lengths == _DATE_BYTES))
    dates = Dates(*_days(short, year, strings.tail[short]))
    long, year = _years(strings, np.flatnonzero((lengths >= 16) & (lengths <= 35) & (lengths != 18)))
    naive, zoned = _read_long(strings, long, year) if long.size else (_NONE, _NONE)
    return dates, naive, zoned


def _read_alike(strings: Strings) -> tuple[Dates, Instants, Instants] | None:
    """Read values that are all dates, or all datetimes of whole seconds; None when they are not.

    Of texts of these lengths Arrow reads just our grammar (and a zone, which it refuses here), but only all of them.
    """
    size = strings.size
    length = int(strings.lengths[0]) if size else 0
    if length not in {_DATE_BYTES, _SECONDS_BYTES} or not (strings.lengths == length).all():
        return None
    kind = pa.date32() if length == _DATE_BYTES else pa.timestamp("s")
    array = strings.array
    if array is None:
        array = strings.series.to_arrow(compat_level=pl.CompatLevel.oldest())
    # What Arrow does not read costs it far more than what it does, so the first values go first.
    read = None if _cast(array[:_FIRST_LOOK], kind) is None else _cast(array, kind)
    if read is None:
        return None
    rows = np.arange(size)
    if length == _DATE_BYTES:
        return Dates(rows, read.astype(np.int64)), _NONE, _NONE
    return Dates(_NONE.rows, _EMPTY), Instants(rows, read, np.zeros(size, np.int64)), _NONE


def _cast(array: pa.Array, kind: pa.DataType) -> NDArray[Any] | None:
    """What Arrow reads, in its own units; None when it does not read all."""
    try:
        read = array.cast(kind)
    except pa.ArrowInvalid:
        return None
    # Not by Arrow's own conversion to NumPy, which imports pandas where there is one.
    units = np.frombuffer(read.buffers()[1], np.int32 if kind == pa.date32() else np.int64)
    return units[read.offset : read.offset + len(read)]


def _years(strings: Strings, rows: Rows) -> tuple[Rows, Ints]:
    """Those of ``rows`` that begin with four digits, and what they read."""
    prefix = strings.prefix if rows.size == strings.size else strings.prefix[rows]
    low, high = _pair(prefix, 0), _pair(prefix, 2)
    good = (low < 100) & (high < 100)
    if not good.all():
        rows, low, high = rows[good], low[good], high[good]
    return rows, low.astype(np.int64) * 100 + high


_EMPTY = np.zeros(0, np.int64)
_NONE = Instants(np.zeros(0, np.intp), _EMPTY, _EMPTY)


def _pair(words: Words | NDArray[np.uint32], byte: int) -> Pairs:
    """Two digits at a byte of each word, as a number."""
    kind = words.dtype.type
    pairs: Pairs = _PAIRS[(words >> kind(8 * byte)) & kind(0xFFFF)]
    return pairs


def _byte(words: Words, byte: int) -> Words:
    return (words >> np.uint64(8 * byte)) & np.uint64(0xFF)


def _days(rows: Rows, year: Ints, rest: Words) -> tuple[Rows, Ints]:
    """Days of those of ``rows`` whose ``rest``, the bytes after the year, reads ``-MM-DD``."""
    month, day = _pair(rest, 1), _pair(rest, 4)
    good = (rest & np.uint64(0xFF0000FF)) == np.uint64(0x2D00002D)
    good &= (month >= 1) & (month <= 12) & (day >= 1)
    month = np.where(good, month, 0)
    leap = _LEAP[year]
    good &= day <= _DAYS_OF_MONTH[month] + (leap & (month == 2))
    days = _DAYS_BEFORE_YEAR[year] + _DAYS_BEFORE_MONTH[month] + (leap & (month > 2)) + day - 1
    return rows[good], days[good]


def _read_long(strings: Strings, rows: Rows, year: Ints) -> tuple[Instants, Instants]:
    rows, days = _days(rows, year, strings.word(rows, 4) & np.uint64(0xFFFFFFFFFFFF))
    lengths = strings.lengths[rows]
    middle, end = strings.word(rows, 8), strings.word(rows, lengths - 8)
    offset, zone_length, good = _zone(end)
    hour, minute = _pair(middle, 3).astype(np.int64), _pair(middle, 6).astype(np.int64)
    separator = _byte(middle, 2)
    good &= (separator == ord("T")) | (separator == ord(" "))
    good &= (hour < 24) & (_byte(middle, 5) == ord(":")) & (minute < 60)
    seconds, nanoseconds, clock = _seconds(strings, rows, lengths - zone_length)
    good &= clock
    seconds += days * DAY_S + hour * 3600 + minute * 60 - offset
    zoned = zone_length > 0
    return (
        _instants(good & ~zoned, rows, seconds, nanoseconds),
        _instants(good & zoned, rows, seconds, nanoseconds),
    )


def _instants(chosen: Flags, rows: Rows, seconds: Ints, nanoseconds: Ints) -> Instants:
    return Instants(rows[chosen], seconds[chosen], nanoseconds[chosen])


def _zone(end: Words) -> tuple[Ints, Ints, Flags]:
    """Offset in seconds, bytes it takes (0: there is none), and whether it is well formed, by the last eight bytes."""
    utc = _byte(end, 7) == ord("Z")
    signs = [_byte(end, byte) for byte in (2, 3)]
    colon, plain = ((sign == ord("+")) | (sign == ord("-")) for sign in signs)
    length = np.where(utc, 1, np.where(colon, 6, np.where(plain, 5, 0)))
    offset = np.zeros(end.size, np.int64)
    good = np.ones(end.size, np.bool_)
    for shape, sign, hours in ((6, signs[0], 3), (5, signs[1], 4)):
        rows = np.flatnonzero(length == shape)
        if rows.size:
            hour, minute = _pair(end[rows], hours), _pair(end[rows], 6)
            good[rows] = (hour < 24) & (minute < 60)
            if shape == 6:
                good[rows] &= _byte(end[rows], 5) == ord(":")
            minutes = hour.astype(np.int64) * 60 + minute
            offset[rows] = np.where(sign[rows] == ord("-"), -60, 60) * minutes
    return offset, length, good


def _seconds(strings: Strings, rows: Rows, stops: Ints) -> tuple[Ints, Ints, Flags]:
    """Seconds and nanoseconds of what stands between byte 16 and ``stops``, and whether it is well formed."""
    seconds, nanoseconds = np.zeros(rows.size, np.int64), np.zeros(rows.size, np.int64)
    good = (stops == 16) | (stops == 19) | ((stops >= 21) & (stops <= 29))
    timed = np.flatnonzero(good & (stops >= 19))
    if timed.size:
        word = strings.word(rows[timed], 11)
        second = _pair(word, 6)
        good[timed] = (_byte(word, 5) == ord(":")) & (second < 60)
        seconds[timed] = second
    split = np.flatnonzero(good & (stops >= 21))
    if split.size:
        nanoseconds[split], good[split] = _fraction(strings, rows[split], stops[split])
    return seconds, nanoseconds, good


def _fraction(strings: Strings, rows: Rows, stops: Ints) -> tuple[Ints, Flags]:
    """Nanoseconds of a point and one to nine digits between byte 19 and ``stops``."""
    good = _byte(strings.word(rows, 12), 7) == ord(".")
    nanoseconds = np.zeros(rows.size, np.int64)
    for place in range(9):
        live = np.flatnonzero(stops > 20 + place)
        digit = _byte(strings.word(rows[live], 13 + place), 7).astype(np.int64) - ord("0")
        good[live] &= (digit >= 0) & (digit <= 9)
        nanoseconds[live] += digit * 10 ** (8 - place)
    return nanoseconds, good
