"""How far numbers spread and how they lean, from their exact power sums: each figure is rounded once."""

from dataclasses import dataclass
from fractions import Fraction

from fanfold.profile.moments import Moments
from fanfold.profile.rounding import nearest, root


@dataclass(frozen=True, slots=True)
class Spread:
    """``count`` numbers: integers in units of 2**``unit`` and its powers."""

    count: int
    unit: int
    total: int
    second: int
    """``count`` times the sum of the squared deviations from the mean."""
    third: int
    """``count**2`` times the sum of their cubes."""
    fourth: int
    """``count**3`` times the sum of their fourth powers."""


def spread_of(moments: Moments, count: int) -> Spread:
    """Move the powers of ``count`` numbers to their mean."""
    unit, (first, second, third, fourth) = moments.scaled()
    n = count
    return Spread(
        count=n,
        unit=unit,
        total=first,
        second=n * second - first**2,
        third=n**2 * third - 3 * n * first * second + 2 * first**3,
        fourth=n**3 * fourth - 4 * n**2 * first * third + 6 * n * first**2 * second - 3 * first**4,
    )


def describe_spread(spread: Spread) -> dict[str, float | None]:
    """Sample figures: None where there are too few values, where all are the same, and beyond the doubles."""
    variance = _variance(spread)
    return {
        "std": None if variance is None else root(variance),
        "variance": None if variance is None else nearest(variance),
        "standard_error": None if variance is None else root(variance / spread.count),
        "cv": _variation(spread, variance),
        "skewness": _skewness(spread),
        "kurtosis": _kurtosis(spread),
    }


def _variance(spread: Spread) -> Fraction | None:
    if spread.count < 2:
        return None
    return Fraction(spread.second, spread.count * (spread.count - 1)) * Fraction(2) ** (2 * spread.unit)


def _variation(spread: Spread, variance: Fraction | None) -> float | None:
    """Standard deviation in units of the mean, of which it has the sign."""
    if variance is None or not spread.total:
        return None
    mean = Fraction(spread.total, spread.count) * Fraction(2) ** spread.unit
    size = root(variance / mean**2)
    return -size if size and spread.total < 0 else size


def _skewness(spread: Spread) -> float | None:
    """Adjusted Fisher-Pearson coefficient (G1 of Joanes and Gill, 1998), as pandas and DuckDB have it."""
    n = spread.count
    if n < 3 or not spread.second:
        return None
    size = root(Fraction(n * (n - 1) * spread.third**2, (n - 2) ** 2 * spread.second**3))
    return -size if size and spread.third < 0 else size


def _kurtosis(spread: Spread) -> float | None:
    """Excess over the normal distribution's, adjusted (G2 of Joanes and Gill, 1998), as pandas and DuckDB have it."""
    n = spread.count
    if n < 4 or not spread.second:
        return None
    excess = Fraction((n + 1) * spread.fourth, spread.second**2) - 3 * (n - 1)
    return nearest(excess * Fraction(n - 1, (n - 2) * (n - 3)))
