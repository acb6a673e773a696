"""Whole numbers as sums of limbs of 22 bits, whose products add up in doubles without rounding.

Limb i of a number is a multiple of 2**(22 * i), of at most 2**21 such units in size, with a sign; the number is the sum
of its limbs. Counted in their units, products of two limbs are at most 2**42, and ``BLOCK`` of them add up to at most
2**53: in any order, fused or not, a matrix product of limbs is exact. Limbs stand in rows, the lowest first, a column
for each number.
"""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

from fanfold.profile.arrays import Floats, Ints

BITS = 22
BLOCK = 1 << 11
"""Numbers whose products may be added up at a time."""
GROUP = 8 * BLOCK
"""Numbers to work on at a time: enough that a call costs little beside them, few enough for a processor's cache."""

_LARGEST_EXPONENT = 1_000
"""2.0 to so much, and to minus so much, is a normal double."""
_ROUNDING_BITS = 52
_EXACT = 2
"""An integer of so many limbs is a double, too; one of int64 has one limb more at most."""


def needed(low: int, high: int) -> int:
    """How many limbs hold every integer from ``low`` to ``high``."""
    bits = max(-low, high, 1).bit_length() + 1
    return math.ceil(bits / BITS)


def shift(values: Floats, exponent: int, out: Floats) -> None:
    """Multiply doubles by 2**exponent, which itself may be beyond the doubles."""
    half = exponent // 2 if abs(exponent) > _LARGEST_EXPONENT else exponent
    np.multiply(values, 2.0**half, out=out)
    if half != exponent:
        out *= 2.0 ** (exponent - half)


def put_integers(values: Ints, middle: int, limbs: Floats) -> None:
    """Cut the deviations of int64 values from ``middle``, which must be int64, too, into limbs, which fill the rows."""
    if len(limbs) <= _EXACT:
        np.subtract(values, middle, out=limbs[0])
    else:
        deviations = values - middle
        bits = _EXACT * BITS
        # Not (deviations + half) >> bits, which may overflow.
        upper = (deviations >> bits) + ((deviations >> (bits - 1)) & 1)
        np.subtract(deviations, upper << bits, out=limbs[0])
        np.multiply(upper, _unit(_EXACT), out=limbs[_EXACT])
    cut(limbs[:_EXACT])


def cut(limbs: Floats) -> None:
    """Cut the whole numbers in the lowest row into limbs, which fill the rows.

    They must be below 2**(BITS * rows - 1) in size.
    """
    rest = limbs[0]
    for place in range(len(limbs) - 1, 0, -1):
        _round(rest, place, limbs[place])
        rest -= limbs[place]


def multiply(limbs: Floats, products: Floats, work: Floats) -> None:
    """Put the sums of the limbs' products by place, which add up to the square, into one row less than twice as many.

    Each is of at most as many products as there are limbs. Of work there are as many rows as of limbs.
    """
    product, doubled = work[0], work[1:]
    np.multiply(limbs[1:], 2, out=doubled)
    np.multiply(limbs, limbs, out=products[::2])
    np.multiply(limbs[:-1], doubled, out=products[1::2])
    for i, limb in enumerate(limbs[:-2]):
        for j in range(i + 2, len(limbs)):
            np.multiply(limb, doubled[j - 1], out=product)
            products[i + j] += product


def square(limbs: Floats, squares: Floats, work: Floats) -> None:
    """Put the limbs of the squares into twice as many rows; of work there are as many rows as of limbs."""
    multiply(limbs, squares[:-1], work)
    carry, last = work[0], len(squares) - 1
    for place in range(1, last):
        _round(squares[place - 1], place, carry)
        squares[place - 1] -= carry
        squares[place] += carry
    _round(squares[last - 1], last, squares[last])
    squares[last - 1] -= squares[last]


def power_sums(rows: Floats) -> list[int]:
    """Sums of the powers 1 to 4 of at most ``GROUP`` numbers, by their limbs.

    Limbs stand in the first quarter of the rows; the others are for the limbs of the squares and for work.
    """
    count = len(rows) // 4
    limbs, squares = rows[:count], rows[count : 3 * count]
    square(limbs, squares, rows[3 * count :])
    products = sum_products(squares, rows[: 3 * count], _power_units(count))
    sums = rows[: 3 * count].sum(axis=1).tolist()
    by_place = (products.ravel() @ _power_places(count)).tolist()
    return [
        sum(map(int, sums[:count])),
        sum(map(int, sums[count:])),
        _positional(by_place[: 3 * count]),
        _positional(by_place[3 * count :]),
    ]


def units(left_places: Sequence[int], right_places: Sequence[int]) -> Floats:
    """For each two rows of limbs, by what their products are to be multiplied, so that they count units."""
    exponents: Ints = -BITS * np.add.outer(left_places, right_places)
    return np.ldexp(1.0, exponents)


def sum_products(left: Floats, right: Floats, units: Floats, block: int = BLOCK) -> Ints:
    """Sums for each two rows of their products, in units; those of a block must be at most 2**53."""
    whole = left.shape[1] // block * block
    sums = np.zeros(units.shape, np.int64)
    if whole:
        blocks = [each[:, :whole].reshape(len(each), -1, block).transpose(1, 0, 2) for each in (left, right)]
        products = blocks[0] @ blocks[1].transpose(0, 2, 1)
        products *= units
        sums += products.astype(np.int64).sum(axis=0)
    if whole < left.shape[1]:
        sums += ((left[:, whole:] @ right[:, whole:].T) * units).astype(np.int64)
    return sums


@cache
def _power_units(count: int) -> Floats:
    """Of the limbs of squares, and those of the numbers and of squares."""
    return units(range(2 * count), [*range(count), *range(2 * count)])


@cache
def _power_places(count: int) -> Ints:
    """What adds up products of the limbs of squares by place: with those of the numbers, then with those of squares."""
    places = np.add.outer(range(2 * count), [*range(count), *range(3 * count, 5 * count)]).ravel()
    return np.equal.outer(places, range(7 * count)).astype(np.int64)


def _unit(place: int) -> float:
    return 2.0 ** (BITS * place)


def _round(values: Floats, place: int, out: Floats) -> None:
    """Round to multiples of a place's unit, of which there are less than 2**51.

    Around 1.5 * 2**52 units the doubles are one unit apart.
    """
    far = 1.5 * 2.0**_ROUNDING_BITS * _unit(place)
    np.add(values, far, out=out)
    out -= far


def _positional(digits: Sequence[int]) -> int:
    """Return the integer of whole digits of any size, the lowest first."""
    total = 0
    for digit in reversed(digits):
        total = (total << BITS) + digit
    return total
