"""Columns measured together: each as if it were alone, and a group read with as many looks as one column."""

from collections.abc import Mapping

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_examples import EXTREMES, like_dates, like_forms, like_numbers, like_slashed

from fanfold.profile import tallies
from fanfold.profile.column import figures_of
from fanfold.profile.forms import UNTOUCHED, Family, Rewritten
from fanfold.profile.keys import keys_of
from fanfold.profile.model import Tally
from fanfold.profile.tallies import Measured, measure

TEXTS = st.one_of(
    st.sampled_from([text for text in EXTREMES if text]), like_numbers, like_dates, like_forms, like_slashed
).filter(bool)
COUNTS = st.dictionaries(TEXTS, st.integers(1, 2**40), max_size=6)


def tally(counts: Mapping[str, int]) -> Tally:
    """By their keys."""
    keys = keys_of(pl.Series([*counts], dtype=pl.String), tallies.limits.VALUE_BYTES)
    return Tally(dict(zip(keys, counts.values(), strict=True)))


def plain(measured: Measured) -> object:
    """Comparable."""
    return measured.figures, [
        family and (family.votes, [*map(_plain, family.readings)]) for family in measured.families
    ]


def _plain(reading: Rewritten | bool) -> object:
    return reading if isinstance(reading, bool) else (reading.series.to_list(), reading.marks)


@given(st.lists(COUNTS, max_size=5))
def test_a_column_is_measured_among_others_as_it_is_alone(columns: list[dict[str, int]]) -> None:
    every = [tally(counts) for counts in columns]
    alone = [next(measure([each])) for each in every]
    assert [*map(plain, measure(every))] == [*map(plain, alone)]


@given(COUNTS)
def test_figures_are_those_of_a_column_laid_out_by_itself(counts: dict[str, int]) -> None:
    one = tally(counts)
    assert next(measure([one])).figures == figures_of(one.counts)


def test_a_column_without_values_is_between_others_what_it_is_alone() -> None:
    first, empty, last = measure([Tally({"1": 2}), Tally({}), Tally({"x": 1})])
    assert (empty.figures, empty.families) == (figures_of({}), (UNTOUCHED, UNTOUCHED))
    assert [sum(each.figures.evidence) for each in (first, last)] == [2, 1]


@pytest.mark.parametrize("at_once", [1, 3, 7])
def test_groups_change_nothing(monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    every = [tally({text: 1, f"{text}0": 2}) for text in EXTREMES[:60] if text]
    whole = [*map(plain, measure(every))]
    monkeypatch.setattr("fanfold.limits.TALLIED_AT_ONCE", at_once)
    assert [*map(plain, measure(every))] == whole


def test_a_thousand_narrow_columns_are_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    read = tallies.read_numbers
    monkeypatch.setattr(tallies, "read_numbers", lambda *each: looks.append(1) or read(*each))
    assert len([*measure(Tally({str(place): 1, "x": 2}) for place in range(1_000))]) == 1_000
    assert len(looks) == 1


def test_a_first_text_that_is_no_number_settles_that_none_is_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fanfold.profile.forms.Written.pick", lambda *_: pytest.fail("all texts were looked at"))
    one = next(measure([Tally({"Lisboa": 3, "Porto": 1})]))
    assert one.families == (None, None)
    assert next(measure([Tally({"0.25": 3, "0.5": 1})])).families == (Family((0, 0, 0), (True, False)), None)
