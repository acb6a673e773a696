"""Every figure of a report against a naive reference."""

import math
from collections import Counter
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import profile_oracle as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import SMALL, columns, decimals, digits, doubles, frame_of, integers
from readings_oracle import read_column

from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame

caps = st.sampled_from([SMALL, CAPS])
numeric = st.one_of(
    *(
        st.lists(each, min_size=1, max_size=40)
        for each in (digits, decimals, doubles, integers, st.one_of(integers, doubles))
    )
)


def report_of(column: list[str], caps: Caps = CAPS) -> dict[str, Any]:
    return describe(profile_frame(frame_of(column), caps), ["a"], caps)[0]


@settings(deadline=None)
@given(columns(), caps)
def test_counts_type_and_evidence_are_exact(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    expected = read_column(column)
    present = len(expected.present)
    assert (report["count"], report["nulls"]) == (present, len(column) - present)
    assert report["type"] == expected.type
    assert {kind: count for kind, count in report["evidence"].items() if count} == oracle.kinds(expected.read)


@settings(deadline=None)
@given(columns())
def test_distinct_and_top_values_are_exact_below_the_cap(column: list[str]) -> None:
    counts = Counter(read_column(column).present)
    report = report_of(column)
    assert report["distinct"] == {"value": len(counts), "exact": True, "error": 0.0}
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0].encode()))[:20]
    assert [each["count"] for each in report["top"]] == [count for _, count in expected]
    shown = [value if len(value) <= 80 else value[:80] + "…" for value, _ in expected]
    assert [each["value"] for each in report["top"]] == shown
    assert report["top_exact"]


@settings(deadline=None)
@given(columns(min_size=1), caps)
def test_extremes_and_lengths_of_text_are_exact(column: list[str], caps: Caps) -> None:
    column = [*column, "text"]
    report = report_of(column, caps)
    present = read_column(column).present
    low, high = min(present, key=str.encode), max(present, key=str.encode)
    assert report["min"] == (low if len(low) <= 80 else low[:80] + "…")
    assert report["max"] == (high if len(high) <= 80 else high[:80] + "…")
    lengths = [len(value) for value in present]
    assert (report["min_length"], report["max_length"]) == (min(lengths), max(lengths))
    assert report["mean_length"] == sum(lengths) / len(lengths)


@settings(deadline=None)
@given(numeric, caps)
def test_sum_mean_and_deviation_are_correctly_rounded(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    read = [oracle.kind_of(value) for value in column]
    numbers = [Fraction(value) for _, value in read]
    total = sum(numbers)
    assert report["sum"] == (int(total) if report["type"] == "integer" else oracle.nearest(total))
    assert report["mean"] == oracle.nearest(total / len(numbers))
    assert report["zeros"] == sum(value == 0 for _, value in read)
    assert report["negatives"] == sum(value < 0 for _, value in read)
    typed = [value if report["type"] == "integer" else float(value) for _, value in read]
    assert (report["min"], report["max"]) == (min(typed), max(typed))
    if len(numbers) == 1:
        assert report["std"] is None
    elif report["std"] is not None:
        assert is_nearest_root(report["std"], oracle.deviation(numbers))


def is_nearest_root(double: float, square: Fraction) -> bool:
    """Whether no double is nearer to the root of a rational than this one."""
    below = (Fraction(double) + Fraction(math.nextafter(double, 0))) / 2
    up = math.nextafter(double, math.inf)
    above = (Fraction(double) + (Fraction(up) if math.isfinite(up) else Fraction(double))) / 2
    return below**2 <= square and (square <= above**2 or not math.isfinite(up))


@settings(deadline=None)
@given(numeric)
def test_quantiles_are_exact_below_the_cap(column: list[str]) -> None:
    report = report_of(column)
    kind = report["type"]
    ordered = sorted(Fraction(v if kind == "integer" else float(v)) for _, v in map(oracle.kind_of, column))
    for name in ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"):
        assert report["quantiles"][name] == oracle.quantile(ordered, name)
    assert report["quantiles"]["exact"]


@settings(deadline=None)
@given(numeric, caps)
def test_a_histogram_counts_every_value_once_between_finite_edges(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    edges, counts = report["histogram"]["edges"], report["histogram"]["counts"]
    assert len(edges) == len(counts) + 1
    assert sum(counts) == report["count"]
    assert all(count >= 0 for count in counts)
    assert all(math.isfinite(edge) for edge in edges)
    assert edges == sorted(edges)
    assert edges[0] == report["min"]
    assert edges[-1] >= report["max"]


@settings(deadline=None)
@given(numeric)
def test_a_histogram_is_exact_below_the_cap(column: list[str]) -> None:
    report = report_of(column)
    edges, counts = report["histogram"]["edges"], report["histogram"]["counts"]
    numbers = [value if report["type"] == "integer" else float(value) for _, value in map(oracle.kind_of, column)]
    for place, (left, right) in enumerate(pairwise(edges)):
        last = place == len(counts) - 1
        assert counts[place] == sum(left <= number < right or (last and number == right) for number in numbers)


def test_a_small_range_of_integers_gets_a_bin_each() -> None:
    report = report_of(["3", "5", "5", "7"])
    assert report["histogram"] == {"edges": [3, 4, 5, 6, 7, 8], "counts": [1, 0, 2, 0, 1], "exact": True, "error": 0.0}


@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        (["true", "FALSE", "True"], False, True),
        (["2024-02-29", "0000-01-01", "9999-12-31"], "0000-01-01", "9999-12-31"),
        (["2024-02-29 23:59", "2024-02-29T23:59:00.250"], "2024-02-29T23:59:00", "2024-02-29T23:59:00.25"),
        (["2024-02-29", "2024-02-28T01:00"], "2024-02-28T01:00:00", "2024-02-29T00:00:00"),
        (["2024-03-01T00:30:00+01:00", "2024-02-29T23:31Z"], "2024-02-29T23:30:00Z", "2024-02-29T23:31:00Z"),
        (["0000-01-01T00:00+00:01", "9999-12-31T23:59-00:01"], "-0001-12-31T23:59:00Z", "+10000-01-01T00:00:00Z"),
        (["1969-12-31T23:59:59.5", "1970-01-01T00:00"], "1969-12-31T23:59:59.5", "1970-01-01T00:00:00"),
        (["9" * 308, "-" + "9" * 308], -(10**308 - 1), 10**308 - 1),
        (["-0.0", "0.0"], 0.0, 0.0),
        (["1", "1.5", "9007199254740993"], 1.0, 9007199254740992.0),
    ],
)
def test_extremes_stand_in_the_form_of_their_type(column: list[str], low: object, high: object) -> None:
    report = report_of(column)
    assert (report["min"], report["max"]) == (low, high)
    assert type(report["min"]) is type(low)
    assert str(report["min"]) == str(low)


