"""Sums of powers lose nothing, whatever the size of what is summed."""

import math
import random
import statistics
from fractions import Fraction

import numpy as np
import profile_oracle as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_examples import frame_of

from fanfold.profile import limbs, moments
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame

int64 = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False, allow_infinity=False)
POWERS = (1, 2, 3, 4)
SIZES = [limbs.BLOCK - 1, limbs.BLOCK, limbs.GROUP - 1, limbs.GROUP, limbs.GROUP + 1, 2 * limbs.GROUP + limbs.BLOCK + 1]


@given(st.lists(st.one_of(int64, st.integers(-100, 100)), max_size=50))
def test_integers_are_summed_exactly(values: list[int]) -> None:
    got = moments.of_integers(np.array(values, np.int64), None)
    assert [got.total(power) for power in POWERS] == [sum(value**power for value in values) for power in POWERS]


@given(st.lists(st.one_of(doubles, st.decimals(-(10**9), 10**9, places=4).map(float)), max_size=50))
def test_doubles_are_summed_exactly(values: list[float]) -> None:
    got = moments.of_doubles(np.array(values, np.float64), None)
    exact = [Fraction(value) for value in values]
    assert [got.total(power) for power in POWERS] == [sum(value**power for value in exact) for power in POWERS]


@given(st.lists(st.tuples(st.one_of(doubles, st.integers(-100, 100).map(float)), st.integers(1, 5)), max_size=20))
def test_a_count_is_as_good_as_repeating_a_value(pairs: list[tuple[float, int]]) -> None:
    values, counts = [value for value, _ in pairs], [count for _, count in pairs]
    repeated = np.repeat(np.array(values, np.float64), counts)
    weighted = moments.of_doubles(np.array(values, np.float64), np.array(counts, np.int64))
    assert weighted == moments.of_doubles(repeated, None)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63), 2**53 - 1, 3_037_000_500])
def test_many_large_integers_do_not_overflow(value: int) -> None:
    size = 2**18 + 7
    got = moments.of_integers(np.full(size, value, np.int64), None)
    assert [got.total(power) for power in POWERS] == [size * value**power for power in POWERS]


@pytest.mark.parametrize("value", [1.7976931348623157e308, -5e-324, 0.1234567890123, 9007199254.740991])
def test_many_doubles_do_not_overflow(value: float) -> None:
    size = 2**18 + 7
    got = moments.of_doubles(np.full(size, value), None)
    exact = Fraction(value)
    assert [got.total(power) for power in POWERS] == [size * exact**power for power in POWERS]


CYCLES: dict[str, list[float]] = {
    "prices": [0.01, 1_234.56, -99.99, 0.0],
    "all bits of each": [math.nextafter(1.0, 0), -math.nextafter(2.0**34, 0), 2.0**-1 + 2.0**-53],
    "both ends of the doubles": [1.7976931348623157e308, 5e-324, -1.7976931348623157e308, 2.2250738585072014e-308, 1.0],
    "subnormals": [5e-324, -1e-310, 2.2250738585072014e-308],
    "ever further apart": [math.ldexp(-1.1, 7 * place) for place in range(-100, 100)],
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CYCLES)
def test_doubles_are_summed_exactly_whatever_groups_they_are_cut_into(name: str, size: int) -> None:
    cycle = CYCLES[name]
    got = moments.of_doubles(np.resize(np.array(cycle), size), None)
    times = [len(range(place, size, len(cycle))) for place in range(len(cycle))]
    for power in POWERS:
        terms = [count * Fraction(value) ** power for value, count in zip(cycle, times, strict=True)]
        assert got.total(power) == sum(terms)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("largest", [9, 2**21, 2**42, 2**62])
def test_integers_are_summed_exactly_whatever_groups_they_are_cut_into(largest: int, size: int) -> None:
    values = np.resize(np.array([-largest, largest, 0, largest - 1], np.int64), size)
    got = moments.of_integers(values, None)
    expected = [sum(value**power for value in values.tolist()) for power in POWERS]
    assert [got.total(power) for power in POWERS] == expected


@given(st.lists(doubles, max_size=50), st.integers(0, 50))
def test_doubles_of_any_sizes_add_up_to_the_same_however_they_are_parted(values: list[float], place: int) -> None:
    parts = [moments.of_doubles(np.array(part, np.float64), None) for part in (values[:place], values[place:])]
    assert moments.add(parts) == moments.of_doubles(np.array(values[::-1], np.float64), None)


def test_a_double_counts_as_the_binary_fraction_it_is() -> None:
    assert moments.of_doubles(np.array([0.1] * 10), None).total(1) == 10 * Fraction(0.1)


@given(st.lists(st.tuples(doubles, st.integers(0, 2**62)), max_size=20))
def test_counts_of_any_size_weigh_exactly(pairs: list[tuple[float, int]]) -> None:
    values, counts = [value for value, _ in pairs], [count for _, count in pairs]
    got = moments.of_doubles(np.array(values, np.float64), np.array(counts, np.int64))
    assert got.total(1) == sum(Fraction(value) * count for value, count in pairs)
    assert got.total(2) == sum(Fraction(value) ** 2 * count for value, count in pairs)


@pytest.mark.parametrize("weight", [None, 2**17 - 1])
def test_full_blocks_of_full_limbs_are_summed_exactly(weight: int | None) -> None:
    values = np.array([math.nextafter(2.0**32, 0), 2.0 - 2**-52, -math.nextafter(2.0**32, 0), 1 + 2**-52])
    values = np.tile(values, 3_000)
    counts = None if weight is None else np.full(values.size, weight, np.int64)
    got = moments.of_doubles(values, counts)
    exact = [Fraction(value) for value in values[:4].tolist()]
    assert got.total(1) == 3_000 * (weight or 1) * sum(exact)
    assert got.total(2) == 3_000 * (weight or 1) * sum(value**2 for value in exact)


draw = random.Random(5)
NARROW = {
    "NumAcc3": [1_000_000.2, *[1_000_000.1, 1_000_000.3] * 500],
    "NumAcc4": [10_000_000.2, *[10_000_000.1, 10_000_000.3] * 500],
    "epoch seconds of a minute": [1_700_000_000 + draw.randrange(60_000) / 1_000 for _ in range(30_000)],
    "a unit above a milliard": [1e9 + draw.random() for _ in range(30_000)],
    "prices": [draw.randrange(10**5) / 100 for _ in range(30_000)],
}


@pytest.mark.parametrize("name", NARROW)
def test_deviations_are_those_of_the_doubles(name: str) -> None:
    values = NARROW[name]
    report = describe(profile_frame(frame_of([repr(value) for value in values])), ["a"])[0]
    exact = [Fraction(value) for value in values]
    assert report["sum"] == math.fsum(values)
    assert report["mean"] == float(sum(exact) / len(exact))
    assert report["std"] == pytest.approx(statistics.stdev(values), rel=1e-15)
    assert report["std"] == pytest.approx(math.sqrt(oracle.deviation(exact)), rel=1e-15)
