"""Sums of powers lose nothing, whatever the size of what is summed."""

from fractions import Fraction

import numpy as np
import profile_oracle as oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.profile import moments

int64 = st.integers(-(2**63), 2**63 - 1)
doubles = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.one_of(int64, st.integers(-100, 100)), max_size=50))
def test_integers_are_summed_exactly(values: list[int]) -> None:
    got = moments.of_integers(np.array(values, np.int64), None)
    assert got.total(1) == sum(values)
    assert got.total(2) == sum(value**2 for value in values)


@given(st.lists(st.one_of(doubles, st.decimals(-(10**9), 10**9, places=4).map(float)), max_size=50))
def test_doubles_are_summed_exactly(values: list[float]) -> None:
    got = moments.of_doubles(np.array(values, np.float64), None)
    exact = [oracle.rational("number", value) for value in values]
    assert got.total(1) == sum(exact)
    assert got.total(2) == sum(value**2 for value in exact)


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
    assert got.total(1) == size * value
    assert got.total(2) == size * value**2


@pytest.mark.parametrize("value", [1.7976931348623157e308, -5e-324, 0.1234567890123, 9007199254.740991])
def test_many_doubles_do_not_overflow(value: float) -> None:
    size = 2**18 + 7
    got = moments.of_doubles(np.full(size, value), None)
    exact = oracle.rational("number", value)
    assert got.total(1) == size * exact
    assert got.total(2) == size * exact**2


def test_the_same_decimal_counts_as_that_decimal() -> None:
    assert moments.of_doubles(np.array([0.1] * 10), None).total(1) == 1
    assert moments.of_doubles(np.array([0.1234567]), None).total(1) == Fraction(0.1234567)
