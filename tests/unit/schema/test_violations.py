"""Counts of violations against a naive check, value by value; folded, they are the same for any chunking."""

import re
from datetime import date
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.schema.rules import Rules, read_rules
from fanfold.schema.violations import Violations, find_violations, merge

GOOD_AND_BAD: list[tuple[dict[str, Any], list[str], list[str]]] = [
    ({"type": "integer"}, ["0", "-7", "+7", "007", "9" * 40], ["1.0", "x", " 1", "1e3", "0x10"]),
    ({"type": "integer", "groupChar": ","}, ["1,000", "12"], ["1.000"]),
    ({"type": "integer", "bareNumber": False}, ["€ 12", "95%", "-3"], ["twelve"]),
    ({"type": "number"}, ["1", "1.5", ".5", "1e-3", "NaN", "-INF"], ["1,5", "inf", "1.2.3", "$1"]),
    ({"type": "number", "decimalChar": ",", "groupChar": "."}, ["1.234,5", "0,5"], ["1,2,3"]),
    ({"type": "boolean"}, ["true", "FALSE", "1"], ["yes", "tRUE"]),
    ({"type": "boolean", "trueValues": ["yes"], "falseValues": ["no"]}, ["yes", "no"], ["true"]),
    ({"type": "date"}, ["2024-02-29"], ["2023-02-29", "2024-2-9", "29/02/2024", "2024-02-29T00:00:00"]),
    ({"type": "date", "format": "%d/%m/%Y"}, ["29/02/2024"], ["2024-02-29", "31/04/2024"]),
    ({"type": "time"}, ["23:59:59", "07:00"], ["24:00:00", "7 pm"]),
    ({"type": "datetime"}, ["2024-02-29T12:30:00Z", "2024-02-29 12:30:00.5+02:00"], ["2024-02-30T00:00:00Z", "2024"]),
    ({"type": "year"}, ["2024", "-0044"], ["24", "x"]),
    ({"type": "yearmonth"}, ["2024-12"], ["2024-13"]),
    ({"type": "string", "format": "email"}, ["a@b.org"], ["a@b", "a b@c.org"]),
    ({"type": "string", "format": "uuid"}, ["123e4567-e89b-12d3-a456-426614174000"], ["123"]),
    ({"type": "any"}, ["anything"], []),
]


def rules(field: dict[str, Any], **schema: Any) -> Rules:
    return read_rules({"fields": [{"name": "a", **field}], **schema}, ("a",))


def broken(field: dict[str, Any], values: list[str], **schema: Any) -> dict[str, tuple[int, ...]]:
    found = find_violations(pl.DataFrame({"0": values}, schema={"0": pl.String}), rules(field, **schema))
    assert all(each.count == len(each.records) or each.count > limits.RULE_EXAMPLES for each in found.values())
    return {key.removeprefix("0:"): each.records for key, each in found.items()}


@pytest.mark.parametrize(("field", "good", "bad"), GOOD_AND_BAD, ids=lambda each: str(each)[:40])
def test_values_that_do_not_read_as_the_type_are_found(field: dict[str, Any], good: list[str], bad: list[str]) -> None:
    expected = {"type": tuple(range(len(good), len(good) + len(bad)))} if bad else {}
    assert broken(field, [*good, *bad, ""]) == expected


