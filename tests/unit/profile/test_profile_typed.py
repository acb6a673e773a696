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
from fanfold.profile.frame import profile_frame
from fanfold.profile.typed import arrow_type, decide_types, typed

BIG = 2**53


def type_of(*values: str) -> str:
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
        ["01/02/2024"],
        ["NA", "1"],
        ["1,5"],
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
    array = typed(frame["0"], "timestamp_ns")
    assert array.cast("int64").to_pylist() == [1704067200123456789, -(2**63) + 2]


def test_a_value_that_the_evidence_did_not_have_is_a_fault() -> None:
    with pytest.raises(PipelineFault, match="expected a column of int64, found 'x'"):
        typed(pl.Series(["1", "", "x"], dtype=pl.String), "int64")


def test_the_type_does_not_depend_on_whether_values_are_counted_or_summarized() -> None:
    shapes = ("{}", "{}.5", "2024-01-01T00:00:00.{:06}", "{:05}")
    profile = profile_frame(frame_of(*([shape.format(i) for i in range(3_000)] for shape in shapes)))
    assert decide_types(profile) == ("int64", "double", "timestamp_us", "string")
    assert decide_types(decode(encode(profile))) == decide_types(profile)


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(
            st.integers(-(10**20), 10**20).map(str),
            st.floats(allow_nan=False, allow_infinity=False).map(repr),
            st.datetimes().map(datetime.isoformat),
            st.dates().map(date.isoformat),
            st.sampled_from(["", "true", "False", "007", "x", "1e5", "-0", "2024-01-01T00:00:00.123456789Z"]),
        ),
        max_size=4,
    )
)
def test_any_column_is_written_without_a_fault_and_nulls_are_the_empty_texts(values: list[str]) -> None:
    frame = pl.DataFrame({"0": values}, schema={"0": pl.String})
    kind = decide_types(profile_frame(frame))[0]
    array = typed(frame["0"], kind)
    assert array.type == arrow_type(kind)
    if kind == "string":
        assert array.to_pylist() == values
    else:
        assert [value == "" for value in values] == array.is_null().to_pylist()
    if kind in {"int64", "double"}:
        number = int if kind == "int64" else float
        assert [number(value) for value in values if value] == array.drop_null().to_pylist()
