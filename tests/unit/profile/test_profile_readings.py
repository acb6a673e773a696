"""How a column's values are read, decided by all of them together, against a naive reader of one value at a time."""

from fractions import Fraction
from typing import Any

import polars as pl
import pytest
import readings_oracle as oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import EXTREMES, SMALL, columns, forms, frame_of, tokens
from profile_oracle import nearest

from fanfold.profile import codec
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge
from fanfold.profile.model import Alternative, Summary
from fanfold.profile.nulls import NULLS, nulls_of
from fanfold.profile.strings import of

caps = st.sampled_from([SMALL, CAPS])
of_forms = st.one_of(*(st.lists(st.one_of(each, tokens), min_size=1, max_size=30) for each in forms))


def report_of(column: list[str], caps: Caps = CAPS, null_values: list[str] | None = None) -> dict[str, Any]:
    nulls = nulls_of(null_values)
    return describe(profile_frame(frame_of(column), caps, nulls), ["a"], caps, nulls)[0]


def assert_read_as(report: dict[str, Any], expected: oracle.Reading) -> None:
    reading = report["reading"]
    assert (reading["rule"], report["type"]) == (expected.rule, expected.type)
    assert reading["ambiguous"] == expected.ambiguous
    assert ("objection" in reading) == expected.objected
    assert reading.get("null_tokens", {}) == expected.null_tokens
    assert report["count"] == len(expected.present)
    if expected.type in ("integer", "number"):
        numbers = oracle.meant(expected.read)
        typed = numbers if expected.type == "integer" else list(map(float, numbers))
        assert (report["min"], report["max"]) == (min(typed), max(typed))
        total = sum(map(Fraction, numbers))
        assert report["sum"] == (int(total) if expected.type == "integer" else nearest(total))
    if "evidence" in reading:
        assert sum(reading["evidence"].values()) == report["count"]


@settings(deadline=None)
@given(st.one_of(columns(), of_forms), caps)
def test_a_column_is_read_as_its_values_together_allow(column: list[str], caps: Caps) -> None:
    assert_read_as(report_of(column, caps), oracle.read_column(column))


@settings(deadline=None)
@given(st.lists(st.sampled_from(EXTREMES), min_size=1, max_size=4), caps)
def test_odd_values_side_by_side_are_read_as_they_together_allow(column: list[str], caps: Caps) -> None:
    assert_read_as(report_of(column, caps), oracle.read_column(column))


@pytest.mark.parametrize("text", EXTREMES)
def test_an_odd_value_alone_is_read_as_its_form_says(text: str) -> None:
    for column in (
        [text],
        [text, "1.234,5"],
        [text, "1,234.5"],
        [text, "13/01/2024"],
        [text, "01/13/2024"],
        [text, "5"],
    ):
        assert_read_as(report_of(column), oracle.read_column(column))


@settings(deadline=None)
@given(of_forms, st.lists(st.sampled_from(["NA", "0", "1", "-", "5 %", "x", ""]), max_size=4), caps)
def test_texts_named_as_null_are_null_in_every_column_and_no_others(
    column: list[str], null_values: list[str], caps: Caps
) -> None:
    column = [*column, "NA", "x", "1"]
    assert_read_as(report_of(column, caps, null_values), oracle.read_column(column, set(null_values) - {""}))


