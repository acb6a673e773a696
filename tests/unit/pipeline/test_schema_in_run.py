"""A schema in a whole run: its verdict in the report and the message, and the schemas that the report suggests."""

import json
import random
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from frictionless import Dialect, Resource, Schema
from frictionless.formats import CsvControl
from hypothesis import given, settings
from hypothesis import strategies as st

from fanfold.errors import DatasetRejected, RequestRefused
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.options import read_options
from fanfold.storage.memory import MemoryPorts

TABLE = b"id,town,size\n1,A,1.5\n2,B,\n2,C,x\nbroken\n4,,9\n"
SCHEMA = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True, "unique": True}},
        {"name": "town", "constraints": {"required": True, "enum": ["A", "B"]}},
        {"name": "size", "type": "number", "constraints": {"maximum": 5}},
    ]
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(data: bytes, ports: MemoryPorts | None = None, **options: Any) -> dict[str, bytes]:
    ports = ports or MemoryPorts()
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
    run_in_process(request, ports, lambda: NOW, lambda tasks: [process_chunk(task, ports) for task in tasks])
    files = {name.rsplit("/", 1)[1]: content for name, content in ports.reports.files.items()}
    return {**files, "message": ports.outbox.messages[-1]}


def validation(data: bytes, **options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(data, **options)["report.json"])["validation"]
    return found


@pytest.mark.parametrize("chunk_bytes", [1, 7, 100])
def test_each_rule_counts_its_violations_and_names_records_for_any_chunking(chunk_bytes: int) -> None:
    found = validation(TABLE, schema=SCHEMA, chunk_bytes=chunk_bytes)
    told = {(rule["field"], rule["rule"]): (rule["violations"], rule["examples"]) for rule in found["rules"]}
    assert told == {
        ("id", "type"): (0, []),
        ("id", "required"): (0, []),
        ("id", "unique"): (1, []),
        ("town", "required"): (1, [{"record": 4, "value": ""}]),
        ("town", "enum"): (1, [{"record": 3, "value": "C"}]),
        ("size", "type"): (1, [{"record": 3, "value": "x"}]),
        ("size", "maximum"): (1, [{"record": 4, "value": "9"}]),
    }
    assert found["verdict"] == "fail"


def test_the_message_carries_the_verdict_only_where_there_is_a_schema() -> None:
    assert json.loads(run(TABLE, schema=SCHEMA)["message"])["data"]["verdict"] == "fail"
    assert "verdict" not in json.loads(run(TABLE)["message"])["data"]


def unique(values: Iterable[object], **schema: Any) -> dict[str, Any]:
    fields = [{"name": "id", "constraints": {"unique": True}}]
    data = "\n".join(map(str, ("id", *values))).encode() + b"\n"
    (rule,) = validation(data, schema={"fields": fields, **schema})["rules"]
    return rule


def test_values_that_rise_are_unique_for_certain_however_many() -> None:
    rule = unique(range(20_000))
    assert (rule["violations"], rule["exact"], rule["error"], rule["verdict"]) == (0, True, 0, "pass")


def test_the_duplicates_among_many_values_are_within_the_stated_error() -> None:
    values = random.Random(1).choices(range(20_000), k=30_000)
    rule = unique(values)
    assert not rule["exact"]
    assert abs(rule["violations"] - (30_000 - len(set(values)))) <= rule["error"] <= 2_000


def test_what_the_schema_calls_missing_is_no_duplicate() -> None:
    values = ["-1", "7", "-1", "8", "NA", "NA"]
    assert unique(values)["violations"] == 2
    assert unique(values, missingValues=["", "-1"])["violations"] == 1
    assert unique(values, missingValues=["-1", "NA"])["violations"] == 0


@pytest.mark.parametrize(("tolerance", "verdict"), [(0, "fail"), (1, "warn"), ("25%", "warn"), ("24.9%", "fail")])
def test_what_is_tolerated_warns(tolerance: int | str, verdict: str) -> None:
    assert validation(TABLE, schema=SCHEMA, schema_tolerance=tolerance)["verdict"] == verdict


