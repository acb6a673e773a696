"""Parts have the type that holds every value exactly; what none holds stays text."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import frame_of

from fanfold.errors import PipelineFault
from fanfold.profile.codec import decode, encode
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.nulls import nulls_of
from fanfold.profile.typed import Typing, arrow_type, decide_types, typed

BIG = 2**53


def type_of(*values: str) -> str:
    return typing_of(*values).type


def typing_of(*values: str) -> Typing:
    return decide_types(profile_frame(frame_of(list(values))))[0]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def read(*values: str) -> list[Any]:
    frame = frame_of(list(values))
    return list(typed(frame["0"], decide_types(profile_frame(frame))[0]).to_pylist())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "-2", ""], [1, -2, None]),
        ([str(2**63 - 1), str(-(2**63))], [2**63 - 1, -(2**63)]),
        (["1", "2.5", ".5", "1e3", ""], [1.0, 2.5, 0.5, 1000.0, None]),
        (["true", "FALSE", ""], [True, False, None]),
        (["2024-02-29", "0001-01-01", ""], [date(2024, 2, 29), date(1, 1, 1), None]),
        (
            ["2024-02-29T10:11", "2024-02-29", "1969-12-31 23:59:59.999999", ""],
            [local("2024-02-29T10:11"), local("2024-02-29"), local("1969-12-31T23:59:59.999999"), None],
        ),
        (
            ["2024-01-01T00:00:00+02:00", "2024-01-01T00:00:00.5Z"],
            [datetime(2023, 12, 31, 22, tzinfo=UTC), datetime(2024, 1, 1, 0, 0, 0, 500000, tzinfo=UTC)],
        ),
        (["a", ""], ["a", ""]),
        (["a", "NULL", "NA", ""], ["a", None, "NA", ""]),
        (["NULL", ""], [None, ""]),
        (["1", "NULL", "NA", ""], [1, None, None, None]),
        (["1.234,50", "-7,5", "1.000", "3", "-"], [1234.5, -7.5, 1000.0, 3.0, None]),
        (["1,234", "12"], [1234, 12]),
        (["$5", "($1,000.25)", "+$2"], [5.0, -1000.25, 2.0]),
        (["12,5 %", "7 %"], [12.5, 7.0]),
        (
            ["13/01/2024", "1/2/2024", "2024-03-01", "N/A"],
            [date(2024, 1, 13), date(2024, 2, 1), date(2024, 3, 1), None],
        ),
        (["01/13/2024 9:05", "02/01/2024 10:00:01"], [local("2024-01-13T09:05"), local("2024-02-01T10:00:01")]),
        (["", ""], ["", ""]),
    ],
)
def test_values_of_a_type_are_read_as_that_type(values: list[str], expected: list[Any]) -> None:
    assert read(*values) == expected


@pytest.mark.parametrize(
    "values",
    [
        ["007", "8"],
        ["+1"],
        ["1" * 30],
        [str(2**63)],
        ["0.5", str(BIG + 1)],
        ["0.1234567890123456789012345"],
        ["1", "true"],
        ["0000-01-01"],
        ["0000-12-31T10:00"],
        ["0001-01-01T00:00+01:00"],
        ["1600-01-01T00:00:00.123456789"],
        ["2024-01-01T00:00", "2024-01-01T00:00Z"],
        ["13/01/2024", "01/13/2024"],
        ["NA", "x"],
        ["1,5", "x"],
        ["1,5", "1.5", "2,25"],
        ["$1", "5 %"],
        ["0,1234567890123456789012345"],
    ],
)
def test_what_no_type_holds_exactly_stays_text(values: list[str]) -> None:
    assert type_of(*values) == "string"
    assert read(*values) == values


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["2024-01-01T00:00:00.123456"], "timestamp_us"),
        (["2024-01-01T00:00:00.1234567"], "timestamp_ns"),
        (["2024-01-01T00:00:00.123456Z"], "timestamp_us_utc"),
        (["2024-01-01T00:00:00.123456789+01:00"], "timestamp_ns_utc"),
        (["0.5", str(BIG)], "double"),
        (["-2.2250738585072014e-308"], "double"),
    ],
)
def test_a_type_is_as_fine_as_its_values(values: list[str], kind: str) -> None:
    assert type_of(*values) == kind


def test_nanoseconds_are_kept() -> None:
    frame = frame_of(["2024-01-01T00:00:00.123456789", "1677-09-21T00:12:43.145224194"])
    array = typed(frame["0"], Typing("timestamp_ns"))
    assert array.cast("int64").to_pylist() == [1704067200123456789, -(2**63) + 2]


def test_a_value_that_the_evidence_did_not_have_is_a_fault() -> None:
    with pytest.raises(PipelineFault, match="expected a column of int64, found 'x'"):
        typed(pl.Series(["1", "", "x"], dtype=pl.String), Typing("int64"))


@pytest.mark.parametrize(
    ("rule", "found"), [("decimal_comma", "1.5,0"), ("day_first", "01/13/2024"), ("day_first", "x")]
)
def test_a_value_that_the_rule_does_not_fit_is_a_fault(rule: str, found: str) -> None:
    with pytest.raises(
        PipelineFault, match=f"expected a column that reads by the rule {rule}, found another: '{found}'"
    ):
        typed(pl.Series([found], dtype=pl.String), Typing("double", rule))


def test_a_unit_and_the_texts_that_are_null_are_told() -> None:
    assert typing_of("5 %", "12,5 %", "-", "NULL") == Typing("double", "decimal_comma", "%", ("-", "NULL"))
    assert typing_of("007", "NULL") == Typing("string", null_values=("NULL",))


def test_texts_that_a_request_names_are_null_and_no_others() -> None:
    nulls = nulls_of(["x"])
    frame = frame_of(["x", "1"], ["NULL", "1"])
    typings = decide_types(profile_frame(frame, nulls=nulls), nulls)
    assert typings == (Typing("int64", null_values=("x",)), Typing("string"))
    assert typed(frame["0"], typings[0]).to_pylist() == [None, 1]


def test_the_type_does_not_depend_on_whether_values_are_counted_or_summarized() -> None:
    shapes = ("{}", "{}.5", "2024-01-01T00:00:00.{:06}", "{:05}", "{},5", "${}")
    profile = profile_frame(frame_of(*([shape.format(i) for i in range(3_000)] for shape in shapes)))
    kinds = ("int64", "double", "timestamp_us", "string", "double", "int64")
    assert tuple(typing.type for typing in decide_types(profile)) == kinds
    assert decide_types(decode(encode(profile))) == decide_types(profile)


def test_a_column_is_rewritten_batch_by_batch_as_it_is_whole() -> None:
    column = [f"{i % 1000},{i % 7}" if i % 3 else f"{1 + i % 9}.000" if i % 2 else "" for i in range(3_000)]
    frame = frame_of(column)
    typing = decide_types(profile_frame(frame))[0]
    parts = [
        value for start in range(0, 3_000, 701) for value in typed(frame["0"][start : start + 701], typing).to_pylist()
    ]
    assert typing == Typing("double", "decimal_comma")
    assert parts == [float(each.replace(".", "").replace(",", ".")) if each else None for each in column]


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(-(10**20), 10**20).map(str),
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.datetimes().map(datetime.isoformat),
            st.dates().map(date.isoformat),
            st.sampled_from(["", "true", "False", "007", "x", "1e5", "-0", "2024-01-01T00:00:00.123456789Z"]),
            st.sampled_from(
                ["1,5", "1.234,5", "1,234", "$5", "(3)", "5 %", "1 000", "13/01/2024", "1/2/2024", "NA", "NULL"]
            ),
        ),
        max_size=4,
    )
)
def test_any_column_is_written_without_a_fault_as_the_report_says(values: list[str]) -> None:
    frame = pl.DataFrame({"0": values}, schema={"0": pl.String})
    profile = profile_frame(frame)
    typing, told = decide_types(profile)[0], describe(profile, ["0"])[0]
    array = typed(frame["0"], typing)
    assert array.type == arrow_type(typing.type)
    if typing.type == "string":
        assert array.to_pylist() == [None if value in typing.null_values else value for value in values]
        return
    assert [value == "" or value in typing.null_values for value in values] == array.is_null().to_pylist()
    assert array.null_count == told["nulls"]
    if typing.type in {"int64", "double"}:
        found = array.drop_null().to_pylist()
        assert (min(found), max(found)) == (told["min"], told["max"])
        if typing.rule == "plain":
            number = int if typing.type == "int64" else float
            assert found == [number(value) for value in values if value and value not in typing.null_values]