@settings(deadline=None)
@given(st.one_of(columns(), of_forms), caps)
def test_values_present_and_null_are_all_records(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    assert report["count"] + report["nulls"] == len(column)


@pytest.mark.parametrize(
    ("column", "reading"),
    [
        (["1.234,50 €", "12,5"], {"rule": "decimal_comma", "decimal": ",", "thousands": ".", "unit": "€"}),
        (["1,234", "12.5", "7"], {"rule": "decimal_point", "decimal": ".", "thousands": ","}),
        (["1'234", "7"], {"rule": "decimal_point", "thousands": "'"}),
        (["1\u202f234,5", "7"], {"rule": "decimal_comma", "decimal": ",", "thousands": " "}),
        (["12.5 %", "-3 %"], {"rule": "decimal_point", "decimal": ".", "unit": "%"}),
        (["($5)", "$7"], {"rule": "decimal_point", "unit": "$", "parentheses": True}),
        (["13/01/2024", "1/2/2024"], {"rule": "day_first", "dates": "day-first", "separator": "/"}),
        (["13.01.2024", "1-2-2024"], {"rule": "day_first", "dates": "day-first"}),
        (["01/13/2024 3:04"], {"rule": "month_first", "dates": "month-first", "separator": "/"}),
        (["1", "NA", "-"], {"rule": "plain", "null_tokens": {"NA": 1, "-": 1}}),
        (["1", "2"], {"rule": "plain"}),
    ],
)
def test_the_rule_is_reported_with_the_marks_that_were_seen(column: list[str], reading: dict[str, Any]) -> None:
    found = report_of(column)["reading"]
    found.pop("evidence", None)
    assert found == reading | {"ambiguous": False}


@pytest.mark.parametrize(
    ("column", "evidence"),
    [
        (
            ["7", "$5", "$1.5", "1,5", "1,234"],
            {"plain": 1, "decimal_point": 1, "decimal_comma": 1, "either": 1, "alike": 1},
        ),
        (
            ["2024-01-01", "13/01/2024", "01/13/2024", "01/02/2024", "05/05/2024"],
            {"plain": 1, "day_first": 1, "month_first": 1, "either": 1, "alike": 1},
        ),
    ],
)
def test_evidence_that_contradicts_itself_leaves_text_and_is_shown(column: list[str], evidence: dict[str, int]) -> None:
    report = report_of(column)
    assert (report["type"], report["reading"]["evidence"]) == ("string", evidence)


@pytest.mark.parametrize(
    ("column", "objection"),
    [
        (["$1", "€1"], "more than one unit: $ €"),
        (["1,234", "1'234", "1.5 $"], "more than one thousands separator"),
        (["5 %", "0.05"], "1 of 2 numbers are no per cents"),
        (["(1)", "(2)"], "every number is in parentheses"),
    ],
)
def test_numbers_that_are_none_together_stay_text_with_the_reason(column: list[str], objection: str) -> None:
    report = report_of(column)
    assert (report["type"], report["reading"]["objection"]) == ("string", objection)


def test_a_text_is_null_where_the_others_have_a_type_and_a_value_where_they_are_text() -> None:
    assert report_of(["DE", "NA", "FR"])["nulls"] == 0, "Namibia"
    assert report_of(["Meyer", "Null"])["nulls"] == 0
    assert report_of(["Meyer", "NULL", "#N/A"])["nulls"] == 2
    assert report_of(["1.5", "NA", "NaN"])["nulls"] == 2
    assert report_of(["2024-01-01", "-"])["nulls"] == 1
    assert report_of(["13/01/2024", "?"])["nulls"] == 1
    assert report_of(["NA", "NA"])["type"] == "string"
    assert report_of(["NULL", "null"])["type"] == "empty"
    assert report_of(["1", "inf"])["type"] == "string"


def test_values_called_null_are_neither_distinct_nor_frequent() -> None:
    for size in (20, 3_000):
        report = report_of([*map(str, range(size)), *["NA"] * 50])
        assert (report["distinct"]["value"], report["nulls"]) == (size, 50)
        assert "NA" not in {each["value"] for each in report["top"]}
        report = report_of([*(f"x{number}" for number in range(size)), *["NA"] * 50])
        assert (report["distinct"]["value"], report["nulls"]) == (size + 1, 0)
        assert size > len(report["top"]) or report["top"][0] == {"value": "NA", "count": 50}


LONG = {
    "decimal commas": [
        f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}" for cents in range(0, 2_000_000, 331)
    ],
    "thousands": [f"{number:,}" for number in range(0, 60_000_000, 9_973)],
    "either": [f"{number:,}" for number in range(1_000, 999_999, 173)],
    "plain or grouped": [f"{number / 1000:.3f}" for number in range(1_001, 999_999, 173) if number % 1_000],
    "currency": [f"${number / 10:,.1f}" for number in range(6_000)],
    "per cent": [f"{number / 10} %" for number in range(6_000)],
    "days first": [
        f"{1 + n % 28:02}/{1 + n % 12:02}/{2000 + n // 840} {n % 24:02}:{n % 60:02}:{n // 7 % 60:02}"
        for n in range(6_000)
    ],
    "months first": [
        f"{1 + n % 12}/{1 + n % 28}/{2000 + n // 840} {n % 24}:{n % 60:02}:{n // 7 % 60:02}" for n in range(6_000)
    ],
    "contradicting at the end": [*(f"1/{1 + n % 28}/{n % 9_000:04}" for n in range(6_000)), "13/1/2024"],
    "a text at the end": [*(f"{number},5" for number in range(6_000)), "none of it"],
    "numbers and tokens": [*map(str, range(5_000)), *["NA", "-", "NULL"] * 300],
    "texts and tokens": [*(f"name {number}" for number in range(5_000)), *["NA", "-", "NULL"] * 300],
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("size", [701, 2_500])
def test_readings_of_long_columns_do_not_depend_on_chunks(name: str, size: int) -> None:
    column = LONG[name]
    frame = frame_of(column)
    parts = [
        codec.decode(codec.encode(profile_frame(frame[start : start + size]))) for start in range(0, len(column), size)
    ]
    merged = merge([merge(parts[:2]), merge(parts[2:])])
    assert codec.encode(merged) == codec.encode(profile_frame(frame))
    assert isinstance(merged.columns[0].values, Summary)
    assert_read_as(describe(merged, ["a"])[0], oracle.read_column(column))


def test_a_column_of_plain_or_other_texts_carries_nothing_of_other_readings() -> None:
    for column in (
        [str(number) for number in range(3_000)],
        [f"{number}.25" for number in range(3_000)],
        [f"name {number}" for number in range(3_000)],
        [*(f"{number},5" for number in range(3_000)), "none of it"],
    ):
        values = profile_frame(frame_of(column)).columns[0].values
        assert isinstance(values, Summary)
        assert not any(isinstance(each, Alternative) for form in values.forms if form for each in form.readings)


def test_a_partial_of_a_column_read_by_a_rule_is_hardly_larger_than_of_a_plain_one() -> None:
    plain = [str(number / 100) for number in range(0, 5_000_000, 331)]
    other = [value.replace(".", ",") for value in plain]
    sizes = [len(codec.encode(profile_frame(frame_of(column)))) for column in (plain, other)]
    assert sizes[1] < 1.2 * sizes[0]


def test_default_nulls_are_found_wherever_they_stand() -> None:
    texts = sorted(NULLS.texts)
    series = pl.Series([*texts, "NULLx", "nul", "-1", "NA ", "", "a longer text than any of them"])
    assert NULLS.find(of(series)).tolist() == list(range(len(texts)))
