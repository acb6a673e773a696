"""One column of a frame, or of a Tally that outgrew its cap, into what is kept of it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import buckets, date_forms, moments, number_forms, order, sketches
from fanfold.profile.arrays import Counts, Flags, Hashes, Ints, Rows, Words
from fanfold.profile.caps import Caps
from fanfold.profile.forms import Family, Rewritten, Written
from fanfold.profile.iso import NANOSECONDS
from fanfold.profile.keys import characters_of, hashes_of, keys_of
from fanfold.profile.marks import find_marks
from fanfold.profile.model import Alternative, Column, Extremes, Figures, Forms, Lengths, Summary, Tally
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.profile.numbers import Booleans, Integers, Numbers, read_booleans, read_numbers
from fanfold.profile.order import Order
from fanfold.profile.strings import SHORT_BYTES, Strings, of
from fanfold.profile.times import Dates, Instants, read_times

_COUNTED_ONE_BY_ONE = 1_024
"""Up to this many values Python's Counter is faster than a group-by."""

_WORTH_PICKING = 8
_WORTH_PICKING_FROM = 16_384
"""Values are picked out to be compared when they are at most one in so many, of so many at least."""


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

    def weight_where(self, rows: Rows, flags: Flags) -> int:
        """How many values stand in those of ``rows`` for which the flag is set."""
        return int(np.count_nonzero(flags)) if self.counts is None else self.weight(rows[flags])

    def counts_of(self, rows: Rows) -> Counts | None:
        """Counts of ``rows``."""
        return None if self.counts is None else self.counts[rows]


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a column's values, record by record."""

    present: Flags
    """Which are neither empty nor one of the texts that may be null."""
    certain: Flags
    """Which are not null, whatever the other values are."""
    numbers: tuple[Integers, Numbers] | None = None
    """Of the values present; None where they were not read one by one."""


def profile_column(strings: Strings, hashes: Hashes, caps: Caps, nulls: Nulls = NULLS) -> tuple[Column, Reading]:
    """Profile a column given as laid out, with the hashes of its values."""
    counts = _count(strings, hashes, caps.exact_values, nulls.texts)
    filled = strings.lengths > 0
    empty = strings.size - int(np.count_nonzero(filled))
    rows = nulls.find(strings) if counts is None or not nulls.texts.isdisjoint(counts) else np.zeros(0, np.intp)
    read, tokens, as_text = _set_aside(strings, filled, rows, nulls)
    if counts is not None:
        present = {key: count for key, count in counts.items() if key and key not in tokens}
        return Column(empty, Tally(present), order.order_of(strings, read.present), tokens, as_text), read
    kept = strings
    if not read.present.all():
        kept, hashes = of(strings.series.filter(pl.Series(read.present))), hashes[read.present]
    summary, numbers = _summarize(Values(kept, hashes, None, kept.characters()), caps)
    ordered = order.order_of(strings, read.present, numbers)
    return Column(empty, summary, ordered, tokens, as_text), replace(read, numbers=numbers)


def _set_aside(
    strings: Strings, filled: Flags, rows: Rows, nulls: Nulls
) -> tuple[Reading, dict[str, int], Order | None]:
    """Set the texts that may be null, which stand in ``rows``, apart from the values."""
    if not rows.size:
        return Reading(filled, filled), {}, None
    texts = strings.series[rows]
    present, certain = filled.copy(), filled.copy()
    present[rows] = False
    certain[rows[texts.is_in([*nulls.everywhere]).to_numpy()]] = False
    tokens = dict(texts.value_counts(name="count").iter_rows())
    as_text = None if tokens.keys() <= nulls.everywhere else order.order_of(strings, certain)
    return Reading(present, certain), tokens, as_text


def _count(strings: Strings, hashes: Hashes, cap: int, nulls: Collection[str]) -> dict[str, int] | None:
    """Count by key, or None when more than ``cap`` values differ, those that are empty or may be null aside."""
    most = cap + 1 + len(nulls)
    counts: dict[str, int] | None
    if strings.size <= _COUNTED_ONE_BY_ONE:
        counts = dict(Counter(keys_of(strings.series, limits.VALUE_BYTES).to_list()))
    elif sketches.more_than(most, hashes):
        return None
    else:
        counts = _count_many(strings, most)
        if counts is None or len(counts) > most:
            return None
    aside = ("" in counts) + sum(text in counts for text in nulls)
    return counts if len(counts) - aside <= cap else None


def _count_many(strings: Strings, most: int) -> dict[str, int] | None:
    """Count by key, or None when more than ``most`` differ.

    Texts that are one word with their lengths sort faster than texts hash, so they are counted apart.
    """
    long = np.flatnonzero(strings.lengths > SHORT_BYTES)
    if long.size > strings.size // 2:
        return _count_any(strings.series, most)
    others = _count_any(strings.series[long], most) if long.size else {}
    return None if others is None else _count_words(np.delete(strings.short(), long)) | others


def _count_words(words: Words) -> dict[str, int]:
    in_order = sketches.in_order(words)
    different = in_order.hashes[in_order.starts].tolist()
    texts = (word.to_bytes(8, "little")[: word >> (8 * SHORT_BYTES)].decode() for word in different)
    return dict(zip(texts, np.diff(in_order.starts, append=words.size).tolist(), strict=True))


def _count_any(series: pl.Series, most: int) -> dict[str, int] | None:
    grouped = series.alias("value").value_counts(name="count")
    if grouped.height > most:
        return None
    keys = keys_of(grouped["value"], limits.VALUE_BYTES)
    return dict(zip(keys.to_list(), grouped["count"].to_list(), strict=True))


