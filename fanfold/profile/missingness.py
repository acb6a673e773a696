"""Which values are missing together: for pairs of columns, the records that have neither."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from fanfold import limits
from fanfold.profile.arrays import Flags

_BLOCK = 1 << 16
"""Records at a time: counts of so many are exact in single precision."""


@dataclass(frozen=True, slots=True)
class Missingness:
    """Of records, exactly."""

    incomplete: int = 0
    """Records without a value in some column, whichever."""
    together: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Records without a value in both of two columns, by their positions, the lower first; never 0."""


def add(parts: Sequence[Missingness]) -> Missingness:
    """Of all records together."""
    together: Counter[tuple[int, int]] = Counter()
    for part in parts:
        together.update(part.together)
    return Missingness(sum(part.incomplete for part in parts), dict(together))


def compare_missing(missing: Mapping[int, Flags]) -> Missingness:
    """Of some records, given for each column that misses a value which of the records do."""
    if not missing:
        return Missingness()
    followed = [position for position in sorted(missing) if position < limits.MISSING_COLUMNS]
    incomplete = int(np.count_nonzero(np.logical_or.reduce([*missing.values()])))
    if len(followed) < 2:
        return Missingness(incomplete)
    flags = [missing[position] for position in followed]
    counts = np.zeros((len(flags), len(flags)), np.int64)
    for start in range(0, flags[0].size, _BLOCK):
        block = np.array([each[start : start + _BLOCK] for each in flags], np.float32)
        counts += (block @ block.T).astype(np.int64)
    pairs = combinations(range(len(followed)), 2)
    together = {(followed[i], followed[j]): int(counts[i, j]) for i, j in pairs if counts[i, j]}
    return Missingness(incomplete, together)
