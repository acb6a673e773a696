"""How two profiles of the same columns differ: nulls, types, and the shape of the values.

Shapes are compared by shares of bins: numbers by their buckets, about ten bins of equal weight in the older profile;
few values one by one; many texts by what their hashes fall on, 64 cells of a count-min row. What falls on one cell
looks alike, so there the figures are lower bounds (divergence never grows when outcomes are put together).

PSI, the population stability index, is the symmetric Kullback-Leibler divergence of the shares in nats (Siddiqi, Credit
Risk Scorecards, 2006). Jensen-Shannon is the square root of the divergence in bits, 0 to 1 (Endres, Schindelin, IEEE
Trans. Inf. Theory 2003). Half a value is added to every bin, so that an empty one is not infinitely surprising.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from fanfold import limits
from fanfold.profile.arrays import Floats, Ints
from fanfold.profile.buckets import Buckets, fill
from fanfold.profile.caps import CAPS
from fanfold.profile.column import summarize
from fanfold.profile.model import Summary, Tally

NUMBERS, VALUES, CELLS = "numbers", "values", "hashes"
_ADDED = 0.5

Values = Tally | Summary


@dataclass(frozen=True, slots=True)
class Divergence:
    """How far two distributions are apart, and by which bins that was told."""

    psi: float
    jensen_shannon: float
    bins: int
    by: str


def divergence(before: Values, now: Values, *, numeric: bool) -> Divergence | None:
    """Of the values that are present; None where either has none."""
    if _is_empty(before) or _is_empty(now):
        return None
    if numeric:
        old, new = _bins_of_numbers(_buckets(before), _buckets(now))
        return _diverge(old, new, NUMBERS)
    if isinstance(before, Tally) and isinstance(now, Tally):
        old, new = _bins_of_values(before.counts, now.counts)
        return _diverge(old, new, VALUES)
    return _diverge(_cells(before), _cells(now), CELLS)


def _is_empty(values: Values) -> bool:
    return isinstance(values, Tally) and not values.counts


def _summary(values: Values) -> Summary:
    return summarize(values.counts, CAPS) if isinstance(values, Tally) else values


def _buckets(values: Values) -> Buckets:
    """Of values that all read as numbers."""
    if isinstance(values, Summary):
        return values.buckets
    numbers = np.array([float(text) + 0.0 for text in values.counts])
    return fill(numbers, np.array([*values.counts.values()], np.int64))


def _cells(values: Values) -> Ints:
    row = _summary(values).table[0].astype(np.int64)
    cells: Ints = row.reshape(limits.DRIFT_CELLS, -1).sum(axis=1)
    return cells


def _bins_of_values(before: Mapping[str, int], now: Mapping[str, int]) -> tuple[Ints, Ints]:
    """The most frequent values of either, and the rest in one bin."""
    both = sorted(before.keys() | now.keys(), key=lambda value: (-before.get(value, 0) - now.get(value, 0), value))
    kept, rest = both[: limits.DRIFT_VALUES], both[limits.DRIFT_VALUES :]

    def bins(counts: Mapping[str, int]) -> Ints:
        tail = [sum(counts.get(value, 0) for value in rest)] if rest else []
        return np.array([*(counts.get(value, 0) for value in kept), *tail], np.int64)

    return bins(before), bins(now)


def _bins_of_numbers(before: Buckets, now: Buckets) -> tuple[Ints, Ints]:
    """Edges at the older profile's deciles, as far as its buckets tell them apart."""
    weights = before if before.keys.size else now
    if not weights.keys.size:
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    shares = np.cumsum(weights.counts) / weights.counts.sum()
    places = np.searchsorted(shares, np.arange(1, limits.DRIFT_BINS) / limits.DRIFT_BINS)
    edges = np.unique(weights.keys[np.minimum(places, weights.keys.size - 1)])

    def bins(found: Buckets) -> Ints:
        counted = np.bincount(np.searchsorted(edges, found.keys), weights=found.counts, minlength=edges.size + 1)
        return counted.astype(np.int64)

    return bins(before), bins(now)


def _diverge(before: Ints, now: Ints, by: str) -> Divergence:
    old, new = _shares(before), _shares(now)
    middle = (old + new) / 2
    psi = float(np.sum((new - old) * np.log(new / old)))
    halves = (np.sum(old * np.log2(old / middle)) + np.sum(new * np.log2(new / middle))) / 2
    distance = float(np.sqrt(max(0.0, float(halves))))
    return Divergence(_rounded(psi), _rounded(distance), int(before.size), by)


def _shares(counts: Ints) -> Floats:
    padded: Floats = counts.astype(np.float64) + _ADDED
    shares: Floats = padded / float(padded.sum())
    return shares


def _rounded(value: float) -> float:
    """Six digits: the last bits of a logarithm differ between machines."""
    return round(max(value, 0.0), 6)