def summarize(tally: Mapping[str, int], caps: Caps) -> Summary:
    """Return what the values of a Tally contribute to a Summary."""
    strings, characters = _lay_out(tally)
    hashes = hashes_of(strings.series, limits.VALUE_BYTES)
    return _summarize(Values(strings, hashes, np.array([*tally.values()], np.int64), characters), caps)[0]


def values_in(column: Column) -> int:
    """How many values a column was made from: empty ones, those that may be null, and the others."""
    values = column.values
    present = sum(values.counts.values()) if isinstance(values, Tally) else sum(values.figures.evidence)
    return column.nulls + sum(column.tokens.values()) + present


def figures_of(tally: Mapping[str, int]) -> Figures:
    """Exact figures of the values of a Tally."""
    return _measure(_values_of(tally))[0]


def _values_of(tally: Mapping[str, int]) -> Values:
    strings, characters = _lay_out(tally)
    return Values(strings, strings.head, np.array([*tally.values()], np.int64), characters)


def _lay_out(tally: Mapping[str, int]) -> tuple[Strings, Ints]:
    """Keys as texts, and the lengths of their values.

    An abridged key reads as text, and so does its value: both are too long for anything else.
    """
    strings = of(pl.Series([*tally], dtype=pl.String))
    return strings, characters_of(strings, limits.VALUE_BYTES)


def _summarize(values: Values, caps: Caps) -> tuple[Summary, tuple[Integers, Numbers]]:
    figures, histogram, forms, numbers = _measure_all(values)
    summary = Summary(
        figures,
        sketches.keep_smallest(values.hashes, values.counts, caps.hashes),
        sketches.count_cells(values.hashes, values.counts, caps.table_width),
        histogram,
        forms,
    )
    return summary, numbers


def _measure_all(
    values: Values,
) -> tuple[Figures, buckets.Buckets, tuple[Forms | None, Forms | None], tuple[Integers, Numbers]]:
    """Measure values as they are and in the other readings that they allow."""
    figures, kinds = _measure(values)
    first, second = _families(kinds)
    forms = _measure_forms(first, values), _measure_forms(second, values)
    return figures, _buckets(values, kinds.integers, kinds.numbers), forms, (kinds.integers, kinds.numbers)


@dataclass(frozen=True, slots=True)
class Kinds:
    """Rows of a column's values by what they read as."""

    values: Values
    integers: Integers
    numbers: Numbers
    booleans: Booleans
    times: tuple[Dates, Instants, Instants]


def _families(kinds: Kinds) -> tuple[Family | None, Family | None]:
    """How the values read as numbers and as dates, where those of the other kinds allow it."""
    integers, numbers, (dates, naive, zoned) = kinds.integers, kinds.numbers, kinds.times
    numeric = (integers.rows, integers.big_rows, numbers.rows)
    timed = (dates.rows, naive.rows)
    other = kinds.booleans.rows.size + zoned.rows.size
    found_numbers, found_times = (sum(rows.size for rows in each) for each in (numeric, timed))
    if other or (found_numbers and found_times):
        return None, None
    size = kinds.values.strings.size
    texts = _other_rows(size, (*numeric, *timed)) if found_numbers + found_times < size else numeric[0][:0]
    written = Written(kinds.values.strings.series, kinds.values.counts, texts, numbers.rows)
    return (
        None if found_times else number_forms.read(written),
        None if found_numbers else date_forms.read(written),
    )


def _other_rows(size: int, known: Iterable[Rows]) -> Rows:
    other = np.ones(size, np.bool_)
    for rows in known:
        other[rows] = False
    return np.flatnonzero(other)


def _measure_forms(family: Family | None, values: Values) -> Forms | None:
    if family is None:
        return None
    first, second = (each if isinstance(each, bool) else _measure_alternative(each, values) for each in family.readings)
    return Forms(family.votes, (first, second))


def _measure_alternative(rewritten: Rewritten, values: Values) -> Alternative:
    strings = of(rewritten.series)
    values = Values(strings, strings.head, values.counts, strings.lengths)
    figures, kinds = _measure(values)
    return Alternative(figures, _buckets(values, kinds.integers, kinds.numbers), rewritten.marks)


def _measure(values: Values) -> tuple[Figures, Kinds]:
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
            _text_extremes(strings),
            _integer_extremes(integers),
            _number_extremes(numbers),
            _boolean_extremes(booleans),
            _date_extremes(dates),
            _instant_extremes(datetimes),
            _instant_extremes(zoned),
        ),
        _moments(values, integers, numbers),
        values.weight_where(integers.rows, integers.values == 0)
        + values.weight_where(numbers.rows, numbers.values == 0),
        _negatives(values, integers, numbers),
        find_marks(strings, values.counts),
    )
    return figures, Kinds(values, integers, numbers, booleans, (dates, datetimes, zoned))


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
        values.weight_where(integers.rows, integers.values < 0)
        + values.weight_where(integers.big_rows, big)
        + values.weight_where(numbers.rows, numbers.values < 0)
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


def _text_extremes(strings: Strings) -> tuple[str, str] | None:
    if not strings.size:
        return None
    low = high = strings.series
    if strings.size >= _WORTH_PICKING_FROM:
        # As numbers, the first bytes are in the order of the texts.
        first = strings.prefix.byteswap()
        low, high = (_beginning_alike(strings.series, first == end) for end in (first.min(), first.max()))
    # Cutting keeps the order, so the cut extreme is the extreme of what is cut.
    kept = limits.SHOWN_CHARACTERS + 1
    return str(low.min())[:kept], str(high.max())[:kept]


def _beginning_alike(series: pl.Series, flags: Flags) -> pl.Series:
    """Those that are flagged, or all where picking them out takes longer than comparing all."""
    if np.count_nonzero(flags) * _WORTH_PICKING > flags.size:
        return series
    return series[np.flatnonzero(flags)]


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
