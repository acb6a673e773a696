"""Tallies of many columns measured together, for a wide table has thousands of columns of a few values each.

Reading texts costs as much for ten of them as for a thousand. So the values of a group of columns are laid end to end
and read as one column would be; what was read is then cut apart where a column ends.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import date_forms, moments, number_forms
from fanfold.profile.arrays import Ints, Rows
from fanfold.profile.forms import UNTOUCHED, Family, Written
from fanfold.profile.iso import NANOSECONDS
from fanfold.profile.keys import characters_of
from fanfold.profile.marks import Marks, find_marks
from fanfold.profile.model import KINDS, Extremes, Figures, Lengths, Tally
from fanfold.profile.moments import Moments
from fanfold.profile.numbers import read_booleans, read_numbers
from fanfold.profile.strings import Strings, of
from fanfold.profile.times import read_times

Families = tuple[Family | None, Family | None]
"""How values read as numbers and as dates; None where some value is neither."""

_INTEGER, _NUMBER, _BOOLEAN, _DATE, _DATETIME, _ZONED, _TEXT = range(len(KINDS))


@dataclass(frozen=True, slots=True)
class Measured:
    """A Tally's exact figures, and how its values read in other forms, each in its place."""

    figures: Figures
    families: Families


EMPTY = Measured(
    Figures(Lengths(0, 0, 0), (0,) * len(KINDS), Extremes(), Moments(), 0, 0, Marks()), (UNTOUCHED, UNTOUCHED)
)
"""Of no values."""


def measure(tallies: Iterable[Tally]) -> Iterator[Measured]:
    """Measure one after the other; the values of a group of them are in memory at a time."""
    for group in _groups(tallies):
        filled = iter(_measure_filled([tally for tally in group if tally.counts]))
        yield from (next(filled) if tally.counts else EMPTY for tally in group)


def _groups(tallies: Iterable[Tally]) -> Iterator[list[Tally]]:
    group: list[Tally] = []
    values = 0
    for tally in tallies:
        group.append(tally)
        values += len(tally.counts)
        if values >= limits.TALLIED_AT_ONCE:
            yield group
            group, values = [], 0
    if group:
        yield group


@dataclass(frozen=True, slots=True)
class _Read:
    """Values laid end to end, and what each of them reads as."""

    keys: list[str]
    strings: Strings
    counts: list[int]
    characters: Ints
    """Length of each."""
    kinds: list[int]
    """Of each its place in ``KINDS``."""
    values: list[Any]
    """What each reads as: an int, a float, a bool, days or nanoseconds; None for a text."""


def _measure_filled(tallies: Sequence[Tally]) -> Iterator[Measured]:
    if not tallies:
        return
    read = _read(tallies)
    stops = accumulate(len(tally.counts) for tally in tallies)
    for start, stop in pairwise([0, *stops]):
        part = _part(read, slice(start, stop))
        yield Measured(_figures(part), _families(part))


def _read(tallies: Sequence[Tally]) -> _Read:
    keys = [key for tally in tallies for key in tally.counts]
    counts = [count for tally in tallies for count in tally.counts.values()]
    strings = of(pl.Series(keys, dtype=pl.String))
    kinds, values = [_TEXT] * len(keys), [None] * len(keys)
    for kind, rows, found in _readings(strings):
        for row, value in zip(rows.tolist(), found, strict=True):
            kinds[row], values[row] = kind, value
    return _Read(keys, strings, counts, characters_of(strings, limits.VALUE_BYTES), kinds, values)


def _readings(strings: Strings) -> Iterator[tuple[int, Rows, Sequence[Any]]]:
    """What reads as each kind but text, with its rows."""
    booleans, (dates, naive, zoned) = read_booleans(strings), read_times(strings)
    integers, numbers = read_numbers(strings, (dates.rows, naive.rows, zoned.rows))
    yield _INTEGER, integers.rows, integers.values.tolist()
    yield _INTEGER, integers.big_rows, integers.big
    yield _NUMBER, numbers.rows, numbers.values.tolist()
    yield _BOOLEAN, booleans.rows, booleans.values.tolist()
    yield _DATE, dates.rows, dates.days.tolist()
    for kind, instants in ((_DATETIME, naive), (_ZONED, zoned)):
        parts = zip(instants.seconds.tolist(), instants.nanoseconds.tolist(), strict=True)
        yield kind, instants.rows, [seconds * NANOSECONDS + rest for seconds, rest in parts]


def _part(read: _Read, at: slice) -> _Read:
    """The values of one column."""
    whole = read.strings
    strings = replace(
        whole,
        series=whole.series[at],
        lengths=whole.lengths[at],
        prefix=whole.prefix[at],
        head=whole.head[at],
        tail=whole.tail[at],
        starts=whole.starts[at],
        array=None,
    )
    return _Read(read.keys[at], strings, read.counts[at], read.characters[at], read.kinds[at], read.values[at])


def _figures(part: _Read) -> Figures:
    found: list[list[Any]] = [[] for _ in KINDS]
    weights: list[list[int]] = [[] for _ in KINDS]
    for kind, value, count in zip(part.kinds, part.values, part.counts, strict=True):
        found[kind].append(value)
        weights[kind].append(count)
    numbers = [pair for kind in (_INTEGER, _NUMBER) for pair in zip(found[kind], weights[kind], strict=True)]
    return Figures(
        _lengths(part),
        tuple(map(sum, weights)),
        Extremes(_text_extremes(part.keys), *(map(_extremes, found[:_TEXT]))),
        _moments(found, weights),
        sum(count for value, count in numbers if value == 0),
        sum(count for value, count in numbers if value < 0),
        find_marks(part.strings, np.array(part.counts, np.int64)),
    )


def _lengths(part: _Read) -> Lengths:
    characters = part.characters.tolist()
    total = sum(length * count for length, count in zip(characters, part.counts, strict=True))
    return Lengths(min(characters), max(characters), total)


def _text_extremes(keys: Sequence[str]) -> tuple[str, str]:
    kept = limits.SHOWN_CHARACTERS + 1  # cutting keeps the order
    return min(keys)[:kept], max(keys)[:kept]


def _extremes(values: Sequence[Any]) -> Any:
    return (min(values), max(values)) if values else None


def _moments(found: Sequence[Sequence[Any]], weights: Sequence[Sequence[int]]) -> Moments:
    parts = []
    if found[_INTEGER]:
        parts.append(moments.of_big_integers(found[_INTEGER], weights[_INTEGER]))
    if found[_NUMBER]:
        parts.append(moments.of_doubles(np.array(found[_NUMBER]), np.array(weights[_NUMBER], np.int64)))
    return moments.add(parts) if parts else Moments()


def _families(part: _Read) -> Families:
    """How the values read as numbers and as dates, where those of the other kinds allow it."""
    kinds = set(part.kinds)
    numeric, timed = bool(kinds & {_INTEGER, _NUMBER}), bool(kinds & {_DATE, _DATETIME})
    if kinds & {_BOOLEAN, _ZONED} or (numeric and timed):
        return None, None
    texts, numbers = (_rows(part, kind) for kind in (_TEXT, _NUMBER))
    written = Written(part.strings.series, np.array(part.counts, np.int64), texts, numbers)
    return None if timed else number_forms.read(written), None if numeric else date_forms.read(written)


def _rows(part: _Read, kind: int) -> Rows:
    return np.array([row for row, each in enumerate(part.kinds) if each == kind], np.intp)