@pytest.mark.parametrize(
    ("fields", "match", "verdict"),
    [
        (["id", "town", "size"], "exact", "pass"),
        (["town", "id", "size"], "exact", "warn"),
        (["town", "id", "size"], "equal", "pass"),
        (["id", "town"], "exact", "warn"),
        (["id", "town"], "subset", "pass"),
        (["id", "town", "size", "more"], "exact", "fail"),
        (["id", "town", "size", "more"], "superset", "pass"),
        (["id", "more"], "partial", "pass"),
        (["more"], "partial", "fail"),
    ],
)
def test_columns_are_matched_as_the_schema_wants(fields: list[str], match: str, verdict: str) -> None:
    schema = {"fields": [{"name": name} for name in fields], "fieldsMatch": match}
    assert validation(TABLE, schema=schema)["verdict"] == verdict


def test_a_dataset_without_records_is_judged_by_its_columns() -> None:
    assert validation(b"id,town,size\n", schema=SCHEMA)["verdict"] == "pass"
    assert validation(b"id\n", schema=SCHEMA)["missing"] == ["town", "size"]


def test_a_schema_may_stand_in_a_blob() -> None:
    ports = MemoryPorts()
    ports.drop("shops/orders.json", json.dumps(SCHEMA).encode(), container="schemas")
    report = json.loads(run(TABLE, ports, schema="schemas/shops/orders.json")["report.json"])
    assert report["validation"]["verdict"] == "fail"


@pytest.mark.parametrize(
    ("content", "named"), [(None, "no blob"), (b"[]", "no JSON object"), (b"{", "no JSON"), (b" " * 2_000_000, "bytes")]
)
def test_a_blob_that_is_no_schema_is_refused_by_name(content: bytes | None, named: str) -> None:
    ports = MemoryPorts()
    if content is not None:
        ports.drop("s.json", content, container="schemas")
    with pytest.raises(RequestRefused, match=named):
        run(TABLE, ports, schema="schemas/s.json")


@pytest.mark.parametrize(
    "options",
    [{"schema": "nowhere"}, {"schema": {"fields": 3}}, {"schema_tolerance": -1}, {"schema_tolerance": "many"}],
)
def test_options_of_another_form_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(RequestRefused, match="schema"):
        read_options(options)


def test_the_page_shows_the_verdict_and_no_markup_of_the_dataset() -> None:
    fields = [{"name": "<b>id</b>", "constraints": {"enum": ["<i>"]}}]
    page = run(b"<b>id</b>\n<script>\n", schema={"fields": fields})["report.html"].decode()
    assert 'id="validation"' in page
    assert "<script>\n" not in page
    assert "<b>id" not in page


CELLS = st.sampled_from(
    [
        "",
        "1",
        "-2",
        "0.5",
        "1e300",
        "true",
        "False",
        "2024-02-29",
        "2024-02-29T10:00",
        "2024-02-29 10:00:00Z",
        "a",
        "ä,b",
        "NA",
        "NULL",
        "1,5",
        "$1,234.5",
        "-$2",
        "+$2",
        "(3)",
        "1 000",
        "1.234,5",
        "5 %",
        "-,5 %",
        "13/01/2024",
        "1/2/2024",
        "1.2.2024 9:05",
    ]
)


@settings(deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=20))
def test_a_dataset_keeps_the_schemas_that_are_inferred_from_it(rows: list[tuple[str, str]]) -> None:
    lines = [",".join(f'"{cell}"' for cell in row) for row in (("a", "b"), *rows)]
    data = "\n".join(lines).encode() + b"\n"
    try:
        files = run(data, header=True)
    except DatasetRejected:
        return
    inferred = json.loads(files["table_schema.json"])
    Schema.from_descriptor(inferred)
    jsonschema.Draft202012Validator.check_schema(json.loads(files["json_schema.json"]))
    assert validation(data, header=True, schema=inferred)["verdict"] == "pass"


def test_frictionless_itself_finds_the_dataset_valid_by_the_inferred_schema(tmp_path: Any) -> None:
    data = b"id,town,size,day\n1,A,1.5,2024-02-29\n2,B,,2024-03-01\n3,A,2,\n4,B,-1e3,2024-03-02\n"
    (tmp_path / "t.csv").write_bytes(data)
    schema = Schema.from_descriptor(json.loads(run(data)["table_schema.json"]))
    report = Resource(path="t.csv", basepath=str(tmp_path), schema=schema).validate()
    assert report.valid, report.flatten(["note"])
    assert [field.type for field in schema.fields] == ["integer", "string", "number", "date"]


