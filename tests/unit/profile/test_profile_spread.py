"""Figures of spread and shape are the rationals they follow from, rounded once."""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pandas as pd
import profile_oracle as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import SMALL, decimals, digits, doubles, frame_of, integers

from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame

numeric = st.one_of(
    *(st.lists(each, min_size=1, max_size=30) for each in (digits, decimals, doubles, integers, integers | doubles))
)


def report_of(column: list[str], caps: Caps = CAPS) -> dict[str, Any]:
    return describe(profile_frame(frame_of(column), caps), ["a"], caps)[0]


def is_nearest(found: float | None, exact: Callable[[Fraction], int]) -> bool:
    """Whether no double is nearer; ``exact`` tells whether the figure is above (1), at or below another one."""
    if found is None:
        return exact(Fraction(oracle.LARGEST)) >= 0 or exact(-Fraction(oracle.LARGEST)) <= 0
    below = (Fraction(found) + Fraction(math.nextafter(found, -math.inf))) / 2
    above = (Fraction(found) + Fraction(math.nextafter(found, math.inf))) / 2
    return exact(below) >= 0 >= exact(above)


def against_root(sign: int, square: Fraction) -> Callable[[Fraction], int]:
    """Compare the root of a rational, with a sign, to others: 1 where it is the larger one."""

    def compare(other: Fraction) -> int:
        signed = square if sign > 0 else -square
        other_signed = other * abs(other)
        return (signed > other_signed) - (signed < other_signed)

    return compare


@settings(deadline=None)
@given(numeric, st.sampled_from([SMALL, CAPS]))
def test_every_figure_of_the_shape_is_correctly_rounded(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    numbers = [Fraction(value) for _, value in map(oracle.kind_of, column)]
    n = len(numbers)
    mean = sum(numbers) / n
    second, third, fourth = (sum((number - mean) ** power for number in numbers) for power in (2, 3, 4))
    if n < 2:
        assert [report[name] for name in ("variance", "standard_error", "cv", "skewness", "kurtosis")] == [None] * 5
        return
    variance = Fraction(second, n - 1)
    assert report["variance"] == oracle.nearest(variance)
    if report["standard_error"]:
        assert is_nearest(report["standard_error"], against_root(1, variance / n))
    if mean and report["cv"]:
        assert is_nearest(report["cv"], against_root(1 if mean > 0 else -1, variance / mean**2))
    assert (report["skewness"] is None) == (n < 3 or not second)
    if report["skewness"]:
        g1 = (Fraction(third, n) ** 2) / Fraction(second, n) ** 3
        assert is_nearest(report["skewness"], against_root(1 if third > 0 else -1, g1 * n * (n - 1) / (n - 2) ** 2))
    assert (report["kurtosis"] is None) == (n < 4 or not second)
    if report["kurtosis"] is not None:
        g2 = Fraction(fourth, n) / Fraction(second, n) ** 2 - 3
        assert report["kurtosis"] == oracle.nearest(Fraction(n - 1, (n - 2) * (n - 3)) * ((n + 1) * g2 + 6))


@pytest.mark.parametrize("column", [["1", "2", "4", "8", "16"], ["0.1", "0.2", "0.7", "9.5", "-3"]])
def test_the_shape_is_that_of_pandas(column: list[str]) -> None:
    report, series = report_of(column), pd.Series([float(value) for value in column])
    assert math.isclose(report["skewness"], series.skew(), rel_tol=1e-12)
    assert math.isclose(report["kurtosis"], series.kurt(), rel_tol=1e-12)
    assert math.isclose(report["standard_error"], series.sem(), rel_tol=1e-12)
    assert math.isclose(report["variance"], series.var(), rel_tol=1e-12)


@settings(deadline=None)
@given(numeric)
def test_range_and_interquartile_range_are_those_of_the_numbers(column: list[str]) -> None:
    report = report_of(column)
    whole = report["type"] == "integer"
    ordered = sorted(Fraction(v if whole else float(v)) for _, v in map(oracle.kind_of, column))
    span = ordered[-1] - ordered[0]
    assert report["range"] == (span if whole else oracle.nearest(span))
    assert report["iqr"] == oracle.nearest(
        oracle.exact_quantile(ordered, "0.75") - oracle.exact_quantile(ordered, "0.25")
    )


def test_the_shape_survives_numbers_of_any_size() -> None:
    report = report_of(["1.7e308", "-1.7e308", "1e-308", "5e-324", "1"])
    assert math.isfinite(report["skewness"])
    assert math.isfinite(report["kurtosis"])
    assert report["variance"] is None
    big = report_of(["9" * 308, "-" + "9" * 308, "0", "1"])
    assert big["kurtosis"] == pytest.approx(1.5)
    assert big["skewness"] == pytest.approx(0)
