import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import report_examples as examples

from fanfold.errors import PipelineFault
from fanfold.report.canonical import to_json, to_text
from fanfold.report.contract import DOCUMENT, Order
from fanfold.version import SCHEMA_VERSION

Example = Callable[[], dict[str, Any]]
SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def shuffled(value: Any) -> Any:
    """The same content with every key in the opposite order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key]) for key in reversed(value)}
    return [shuffled(item) for item in value] if isinstance(value, list) else value


def properties(schema: Any) -> Any:
    return (
        schema.get("properties") or properties(schema["items"]) if "items" in schema or "properties" in schema else {}
    )


@pytest.mark.parametrize("example", [examples.orders, examples.header_only, examples.nothing, examples.hostile])
def test_every_example_satisfies_the_published_schema(example: Example) -> None:
    VALIDATOR.validate(json.loads(to_json(example())))


def test_schema_is_itself_a_valid_schema_of_its_version() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["schema_version"]["const"] == SCHEMA_VERSION


@pytest.mark.parametrize(
    ("path", "extra"),
    [((), "surprise"), (("dataset",), "surprise"), (("dataset", "dialect"), "surprise"), (("rejects",), "surprise")],
)
def test_schema_refuses_unknown_keys_where_it_does_not_grow(path: tuple[str, ...], extra: str) -> None:
    document = examples.orders()
    place = document
    for key in path:
        place = place[key]
    place[extra] = 1
    assert not VALIDATOR.is_valid(document)


def test_schema_lets_run_and_columns_grow() -> None:
    document = examples.orders()
    document["run"]["workers"] = {"used": 3}
    document["columns"][0]["skewness"] = 0.1
    assert VALIDATOR.is_valid(document)


@pytest.mark.parametrize(("position", "key"), [(0, "quantiles"), (6, "histogram"), (3, "mean_length"), (9, "evidence")])
def test_schema_wants_the_figures_of_each_type(position: int, key: str) -> None:
    document = examples.orders()
    del document["columns"][position][key]
    assert not VALIDATOR.is_valid(document)


def test_every_field_of_the_schema_is_described() -> None:
    def undescribed(schema: Any, place: str) -> Iterator[str]:
        if place and "description" not in schema:
            yield place
        for key, item in properties(schema).items():
            yield from undescribed(item, f"{place}.{key}")

    assert list(undescribed(SCHEMA, "")) == []


def test_key_order_of_the_contract_is_that_of_the_schema() -> None:
    def check(order: Order, schema: Any, place: str) -> None:
        for key, nested in order.items():
            if nested and place + key != "columns.evidence":
                assert list(nested) == list(properties(properties(schema)[key])), place + key
                check(nested, properties(schema)[key], f"{place}{key}.")

    assert list(DOCUMENT) == list(SCHEMA["properties"])
    check(DOCUMENT, SCHEMA, "")


def test_same_content_in_any_key_order_is_the_same_bytes() -> None:
    assert to_json(shuffled(examples.orders())) == to_json(examples.orders())


def test_keys_stand_in_the_order_of_the_contract_and_unknown_ones_follow_sorted() -> None:
    document = examples.orders()
    document["run"] = {"zebra": 1, "apple": 2} | document["run"]
    run = list(json.loads(to_json(shuffled(document)))["run"])
    assert run[:3] == ["id", "source", "options"]
    assert run[-2:] == ["apple", "zebra"]


def test_json_is_readable_utf8_with_two_spaces_and_a_newline_at_the_end() -> None:
    text = to_json(examples.orders()).decode("utf-8")
    assert text.startswith('{\n  "schema_version": "1.0",\n')
    assert text.endswith("\n}\n")
    assert "København" in text


@pytest.mark.parametrize("text", ["plain", "\ud83d"])
def test_layout_is_that_of_python_with_a_lone_surrogate_and_without(text: str) -> None:
    floats = [1e16, 1e-7, -0.0, 5e-324, 1.7976931348623157e308, 0.1]
    nested = {"none": None, "yes": True, "empty": [[], {}, [{}], ""], "floats": floats, "large": 10**400}
    odd = {"text": '/ " \\ \x01 \x7f \u2028 é 😀', text: [nested, text]}
    expected = json.dumps(odd, ensure_ascii=False, indent=2) + "\n"
    assert to_text(odd) == expected.encode("utf-8", "backslashreplace")


def test_lone_surrogate_survives_as_its_escape() -> None:
    document = examples.nothing()
    document["dataset"]["name"] = "a\ud800b"
    encoded = to_json(document)
    assert b'"a\\ud800b"' in encoded
    assert json.loads(encoded)["dataset"]["name"] == "a\ud800b"


@pytest.mark.parametrize("figure", [float("nan"), float("inf"), -float("inf")])
def test_figure_that_json_cannot_hold_is_refused_with_its_place(figure: float) -> None:
    document = examples.orders()
    document["columns"][5]["quantiles"]["0.5"] = figure
    with pytest.raises(PipelineFault, match=re.escape(f"report.columns[5].quantiles.0.5 is {figure}")):
        to_json(document)


def test_integers_of_four_hundred_digits_keep_every_digit() -> None:
    columns = json.loads(to_json(examples.hostile()))["columns"]
    assert columns[-2]["max"] == 10**399 + 1
