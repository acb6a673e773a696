"""Approximate figures stay within the bound they state."""

from collections import Counter
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from profile_examples import frame_of

from fanfold.profile import sketches
from fanfold.profile.buckets import RELATIVE_ERROR, bounds, keys_of
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.distribution import BucketedNumbers
from fanfold.profile.frame import profile_frame
from fanfold.profile.model import Summary

rng = np.random.default_rng(7)
COLUMNS = {
    "whole numbers": rng.integers(-50_000, 50_000, 40_000).astype(str).tolist(),
    "prices": [f"{value:.2f}" for value in rng.gamma(2, 500, 40_000)],
    "many magnitudes": [repr(value) for value in (10.0 ** rng.uniform(-300, 300, 40_000)).tolist()],
    "subnormals": [repr(value * 5e-324) for value in rng.integers(1, 10**9, 20_000).tolist()],
    "one big value": ["1e300", *(str(value) for value in range(20_000))],
    "a narrow range of identifiers": [str(value) for value in range(10_000_000, 10_050_000)],
    "epoch seconds of a day": [str(value) for value in rng.integers(1_700_000_000, 1_700_086_400, 40_000)],
    "epoch milliseconds of a day": [f"{value:.3f}" for value in rng.uniform(1_700_000_000, 1_700_086_400, 40_000)],
    "just above a power of two": [str(value) for value in (1024 + rng.uniform(0, 1, 40_000)).tolist()],
    "two buckets": [repr(value) for value in rng.uniform(1023.99, 1025, 40_000).tolist()],
    "all in one bucket": [repr(value) for value in rng.uniform(1, 1 + 2**-7, 40_000).tolist()],
    "the largest doubles": [repr(value) for value in (rng.uniform(-1, 1, 40_000) * 1.7976931348623157e308).tolist()],
    "integers beyond 64 bits": [str(2**70 - 3_000 + value) for value in range(6_000)],
    "either side of zero": [repr(value) for value in rng.normal(0, 1, 40_001).tolist()],
}


def report_of(column: list[str], caps: Caps = CAPS) -> dict[str, Any]:
    return describe(profile_frame(frame_of(column), caps), ["a"], caps)[0]


@pytest.mark.parametrize("name", COLUMNS)
def test_quantiles_are_within_their_bound_above_the_cap(name: str) -> None:
    ordered = np.sort([float(value) for value in COLUMNS[name]])
    quantiles = report_of(COLUMNS[name])["quantiles"]
    assert not quantiles["exact"]
    assert quantiles["error"] == RELATIVE_ERROR
    for q in ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"):
        place = float(q) * (len(ordered) - 1)
        near = ordered[[int(place), int(np.ceil(place))]]
        # Of the two neighbours of the rank, each is known within the bound.
        slack = RELATIVE_ERROR * np.abs(near).max() + 5e-324
        assert near[0] - slack <= quantiles[q] <= near[1] + slack, q


@pytest.mark.parametrize(
    "name", ["a narrow range of identifiers", "epoch seconds of a day", "epoch milliseconds of a day"]
)
def test_quantiles_tell_values_of_a_narrow_range_apart(name: str) -> None:
    numbers = np.array([float(value) for value in COLUMNS[name]])
    quantiles = report_of(COLUMNS[name])["quantiles"]
    for q in ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"):
        assert abs(quantiles[q] - np.quantile(numbers, float(q))) <= 0.02 * np.ptp(numbers), q


@pytest.mark.parametrize("name", COLUMNS)
def test_ranks_rise_between_the_extremes(name: str) -> None:
    values = profile_frame(frame_of(COLUMNS[name])).columns[0].values
    assert isinstance(values, Summary)
    report = report_of(COLUMNS[name])
    low, high = report["min"], report["max"]
    numbers = BucketedNumbers(values.buckets, low, high, integral=report["type"] == "integer")
    places = [numbers.at_rank(rank) for rank in range(0, len(COLUMNS[name]), 97)]
    assert places == sorted(places)
    assert low <= places[0]
    assert places[-1] <= high


