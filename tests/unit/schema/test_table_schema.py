"""Reading a Table Schema: what the standard allows, bound to the columns; everything else refused by name."""

from typing import Any

import pytest

from fanfold.errors import RequestRefused
from fanfold.schema.rules import read_rules


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
        ({"fields": [{"name": "a"}, {"name": "b"}], "primaryKey": ["a", "b"]}, "primaryKey"),
    ],
)
def test_what_is_wrong_or_not_supported_is_refused_by_name(descriptor: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestRefused, match=r"options\.schema") as caught:
        read_rules(descriptor, ("a",))
    assert named in str(caught.value)
