"""What holds for any data: a profile depends on the records alone."""

import json
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from profile_examples import EXTREMES, SMALL, colliding, frame_of, frames, without_order

from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.codec import decode, encode
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.hashing import hash_values
from fanfold.profile.merging import empty, merge
from fanfold.profile.model import Profile, Summary, Tally
from fanfold.profile.strings import of

caps = st.sampled_from([SMALL, CAPS])
slow_to_draw = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)


def same(left: Profile, right: Profile) -> bool:
    return encode(left) == encode(right)


def described(profile: Profile, caps: Caps) -> str:
    return json.dumps(describe(profile, [str(place) for place in range(len(profile.columns))], caps), allow_nan=False)


def cut(frame: pl.DataFrame, places: list[int]) -> list[pl.DataFrame]:
    edges = [0, *sorted(places), frame.height]
    return [frame[start:stop] for start, stop in pairwise(edges)]


@slow_to_draw
@given(frames(), st.data(), caps)
def test_profiles_of_any_chunks_in_any_grouping_describe_as_the_whole(
    frame: pl.DataFrame, data: st.DataObject, caps: Caps
) -> None:
    whole = profile_frame(frame, caps)
    places = data.draw(st.lists(st.integers(0, frame.height), max_size=6))
    parts = [profile_frame(chunk, caps) for chunk in cut(frame, places)]
    split = data.draw(st.integers(0, len(parts)))
    grouped = merge([merge(parts[:split], caps), merge(parts[split:], caps)], caps)
    assert described(grouped, caps) == described(whole, caps)
    assert same(grouped, whole)
    shuffled = merge(data.draw(st.permutations(parts)), caps)
    assert same(without_order(shuffled), without_order(whole))


@slow_to_draw
@given(st.lists(frames(max_width=1, max_height=12), min_size=3, max_size=3), caps)
def test_merge_is_associative_and_commutative(chunks: list[pl.DataFrame], caps: Caps) -> None:
    a, b, c = (profile_frame(chunk, caps) for chunk in chunks)
    left = merge([merge([a, b], caps), c], caps)
    assert same(left, merge([a, merge([b, c], caps)], caps))
    assert same(without_order(left), without_order(merge([c, b, a], caps)))


@slow_to_draw
@given(frames(), caps)
def test_a_profile_of_no_records_changes_nothing(frame: pl.DataFrame, caps: Caps) -> None:
    profile = profile_frame(frame, caps)
    for nothing in (empty(frame.width), empty(0), merge([])):
        assert same(merge([nothing, profile], caps), profile)
        assert same(merge([profile, nothing], caps), profile)


@slow_to_draw
@given(frames(), st.data(), caps)
def test_the_order_of_records_does_not_show(frame: pl.DataFrame, data: st.DataObject, caps: Caps) -> None:
    order = data.draw(st.permutations(range(frame.height)))
    shuffled = frame_of(*([column[place] for place in order] for column in frame.to_dict(as_series=False).values()))
    assert same(without_order(profile_frame(shuffled, caps)), without_order(profile_frame(frame, caps)))


@slow_to_draw
@given(frames(), caps)
def test_a_profile_survives_being_carried_as_bytes(frame: pl.DataFrame, caps: Caps) -> None:
    profile = profile_frame(frame, caps)
    carried = decode(encode(profile))
    assert described(carried, caps) == described(profile, caps)
    assert same(carried, profile)
    assert same(merge([carried, profile], caps), merge([profile, carried], caps))
    assert same(merge([carried, profile], caps), merge([profile, profile], caps))


def test_profiles_of_single_records_make_the_profile_of_all_extremes() -> None:
    frame = frame_of(EXTREMES, EXTREMES[::-1])
    for caps in (SMALL, CAPS):
        parts = [profile_frame(frame[place], caps) for place in range(frame.height)]
        assert same(merge(parts, caps), profile_frame(frame, caps))