@pytest.mark.parametrize(
    ("field", "values", "places"),
    [
        ({"type": "integer", "constraints": {"minimum": 3}}, ["2", "3", "-9", "9" * 38, "x", ""], (0, 2)),
        ({"type": "integer", "constraints": {"maximum": 2**70}}, [str(2**70), str(2**70 + 1)], (1,)),
        ({"type": "number", "constraints": {"maximum": 1.5}}, ["1.5", "1.51", "1e9"], (1, 2)),
        ({"type": "date", "constraints": {"minimum": "2024-01-01"}}, ["2023-12-31", "2024-01-01"], (0,)),
        ({"type": "date", "format": "%d.%m.%Y", "constraints": {"minimum": "2024-01-01"}}, ["31.12.2023"], (0,)),
        ({"type": "datetime", "constraints": {"maximum": "2024-01-01T00:00:00Z"}}, ["2024-01-01T00:00:01Z"], (0,)),
        ({"type": "integer", "constraints": {"minimum": 3}}, ["-" + "9" * 400, "9" * 400, "4"], (0,)),
        ({"type": "integer", "constraints": {"maximum": 10**60}}, ["9" * 400, "7", "9" * 39, "-" + "9" * 70], (0,)),
        ({"type": "integer", "constraints": {"maximum": 2.5}}, ["2", "3"], (1,)),
        ({"type": "time", "constraints": {"minimum": "10:00:00"}}, ["10:00", "09:59:59.9", "10:00:00"], (1,)),
        ({"type": "time", "format": "%I:%M %p", "constraints": {"maximum": "10:00"}}, ["09:30 PM", "10:00 AM"], (0,)),
        (
            {"type": "datetime", "format": "%d.%m.%Y %H:%M", "constraints": {"minimum": "2024-01-01T10:30"}},
            ["01.01.2024 10:29", "01.01.2024 10:30"],
            (0,),
        ),
        ({"type": "yearmonth", "constraints": {"maximum": "2024-01"}}, ["2024-01", "2024-02"], (1,)),
        ({"type": "integer", "constraints": {"enum": [1, -20]}}, ["1", "+01", "-0020", "2", "9" * 400], (3, 4)),
        ({"type": "number", "constraints": {"enum": [1, 2.5]}}, ["1.0", "2.50", "25e-1", "2"], (3,)),
        ({"type": "boolean", "trueValues": ["y"], "constraints": {"enum": [True]}}, ["y", "false"], (1,)),
        ({"constraints": {"pattern": "[a-z]+"}}, ["abc", "abc1", "1abc", ""], (1, 2)),
        ({"constraints": {"pattern": "a|b"}}, ["a", "b", "ab"], (2,)),
        ({"constraints": {"enum": ["a", "b"]}}, ["a", "c", ""], (1,)),
        ({"constraints": {"minLength": 2}}, ["ä", "äö", ""], (0,)),
        ({"constraints": {"maxLength": 2}}, ["äöü", "äö"], (0,)),
        ({"constraints": {"required": True}}, ["", "x", " "], (0,)),
    ],
)
def test_each_constraint_finds_what_breaks_it(
    field: dict[str, Any], values: list[str], places: tuple[int, ...]
) -> None:
    (rule,) = field["constraints"]
    assert {key: found for key, found in broken(field, values).items() if key != "type"} == {rule: places}


def test_an_exclusive_bound_is_itself_outside() -> None:
    found = broken(
        {"type": "integer", "constraints": {"exclusiveMinimum": 3, "exclusiveMaximum": 5}},
        ["3", "4", "5", "-9", ""],
        **{"$schema": "https://datapackage.org/profiles/2.0/tableschema.json"},
    )
    assert found == {"exclusiveMinimum": (0, 3), "exclusiveMaximum": (2,)}


def test_missing_values_break_no_rule_but_required() -> None:
    field = {"type": "integer", "constraints": {"required": True, "minimum": 5}}
    assert broken(field, ["NA", "7", ""], missingValues=["NA", ""]) == {"required": (0, 2)}


def is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def naive(values: list[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {"date": [], "number": [], "required": []}
    for record, value in enumerate(values):
        if not value:
            found["required"].append(record)
            continue
        if not is_date(value):
            found["date"].append(record)
        if not re.fullmatch(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|NaN|-?INF", value, re.ASCII):
            found["number"].append(record)
    return found


VALUES = st.one_of(
    st.sampled_from(["", "1", "2024-02-29", "2023-02-29", "1e5", "-.5", "INF", "٣", "x"]), st.text(max_size=8)
).filter(lambda text: text.isprintable())


@given(st.lists(VALUES, max_size=40), st.lists(st.integers(0, 40), max_size=3))
def test_counts_and_first_records_are_those_of_a_naive_check_for_any_chunking(
    values: list[str], cuts: list[int]
) -> None:
    fields = [{"name": "a", "type": "date"}, {"name": "b", "type": "number", "constraints": {"required": True}}]
    bound = read_rules({"fields": fields}, ("a", "b"))
    frame = pl.DataFrame({"0": values, "1": values}, schema={"0": pl.String, "1": pl.String})
    edges = [0, *sorted(min(cut, len(values)) for cut in cuts), len(values)]
    parts: list[tuple[int, Violations]] = [
        (stop - start, find_violations(frame[start:stop], bound)) for start, stop in pairwise(edges)
    ]
    merged = merge(parts)
    expected = naive(values)
    for key, rule in (("0:type", "date"), ("1:type", "number"), ("1:required", "required")):
        found = merged.get(key)
        assert (found.count if found else 0) == len(expected[rule])
        assert (found.records if found else ()) == tuple(expected[rule][: limits.RULE_EXAMPLES])
    assert merge([(sum(size for size, _ in parts), merged)]) == merged
