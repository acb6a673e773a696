"""Texts laid out: what is told of them without a look at each."""

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.profile import column
from fanfold.profile.keys import keys_of
from fanfold.profile.strings import of

short = st.text(st.sampled_from("\0a0é€😀"), max_size=9)


@pytest.mark.parametrize("length", [1, 4, 5, 7, 8, 12, 13, 16, 21])
@pytest.mark.parametrize("others", [[], ["a"], ["b" * 13, "c"]])
def test_a_character_beyond_ascii_is_seen_wherever_it_stands(length: int, others: list[str]) -> None:
    plain = "x" * length
    assert of(pl.Series([*others, plain])).is_ascii()
    for place in range(length):
        text = plain[:place] + "é" + plain[place + 1 :]
        assert not of(pl.Series([*others, text])).is_ascii(), text
        assert not of(pl.Series([text, *others])).is_ascii(), text


@given(st.lists(short | st.sampled_from(["a" * 600, "é" * 300]), max_size=40))
def test_many_texts_are_counted_as_few_are_whatever_their_lengths(texts: list[str]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    expected = Counter(keys_of(series, 512).to_list())
    assert column._count_many(of(series), len(texts)) == expected
    assert len(expected) < 2 or column._count_any(series, len(expected) - 1) is None