def test_an_inferred_schema_can_be_asked_for_whatever_its_bounds_are() -> None:
    data = f"i,d\n{10**300},0000-01-01\n-7,9999-12-31\n".encode()
    schema = json.loads(run(data)["table_schema.json"])
    read_options({"schema": schema})
    assert validation(data, schema=schema)["verdict"] == "pass"
    assert validation(data + f"{10**300 * 9},2024-01-01\n".encode(), schema=schema)["verdict"] == "fail"


def test_values_that_rise_are_unique_by_the_inferred_schema_however_many() -> None:
    data = b"id,other\n" + b"".join(b"%d,%d\n" % (row, row * 7919 % 3001) for row in range(3_000))
    schema = json.loads(run(data)["table_schema.json"])
    assert [field["constraints"].get("unique") for field in schema["fields"]] == [True, None]
    assert validation(data, schema=schema)["verdict"] == "pass"


@pytest.mark.parametrize("values", [("1.5", "1.50"), ("-0", "0"), ("true", "TRUE"), ("1,5", "1,50"), ("1", "1.0", "3")])
def test_one_value_written_in_two_ways_is_not_unique(values: tuple[str, ...], tmp_path: Any) -> None:
    data = "\n".join(["a", *(f'"{value}"' for value in values)]).encode()
    (tmp_path / "t.csv").write_bytes(data)
    inferred = json.loads(run(data, header=True)["table_schema.json"])
    report = Resource(path="t.csv", basepath=str(tmp_path), schema=Schema.from_descriptor(inferred)).validate()
    assert report.valid, report.flatten(["note"])


def test_the_standard_is_told_how_numbers_and_dates_are_written(tmp_path: Any) -> None:
    data = (
        b"comma;thousands;share;price;day;signed;nulls;spaces\n"
        b"1.234,50;1,234;12,5 %;$1,234.50;13/01/2024;-$1;5;1 000\n"
        b"-7,25;12,345,678;-7 %;+$2;1/2/2024;$1;NA;2 000,5\n"
    )
    (tmp_path / "t.csv").write_bytes(data)
    inferred = json.loads(run(data)["table_schema.json"])
    fields = {field["name"]: {key: field[key] for key in field.keys() - {"name"}} for field in inferred["fields"]}
    required = {"required": True}

    def bounds(low: float, high: float) -> dict[str, Any]:
        return {"constraints": {**required, "minimum": low, "maximum": high}}

    assert fields["comma"] == {"type": "number", "decimalChar": ",", "groupChar": ".", **bounds(-7.25, 1234.5)}
    assert fields["thousands"] == {"type": "number", "groupChar": ",", **bounds(1234, 12345678)}
    assert fields["share"] == {"type": "number", "decimalChar": ",", "bareNumber": False, **bounds(-7.0, 12.5)}
    assert fields["price"] == {"type": "number", "groupChar": ",", "bareNumber": False, **bounds(2.0, 1234.5)}
    assert fields["day"] == {"type": "date", "format": "%d/%m/%Y", "constraints": required}
    assert [fields[name]["type"] for name in ("signed", "nulls", "spaces")] == ["string", "integer", "string"]
    assert inferred["missingValues"] == ["", "NA"]
    assert validation(data, schema=inferred)["verdict"] == "pass"
    dialect = Dialect(controls=[CsvControl(delimiter=";")])
    resource = Resource(path="t.csv", basepath=str(tmp_path), schema=Schema.from_descriptor(inferred), dialect=dialect)
    report = resource.validate()
    assert report.valid, report.flatten(["note"])


def test_records_as_objects_keep_the_json_schema() -> None:
    schema = json.loads(run(b"id,town\n1,A\n2,A\n,B\n3,B\n")["json_schema.json"])
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate({"id": 3, "town": "A"})
    validator.validate({"id": None, "town": "B"})
    assert not validator.is_valid({"id": 4, "town": "A"})
    assert not validator.is_valid({"id": 1, "town": "C"})
