"""Together the parts hold exactly the accepted records in order, whatever the chunks."""

import csv
import hashlib
import io
import json
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orchestra import Orchestra
from test_in_process import TABLE, run

from fanfold import limits
from fanfold.errors import DatasetRejected, PipelineFault, RequestRefused
from fanfold.pipeline import emitting
from fanfold.pipeline.context import CHUNK, LIST, PART, PUBLISH, SCHEMA
from fanfold.pipeline.envelopes import failed, run_step
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import (
    RunRequest,
    to_wire,
)
from fanfold.pipeline.options import read_options
from fanfold.pipeline.orchestration import run_dataset
from fanfold.pipeline.policy import RetryPolicy
from fanfold.storage.memory import MemoryPorts
from tests.pipeline_steps import STEPS

ACCEPTED = [["1", "two\nlines", "1.5"], ["2", 'says "hi", twice', "-2"], ["5", "", "1e3"], ["6", "last", ""]]


def data_of(ports: MemoryPorts) -> dict[str, bytes]:
    return {name.split("/data/")[1]: data for name, data in ports.reports.files.items() if "/data/" in name}


def manifest_of(ports: MemoryPorts) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads(data_of(ports)["manifest.json"])
    return manifest


def rows_of(ports: MemoryPorts) -> tuple[list[str], list[list[str]]]:
    """The table that the CSV parts are, read by Python's csv module in the manifest's order."""
    header: list[str] = []
    rows: list[list[str]] = []
    for part in manifest_of(ports)["parts"]:
        lines = list(csv.reader(io.StringIO(data_of(ports)[part["name"]].decode(), newline=""), strict=True))
        header = lines[0]
        rows += lines[1:]
    return header, rows


def orchestrated(
    data: bytes, failures: int = 0, lost: frozenset[int] = frozenset(), retryable: bool = True, **options: Any
) -> tuple[MemoryPorts, Orchestra, dict[str, Any]]:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)

    def activity(step: Any, kind: Any) -> Any:
        return lambda wire: run_step(step, kind, wire, ports)

    def flaky(step: Any, kind: Any) -> Any:
        left = [failures]

        def run_flaky(wire: Any) -> Any:
            left[0] -= 1
            if left[0] >= 0:
                return failed(PipelineFault.__name__, "a hiccup", retryable=retryable)
            return run_step(step, kind, wire, ports)

        return run_flaky

    def read_chunk(wire: Any) -> Any:
        if wire["first"] in lost:
            return failed(PipelineFault.__name__, "the disk is on fire", retryable=True)
        return run_step(*STEPS[CHUNK], wire, ports)

    activities = {name: activity(*step) for name, step in STEPS.items()} | {
        CHUNK: read_chunk,
        PART: flaky(*STEPS[PART]),
    }
    orchestra = Orchestra(to_wire(request), activities)
    completion = orchestra.play(run_dataset(orchestra, RetryPolicy()))
    return ports, orchestra, completion


def test_csv_parts_hold_the_accepted_records_as_read() -> None:
    ports = MemoryPorts()
    _, document = run(ports, TABLE, emit="csv", chunk_bytes=16)
    assert rows_of(ports) == (["id", "text", "value"], ACCEPTED)
    assert document["run"]["emitted"] == {
        "format": "csv",
        "parts": 3,
        "records": 4,
        "bytes": sum(len(data) for name, data in data_of(ports).items() if name.endswith(".csv")),
        "manifest": "data/manifest.json",
    }


@pytest.mark.parametrize("chunk_bytes", range(1, len(TABLE) + 1))
def test_every_chunk_size_gives_the_same_table(chunk_bytes: int) -> None:
    ports = MemoryPorts()
    run(ports, TABLE, emit="csv", chunk_bytes=chunk_bytes)
    assert rows_of(ports) == (["id", "text", "value"], ACCEPTED)


