"""A CSV dropped into the container becomes a report: seen from outside, on real parts."""

import csv
import hashlib
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from app import ROOT, App, outside_run, wait_until
from jsonschema import Draft202012Validator

SCHEMA = json.loads((ROOT / "docs" / "report.schema.json").read_text())
TRAPS = sorted((ROOT / "sample_data" / "traps").glob("*.expected.json"))


def people(records: int) -> bytes:
    """A table with a quoted newline in every seventh record, and every kind of column."""
    lines = ["id,name,amount,born,active,note"]
    for i in range(records):
        note = f'"line one\nline, two of {i}"' if i % 7 == 0 else ""
        lines.append(f"{i},name {i % 50},{i / 4},2024-{i % 12 + 1:02}-{i % 28 + 1:02},{str(i % 2 == 0).lower()},{note}")
    return ("\n".join(lines) + "\n").encode()


def test_a_dropped_csv_becomes_a_report_and_a_message(app: App) -> None:
    etag = app.drop("people.csv", people(1000))
    event = app.completion("people.csv")
    assert event["specversion"] == "1.0"
    assert event["type"] == "fanfold.run.completed"
    assert event["data"]["dataset"]["etag"] == etag
    assert (event["data"]["records"], event["data"]["rejected"]) == (1000, 0)
    document = app.document(event)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["run"]["id"] == event["id"] == event["data"]["run_id"]
    assert [column["type"] for column in document["columns"]] == [
        "integer", "string", "number", "date", "boolean", "string",
    ]  # fmt: skip
    assert document["columns"][0]["sum"] == sum(range(1000))
    assert b"<html" in app.report(event, "report.html")
    assert event["data"]["report"]["json"].endswith("report.json")
    assert app.blobs.get_blob_client("input", "people.csv").download_blob().readall() == people(1000)


