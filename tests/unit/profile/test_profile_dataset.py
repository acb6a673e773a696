"""What holds for records and for columns together, against naive readers."""

import json
import math
from collections import Counter
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import profile_oracle as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import SMALL, decimals, digits, doubles, frame_of, frames, integers, small

from fanfold import limits
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.codec import decode, encode
from fanfold.profile.dataset import describe_dataset
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge
from fanfold.profile.model import Profile
from fanfold.profile.nulls import NULLS

numbers = st.one_of(digits, decimals, small, integers, doubles)


def dataset_of(profile: Profile, caps: Caps = CAPS) -> Any:
    columns = describe(profile, [str(place) for place in range(len(profile.columns))], caps)
    return json.loads(json.dumps(describe_dataset(profile, columns, caps), allow_nan=False))


@st.composite
def numeric_frames(draw: st.DrawFn) -> pl.DataFrame:
    """Draw a frame of numbers, with values missing in some columns."""
    height = draw(st.integers(1, 12))
    kinds = draw(
        st.lists(st.tuples(st.sampled_from([digits, decimals, small, numbers]), st.booleans()), min_size=2, max_size=4)
    )
    made = [kind | st.just("") if missing else kind for kind, missing in kinds]
    return frame_of(*(draw(st.lists(each, min_size=height, max_size=height)) for each in made))


def correlation(pairs: list[tuple[Fraction, Fraction]]) -> tuple[int, Fraction] | None:
    """Sign and square of Pearson's coefficient."""
    n = len(pairs)
    if n < 2:
        return None
    means = [sum(each) / n for each in zip(*pairs, strict=True)]
    both = sum((x - means[0]) * (y - means[1]) for x, y in pairs)
    one, other = (sum((pair[side] - means[side]) ** 2 for pair in pairs) for side in (0, 1))
    return None if not one or not other else (1 if both > 0 else -1, both**2 / (one * other))


def far_apart(values: list[Fraction]) -> bool:
    """Whether the sizes of doubles are more octaves apart than are followed."""
    exponents = [math.frexp(float(value))[1] for value in values if value]
    return bool(exponents) and max(exponents) - min(exponents) > limits.CORRELATED_OCTAVES


@settings(deadline=None)
@given(numeric_frames(), st.sampled_from([SMALL, CAPS]))
def test_correlations_are_those_of_the_doubles_over_complete_pairs(frame: pl.DataFrame, caps: Caps) -> None:
    found = dataset_of(profile_frame(frame, caps), caps)["correlations"]
    columns = {
        name: [Fraction(float(oracle.kind_of(value)[1])) if value else None for value in column]
        for name, column in frame.to_dict(as_series=False).items()
        if any(column)
    }
    followed = [name for name, column in columns.items() if not far_apart([each for each in column if each])]
    assert found["columns"] == (followed if len(followed) > 1 else [])
    for i, j in combinations(range(len(found["columns"])), 2):
        pairs = zip(columns[found["columns"][i]], columns[found["columns"][j]], strict=True)
        expected = correlation([(x, y) for x, y in pairs if x is not None and y is not None])
        got = found["matrix"][i][j]
        assert got == found["matrix"][j][i]
        if expected is None:
            assert got is None
        else:
            sign, square = expected
            assert got * sign >= 0
            assert math.isclose(abs(got), math.sqrt(square), rel_tol=1e-15, abs_tol=1e-300)


def test_correlations_of_many_records_equal_those_of_numpy_and_pandas() -> None:
    rng = np.random.default_rng(7)
    base = rng.normal(0, 1, 20_000)
    table = pd.DataFrame(
        {
            "0": np.round(base * 100, 2),
            "1": base + rng.normal(0, 1, 20_000),
            "2": rng.integers(0, 5, 20_000).astype(float),
            "3": 1.7e9 + base,
        }
    )
    whole = profile_frame(frame_of(*(list(map(repr, table[name].tolist())) for name in table)))
    assert np.allclose(dataset_of(whole)["correlations"]["matrix"], np.corrcoef(table.T), rtol=1e-9, atol=0)
    table.loc[::3, "1"] = np.nan
    table.loc[::7, "2"] = np.nan
    texts = frame_of(*(["" if math.isnan(v) else repr(v) for v in table[name].tolist()] for name in table))
    parts = [decode(encode(profile_frame(texts[start : start + 3_001]))) for start in range(0, 20_000, 3_001)]
    assert np.allclose(dataset_of(merge(parts))["correlations"]["matrix"], table.corr(), rtol=1e-5, atol=0)
    assert encode(merge(parts)) == encode(profile_frame(texts))


def test_a_column_is_correlated_only_while_all_of_it_are_numbers() -> None:
    ends = frame_of(["1", "2", "x"], ["3", "1", "2"], ["1", "5", "9"])
    parts = [profile_frame(ends[:2]), profile_frame(ends[2:])]
    for profile in (merge(parts), profile_frame(ends)):
        assert dataset_of(profile)["correlations"]["columns"] == ["1", "2"]


