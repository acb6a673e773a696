"""The most frequent values of a column, by count and then by value."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile import sketches
from fanfold.profile.keys import hashes_of, shown, take_apart
from fanfold.profile.model import Summary

Top = dict[str, object]


def no_values() -> Top:
    """Of a column without values."""
    return _report({}, limits.VALUE_BYTES, exact=True, error=0)


def from_counts(counts: Mapping[str, int]) -> Top:
    """Of exact counts."""
    return _report(counts, limits.VALUE_BYTES, exact=True, error=0)


def from_sketches(summary: Summary, candidates: Sequence[str], count: int, *, complete: bool) -> Top:
    """Of the values in the record sample: counted exactly where all hashes are known, else estimated.

    An estimate is never below the true count, and above it by more than ``top_error`` with a chance of 1.8 %. Values
    whose estimate is not above that are left out: noise alone could have made it.
    """
    keys = pl.Series([key for key in candidates if key], dtype=pl.String)
    hashes = hashes_of(keys, limits.SAMPLE_VALUE_BYTES)
    if complete:
        places = np.searchsorted(summary.smallest.hashes, hashes)
        counts = summary.smallest.counts[places].tolist()
        return _report(dict(zip(keys, counts, strict=True)), limits.SAMPLE_VALUE_BYTES, exact=False, error=0)
    error = math.ceil(math.e * count / summary.table.shape[1])
    estimates = zip(keys, sketches.estimate(summary.table, hashes).tolist(), strict=True)
    frequent = {key: estimate for key, estimate in estimates if estimate > error}
    return _report(frequent, limits.SAMPLE_VALUE_BYTES, exact=False, error=error)


def _report(counts: Mapping[str, int], limit: int, *, exact: bool, error: int) -> Top:
    first = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: limits.TOP_VALUES]
    return {
        "top": [{"value": _show(key, limit), "count": count} for key, count in first],
        "top_exact": exact,
        "top_error": error,
    }


def _show(key: str, limit: int) -> str:
    parts = take_apart(key, limit)
    return shown(parts.text, parts.characters)