@pytest.mark.parametrize("chunk_bytes", [1024, 4096, 1 << 20])
def test_chunk_size_changes_nothing_but_how_the_run_went(app: App, chunk_bytes: int) -> None:
    name = f"sizes-{chunk_bytes}.csv"
    app.drop(name, people(1000), {"chunk_bytes": chunk_bytes})
    document = app.document(app.completion(name))
    app.drop(f"whole-{name}", people(1000))
    whole = app.document(app.completion(f"whole-{name}"))
    assert document["run"]["chunks"] == -(-len(people(1000)) // chunk_bytes)
    document["dataset"]["name"] = whole["dataset"]["name"] = "same"
    assert outside_run(document) == outside_run(whole)


def test_thousands_of_chunks_fold_through_sub_orchestrations(app: App) -> None:
    app.drop("many.csv", people(800), {"chunk_bytes": 200})
    document = app.document(app.completion("many.csv"))
    assert document["run"]["chunks"] > 64
    assert document["dataset"]["records"] == 800


@pytest.mark.parametrize("emit", ["csv", "parquet"])
def test_parts_hold_the_accepted_records_in_order(app: App, emit: str) -> None:
    broken = people(300) + b"too,few\n" + people(2).partition(b"\n")[2]
    name = f"emitted-{emit}.csv"
    app.drop(name, broken, {"chunk_bytes": 100, "emit": emit, "delimiter": ","})
    event = app.completion(name)
    assert event["type"] == "fanfold.run.completed", event
    document = app.document(event)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["run"]["chunks"] > 64
    assert document["dataset"]["account"]["records"] == {"accepted": 302, "rejected": 1, "total": 303}
    manifest = json.loads(app.report(event, "data/manifest.json"))
    parts = [app.report(event, f"data/{part['name']}") for part in manifest["parts"]]
    assert [hashlib.sha256(part).hexdigest() for part in parts] == [part["sha256"] for part in manifest["parts"]]
    accepted = [row for row in csv.reader(io.StringIO(broken.decode(), newline="")) if len(row) == 6]
    if emit == "csv":
        tables = [list(csv.reader(io.StringIO(part.decode(), newline=""))) for part in parts]
        assert {tuple(table[0]) for table in tables} == {tuple(accepted[0])}
        assert [row for table in tables for row in table[1:]] == accepted[1:]
    else:
        whole = pl.concat([pl.read_parquet(part) for part in parts])
        assert whole["id"].to_list() == [int(row[0]) for row in accepted[1:]]
        assert whole["born"].to_list() == [date.fromisoformat(row[3]) for row in accepted[1:]]
        assert whole["note"].to_list() == [row[5] for row in accepted[1:]]


@pytest.fixture(scope="module")
def app_with_traps(app: App) -> App:
    """All traps dropped at once, so that their runs go side by side."""
    for path in TRAPS:
        name = path.name.removesuffix(".expected.json")
        options = json.loads(path.read_text()).get("options", {})
        app.drop(f"traps/{name}", path.with_name(name).read_bytes(), {"chunk_bytes": 64} | options)
    return app


@pytest.mark.parametrize("path", TRAPS, ids=lambda path: path.name.removesuffix(".expected.json"))
def test_each_trap_ends_as_written_beside_it(app_with_traps: App, path: Path) -> None:
    app = app_with_traps
    expected: dict[str, Any] = json.loads(path.read_text())
    name = path.name.removesuffix(".expected.json")
    event = app.completion(f"traps/{name}")
    if expected["outcome"] == "rejected":
        assert event["type"] == "fanfold.run.failed"
        assert event["data"]["error"]["kind"] == "DatasetRejected"
        assert "\n" not in event["data"]["error"]["message"]
        return
    assert event["type"] == "fanfold.run.completed", event
    document = app.document(event)
    Draft202012Validator(SCHEMA).validate(document)
    assert document["dataset"]["records"] == expected["records"]
    assert document["dataset"]["rejected"] == expected["rejected"]
    assert document["rejects"]["reasons"] == expected["reasons"]
    assert len(document["columns"]) == len(expected["columns"])
    for column, wanted in zip(document["columns"], expected["columns"], strict=True):
        given = {key: value for key, value in wanted.items() if value is not None}  # a name that we may choose is null
        reading = given.pop("reading", {})
        assert {key: column[key] for key in given} == given
        assert {key: column["reading"].get(key) for key in reading} == reading
    dialect = document["dataset"]["dialect"]
    assert {key: dialect[key] for key in expected.get("dialect", {})} == expected.get("dialect", {})


def test_a_wrong_option_ends_as_a_failed_message_that_names_it(app: App) -> None:
    app.drop("options.csv", b"a,b\n1,2\n", {"chunk_size": 5})
    event = app.completion("options.csv")
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"]["kind"] == "RequestRefused"
    assert "chunk_size" in event["data"]["error"]["message"]


@pytest.mark.parametrize("name", ["ü mlaut & space.csv", "a/b//c.csv", "'quote\".csv", "<b>.csv", "no extension"])
def test_hostile_names_are_names(app: App, name: str) -> None:
    app.drop(name, b"a,b\n1,2\n")
    event = app.completion(name)
    assert event["type"] == "fanfold.run.completed"
    assert app.document(event)["dataset"]["name"] == name


def test_a_blob_overwritten_in_mid_run_is_superseded_and_the_new_version_reported(app: App) -> None:
    old = app.drop("changing.csv", people(6000), {"chunk_bytes": 600})
    wait_until(lambda: app.chunks_done("changing") > 3, 60, "the first chunks")
    new = app.drop("changing.csv", people(30))
    assert app.completion("changing.csv", etag=old)["type"] == "fanfold.run.superseded"
    event = app.completion("changing.csv", etag=new)
    assert (event["type"], event["data"]["records"]) == ("fanfold.run.completed", 30)


def test_a_blob_deleted_in_mid_run_ends_as_failed(app: App) -> None:
    app.drop("vanishing.csv", people(6000), {"chunk_bytes": 600})
    wait_until(lambda: app.chunks_done("vanishing") > 3, 60, "the first chunks")
    app.blobs.get_blob_client("input", "vanishing.csv").delete_blob()
    event = app.completion("vanishing.csv")
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"]["kind"] == "DatasetMissing"
    assert "input/vanishing.csv" in event["data"]["error"]["message"]
