"""Counts of numbers by the leading bits of their doubles: quantiles within 2**-8, whatever the order.

The key of a positive double is its bits without the last 45, so 128 keys an octave and no logarithm: the same on every
machine. The rule needs normal doubles, so a subnormal takes the key of its 2**60-fold, moved down by 60 octaves; keys
are moved up to stay positive. Zero has key 0, a negative number minus the key of its size. Keys rise with the values.
(The idea of relative-error buckets is DDSketch's, Masson et al., VLDB 2019; here the bits do without its logarithm.)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fanfold.profile.arrays import Counts, Floats, Ints

RELATIVE_ERROR = 2.0**-8
"""Between any number and the middle of its bucket."""

_DROPPED_BITS = 45
_PER_OCTAVE = 1 << (52 - _DROPPED_BITS)
_SUBNORMAL_OCTAVES = 60
_SUBNORMAL_FACTOR = 2.0**_SUBNORMAL_OCTAVES
_SMALLEST_NORMAL = 2.0**-1022
_SORTED = 1_024
"""Up to this many keys are sorted, which is faster than a table of their range: of both signs it has 500,000 places."""
_BASE = 8192
"""Above 60 octaves of 128: keys of positive doubles stay positive."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """Sparse: rising ``keys``, each with its count, none of them 0."""

    keys: Ints
    counts: Counts


EMPTY = Buckets(np.zeros(0, np.int64), np.zeros(0, np.int64))


def fill(values: Floats, counts: Counts | None) -> Buckets:
    """Count finite doubles, each ``counts`` times (None: once)."""
    if not values.size:
        return EMPTY
    return _gather(keys_of(values), counts)


def add(buckets: Sequence[Buckets]) -> Buckets:
    """Counts of all together."""
    filled = [each for each in buckets if each.keys.size]
    if len(filled) < 2:
        return filled[0] if filled else EMPTY
    return _gather(
        np.concatenate([each.keys for each in filled]),
        np.concatenate([each.counts for each in filled]),
    )


def _gather(keys: Ints, counts: Counts | None) -> Buckets:
    if keys.size <= _SORTED:
        few, places = np.unique(keys, return_inverse=True)
        return Buckets(few, np.bincount(places, weights=counts).astype(np.int64))
    first = int(keys.min())
    # The range of keys is below 2**20, and counts below 2**53 stay exact as the weights they are made into.
    table = np.bincount(keys - first, weights=counts)
    filled = np.flatnonzero(table)
    return Buckets(filled + first, table[filled].astype(np.int64))


def keys_of(values: Floats) -> Ints:
    """Key of the bucket of each finite double."""
    size = np.abs(values)
    keys: Ints = (size.view(np.int64) >> _DROPPED_BITS) + _BASE
    small = np.flatnonzero(size < _SMALLEST_NORMAL)
    if small.size:
        keys[small] = ((size[small] * _SUBNORMAL_FACTOR).view(np.int64) >> _DROPPED_BITS) + _BASE
        keys[small] -= _SUBNORMAL_OCTAVES * _PER_OCTAVE
        keys[size == 0] = 0
    sign = values.view(np.int64) >> 63  # -1 or 0: two operations in vectors turn the keys of negative numbers
    return (keys ^ sign) - sign


def bounds(key: int) -> tuple[Fraction, Fraction]:
    """Lower and upper end of a bucket: it holds what is at least the one and below the other (mirrored below zero)."""
    if not key:
        return Fraction(0), Fraction(0)
    octave, step = divmod(abs(key) - _BASE, _PER_OCTAVE)
    unit = Fraction(2) ** (octave - 1023) / _PER_OCTAVE
    low, high = (_PER_OCTAVE + step) * unit, (_PER_OCTAVE + step + 1) * unit
    return (low, high) if key > 0 else (-high, -low)