def test_integers_beyond_64_bits_are_correlated_as_their_doubles_are() -> None:
    large, other = [place * 10**18 - 10**21 for place in range(2_500)], [place**2 % 997 for place in range(2_500)]
    found = dataset_of(profile_frame(frame_of([*map(str, large)], [*map(str, other)])))["correlations"]["matrix"]
    assert found[0][1] == pytest.approx(np.corrcoef([*map(float, large)], other)[0, 1], rel=1e-9)


def test_only_the_first_columns_are_correlated_and_compared() -> None:
    rng = np.random.default_rng(3)
    wide = frame_of(*(["" if v == 4 else str(v) for v in rng.integers(0, 5, 30).tolist()] for _ in range(120)))
    found = dataset_of(profile_frame(wide))
    assert found["correlations"]["columns"] == [str(place) for place in range(limits.CORRELATED_COLUMNS)]
    named = {int(name) for pair in found["missingness"]["together"] for name in pair["columns"]}
    assert max(named) < limits.MISSING_COLUMNS


@settings(deadline=None)
@given(frames(), st.sampled_from([SMALL, CAPS]))
def test_missing_values_are_counted_record_by_record(frame: pl.DataFrame, caps: Caps) -> None:
    found = dataset_of(profile_frame(frame, caps), caps)["missingness"]
    rows = [tuple("" if value in NULLS.everywhere else value for value in row) for row in frame.rows()]
    assert found["incomplete"] == sum("" in row for row in rows)
    together = Counter(
        (str(i), str(j)) for row in rows for i, j in combinations(range(frame.width), 2) if row[i] == row[j] == ""
    )
    assert {tuple(each["columns"]): each["records"] for each in found["together"]} == together


def cut(value: str) -> str:
    """Return what a report shows of a value that was kept for the record sample."""
    kept = value.encode()[:128].decode(errors="ignore")[:80]
    return value if kept == value else kept + "…"


@settings(deadline=None)
@given(frames())
def test_repeated_records_and_keys_are_told_as_they_are_below_the_cap(frame: pl.DataFrame) -> None:
    profile = profile_frame(frame)
    found = dataset_of(profile)
    counts = Counter(frame.rows())
    assert found["duplicates"]["distinct"]["value"] == len(counts)
    assert found["duplicates"]["records"] == {"value": frame.height - len(counts), "exact": False, "error": 0}
    repeated = sum(count > 1 for count in counts.values())
    assert found["duplicates"]["repeated_share"]["value"] == (repeated / len(counts) if counts else 0)
    columns = describe(profile, frame.columns)
    keys = [
        name
        for name, column in zip(frame.columns, columns, strict=True)
        if column["type"] not in {"number", "boolean", "empty"}
        and len(set(frame[name])) == frame.height > 1
        and not {"", *column["reading"].get("null_tokens", {})} & set(frame[name])
    ]
    assert found["candidate_keys"] == [{"column": name, "exact": True} for name in keys]
    shown = {tuple(value or "" for value in row) for row in found["sample"]}
    assert shown <= {tuple(map(cut, row)) for row in counts}
    assert len(found["sample"]) == min(len(counts), 20)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=40))
def test_the_share_of_values_that_are_there_once_is_exact_below_the_cap(column: list[str]) -> None:
    report = describe(profile_frame(frame_of(column)), ["a"])[0]
    counts = Counter(column)
    assert report["singles"] == {
        "value": sum(count == 1 for count in counts.values()) / len(counts),
        "exact": True,
        "error": 0.0,
    }
    assert report["uniqueness"] == len(counts) / len(column)


@pytest.mark.parametrize(("distinct", "copies"), [(30_000, 1), (15_000, 2), (12_000, 3)])
def test_estimates_over_the_cap_are_within_their_bounds(distinct: int, copies: int) -> None:
    column = [f"r{place}" for place in range(distinct)] * copies + [f"s{place}" for place in range(distinct // 2)]
    profile = profile_frame(frame_of(column, column))
    found, report = dataset_of(profile)["duplicates"], describe(profile, ["a", "b"])[0]
    actual = {"records": distinct * (copies - 1), "repeated_share": (copies > 1) / 1.5, "distinct": 1.5 * distinct}
    assert abs(found["records"]["value"] - actual["records"]) <= found["records"]["error"]
    assert abs(found["repeated_share"]["value"] - actual["repeated_share"]) <= found["repeated_share"]["error"]
    assert math.isclose(found["distinct"]["value"], actual["distinct"], rel_tol=found["distinct"]["error"])
    assert abs(report["singles"]["value"] - (1 - actual["repeated_share"])) <= report["singles"]["error"]
    assert (len(dataset_of(profile)["candidate_keys"]) == 2) == (copies == 1)


def test_a_strictly_sorted_column_is_a_key_for_certain() -> None:
    profile = profile_frame(frame_of([str(place) for place in range(20_000)]))
    assert dataset_of(profile)["candidate_keys"] == [{"column": "0", "exact": True}]
    assert describe(profile, ["a"])[0]["distinct"] == {"value": 20_000, "exact": True, "error": 0.0}


def test_the_sample_shown_of_a_wide_table_is_small() -> None:
    wide = profile_frame(frame_of(*([str(place), "x", "y"] for place in range(2_000))))
    assert len(dataset_of(wide)["sample"]) == limits.SHOWN_CELLS // 2_000