@pytest.mark.parametrize("name", COLUMNS)
def test_histograms_are_close_and_complete_above_the_cap(name: str) -> None:
    report = report_of(COLUMNS[name])
    edges, counts = report["histogram"]["edges"], np.array(report["histogram"]["counts"])
    numbers = np.array([float(value) for value in COLUMNS[name]])
    assert counts.sum() == len(numbers)
    # Where an edge falls into a bucket it is cut in proportion: at most its own count is misplaced.
    keys = keys_of(numbers)
    for place, edge in enumerate(edges[1:-1], 1):
        below = (numbers < edge).sum()
        assert abs(counts[:place].sum() - below) <= (keys == keys_of(np.array([float(edge)]))[0]).sum() + 1


@pytest.mark.parametrize("size", [4_000, 30_000, 200_000])
def test_distinct_values_are_within_four_deviations(size: int) -> None:
    report = report_of([f"id-{value}" for value in range(size)] * 2)
    distinct = report["distinct"]
    assert not distinct["exact"]
    assert abs(distinct["value"] / size - 1) <= 2 * distinct["error"]
    assert (distinct["error"] == 0) == (size < CAPS.hashes)


def test_frequent_values_are_found_and_never_counted_short() -> None:
    draw = np.random.default_rng(3)
    column = np.where(draw.random(60_000) < 0.3, draw.geometric(0.3, 60_000), draw.integers(100, 10**9, 60_000)).astype(
        str
    )
    other = [str(value) for value in range(60_000)]
    report = describe(profile_frame(frame_of(column.tolist(), other)), ["a", "b"])
    true = Counter(column.tolist())
    top = report[0]["top"]
    assert [each["value"] for each in top][:5] == [value for value, _ in true.most_common(5)]
    for each in top:
        assert true[each["value"]] <= each["count"] <= true[each["value"]] + report[0]["top_error"]
    assert not report[0]["top_exact"]
    assert report[1]["top"] == [], "no value of a key stands out"


def test_between_the_cap_and_the_number_of_hashes_counts_are_exact() -> None:
    column = [str(value % 3_000) for value in range(7_000)]
    report = describe(profile_frame(frame_of(column, [str(value) for value in range(7_000)])), ["a", "b"])[0]
    true = Counter(column)
    assert report["top"]
    assert all(each["count"] == true[each["value"]] for each in report["top"])
    assert report["top_error"] == 0


def test_a_histogram_of_one_bucket_is_spread_between_its_extremes() -> None:
    report = report_of([str(value) for value in range(1_000_000, 1_004_000)])
    assert max(report["histogram"]["counts"]) - min(report["histogram"]["counts"]) <= 1


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_is_in_its_bucket_and_near_its_middle(value: float) -> None:
    low, high = bounds(int(keys_of(np.array([value]))[0]))
    if value == 0:
        assert low == high == 0
        return
    assert (low <= value < high) if value > 0 else (low < value <= high)
    assert abs((low + high) / 2 - value if value > 0 else value - (low + high) / 2) <= abs(value) * 2.0**-8


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_keys_rise_with_the_values(low: float, high: float) -> None:
    assume(low < high)
    first, second = keys_of(np.array([low, high])).tolist()
    assert first <= second


@settings(deadline=None)
@given(st.integers(2, 60))
def test_widths_of_bins_of_integers_are_equal(reach: int) -> None:
    edges = report_of([str(value) for value in range(-5, reach)])["histogram"]["edges"]
    assert len({right - left for left, right in pairwise(edges)}) == 1


@pytest.mark.parametrize("k", [1, 16, 300])
@pytest.mark.parametrize("size", [1, 15, 64, 65, 1_000, 5_000])
@pytest.mark.parametrize("distinct", [1, 10, 301, 5_000])
def test_the_smallest_hashes_are_kept_with_all_their_counts(size: int, distinct: int, k: int) -> None:
    rng = np.random.default_rng(size + distinct + k)
    hashes = rng.integers(0, 2**64, distinct, np.uint64)[rng.integers(0, distinct, size)]
    expected, counts = np.unique(hashes, return_counts=True)
    for weights in (None, np.full(size, 3)):
        kept = sketches.keep_smallest(hashes, weights, k)
        assert kept.hashes.tolist() == expected[:k].tolist()
        assert kept.counts.tolist() == ((1 if weights is None else 3) * counts)[:k].tolist()
    assert sketches.more_than(k, hashes) == (expected.size > k)
