"""Rationals are rounded to doubles once, ties to even."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.profile.rounding import nearest, root

positive = st.floats(min_value=0, exclude_min=True, allow_nan=False, allow_infinity=False)
sized = st.floats(min_value=1e-150, max_value=1e150)
A_LITTLE = Fraction(1, 2**2000)


@given(positive)
def test_the_root_of_the_square_of_a_double_is_the_double(value: float) -> None:
    assert root(Fraction(value) ** 2) == value


@given(sized)
def test_just_beside_the_middle_of_two_doubles_the_root_is_the_nearer_one(low: float) -> None:
    high = math.nextafter(low, math.inf)
    middle = (Fraction(low) + Fraction(high)) / 2
    assert root(middle**2 * (1 - A_LITTLE)) == low
    assert root(middle**2 * (1 + A_LITTLE)) == high


@pytest.mark.parametrize("value", [Fraction(2) ** 2048, Fraction(10) ** 700])
def test_what_is_beyond_the_largest_double_is_none(value: Fraction) -> None:
    assert root(value) is None
    assert nearest(value) is None
    assert nearest(-value) is None


def test_the_largest_double_and_nothing_are_themselves() -> None:
    assert nearest(Fraction(1.7976931348623157e308)) == 1.7976931348623157e308
    assert root(Fraction(0)) == 0.0
    assert str(nearest(Fraction(-1, 10**400))) == "0.0", "a zero has no sign"
