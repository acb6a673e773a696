"""Which texts read as what, value by value, against the grammar as regular expressions."""

import itertools
from collections.abc import Sequence

import numpy as np
import polars as pl
import profile_oracle as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import EXTREMES, columns, doubles, like_dates, like_numbers

from fanfold.profile.numbers import read_booleans, read_numbers
from fanfold.profile.strings import of
from fanfold.profile.times import read_times


def read(texts: list[str]) -> list[tuple[str, object]]:
    """Kind and value of each text, as the profile reads it."""
    strings = of(pl.Series(texts, dtype=pl.String))
    integers, numbers = read_numbers(strings)
    booleans = read_booleans(strings)
    dates, naive, zoned = read_times(strings)
    found = [("text", text) for text in texts]

    def put(kind: str, rows: np.ndarray, values: Sequence[object]) -> None:
        for row, value in zip(rows.tolist(), values, strict=True):
            assert found[row][0] == "text", "a text reads as two kinds"
            found[row] = (kind, value)

    put("integer", integers.rows, integers.values.tolist())
    put("integer", integers.big_rows, integers.big)
    put("number", numbers.rows, numbers.values.tolist())
    put("boolean", booleans.rows, booleans.values.tolist())
    put("date", dates.rows, dates.days.tolist())
    for kind, instants in (("datetime", naive), ("zoned", zoned)):
        pairs = zip(instants.seconds.tolist(), instants.nanoseconds.tolist(), strict=True)
        put(kind, instants.rows, [seconds * 10**9 + nanoseconds for seconds, nanoseconds in pairs])
    return found


def check(texts: list[str]) -> None:
    for text, got, expected in zip(texts, read(texts), map(oracle.kind_of, texts), strict=True):
        assert got == expected, text


@pytest.mark.parametrize("text", EXTREMES)
def test_an_odd_value_reads_as_the_grammar_says(text: str) -> None:
    check([text])


def test_odd_values_read_the_same_side_by_side() -> None:
    check(EXTREMES)


def test_every_short_text_of_the_characters_of_numbers_reads_as_the_grammar_says() -> None:
    for size in range(1, 6):
        check(["".join(each) for each in itertools.product("019+-.eE_ xi"[: 12 if size < 5 else 8], repeat=size)])


@settings(deadline=None)
@given(st.lists(st.one_of(like_numbers, like_dates, doubles), min_size=1, max_size=50))
def test_likely_texts_read_as_the_grammar_says(texts: list[str]) -> None:
    check([text for text in texts if text])


@settings(deadline=None)
@given(columns(min_size=1))
def test_a_value_reads_the_same_whatever_stands_beside_it(column: list[str]) -> None:
    texts = [text for text in column if text]
    assert read(texts) == [read([text])[0] for text in texts]


def test_doubles_of_17_digits_read_as_pythons_float_does() -> None:
    bits = np.random.default_rng(5).integers(0, 2**63, 20_000)
    doubles = [value for value in bits.view(np.float64).tolist() if np.isfinite(value)]
    check([repr(value) for value in doubles])
    check([f"{value:.25e}" for value in doubles[:5_000]])
    check([f"{value % 1e6:.6f}" for value in doubles[:5_000]])


def test_every_day_of_the_calendar_is_a_date_and_no_other() -> None:
    days = [
        f"{year:04}-{month:02}-{day:02}"
        for year in (0, 1, 1900, 1999, 2000, 2023, 2024, 9999)
        for month in range(14)
        for day in range(33)
    ]
    check(days)


@pytest.mark.parametrize("trap", ["007", "+1", "+1.5", "inf", "-inf", "nan", "infinity", "1e400", "00.5", "-00"])
def test_what_a_cast_of_polars_takes_for_a_number_is_text(trap: str) -> None:
    assert pl.Series([trap]).cast(pl.Float64, strict=False)[0] is not None, "polars has changed: drop this trap"
    assert read([trap])[0][0] == "text"


@pytest.mark.parametrize("first", ["7", "0.5", "word"])
def test_a_value_reads_the_same_whatever_the_first_values_are(first: str) -> None:
    check([first] * 100 + EXTREMES)


nearly_alike = st.builds(
    lambda text, place, character: text[:place] + character + text[place + 1 :] if character else text,
    st.datetimes().flatmap(lambda at: st.sampled_from([f"{at:%Y-%m-%d}", f"{at:%Y-%m-%dT%H:%M:%S}"])),
    st.integers(0, 18),
    st.sampled_from(["", "", "", *"0123456789-+:.TZ t/é"]),
)
"""Texts of the lengths that are read all at once where a column has no others."""


@settings(deadline=None)
@given(st.lists(nearly_alike, min_size=1, max_size=3).flatmap(lambda texts: st.permutations(texts * 3)))
def test_columns_of_dates_alone_or_datetimes_alone_read_as_the_grammar_says(texts: list[str]) -> None:
    for length in {len(text) for text in texts}:
        check([text for text in texts if len(text) == length])
