"""Reading a Table Schema: what the standard allows, bound to the columns; everything else refused by name."""

from typing import Any

import pytest

from fanfold.errors import RequestRefused
from fanfold.schema.rules import check_descriptor, read_rules

SECOND_VERSION = "https://datapackage.org/profiles/2.0/tableschema.json"


def schema(**field: Any) -> dict[str, Any]:
    return {"fields": [{"name": "a", **field}]}


def test_fields_are_bound_to_columns_by_name_wherever_they_stand() -> None:
    rules = read_rules({"fields": [{"name": "b"}, {"name": "a", "type": "integer"}, {"name": "z"}]}, ("a", "b", "c"))
    assert [(field.name, field.column, field.type) for field in rules.fields] == [
        ("b", 1, "string"),
        ("a", 0, "integer"),
        ("z", None, "string"),
    ]
    assert rules.extra == ("c",)
    assert rules.disordered


def test_everything_the_standard_says_of_a_field_is_kept() -> None:
    constraints = {"required": True, "unique": True, "minimum": 1, "maximum": "9", "enum": [1, 2]}
    given = schema(type="integer", groupChar=",", bareNumber=False, constraints=constraints)
    (field,) = read_rules({**given, "missingValues": ["", "NA"]}, ("a",)).fields
    assert (field.required, field.unique, field.minimum, field.maximum) == (True, True, "1", "9")
    assert (field.enum, field.group_char, field.bare_number) == (("1", "2"), ",", False)


@pytest.mark.parametrize(
    ("descriptor", "named"),
    [
        ({}, "fields"),
        ({"fields": 3}, "not of type 'array'"),
        ({"fields": [{"type": "integer"}]}, "name"),
        ({"fields": [{"name": "a"}, {"name": "a"}]}, "not unique"),
        (schema(type="nope"), "nope"),
        (schema(type="geopoint"), "geopoint"),
        (schema(type="integer", constraints={"minLength": 2}), "minLength"),
        (schema(constraints={"foo": 1}), "foo"),
        (schema(type="integer", constraints={"minimum": "x"}), "'x'"),
        (schema(type="date", format="any"), "any"),
        (schema(constraints={"pattern": "(?=a)"}), "look-around"),
        (schema(constraints={"pattern": "(a"}), "pattern"),
        ({"fields": [3]}, "another type"),
        ({**schema(), "$schema": 3}, "another type"),
        ({**schema(), "uniqueKeys": 3}, "$.uniqueKeys"),
        ({**schema(), "uniqueKeys": [[["a"]]]}, "$.uniqueKeys"),
        ({**schema(), "missingValues": [None]}, "missingValues"),
        ({**schema(), "fieldsMatch": ["exact"]}, "fieldsMatch"),
        (schema(constraints={"enum": ["\ud800"]}), "surrogate"),
        (schema(type="boolean", trueValues="y"), "trueValues"),
        ({"fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]}, "primaryKey"),
        ({"fields": [{"name": "a"}, {"name": "b"}], "uniqueKeys": [["a", "b"]]}, "uniqueKeys"),
        ({"fields": [{"name": "a"}], "primaryKey": "b"}, "primary key"),
        ({**schema(), "foreignKeys": [{"fields": ["a"], "reference": {"resource": "", "fields": ["a"]}}]}, "foreign"),
        ({**schema(missingValues=["-"]), "$schema": SECOND_VERSION}, "missingValues"),
        (schema(type="integer", constraints={"enum": [1, "x"]}), "'x'"),
        (schema(type="number", constraints={"minimum": "nan"}), "'nan'"),
        (schema(type="date", constraints={"minimum": "soon"}), "'soon'"),
        (schema(type="date", constraints={"maximum": "2023-02-29"}), "'2023-02-29'"),
        (schema(type="datetime", constraints={"maximum": "2024-01-01"}), "'2024-01-01'"),
        (schema(type="time", constraints={"minimum": "25:00"}), "'25:00'"),
    ],
)
def test_what_is_wrong_or_not_supported_is_refused_by_name(descriptor: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestRefused, match=r"options\.schema") as caught:
        check_descriptor(descriptor)
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "bound"),
    [
        ("date", "0000-02-29"),
        ("date", "9999-12-31"),
        ("datetime", "0000-01-01T00:00:00"),
        ("datetime", "9999-12-31 23:59:60.123456789+02:00"),
        ("time", "07:00"),
        ("yearmonth", "2024-12"),
        ("integer", 10**300),
        ("number", "-INF"),
    ],
)
def test_every_moment_and_every_number_is_a_bound(kind: str, bound: object) -> None:
    (field,) = read_rules(schema(type=kind, constraints={"minimum": bound}), ("a",)).fields
    assert field.minimum == str(bound)


@pytest.mark.parametrize("key", ["a", ["a"]])
def test_a_primary_key_is_required_and_unique_and_another_key_is_unique(key: str | list[str]) -> None:
    (field,) = read_rules({**schema(), "primaryKey": key}, ("a",)).fields
    assert (field.required, field.unique) == (True, True)
    (field,) = read_rules({**schema(), "uniqueKeys": [key]}, ("a",)).fields
    assert (field.required, field.unique) == (False, True)
