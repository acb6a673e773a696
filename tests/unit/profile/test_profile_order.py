"""First, last and sorted: as one would see them reading the file from its start."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import profile_oracle as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import SMALL, columns, dates, datetimes, digits, doubles, frame_of, integers, small, zoned

from fanfold.profile import order
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge

alike = st.one_of(
    *(
        st.lists(each | st.just(""), max_size=12)
        for each in (digits, small, integers | doubles, dates | datetimes, zoned)
    ),
    columns(max_size=12),
)


def report_of(column: list[str], caps: Caps = CAPS) -> dict[str, Any]:
    return describe(profile_frame(frame_of(column), caps), ["a"], caps)[0]


def sorted_as(column: list[str], kind: str) -> str | None:
    """Name of how a column is sorted, seen the naive way."""
    present = [value for value in column if value]
    if not present:
        return None
    keys: list[Any] = [value.encode() for value in present]
    if kind in {"integer", "number", "date", "datetime"}:
        read = [oracle.kind_of(value) for value in present]
        keys = [value * 86_400 * 10**9 if found == "date" else value for found, value in read]
    if all(a == b for a, b in pairwise(keys)):
        return "constant"
    for name, holds in (("ascending", lambda a, b: a <= b), ("descending", lambda a, b: a >= b)):
        if all(holds(a, b) for a, b in pairwise(keys)):
            return name if any(a == b for a, b in pairwise(keys)) else f"strictly {name}"
    return "no"


@settings(deadline=None)
@given(alike, st.sampled_from(["as drawn", "rising", "falling"]), st.sampled_from([SMALL, CAPS]))
def test_columns_are_sorted_as_a_reader_sees_them(column: list[str], arranged: str, caps: Caps) -> None:
    if arranged != "as drawn":
        key = (lambda v: oracle.kind_of(v)[1]) if len(oracle.kinds(column)) == 1 else str.encode
        column = sorted(filter(None, column), key=key, reverse=arranged == "falling")
    report = report_of(column, caps)
    column = [value for value in column if value not in report["reading"].get("null_tokens", {})]
    plain = report["reading"]["rule"] == "plain"
    assert report["sorted"] == (sorted_as(column, report["type"]) if plain else None)
    present = [value for value in column if value] or [None]
    if len(present[0] or "") <= 80 and len(present[-1] or "") <= 80:
        assert (report["first"], report["last"]) == (present[0], present[-1])


@pytest.mark.parametrize("size", [1, 63, 64, 65, 511, 5_000])
@pytest.mark.parametrize("fault", [None, 0, -1])
def test_one_value_out_of_place_is_seen_wherever_it_stands(size: int, fault: int | None) -> None:
    column = [str(place) for place in range(10, 10 + 2 * size, 2)]
    if fault is not None and size > 1:
        column[fault] = str(10 + size)
    expected = "constant" if size == 1 else "no" if fault is not None else "strictly ascending"
    assert report_of(column)["sorted"] == expected
    parts = [profile_frame(frame_of(column[start : start + 70])) for start in range(0, size, 70)]
    assert describe(merge(parts), ["a"])[0]["sorted"] == expected


@pytest.mark.parametrize(
    "write",
    [str, "{}.5".format, lambda n: f"{n}.5" if n % 2 else str(n), lambda n: str(n << 56)],
    ids=["integers", "doubles", "both", "big"],
)
@pytest.mark.parametrize("fault", [None, 1, 69, 400])
def test_numbers_are_followed_past_the_first_look_whatever_is_missing(
    write: Callable[[int], str], fault: int | None
) -> None:
    column = ["" if place % 5 == 2 else "NA" if place % 7 == 3 else write(place) for place in range(600)]
    if fault is not None:
        column[fault] = "-5.5"
    expected = sorted_as([value for value in column if value != "NA"], "number")
    assert expected == ("no" if fault else "strictly ascending")
    for caps in (SMALL, CAPS):
        report = report_of(column, caps)
        assert (report["sorted"], report["nulls"]) == (expected, column.count("") + column.count("NA"))


def test_integers_and_doubles_are_compared_without_rounding() -> None:
    assert report_of(["9007199254740992.0", "9007199254740993"])["sorted"] == "strictly ascending"
    assert report_of(["9007199254740993", "9007199254740992.0"])["sorted"] == "strictly descending"
    assert report_of(["1", "1.0", "1e0"])["sorted"] == "constant"
    assert report_of(["1", "2.5", "9" * 30])["sorted"] == "strictly ascending"


def test_texts_are_compared_by_what_is_kept_of_them() -> None:
    long = "é" * 400
    assert report_of([long + "b", long + "a", "ö"])["sorted"] == "ascending"
    kept = profile_frame(frame_of([long + "b"])).columns[0].order
    assert kept.text is not None
    assert len(kept.text.first.encode()) <= 512


def test_an_order_once_broken_keeps_nothing_to_compare() -> None:
    kept = profile_frame(frame_of(["b", "a", "c"])).columns[0].order
    assert kept.text == kept.number == kept.time == order.BROKEN
    assert order.BROKEN.first is None
