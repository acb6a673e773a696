"""How numbers are distributed: quantiles and a histogram, from exact counts or from buckets."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise

import numpy as np

from fanfold import limits
from fanfold.profile import buckets
from fanfold.profile.buckets import Buckets
from fanfold.profile.rounding import nearest

QUANTILES = ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99")

Number = int | float


@dataclass(frozen=True, slots=True)
class ExactNumbers:
    """Distinct numbers, rising, and how many are at most each."""

    values: tuple[Number, ...]
    totals: tuple[int, ...]
    exact: bool = True
    error: float = 0.0

    def at_rank(self, rank: int) -> Fraction:
        """Return the number of that rank, from 0."""
        return Fraction(self.values[bisect_right(self.totals, rank)])

    def below(self, edges: Sequence[Number]) -> list[int]:
        """How many numbers are below each edge."""
        totals = (0, *self.totals)
        return [totals[bisect_left(self.values, edge)] for edge in edges]


@dataclass(frozen=True, slots=True)
class BucketedNumbers:
    """Numbers known by their buckets, between the exact extremes."""

    filled: Buckets
    low: Number
    high: Number
    integral: bool
    exact: bool = False
    error: float = buckets.RELATIVE_ERROR

    def at_rank(self, rank: int) -> Fraction:
        """Return the number of that rank as if those of its bucket were spread evenly over what it can hold.

        The middle of a bucket is within the error of whatever it holds; what lies between the extremes of a column may
        be a small part of it. So the place is where the even spread has it, as far as that is within the error of both
        ends: then it is within the error of all between, and rises with the rank.
        """
        totals = self.filled.counts.cumsum()
        place = int(totals.searchsorted(rank, side="right"))
        count = int(self.filled.counts[place])
        before = int(totals[place]) - count
        low, high = self._ends(place)
        room = Fraction(1, 2) if self.integral else Fraction(0)
        share = Fraction(2 * (rank - before) + 1, 2 * count)
        spread = low - room + share * (high - low + 2 * room)
        error = Fraction(self.error)
        return min(max(spread, low, high - error * abs(high)), high, low + error * abs(low))

    def _ends(self, place: int) -> tuple[Fraction, Fraction]:
        """Least and largest number a bucket can hold: between the extremes, and whole when all are."""
        key = int(self.filled.keys[place])
        low, high = buckets.bounds(key)
        if self.integral:
            low, high = _integers_within(key, low, high)
        # The double of an integer may be in the bucket next to the integer's own: then both ends are the extreme.
        least, largest = Fraction(self.low), Fraction(self.high)
        return min(max(low, least), largest), max(min(high, largest), least)

    def below(self, edges: Sequence[Number]) -> list[int]:
        """How many numbers are below each edge, a bucket cut in proportion to its width."""
        totals = (0, *self.filled.counts.cumsum().tolist())
        keys = buckets.keys_of(np.array([float(edge) for edge in edges]))
        places = self.filled.keys.searchsorted(keys).tolist()
        return [
            totals[place] + self._part_below(edge, place) if place < self.filled.keys.size else totals[-1]
            for edge, place in zip(edges, places, strict=True)
        ]

    def _part_below(self, edge: Number, place: int) -> int:
        """How many numbers of one bucket, spread evenly, are below an edge; none when it is in a lower bucket."""
        low, high = self._ends(place)
        if edge <= low:
            return 0
        # An integer takes up the room to the next one.
        width = high - low + (1 if self.integral else 0)
        share = min(Fraction(1), (Fraction(edge) - low) / width) if width else Fraction(1)
        return int(int(self.filled.counts[place]) * share)


def _integers_within(key: int, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    if key > 0:
        return Fraction(-(-low // 1)), Fraction(-(-high // 1) - 1)
    if key < 0:
        return Fraction(low // 1 + 1), Fraction(high // 1)
    return low, high


Distribution = ExactNumbers | BucketedNumbers


def exact_numbers(counts: Mapping[Number, int]) -> ExactNumbers:
    """Sort counted numbers."""
    values = sorted(counts)
    return ExactNumbers(tuple(values), tuple(accumulate(counts[value] for value in values)))


def quantiles(numbers: Distribution, count: int) -> dict[str, object]:
    """Interpolate between ranks (Hyndman and Fan, 1996, type 7, as numpy), rounded once; None beyond the doubles."""
    report: dict[str, object] = {}
    for name in QUANTILES:
        report[name] = nearest(_quantile(numbers, name, count))
    return report | bound(numbers)


def between_quartiles(numbers: Distribution, count: int) -> float | None:
    """Interquartile range: of quartiles that are not rounded."""
    return nearest(_quantile(numbers, "0.75", count) - _quantile(numbers, "0.25", count))


def _quantile(numbers: Distribution, name: str, count: int) -> Fraction:
    share = Fraction(name)
    rank, part = divmod(share.numerator * (count - 1), share.denominator)
    low = numbers.at_rank(rank)
    if not part:
        return low
    high = numbers.at_rank(rank + 1)
    return low if high == low else low + Fraction(part, share.denominator) * (high - low)


def bound(numbers: Distribution) -> dict[str, object]:
    """Whether figures are exact, and how far a number may be from where it is taken to be."""
    return {"exact": numbers.exact, "error": numbers.error}


def histogram(numbers: Distribution, low: Number, high: Number, count: int) -> dict[str, object]:
    """Count ``count`` numbers in bins of equal width from ``low`` to ``high``.

    A bin holds what is at least its left edge and below its right one, the last one its right edge too.
    """
    edges = edges_between(low, high)
    totals = [0, *numbers.below(edges[1:-1]), count]
    return {"edges": edges, "counts": [right - left for left, right in pairwise(totals)], **bound(numbers)}


def edges_between(low: Number, high: Number) -> list[Number]:
    """Rising edges: of whole numbers when both ends are, so that each bin holds as many of them as the others."""
    if isinstance(low, int) and isinstance(high, int):
        step = -(-(high - low + 1) // limits.HISTOGRAM_BINS)
        return [*range(low, high + 1, step), low + step * (1 + (high - low) // step)]
    first, width = Fraction(low), (Fraction(high) - Fraction(low)) / limits.HISTOGRAM_BINS
    inner = (nearest(first + place * width) for place in range(1, limits.HISTOGRAM_BINS))
    # Between neighbouring doubles there are fewer edges than bins.
    between = sorted({edge for edge in inner if edge is not None and low < edge < high})
    return [low, *between, high]
