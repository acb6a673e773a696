"""Sums over pairs of columns are those of exact arithmetic, record by record."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fanfold.profile import correlations, limbs, products
from fanfold.profile.arrays import Floats
from fanfold.profile.correlations import Correlations, Sizes, correlate

Rows = list[tuple[Fraction | None, ...]]
Column = list[float | None]

NUMBERS = {
    "digits": st.integers(0, 9).map(float),
    "keys": st.integers(0, 2**40).map(float),
    "halves": st.integers(-20, 20).map(lambda value: value / 2),
    "prices": st.integers(-(10**6), 10**6).map(lambda value: value / 100),
    "zeros": st.just(0.0),
    "near one": st.floats(2**-60, 2**60),
    "largest": st.floats(2.0**1_000, allow_infinity=False),
    "smallest": st.floats(0, 2.0**-1_000),
}


@st.composite
def tables(draw: st.DrawFn) -> list[Column]:
    height = draw(st.integers(1, 12))
    kinds = draw(st.lists(st.tuples(st.sampled_from(sorted(NUMBERS)), st.booleans()), min_size=2, max_size=4))
    drawn = [NUMBERS[kind] if complete else st.none() | NUMBERS[kind] for kind, complete in kinds]
    return [draw(st.lists(each, min_size=height, max_size=height)) for each in drawn]


def arrays(table: list[Column]) -> dict[int, Floats]:
    return {
        place: np.array([math.nan if value is None else value for value in column])
        for place, column in enumerate(table)
    }


def naive(one: Column, other: Column, units: tuple[int, int]) -> tuple[int, Fraction, Fraction, Fraction]:
    pairs = [(Fraction(x), Fraction(y)) for x, y in zip(one, other, strict=True) if x is not None and y is not None]
    unit, both = Fraction(2) ** units[0], Fraction(2) ** sum(units)
    return (
        len(pairs),
        sum((x for x, _ in pairs), Fraction()) / unit,
        sum((x * x for x, _ in pairs), Fraction()) / unit**2,
        sum((x * y for x, y in pairs), Fraction()) / both,
    )


def assert_exact(found: Correlations, table: list[Column]) -> None:
    """Zeros have no unit; sums of theirs are 0 in any."""
    units = [0 if sizes is None else sizes.unit for sizes in found.sizes]
    for i, one in enumerate(found.columns):
        for j, other in enumerate(found.columns):
            got = found.counts[i, j], found.sums[i, j], found.squares[i, j], found.products[i, j]
            assert got == naive(table[one], table[other], (units[i], units[j]))
            assert all(type(each) is int for each in got)


@settings(deadline=None)
@given(tables())
def test_sums_over_pairs_are_exact(table: list[Column]) -> None:
    found = correlate(arrays(table))
    assert_exact(found, table)
    for place, sizes in zip(found.columns, found.sizes, strict=True):
        exponents = [math.frexp(value)[1] for value in table[place] if value]
        assert sizes == (Sizes(min(exponents), max(exponents)) if exponents else None)


@settings(deadline=None)
@given(tables(), st.integers(1, 11))
def test_sums_of_parts_add_up_to_those_of_the_whole(table: list[Column], place: int) -> None:
    parts = [[column[:place] for column in table], [column[place:] for column in table]]
    found = correlations.add([correlate(arrays(part)) for part in parts if part[0]])
    assert_exact(found, table)
    assert found.columns == correlate(arrays(table)).columns


CYCLES: list[Column] = [
    [3.0, 1.0, 4.0, 1.0, 5.0],
    [1_234.56, -0.01, None, 99.99, 0.0, 17.0, None],
    [math.nextafter(2.0**60, 0), -math.nextafter(2.0**-60, 0), 1.0],
    [4_000_001.0, 4_000_002.0],
    [None, 0.0, 2.0**-1_074, 2.0**-1_022],
]


def cycled(columns: list[Column], size: int) -> list[Column]:
    return [(column * (size // len(column) + 1))[:size] for column in columns]


GAPS, COMPLETE, WIDE = CYCLES, [CYCLES[0], *CYCLES[2:4]], CYCLES[2:4] * 20
HEIGHTS = [limbs.BLOCK - 1, limbs.BLOCK, limbs.BLOCK + 1, 3 * limbs.GROUP + 7]


@pytest.mark.parametrize(
    ("columns", "size"),
    [*((columns, size) for columns in (GAPS, COMPLETE) for size in HEIGHTS), (WIDE, 2 * limbs.BLOCK + 1)],
)
def test_sums_are_exact_whatever_tables_records_are_cut_into(columns: list[Column], size: int) -> None:
    """They repeat after a few, so the sums do, too."""
    period = math.lcm(*map(len, columns))
    whole, rest = divmod(size, period)
    found = correlate(arrays(cycled(columns, size)))
    parts = [correlate(arrays(cycled(columns, height))) for height in (period, rest) if height]
    expected = correlations.add([*[parts[0]] * whole, *parts[1:]])
    for name in ("counts", "sums", "squares", "products"):
        assert np.array_equal(getattr(found, name), getattr(expected, name))


def test_columns_of_the_largest_limbs_are_summed_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    largest = [math.nextafter(2.0**60, 0), 1 + 2.0**-52]
    table: list[Column] = [largest * limbs.BLOCK, [-value for value in largest] * limbs.BLOCK]
    whole = correlate(arrays(table))
    squares = sum(int(Fraction(value) ** 2 * 2**104) for value in largest) * limbs.BLOCK
    assert (whole.products == np.array([[squares, -squares], [-squares, squares]], object)).all()
    monkeypatch.setattr(products, "_BLOCKS", 8)
    assert (correlate(arrays(table)).products == whole.products).all()
