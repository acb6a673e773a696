"""`group_by` against pandas and exact fractions, and against the laws."""

import math
from collections import defaultdict
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.processors.contract import Chunk
from fanfold.processors.ready import group_by
from fanfold.testing import check_processor

NUMBERS = ["1", "1.0", "-2", "0.1", "0.2", "1e300", "-1e300", "5e-324", "1.5e-310", "9223372036854775808", "-0", "7"]
FIELDS = st.sampled_from([*NUMBERS, "", "n/a", "007", "nan"])
ROWS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "x", "ä"]), FIELDS), max_size=30)
OPTIONS = {"by": ["one", "two"], "of": ["amount"]}


def frame_of(rows: list[tuple[str, str, str]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["one", "two", "amount"], dtype=str)


def table(rows: list[tuple[str, str, str]], cuts: tuple[int, ...] = ()) -> list[list[Any]]:
    edges = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    frame = frame_of(rows)
    chunk = Chunk(columns=tuple(frame.columns), options=OPTIONS)
    parts = [group_by.process(frame.iloc[start:stop].reset_index(drop=True), chunk) for start, stop in pairwise(edges)]
    total = parts[0]
    for part in parts[1:]:
        total = group_by.merge(total, part)
    rows_: list[list[Any]] = group_by.report(total)["tables"][0]["rows"]
    return rows_


def read(text: str) -> int | float | None:
    """As the profile reads numbers, naively."""
    if text in ("", "n/a", "007", "nan"):
        return None
    return int(text) if text.lstrip("-").isdigit() else float(text) + 0.0


def oracle(rows: list[tuple[str, str, str]]) -> list[list[Any]]:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for one, two, amount in rows:
        groups[one, two].append(amount)
    expected = []
    for key in sorted(groups):
        found = [value for value in map(read, groups[key]) if value is not None]
        exact = sum(map(Fraction, found), Fraction())
        whole = all(isinstance(value, int) for value in found)
        figures: list[Any] = [0, None, None, None, None]
        if found:
            total = int(exact) if whole else float(exact)
            figures = [len(found), total, float(exact / len(found)), min(found), max(found)]
        expected.append([*key, len(groups[key]), *figures])
    return expected


@given(ROWS, st.lists(st.integers(0, 30), max_size=3).map(tuple))
def test_every_figure_is_the_exact_one_rounded_once_wherever_the_records_are_cut(
    rows: list[tuple[str, str, str]], cuts: tuple[int, ...]
) -> None:
    assert table(rows, cuts) == oracle(rows)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-(10**6), 10**6)), min_size=1, max_size=50))
def test_figures_agree_with_pandas(pairs: list[tuple[str, int]]) -> None:
    rows = [(key, "", f"{cents / 100:.2f}") for key, cents in pairs]
    frame = frame_of(rows)
    frame["amount"] = frame["amount"].astype(float)
    theirs = frame.groupby("one")["amount"].agg(["count", "sum", "mean", "min", "max"])
    for row in table(rows):
        assert row[3] == theirs.loc[row[0], "count"]
        for ours, name in zip(row[4:], ("sum", "mean", "min", "max"), strict=True):
            assert math.isclose(ours, theirs.loc[row[0], name], rel_tol=1e-12, abs_tol=1e-6)


def test_it_obeys_the_laws_of_a_processor() -> None:
    rows = [("a", "x", number) for number in NUMBERS] + [("b", "", ""), ("b", "ä", "0.5")] * 5
    check_processor(group_by, frame_of(rows), OPTIONS)


def test_records_are_counted_where_no_column_is_summed_up() -> None:
    frame = frame_of([("a", "", "1"), ("b", "", "2"), ("a", "", "3")])
    section = check_processor(group_by, frame, {"by": "one"})
    assert section["tables"][0] == {"columns": ["one", "records"], "rows": [["a", 2], ["b", 1]]}


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({}, "expected {by"),
        ({"by": ["one"], "off": ["amount"]}, "off"),
        ({"by": ["one", "two", "amount", "id"]}, "1 to 3 labels"),
        ({"by": ["nowhere"]}, "no column 'nowhere'"),
        ({"by": [1]}, "by = \\[1\\]"),
    ],
)
def test_options_that_cannot_be_followed_are_named(options: dict[str, Any], named: str) -> None:
    chunk = Chunk(columns=("one", "two", "amount"), options=options)
    with pytest.raises(ValueError, match=named):
        group_by.process(frame_of([]), chunk)


def test_too_many_groups_are_an_error_however_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "GROUPS_MAX", 3)
    rows = [(key, "", "1") for key in "abcd"]
    for cuts in ((), (2,)):
        with pytest.raises(ValueError, match="more than 3 groups"):
            table(rows, cuts)
