"""The order of a column's values in the file: the first and the last one, and whether they rise or fall all the way.

The one part of a profile that depends on the order of the records: parts merge from left to right.

Three orders are followed, for which one is asked for depends on the column's type, known only at the end: of texts by
their first bytes, of numbers exactly, of instants. As soon as a column neither rises nor falls in one of them, or a
value does not read as that kind, that order is broken and not followed any further: so most columns cost a look at
their first values.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import strings
from fanfold.profile.arrays import Flags, Rows
from fanfold.profile.numbers import Integers, Numbers, may_be_number, read_numbers
from fanfold.profile.strings import Strings
from fanfold.profile.times import DAY_S, may_be_time, read_times

_FIRST_LOOK = 64
"""Values looked at first; each further look takes in as many times more as ``_GROWTH``."""
_GROWTH = 8

STRICTLY, WEAKLY, NEVER = 2, 1, 0
"""How values rise, or fall: without and with repetitions, or not all the way."""


@dataclass(frozen=True, slots=True)
class Run:
    """Values in a row. ``first`` and ``last`` are what they are compared by: text, number, or seconds and the rest."""

    rising: int
    falling: int
    first: Any = None
    last: Any = None


BROKEN = Run(NEVER, NEVER)
"""Neither rising nor falling, or not all of the kind: whatever follows, it stays so."""


@dataclass(frozen=True, slots=True)
class Order:
    """Of the values present; all None when there is none."""

    first: str | None = None
    """Cut to one character more than is shown."""
    last: str | None = None
    text: Run | None = None
    number: Run | None = None
    time: Run | None = None


NONE = Order()


def merge(orders: Iterable[Order]) -> Order:
    """Order of all values, of parts in the order of the file."""
    return reduce(_follow, orders, NONE)


def order_of(values: Strings, present: Flags, read: tuple[Integers, Numbers] | None = None) -> Order:
    """Order of the values that are present, given what is read of them as numbers, if it has been."""
    rows = np.arange(values.size) if present.all() else np.flatnonzero(present)
    if not rows.size:
        return NONE
    first, last = (values.series[int(rows[end])][: limits.SHOWN_CHARACTERS + 1] for end in (0, -1))
    found = NONE
    for start, stop in _looks(rows.size):
        if read is not None and found.text == found.time == BROKEN:
            runs = BROKEN, _run_of(*_part_of(read, start, stop), stop - start), BROKEN
        else:
            part = values if stop - start == values.size else strings.of(_pick(values.series, rows, start, stop))
            runs = (
                BROKEN if found.text == BROKEN else _text_run(part),
                BROKEN if found.number == BROKEN else _number_run(part),
                BROKEN if found.time == BROKEN else _time_run(part),
            )
        found = _follow(found, Order(first, last, *runs))
        if found.text == found.number == found.time == BROKEN:
            break
    return found


def _part_of(read: tuple[Integers, Numbers], start: int, stop: int) -> tuple[Integers, Numbers]:
    """What was read of the values from ``start`` to before ``stop``."""
    integers, numbers = read
    whole, big, other = (
        slice(*np.searchsorted(rows, (start, stop))) for rows in (integers.rows, integers.big_rows, numbers.rows)
    )
    return (
        Integers(
            integers.rows[whole] - start, integers.values[whole], integers.big_rows[big] - start, integers.big[big]
        ),
        Numbers(numbers.rows[other] - start, numbers.values[other]),
    )


def _looks(size: int) -> Iterator[tuple[int, int]]:
    start, stop = 0, _FIRST_LOOK
    while start < size:
        yield start, min(stop, size)
        start, stop = stop, stop * _GROWTH


def _pick(series: pl.Series, rows: Rows, start: int, stop: int) -> pl.Series:
    if rows.size == len(series):
        return series[start:stop]
    return series[rows[start:stop]]


def _follow(left: Order, right: Order) -> Order:
    if left.first is None or right.first is None:
        return right if left.first is None else left
    return Order(
        left.first,
        right.last,
        _join(left.text, right.text),
        _join(left.number, right.number),
        _join(left.time, right.time),
    )


def _join(left: Run | None, right: Run | None) -> Run:
    if left is None or right is None or BROKEN in (left, right):
        return BROKEN
    return _run(
        min(left.rising, right.rising, _level(left.last < right.first, left.last == right.first)),
        min(left.falling, right.falling, _level(left.last > right.first, left.last == right.first)),
        left.first,
        right.last,
    )


def _run(rising: int, falling: int, first: object, last: object) -> Run:
    return Run(rising, falling, first, last) if rising or falling else BROKEN


def _level(strictly: bool, same: bool) -> int:
    return STRICTLY if strictly else WEAKLY if same else NEVER


def _levels(below: Flags, same: Flags) -> tuple[int, int]:
    """How values rise and fall, by whether each is below the next one, or the same."""
    repeated = bool(same.any())
    rising, falling = bool((below | same).all()), not below.any()
    highest = WEAKLY if repeated else STRICTLY
    return highest * rising, highest * falling


def _text_run(values: Strings) -> Run:
    texts = _beginnings(values)
    if len(texts) <= _FIRST_LOOK:
        return _list_run(
            texts.to_list()
        )  # so few are faster without vectors, and their code points rise as their bytes
    before, after = texts[:-1], texts[1:]
    levels = _levels((before < after).to_numpy(), (before == after).to_numpy())
    return _run(*levels, texts[0], texts[-1])


def _beginnings(values: Strings) -> pl.Series:
    """Texts cut to what is kept of a value: that keeps their order, but for what is the same so far."""
    long = np.flatnonzero(values.lengths > limits.VALUE_BYTES)
    if not long.size:
        return values.series
    cut = [text.encode()[: limits.VALUE_BYTES].decode(errors="ignore") for text in values.series[long]]
    return values.series.clone().scatter(long, cut)


def _number_run(values: Strings) -> Run:
    return _run_of(*read_numbers(values), values.size) if may_be_number(values.series[0]) else BROKEN


def _run_of(integers: Integers, numbers: Numbers, size: int) -> Run:
    if integers.rows.size == size:
        return _array_run(integers.values)
    if numbers.rows.size == size:
        return _array_run(numbers.values)
    if integers.rows.size + integers.big_rows.size + numbers.rows.size < size:
        return BROKEN
    # Python compares integers of any size and doubles without rounding either.
    mixed: list[Any] = [0] * size
    for rows, found in (
        (integers.rows, integers.values.tolist()),
        (integers.big_rows, integers.big),
        (numbers.rows, numbers.values.tolist()),
    ):
        for row, number in zip(rows.tolist(), found, strict=True):
            mixed[row] = number
    return _list_run(mixed)


def _array_run(values: np.ndarray[tuple[int], Any]) -> Run:
    before, after = values[:-1], values[1:]
    return _run(*_levels(before < after, before == after), values[0].item(), values[-1].item())


def _list_run(values: Sequence[Any]) -> Run:
    below: Flags = np.array([a < b for a, b in pairwise(values)], np.bool_)
    same: Flags = np.array([a == b for a, b in pairwise(values)], np.bool_)
    return _run(*_levels(below, same), values[0], values[-1])


def _time_run(values: Strings) -> Run:
    if not may_be_time(values.series[0]):
        return BROKEN
    dates, datetimes, zoned = read_times(values)
    if dates.rows.size + datetimes.rows.size + zoned.rows.size < values.size:
        return BROKEN
    seconds, rest = np.zeros(values.size, np.int64), np.zeros(values.size, np.int64)
    seconds[dates.rows] = dates.days * DAY_S
    for instants in (datetimes, zoned):
        seconds[instants.rows], rest[instants.rows] = instants.seconds, instants.nanoseconds
    same = seconds[:-1] == seconds[1:]
    below = (seconds[:-1] < seconds[1:]) | (same & (rest[:-1] < rest[1:]))
    same &= rest[:-1] == rest[1:]
    first, last = ((int(seconds[end]), int(rest[end])) for end in (0, -1))
    return _run(*_levels(below, same), first, last)


def sorted_as(run: Run) -> str:
    """Name of how values of a run are sorted; a single one is constant."""
    if run.rising and run.falling:
        return "constant"
    names = ("", "ascending", "strictly ascending"), ("", "descending", "strictly descending")
    return names[0][run.rising] or names[1][run.falling] or "no"
