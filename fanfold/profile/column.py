"""One column of a frame, or of a Tally that outgrew its cap, into what is kept of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import buckets, moments, order, sketches
from fanfold.profile.arrays import Counts, Flags, Hashes, Ints, Rows
from fanfold.profile.caps import Caps
from fanfold.profile.iso import NANOSECONDS
from fanfold.profile.keys import hashes_of, is_abridged, keys_of, take_apart
from fanfold.profile.marks import find_marks
from fanfold.profile.model import Column, Extremes, Figures, Lengths, Summary, Tally
from fanfold.profile.numbers import Booleans, Integers, Numbers, read_booleans, read_numbers
from fanfold.profile.strings import Strings, of
from fanfold.profile.times import Dates, Instants, read_times

_COUNTED_ONE_BY_ONE = 1_024
"""Up to this many values Python's Counter is faster than a group-by."""


@dataclass(frozen=True, slots=True)
class Values:
    """Values present, none of them empty."""

    strings: Strings
    hashes: Hashes
    counts: Counts | None
    """How often each occurs; None: once."""
    characters: Ints
    """Length of each."""

    def weight(self, rows: Rows) -> int:
        """How many values stand in ``rows``."""
        return int(rows.size if self.counts is None else self.counts[rows].sum())

    def counts_of(self, rows: Rows) -> Counts | None:
        """Counts of ``rows``."""
        return None if self.counts is None else self.counts[rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of the values present."""

    integers: Integers
    numbers: Numbers


def profile_column(strings: Strings, hashes: Hashes, caps: Caps) -> tuple[Column, Reading | None]:
    """Profile a column given as laid out, with the hashes of its values; None: its values were not read one by one."""
    counts = _count(strings.series, hashes, caps.exact_values)
    ordered = order.order_of(strings)
    if counts is not None:
        nulls = counts.pop("", 0)
        return Column(nulls, Tally(counts), ordered), None
    present = strings.lengths > 0
    nulls = strings.size - int(np.count_nonzero(present))
    if nulls:
        strings, hashes = of(strings.series.filter(pl.Series(present))), hashes[present]
    characters = strings.series.str.len_chars().to_numpy().astype(np.int64)
    summary, read = _summarize(Values(strings, hashes, None, characters), caps)
    return Column(nulls, summary, ordered), read


def _count(series: pl.Series, hashes: Hashes, cap: int) -> dict[str, int] | None:
    """Count by key, or None when more than ``cap`` values differ."""
    if len(series) <= _COUNTED_ONE_BY_ONE:
        counts = dict(Counter(keys_of(series, limits.VALUE_BYTES).to_list()))
        return counts if len(counts) - ("" in counts) <= cap else None
    if sketches.distinct_at_least(hashes) > cap + 1:
        return None
    grouped = series.alias("value").value_counts(name="count")
    if grouped.height - ("" in grouped["value"]) > cap:
        return None
    return dict(zip(keys_of(grouped["value"], limits.VALUE_BYTES), grouped["count"], strict=True))


def summarize(tally: Mapping[str, int], caps: Caps) -> Summary:
    """Return what the values of a Tally contribute to a Summary."""
    strings, characters = _lay_out(tally)
    hashes = hashes_of(strings.series, limits.VALUE_BYTES)
    return _summarize(Values(strings, hashes, np.array([*tally.values()], np.int64), characters), caps)[0]


def values_in(column: Column) -> int:
    """How many values a column was made from, empty ones included."""
    values = column.values
    present = sum(values.counts.values()) if isinstance(values, Tally) else sum(values.figures.evidence)
    return column.nulls + present


def figures_of(tally: Mapping[str, int]) -> Figures:
    """Exact figures of the values of a Tally, of which there is at least one."""
    strings, characters = _lay_out(tally)
    counts = np.array([*tally.values()], np.int64)
    return _measure(Values(strings, strings.head, counts, characters))[0]


def _lay_out(tally: Mapping[str, int]) -> tuple[Strings, Ints]:
    """Keys as texts, and the lengths of their values.

    An abridged key reads as text, and so does its value: both are too long for anything else.
    """
    keys = pl.Series([*tally], dtype=pl.String)
    strings = of(keys)
    characters = keys.str.len_chars().to_numpy().astype(np.int64)
    for row in is_abridged(strings, limits.VALUE_BYTES):
        characters[row] = take_apart(keys[int(row)], limits.VALUE_BYTES).characters
    return strings, characters


def _summarize(values: Values, caps: Caps) -> tuple[Summary, Reading]:
    figures, read = _measure(values)
    summary = Summary(
        figures,
        sketches.keep_smallest(values.hashes, values.counts, caps.hashes),
        sketches.fold_table(sketches.count_fields(values.hashes, values.counts), caps.table_width),
        _buckets(values, read.integers, read.numbers),
    )
    return summary, read


def _measure(values: Values) -> tuple[Figures, Reading]:
    strings = values.strings
    booleans = read_booleans(strings)
    dates, datetimes, zoned = read_times(strings)
    integers, numbers = read_numbers(strings, (dates.rows, datetimes.rows, zoned.rows))
    evidence = [
        values.weight(integers.rows) + values.weight(integers.big_rows),
        *(values.weight(each.rows) for each in (numbers, booleans, dates, datetimes, zoned)),
    ]
    everything = strings.size if values.counts is None else int(values.counts.sum())
    figures = Figures(
        _lengths(values, everything),
        (*evidence, everything - sum(evidence)),
        Extremes(
            _text_extremes(strings.series),
            _integer_extremes(integers),
            _number_extremes(numbers),
            _boolean_extremes(booleans),
            _date_extremes(dates),
            _instant_extremes(datetimes),
            _instant_extremes(zoned),
        ),
        _moments(values, integers, numbers),
        values.weight(integers.rows[integers.values == 0]) + values.weight(numbers.rows[numbers.values == 0]),
        _negatives(values, integers, numbers),
        find_marks(strings, values.counts),
    )
    return figures, Reading(integers, numbers)


def _lengths(values: Values, everything: int) -> Lengths:
    characters = values.characters
    if not everything:
        return Lengths(0, 0, 0)
    total = characters.sum() if values.counts is None else np.dot(characters, values.counts)
    return Lengths(int(characters.min()), int(characters.max()), int(total))


def _moments(values: Values, integers: Integers, numbers: Numbers) -> moments.Moments:
    big_counts = [values.weight(integers.big_rows[place : place + 1]) for place in range(len(integers.big))]
    return moments.add(
        [
            moments.of_integers(integers.values, values.counts_of(integers.rows)),
            moments.of_big_integers(integers.big, big_counts),
            moments.of_doubles(numbers.values, values.counts_of(numbers.rows)),
        ]
    )


def _negatives(values: Values, integers: Integers, numbers: Numbers) -> int:
    big: Flags = np.array([each < 0 for each in integers.big], np.bool_)
    return (
        values.weight(integers.rows[integers.values < 0])
        + values.weight(integers.big_rows[big])
        + values.weight(numbers.rows[numbers.values < 0])
    )


def _buckets(values: Values, integers: Integers, numbers: Numbers) -> buckets.Buckets:
    big = np.array([float(each) for each in integers.big], np.float64)
    return buckets.add(
        [
            buckets.fill(integers.values.astype(np.float64), values.counts_of(integers.rows)),
            buckets.fill(big, values.counts_of(integers.big_rows)),
            buckets.fill(numbers.values, values.counts_of(numbers.rows)),
        ]
    )


def _text_extremes(series: pl.Series) -> tuple[str, str] | None:
    if not len(series):
        return None
    # Cutting keeps the order, so the cut extreme is the extreme of what is cut.
    kept = limits.SHOWN_CHARACTERS + 1
    return str(series.min())[:kept], str(series.max())[:kept]


def _integer_extremes(integers: Integers) -> tuple[int, int] | None:
    found = [int(each) for each in (integers.values.min(), integers.values.max())] if integers.rows.size else []
    found += integers.big
    return (min(found), max(found)) if found else None


def _number_extremes(numbers: Numbers) -> tuple[float, float] | None:
    return (float(numbers.values.min()), float(numbers.values.max())) if numbers.rows.size else None


def _boolean_extremes(booleans: Booleans) -> tuple[bool, bool] | None:
    return (bool(booleans.values.min()), bool(booleans.values.max())) if booleans.rows.size else None


def _date_extremes(dates: Dates) -> tuple[int, int] | None:
    return (int(dates.days.min()), int(dates.days.max())) if dates.rows.size else None


def _instant_extremes(instants: Instants) -> tuple[int, int] | None:
    if not instants.rows.size:
        return None
    first, last = instants.seconds.min(), instants.seconds.max()
    return (
        int(first) * NANOSECONDS + int(instants.nanoseconds[instants.seconds == first].min()),
        int(last) * NANOSECONDS + int(instants.nanoseconds[instants.seconds == last].max()),
    )