def test_datetimes_with_and_without_a_zone_are_no_common_type() -> None:
    assert report_of(["2024-01-01T00:00", "2024-01-01T00:00Z"])["type"] == "string"
    assert report_of(["2024-01-01", "2024-01-01T00:00Z"])["type"] == "string"


def test_a_column_without_values_is_empty() -> None:
    report = report_of(["", ""])
    assert (report["type"], report["count"], report["nulls"]) == ("empty", 0, 2)
    assert (report["min"], report["max"], report["top"]) == (None, None, [])
    assert "sum" not in report


def test_figures_beyond_the_largest_double_are_null() -> None:
    report = report_of(["1.7e308", "1.7e308", "-1.7e308", "1.7e308"])
    assert report["sum"] is None
    assert report["mean"] == 1.7e308 / 2
    assert math.isfinite(report["std"])
    assert report_of(["1.7e308", "-1.7e308"])["std"] is None


def test_the_columns_of_a_report_stand_in_the_documented_order() -> None:
    counts = ["name", "type", "count", "nulls", "blanks", "infinite", "nans"]
    common = [*counts, "distinct", "uniqueness", "singles", "min", "max", "first", "last", "sorted"]
    ends = ["top", "top_exact", "top_error", "evidence", "reading"]
    assert list(report_of(["1"])) == [
        *common,
        "sum",
        "mean",
        "std",
        "variance",
        "standard_error",
        "cv",
        "skewness",
        "kurtosis",
        "range",
        "zeros",
        "negatives",
        "quantiles",
        "iqr",
        "histogram",
        *ends,
    ]
    looks = ["characters", "patterns", "patterns_exact", "patterns_error"]
    assert list(report_of(["x"])) == [*common, "min_length", "max_length", "mean_length", *looks, *ends]
    assert list(report_of(["x@y.de"])) == [
        *common,
        "min_length",
        "max_length",
        "mean_length",
        *looks,
        "personal",
        *ends,
    ]
    assert list(report_of([])) == list(report_of(["true"])) == [*common, *ends]


def test_a_cell_of_ten_megabytes_is_counted_by_its_whole() -> None:
    long = "é" * 5_000_000
    column = [long + "a", long + "b", long + "a", "x"]
    for caps in (CAPS, Caps(exact_values=1, hashes=3, table_width=8, records=2)):
        report = report_of(column, caps)
        assert report["distinct"]["value"] == 3
        assert report["max_length"] == 5_000_001
        assert report["max"] == "é" * 80 + "…"
    assert [each["count"] for each in report_of(column)["top"]] == [2, 1, 1]


def test_distinct_values_are_texts_as_written() -> None:
    assert report_of(["1", "1.0", "01"])["distinct"]["value"] == 3
    assert report_of(["1", "1.0"])["type"] == "number"


@pytest.mark.parametrize("characters", ["ab", "a\x7f\x80é\uffff😀", "01", "\0a"])
def test_extremes_of_many_texts_are_those_of_their_bytes(characters: str) -> None:
    texts = ["x" + "".join(each) for size in range(1, 9) for each in product(characters, repeat=size)][:5_000]
    ends = ["", "w" * 9, "y", "y\0"]
    report = report_of((texts * 40)[:40_000] + [str(number) + "?" for number in range(9_000)] + ends)
    expected = sorted({*texts, *(str(number) + "?" for number in range(9_000)), *filter(None, ends)}, key=str.encode)
    assert (report["min"], report["max"]) == (expected[0], expected[-1])