def long_columns() -> dict[str, list[str]]:
    rng = np.random.default_rng(11)
    few = [str(value) for value in rng.integers(0, 700, 6_000).tolist()]
    long = "é" * 700
    return {
        "as many values as the cap, repeated": [str(place % CAPS.exact_values) for place in range(6_000)],
        "one value more than the cap, and none": [
            "",
            *(str(place % (CAPS.exact_values + 1)) for place in range(5_999)),
        ],
        "few values and none": ["" if place % 3 else value for place, value in enumerate(few)],
        "few values cut for keeping": [long + value for value in few],
        "many values cut for keeping": [long + str(place) for place in range(6_000)],
        "one value for ever": ["same"] * 6_000,
        "every kind": [EXTREMES[place] for place in rng.integers(0, len(EXTREMES), 6_000).tolist()],
        "binary fractions": [repr(value) for value in rng.normal(0, 1e10, 6_000).tolist()],
        "integers beyond 64 bits": [str(value * 10**18) for value in range(6_000)],
        "instants": [f"2024-01-01T00:00:00.{value:09}Z" for value in range(6_000)],
    }


LONG = long_columns()


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("size", [700, 1_999, 2_500])
def test_chunks_of_long_columns_make_the_whole_under_the_real_caps(name: str, size: int) -> None:
    frame = frame_of(LONG[name])
    parts = [decode(encode(profile_frame(frame[start : start + size]))) for start in range(0, frame.height, size)]
    merged = merge([merge(parts[:2]), merge(parts[2:])])
    whole = profile_frame(frame)
    assert described(merged, CAPS) == described(whole, CAPS)
    assert same(merged, whole)
    assert same(without_order(merge([merge(parts[1::2]), merge(parts[::2])])), without_order(whole))


def test_the_form_of_a_column_follows_from_its_values_alone() -> None:
    columns = LONG["as many values as the cap, repeated"], LONG["one value more than the cap, and none"]
    exact, sketched = (profile_frame(frame_of(column)).columns[0].values for column in columns)
    assert isinstance(exact, Tally)
    assert isinstance(sketched, Summary)


@pytest.mark.parametrize("letters", [4, 4 + 8 * 16, 4 + 8 * 70])
def test_values_of_one_hash_are_told_apart_in_counts_and_do_not_depend_on_order(letters: int) -> None:
    one, other = colliding("k" * letters, "the same end")
    hashes = hash_values(of(pl.Series([one, other])))
    assert hashes[0] == hashes[1]
    assert one != other
    frame = frame_of([one, other, one])
    assert describe(profile_frame(frame), ["a"])[0]["distinct"] == {"value": 2, "exact": True, "error": 0.0}
    for caps in (CAPS, SMALL, Caps(exact_values=1, hashes=3, table_width=8, records=2)):
        whole = profile_frame(frame, caps)
        for order in ([0, 1, 2], [1, 0, 2], [2, 0, 1]):
            parts = [profile_frame(frame[place], caps) for place in order]
            assert same(without_order(merge(parts, caps)), without_order(whole))
            assert same(without_order(profile_frame(frame[order], caps)), without_order(whole))


def test_a_column_of_as_many_values_as_the_cap_is_counted_whatever_else_is_empty() -> None:
    column = [*(str(place % SMALL.exact_values) for place in range(3_000)), ""]
    values = profile_frame(frame_of(column), SMALL).columns[0].values
    assert isinstance(values, Tally)
    assert len(values.counts) == SMALL.exact_values
    assert isinstance(profile_frame(frame_of([*column, "another"]), SMALL).columns[0].values, Summary)


def test_slices_of_a_larger_frame_are_read_as_themselves() -> None:
    frame = frame_of(EXTREMES)
    for start in range(0, frame.height, 7):
        piece = frame[start : start + 9]
        assert same(profile_frame(piece), profile_frame(frame_of(piece["0"].to_list())))
        assert same(profile_frame(piece.rechunk().vstack(piece)), profile_frame(frame_of(piece["0"].to_list() * 2)))
