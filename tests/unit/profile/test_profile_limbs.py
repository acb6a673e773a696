"""Limbs are what they are said to be: so nothing that is added up of them is ever rounded."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.profile import limbs
from fanfold.profile.arrays import Floats

HALF = 2 ** (limbs.BITS - 1)


@st.composite
def whole_doubles(draw: st.DrawFn) -> tuple[int, list[float]]:
    """Draw how many limbs numbers need, and some doubles that are whole and as large as such limbs hold."""
    count = draw(st.integers(1, 9))
    bits = limbs.BITS * count - 1
    significant = min(53, bits)
    mantissas = st.integers(-(2**significant) + 1, 2**significant - 1)
    shifts = st.integers(0, bits - significant)
    numbers = st.builds(lambda mantissa, shift: float(mantissa << shift), mantissas, shifts)
    ties = st.sampled_from([float(HALF << limbs.BITS * place) for place in range(count - 1)] or [0.0])
    return count, draw(st.lists(st.one_of(numbers, ties), min_size=1, max_size=20))


def cut(count: int, numbers: list[float]) -> Floats:
    rows = np.zeros((count, len(numbers)))
    rows[0] = numbers
    limbs.cut(rows)
    return rows


def assert_limbs(rows: Floats, numbers: list[int]) -> None:
    for place, row in enumerate(rows.tolist()):
        for limb in row:
            digit = Fraction(limb) / 2 ** (limbs.BITS * place)
            assert digit.denominator == 1
            assert abs(digit) <= HALF
    assert [sum(map(int, column)) for column in rows.T.tolist()] == numbers


@given(whole_doubles())
def test_a_number_is_the_sum_of_its_limbs_which_are_small_multiples_of_their_units(
    drawn: tuple[int, list[float]],
) -> None:
    count, numbers = drawn
    assert_limbs(cut(count, numbers), list(map(int, numbers)))


@given(whole_doubles())
def test_a_square_is_the_sum_of_limbs_too(drawn: tuple[int, list[float]]) -> None:
    count, numbers = drawn
    squares, work = np.full((2 * count, len(numbers)), math.nan), np.full((count, len(numbers)), math.nan)
    limbs.square(cut(count, numbers), squares, work)
    assert_limbs(squares, [int(each) ** 2 for each in numbers])


int64 = st.integers(-(2**63), 2**63 - 1)
EXTREMES = [-(2**63), 2**63 - 1, 2**63 - 2**43, 2**63 - 2**43 - 1, 2**43, -(2**43), 2**21, -1, 0]


@given(st.lists(st.one_of(int64, st.sampled_from(EXTREMES), st.integers(-(2**44), 2**44)), min_size=1, max_size=20))
def test_deviations_of_integers_are_cut_exactly(values: list[int]) -> None:
    middle = (min(values) + max(values) + 1) // 2
    deviations = [value - middle for value in values]
    rows = np.full((limbs.needed(min(deviations), max(deviations)), len(values)), math.nan)
    limbs.put_integers(np.array(values, np.int64), middle, rows)
    assert_limbs(rows, deviations)


@given(whole_doubles().filter(lambda drawn: drawn[0] <= 4))
def test_powers_are_summed_exactly(drawn: tuple[int, list[float]]) -> None:
    count, numbers = drawn
    rows = np.full((4 * count, len(numbers)), math.nan)
    rows[:count] = cut(count, numbers)
    assert limbs.power_sums(rows) == [sum(int(each) ** power for each in numbers) for power in (1, 2, 3, 4)]


@pytest.mark.parametrize("size", [1, limbs.BLOCK - 1, limbs.BLOCK, limbs.BLOCK + 1, limbs.GROUP - 1, limbs.GROUP])
@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_groups_of_the_largest_limbs_are_summed_exactly(size: int, count: int) -> None:
    rows = np.empty((4 * count, size))
    rows[:count] = [[HALF * 2.0 ** (limbs.BITS * place)] for place in range(count - 1)] + [
        [(HALF - 1) * 2.0 ** (limbs.BITS * (count - 1))]
    ]
    number = sum(map(int, rows[:count, 0].tolist()))
    assert limbs.power_sums(rows) == [size * number**power for power in (1, 2, 3, 4)]


@given(st.integers(-2_000, 2_000), st.floats(1, 2, exclude_max=True), st.integers(-1_022, 1_022))
def test_doubles_are_multiplied_by_any_power_of_two(exponent: int, fraction: float, size: int) -> None:
    if abs(size + exponent) > 1_022:
        exponent = -size
    out = np.empty(1)
    limbs.shift(np.array([math.ldexp(fraction, size)]), exponent, out)
    assert out[0] == math.ldexp(fraction, size + exponent)


@pytest.mark.parametrize("block", [limbs.BLOCK, limbs.BLOCK // 16])
@pytest.mark.parametrize("size", [1, limbs.BLOCK - 1, 3 * limbs.BLOCK, 3 * limbs.BLOCK + 5])
def test_products_of_rows_are_counted_in_units(size: int, block: int) -> None:
    rng: Any = np.random.default_rng(size)
    digits = rng.integers(-HALF, HALF + 1, (3, size))
    places = [0, 5, 2]
    rows = digits * 2.0 ** (limbs.BITS * np.array(places)[:, None])
    found = limbs.sum_products(rows, rows, limbs.units(places, places), block)
    assert np.array_equal(found, digits @ digits.T)
