"""Exact rationals to doubles, each rounded once."""

import math
from fractions import Fraction

BOUND_DEVIATIONS = 3.89
"""Standard deviations that hold all but one in 10,000 of a normal distribution: what is called a bound must hold."""

_BITS = 64
"""Of a square root before it is rounded to 53, a sticky bit beside them."""


def nearest(value: Fraction) -> float | None:
    """Return the nearest double, ties to even; None beyond the largest one."""
    try:
        return value.numerator / value.denominator + 0.0
    except OverflowError:
        return None


def root(value: Fraction) -> float | None:
    """Return the double nearest to the square root of a rational that is not negative; None beyond the largest one."""
    if not value:
        return 0.0
    size = value.numerator.bit_length() - value.denominator.bit_length()
    shift = max(0, _BITS - size // 2)
    scaled, rest = divmod(value.numerator << (2 * shift), value.denominator)
    floor = math.isqrt(scaled)
    # The last bit says that something follows: no tie is taken for one.
    sticky = int(rest > 0 or floor * floor != scaled)
    return nearest(Fraction(2 * floor + sticky, 2 << shift))