def test_parquet_parts_have_one_schema_decided_from_all_values() -> None:
    rows = [f"{i},{'0' if i == 99 else ''}{i},{i if i < 50 else i / 4},{'' if i % 3 else i}" for i in range(100)]
    ports = MemoryPorts()
    run(ports, "\n".join(["a,b,c,d", *rows]).encode(), emit="parquet", chunk_bytes=100)
    manifest = manifest_of(ports)
    assert len(manifest["parts"]) > 5
    assert [field["type"] for field in manifest["schema"]] == ["int64", "string", "double", "int64"]
    tables = [pq.read_table(io.BytesIO(data_of(ports)[part["name"]])) for part in manifest["parts"]]
    assert {str(table.schema) for table in tables} == {"a: int64\nb: string\nc: double\nd: int64"}
    whole = pa.concat_tables(tables)
    assert whole["a"].to_pylist() == list(range(100))
    assert whole["b"].to_pylist() == [*map(str, range(99)), "099"]
    assert whole["c"].to_pylist() == [i if i < 50 else i / 4 for i in range(100)]
    assert whole["d"].to_pylist() == [None if i % 3 else i for i in range(100)]


READINGS = (
    b"price;share;day;size;name;code\n"
    b'1.234,50;12,5 %;13/01/2024;1;"NA";007\n'
    b"7,25;-7 %;1/2/2024;NA;NULL;8\n"
    b";100 %;2024-03-01;;;NULL\n"
    b"1.000;0 %;NULL;-4;x;9\n"
)
"""Columns that only all of their values together tell how to read: each row has one that another way reads, too."""


@pytest.mark.parametrize("chunk_bytes", [1, 20, 33, 1000])
def test_parquet_parts_have_the_values_that_the_report_reads(chunk_bytes: int) -> None:
    ports = MemoryPorts()
    run(ports, READINGS, emit="parquet", chunk_bytes=chunk_bytes)
    manifest = manifest_of(ports)
    assert manifest["schema"] == [
        {"name": "price", "type": "double", "rule": "decimal_comma"},
        {"name": "share", "type": "double", "rule": "decimal_comma", "unit": "%"},
        {"name": "day", "type": "date", "rule": "day_first", "null_values": ["NULL"]},
        {"name": "size", "type": "int64", "null_values": ["NA"]},
        {"name": "name", "type": "string", "null_values": ["NULL"]},
        {"name": "code", "type": "string", "null_values": ["NULL"]},
    ]
    parts = [pq.read_table(io.BytesIO(data_of(ports)[part["name"]])) for part in manifest["parts"]]
    assert pa.concat_tables(parts).to_pydict() == {
        "price": [1234.5, 7.25, None, 1000.0],
        "share": [12.5, -7.0, 100.0, 0.0],
        "day": [date(2024, 1, 13), date(2024, 2, 1), date(2024, 3, 1), None],
        "size": [1, None, None, -4],
        "name": ["NA", None, "", "x"],
        "code": ["007", "8", None, "9"],
    }


@pytest.mark.parametrize("chunk_bytes", [1, 33, 1000])
def test_csv_parts_hold_the_texts_whatever_they_are_read_as(chunk_bytes: int) -> None:
    ports = MemoryPorts()
    run(ports, READINGS, emit="csv", chunk_bytes=chunk_bytes, null_values=["8", "x"])
    header, *rows = csv.reader(io.StringIO(READINGS.decode()), delimiter=";")
    assert rows_of(ports) == (header, rows)
    assert manifest_of(ports)["schema"][4] == {"name": "name", "type": "string", "null_values": ["x"]}


def test_the_manifest_names_each_part_with_its_place_and_its_hash() -> None:
    ports = MemoryPorts()
    run(ports, TABLE, emit="csv", chunk_bytes=16)
    manifest = manifest_of(ports)
    parts = manifest["parts"]
    assert [(part["name"], part["records"], part["first_row"], part["first_record"]) for part in parts] == [
        ("part-000000.csv", 1, 1, 1),
        ("part-000002.csv", 1, 2, 2),
        ("part-000005.csv", 2, 3, 5),
    ]
    for part in parts:
        data = data_of(ports)[part["name"]]
        assert (part["bytes"], part["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())
    assert manifest["total"] == {"parts": 3, "records": 4, "bytes": sum(part["bytes"] for part in parts)}
    assert set(data_of(ports)) == {"manifest.json", *(part["name"] for part in parts)}


@pytest.mark.parametrize("emit", ["csv", "parquet"])
def test_the_orchestration_writes_the_same_parts_as_the_run_in_one_process(emit: str) -> None:
    data = b"n,text\n" + b"".join(b'%d,"line\n%d"\n' % (i, i) for i in range(150))
    plain = MemoryPorts()
    run(plain, data, emit=emit, chunk_bytes=10)
    ports, orchestra, completion = orchestrated(data, emit=emit, chunk_bytes=10)
    assert completion["outcome"] == "completed", completion
    assert data_of(ports) == data_of(plain)
    assert orchestra.children_most <= limits.FAN_OUT_MAX
    assert any(":e" in sub for sub in orchestra.sub_ids)
    assert len(set(orchestra.sub_ids)) == len(orchestra.sub_ids)
    assert "emitting" in [status["phase"] for status in orchestra.statuses]


def test_a_part_that_failed_is_written_again_and_counted_as_a_retry() -> None:
    ports, orchestra, completion = orchestrated(TABLE, failures=3, emit="csv", chunk_bytes=16)
    assert completion["outcome"] == "completed", completion
    assert rows_of(ports)[1] == ACCEPTED
    published = next(wire for name, wire in orchestra.calls if name == PUBLISH)
    assert published["emitted"]["parts"]["retries"] == 3
    report = next(data for name, data in ports.reports.files.items() if name.endswith("report.json"))
    assert json.loads(report)["run"]["retries"] == 3


def test_parts_that_cannot_be_written_end_the_run_as_failed_without_a_manifest() -> None:
    ports, _, completion = orchestrated(TABLE, failures=1000, emit="csv", chunk_bytes=16)
    assert (completion["outcome"], completion["error"]["message"]) == ("failed", "a hiccup")
    assert "manifest.json" not in data_of(ports)


def test_no_more_parts_are_begun_when_one_has_failed_for_good() -> None:
    _, orchestra, completion = orchestrated(
        TABLE, failures=1, retryable=False, emit="csv", chunk_bytes=16, max_concurrency=2
    )
    assert (completion["outcome"], completion["error"]["message"]) == ("failed", "a hiccup")
    assert [wire["first"] for name, wire in orchestra.calls if name == PART] == [0, 1]


@pytest.mark.parametrize("chunk_bytes", [16, 4])
def test_parts_leave_out_what_failed_chunks_have_left_out_and_number_the_rest(chunk_bytes: int) -> None:
    rows = [[str(i), f"name {i}"] for i in range(200)]
    data = ("id,name\n" + "".join(",".join(row) + "\n" for row in rows)).encode()
    lost = frozenset({0, 7, 8, 90})
    ports, _, completion = orchestrated(data, lost=lost, emit="csv", chunk_bytes=chunk_bytes, tolerated_failures=4)
    assert completion["outcome"] == "completed", completion
    assert completion["failed_chunks"] > 0  # of small chunks, those that a record runs over have lost nothing
    document = json.loads(next(d for name, d in ports.reports.files.items() if name.endswith("report.json")))
    start_of = {row[0]: data.index(f"\n{row[0]},".encode()) + 1 for row in rows}
    gaps = document["run"]["unread"]["first"]
    expected = [row for row in rows if not any(start <= start_of[row[0]] < stop for start, stop in gaps)]
    assert rows_of(ports) == (["id", "name"], expected)
    assert len(expected) == document["dataset"]["records"] < 200
    parts = [part for part in manifest_of(ports)["parts"] if part["records"]]
    assert [part["first_row"] for part in parts] == [
        1 + sum(earlier["records"] for earlier in parts[:n]) for n in range(len(parts))
    ]


def test_a_run_that_was_not_asked_writes_no_parts() -> None:
    ports, orchestra, _ = orchestrated(TABLE, chunk_bytes=16)
    assert data_of(ports) == {}
    assert not {SCHEMA, PART, LIST} & {name for name, _ in orchestra.calls}
    assert "emitted" not in run(MemoryPorts(), TABLE)[1]["run"]


def test_an_earlier_run_with_other_options_leaves_no_part_behind() -> None:
    ports = MemoryPorts()
    run(ports, TABLE, emit="csv", chunk_bytes=16)
    run(ports, TABLE, emit="csv", chunk_bytes=1000)
    assert set(data_of(ports)) == {"manifest.json", "part-000000.csv"}
    assert rows_of(ports)[1] == ACCEPTED
    run(ports, TABLE, emit="parquet", chunk_bytes=1000)
    assert set(data_of(ports)) == {"manifest.json", "part-000000.parquet"}
    run(ports, TABLE)
    assert data_of(ports) == {}


def test_a_part_written_twice_is_the_same_bytes() -> None:
    ports = MemoryPorts()
    run(ports, TABLE, emit="parquet", chunk_bytes=16)
    before = data_of(ports)
    run(ports, TABLE, emit="parquet", chunk_bytes=16)
    assert data_of(ports) == before


@pytest.mark.parametrize("emit", ["csv", "parquet"])
def test_a_table_without_rows_has_its_columns(emit: str) -> None:
    ports = MemoryPorts()
    run(ports, b"a,b\n", emit=emit)
    data = data_of(ports)[f"part-000000.{emit}"]
    read = pl.read_csv if emit == "csv" else pl.read_parquet
    frame = read(data)
    assert (frame.columns, frame.height) == (["a", "b"], 0)


def test_an_empty_dataset_has_a_manifest_of_no_parts() -> None:
    ports = MemoryPorts()
    run(ports, b"", emit="csv")
    assert manifest_of(ports)["parts"] == []


def test_row_groups_hold_no_more_than_memory_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ROW_GROUP_BYTES", 1)
    monkeypatch.setattr(limits, "PART_MEMORY_BYTES", 1)
    ports = MemoryPorts()
    run(ports, b"a\n" + b"1\n" * 10 + b"1,2\n" + b"3\n" * 10, emit="parquet", delimiter=",")
    file = pq.ParquetFile(io.BytesIO(data_of(ports)["part-000000.parquet"]))
    assert file.read().column("a").to_pylist() == [1] * 10 + [3] * 10


def test_records_that_differ_from_those_profiled_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emitting, "_rows", lambda batch: [batch.frame.head(1)] if batch.frame.height else [])
    with pytest.raises(PipelineFault, match=r"part-000000.csv: wrote 1 records, expected the 4 that were profiled"):
        run(MemoryPorts(), TABLE, emit="csv")


def test_a_format_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(RequestRefused, match=r"options\.emit: expected one of csv, parquet, found 'xml'"):
        read_options({"emit": "xml"})


def test_more_parts_than_a_manifest_lists_are_refused() -> None:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", b"a\n" + b"1\n" * limits.PARTS_MAX)
    request = RunRequest(run_id="many", dataset=dataset, options={"emit": "csv", "chunk_bytes": 1})
    with pytest.raises(RequestRefused, match=r"options\.emit: 200002 chunks"):
        inspect_dataset(request, ports)


FIELDS = st.text(st.sampled_from('ab1,;"\n\r é\t=+-\\'), max_size=6)


@settings(deadline=None)
@given(st.lists(st.tuples(FIELDS, FIELDS), max_size=8), st.integers(1, 30))
def test_any_table_is_given_back_at_any_chunk_size(rows: list[tuple[str, str]], chunk_bytes: int) -> None:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([("x", "y"), *rows])
    ports = MemoryPorts()
    options = {"delimiter": ",", "quote": '"', "header": True, "chunk_bytes": chunk_bytes}
    _, document = run(ports, out.getvalue().encode(), emit="csv", **options)
    assert document["dataset"]["rejected"] == 0
    assert rows_of(ports) == (["x", "y"], [list(row) for row in rows])


@settings(deadline=None)
@given(st.text(st.sampled_from('a1,"\n\r'), max_size=60), st.integers(1, 30))
def test_any_text_gives_the_same_table_at_any_chunk_size(text: str, chunk_bytes: int) -> None:
    def table(size: int) -> Any:
        ports = MemoryPorts()
        try:
            _, document = run(ports, text.encode(), emit="csv", delimiter=",", quote='"', chunk_bytes=size)
        except DatasetRejected as error:
            return str(error)
        rows = rows_of(ports)[1]
        assert len(rows) == document["dataset"]["records"]
        return rows

    assert table(chunk_bytes) == table(1000)
