"""The whole run in memory: what readers get, whatever the chunk size, and what each fault leads to."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fanfold import limits
from fanfold.errors import (
    DatasetMissing,
    DatasetRejected,
    DatasetSuperseded,
    PipelineFault,
    RequestRefused,
    WorkMissing,
)
from fanfold.pipeline import work
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.completion import announce_completion, ended
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import Completion, Failure, FoldTask, Link, RunRequest, SpanTask
from fanfold.storage.memory import MemoryDataset, MemoryPorts

TABLE = b'id,text,value\n1,"two\nlines",1.5\n2,"says ""hi"", twice",-2\n3,short\n4,"unclosed"tail,3\n\n5,,1e3\n6,last,'


def clock() -> datetime:
    return datetime(2026, 1, 1, tzinfo=UTC)


def run(ports: MemoryPorts, data: bytes, **options: Any) -> tuple[Completion, dict[str, Any]]:
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
    completion = run_in_process(request, ports, clock, lambda tasks: [process_chunk(task, ports) for task in tasks])
    document = json.loads(ports.reports.files[f"t.csv/{request.run_id}/report.json"])
    return completion, document


def outside_run(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "run"}


def test_records_and_rejects_are_all_records() -> None:
    completion, document = run(MemoryPorts(), TABLE)
    assert (completion.records, completion.rejected) == (4, 3)
    assert document["rejects"]["reasons"] == {"blank_line": 1, "text_after_quote": 1, "too_few_fields": 1}
    assert [reject["record"] for reject in document["rejects"]["examples"]] == [3, 4, 5]
    assert [reject["offset"] for reject in document["rejects"]["examples"]] == [58, 66, 85]
    assert document["rejects"]["examples"][1]["text"] == '4,"unclosed"tail,3'


@pytest.mark.parametrize("chunk_bytes", range(1, len(TABLE) + 1))
def test_every_chunk_size_gives_the_same_report(chunk_bytes: int) -> None:
    _, document = run(MemoryPorts(), TABLE, chunk_bytes=chunk_bytes)
    assert outside_run(document) == outside_run(run(MemoryPorts(), TABLE)[1])


def test_a_chunk_that_guessed_wrong_is_read_again_and_counted() -> None:
    embedded = b"7,red\n" * 30_000  # no window shows that this table is inside quotes
    data = b"id,colour\n" + b"1,red\n" * 9 + b'2,"' + embedded + b'"\n' + b"3,green\n" * 9
    _, whole = run(MemoryPorts(), data)
    _, cut = run(MemoryPorts(), data, chunk_bytes=100_000)
    assert outside_run(cut) == outside_run(whole)
    assert (cut["dataset"]["records"], cut["dataset"]["rejected"]) == (19, 0)
    assert (whole["run"]["reprocessed"], cut["run"]["reprocessed"]) == (0, 1)


SIGNS = [
    ",",
    '"',
    "'",
    "\\",
    ";",
    " ",
    "|",
    "\t",
    "#",
    "=",
    "a",
    "1",
    "\n",
    "\r\n",
    "\r",
    "\0",
    "\x01",
    "é",
    ",1\n",
    "x,y\n",
]
TEXTS = st.lists(st.sampled_from(SIGNS), max_size=60).map(lambda signs: "".join(signs).encode())
WISHES = st.fixed_dictionaries(
    {},
    optional={
        "delimiter": st.sampled_from([*SIGNS[:10], "||", ", ", "=#"]),
        "quote": st.sampled_from(["", *SIGNS[:10]]),
        "escape": st.sampled_from(["doubled", "backslash"]),
        "newline": st.sampled_from(["\n", "\r\n", "\r"]),
        "header": st.one_of(st.booleans(), st.integers(0, 3)),
        "encoding": st.sampled_from(["utf-8", "utf-16", "latin-1"]),
        "short_records": st.just("pad"),
        "long_records": st.just("keep_extra"),
        "record_bytes_max": st.integers(1, 30),
    },
)


@given(st.one_of(st.binary(max_size=200), TEXTS), WISHES, st.integers(1, 40))
@settings(deadline=None)
@example(b"a,b\n1,2\n", {"quote": ","}, 3)
def test_any_text_gives_the_same_outcome_at_any_chunk_size(data: bytes, wishes: dict[str, Any], size: int) -> None:
    def outcome(**options: Any) -> Any:
        try:
            return outside_run(run(MemoryPorts(), data, **wishes, **options)[1])
        except (DatasetRejected, RequestRefused) as error:
            return str(error)

    assert outcome(chunk_bytes=size) == outcome()


VALUES = (
    b'price,day,code,answer\n"1,234",01/02/2024,NA,-\n"12,5",13/01/2024,DE,NULL\nNA,02/03/2024,FR,yes\n'
    b'"7,25",-,,no\n"-,5",05/05/2024,GB,unknown\n'
)


@pytest.mark.parametrize("chunk_bytes", range(1, len(VALUES), 3))
def test_how_values_are_read_does_not_depend_on_chunks(chunk_bytes: int) -> None:
    _, document = run(MemoryPorts(), VALUES, chunk_bytes=chunk_bytes)
    assert outside_run(document) == outside_run(run(MemoryPorts(), VALUES)[1])
    assert [(column["type"], column["nulls"]) for column in document["columns"]] == [
        ("number", 1), ("date", 1), ("string", 1), ("string", 1),
    ]  # fmt: skip


def test_texts_asked_for_are_null_in_every_column_and_no_others() -> None:
    _, document = run(MemoryPorts(), VALUES, null_values=["unknown", "NA"], chunk_bytes=20)
    assert [column["nulls"] for column in document["columns"]] == [1, 0, 2, 1]
    assert document["columns"][3]["reading"]["null_tokens"] == {"unknown": 1}
    assert document["run"]["options"]["null_values"] == ["unknown", "NA"]


@pytest.mark.parametrize("null_values", ["NA", [1], ["x" * 65], ["\ud800"], ["x"] * 101])
def test_null_values_of_another_form_are_refused_by_name(null_values: object) -> None:
    with pytest.raises(RequestRefused, match="null_values"):
        run(MemoryPorts(), VALUES, null_values=null_values)


def test_partials_of_other_null_values_are_not_used_again() -> None:
    ports = MemoryPorts()
    _, first = run(ports, VALUES)
    _, second = run(ports, VALUES, null_values=[])
    assert (first["columns"][0]["nulls"], second["columns"][0]["nulls"]) == (1, 0)


def test_every_reject_is_in_rejects_csv() -> None:
    ports = MemoryPorts()
    completion, _ = run(ports, TABLE)
    assert completion.report is not None
    assert completion.report.rejects is not None
    rows = ports.reports.files[completion.report.rejects.removeprefix("memory://")].decode().split("\r\n")
    assert rows[1] == '3,58,too_few_fields,"3,short"'


def test_rejects_are_kept_up_to_a_cap_and_counted_beyond_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REJECTS_KEPT", 5)
    ports = MemoryPorts()
    completion, document = run(ports, b"a,b\n" + b"short\n" * 20, chunk_bytes=30, delimiter=",")
    assert (completion.rejected, document["rejects"]["count"], document["rejects"]["kept"]) == (20, 20, 5)
    assert document["rejects"]["reasons"] == {"too_few_fields": 20}
    rows = next(data for name, data in ports.reports.files.items() if name.endswith("rejects.csv")).splitlines()
    assert [row.split(b",")[0] for row in rows[1:]] == [b"1", b"2", b"3", b"4", b"5"]


def test_a_rerun_without_rejects_leaves_no_rejects_csv_behind() -> None:
    ports = MemoryPorts()
    run(ports, b"a;b\n1;2,5\n", delimiter=",")
    assert any(name.endswith("rejects.csv") for name in ports.reports.files)
    run(ports, b"a;b\n1;2,5\n", delimiter=";")
    assert not any(name.endswith("rejects.csv") for name in ports.reports.files)


def test_a_process_fetches_a_layout_once() -> None:
    ports = MemoryPorts()
    task = chunk_task(ports)
    work._recent.clear()
    assert work.load_layout(task.plan, ports) == work.load_layout(task.plan, MemoryPorts())


def test_a_clean_dataset_has_no_rejects_csv() -> None:
    ports = MemoryPorts()
    completion, _ = run(ports, b"a,b\n1,2\n")
    assert completion.report is not None
    assert completion.report.rejects is None
    assert not any(name.endswith("rejects.csv") for name in ports.reports.files)


def test_an_empty_dataset_has_a_report_of_nothing() -> None:
    completion, document = run(MemoryPorts(), b"")
    assert completion.outcome == "completed"
    assert (document["dataset"]["records"], document["columns"]) == (0, [])


def test_a_header_alone_has_columns_without_values() -> None:
    _, document = run(MemoryPorts(), b"a,b\n")
    assert [(column["name"], column["type"]) for column in document["columns"]] == [("a", "empty"), ("b", "empty")]


def test_a_message_is_sent_after_the_report_is_readable() -> None:
    ports = MemoryPorts()
    completion, _ = run(ports, TABLE)
    event = json.loads(ports.outbox.messages[0])
    assert event["id"] == completion.run_id
    assert event["data"]["report"]["json"].removeprefix("memory://") in ports.reports.files


def test_a_stored_partial_is_not_computed_again() -> None:
    ports = MemoryPorts()
    run(ports, TABLE, chunk_bytes=16)
    before = list(ports.work.writes)
    run(ports, TABLE, chunk_bytes=16)
    assert set(ports.work.writes[len(before) :]) == {name for name in before if name.endswith("layout.json")}


def test_the_same_step_twice_writes_the_same_bytes() -> None:
    first, second = MemoryPorts(), MemoryPorts()
    run(first, TABLE, chunk_bytes=16)
    run(second, TABLE, chunk_bytes=16)
    assert first.work.stored == second.work.stored
    assert first.reports.files == second.reports.files


def test_another_dialect_never_meets_partials_of_this_one() -> None:
    ports = MemoryPorts()
    run(ports, TABLE, chunk_bytes=16)
    _, document = run(ports, TABLE, chunk_bytes=16, delimiter=";")
    assert len(document["columns"]) == 1


def chunk_task(ports: MemoryPorts) -> SpanTask:
    dataset = ports.drop("t.csv", TABLE)
    plan = inspect_dataset(RunRequest(run_id="r", dataset=dataset, options={}), ports)
    return SpanTask(plan=plan, first=0, stop=1, entry=plan.data_start)


def test_an_overwritten_dataset_supersedes_its_chunks() -> None:
    ports = MemoryPorts()
    task = chunk_task(ports)
    ports.drop("t.csv", b"a,b\n1,2\n")
    with pytest.raises(DatasetSuperseded):
        process_chunk(task, ports)


def test_a_deleted_dataset_is_missing_to_its_chunks() -> None:
    ports = MemoryPorts()
    task = chunk_task(ports)
    ports.blobs.clear()
    with pytest.raises(DatasetMissing):
        process_chunk(task, ports)


def test_a_lost_layout_ends_the_chunks_of_a_run_that_was_cleaned_up() -> None:
    ports = MemoryPorts()
    task = chunk_task(ports)
    work._recent.clear()
    ports.work.stored.clear()
    with pytest.raises(WorkMissing, match="layout"):
        process_chunk(task, ports)


def test_a_chunk_that_outlives_its_run_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = MemoryPorts()
    task = chunk_task(ports)
    read = MemoryDataset.read

    def slow(self: MemoryDataset, start: int, stop: int) -> bytes:
        ports.work.remove(task.plan.run_id, 100)
        return read(self, start, stop)

    monkeypatch.setattr(MemoryDataset, "read", slow)
    with pytest.raises(WorkMissing):
        process_chunk(task, ports)
    assert ports.work.stored == {}


def test_spans_begin_nothing_more_once_their_run_has_failed_but_a_redrive_does() -> None:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", TABLE)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options={"chunk_bytes": 1})
    plan = inspect_dataset(request, ports)
    assert plan.chunks > limits.FAN_OUT_MAX
    began = datetime(2026, 1, 1, 9, 30, 0, 123457, tzinfo=UTC)
    task = SpanTask(plan=plan, first=0, stop=plan.chunks, entry=plan.data_start, started_at=began.isoformat())
    failure = Failure(kind="PipelineFault", message="the disk is on fire")
    completion = ended(request, failure, began, began + timedelta(hours=7, microseconds=654321))
    process_chunk(task, ports)
    announce_completion(msgspec.structs.replace(completion, chunks=plan.chunks), ports)
    with pytest.raises(WorkMissing, match="has ended"):
        process_chunk(task, ports)
    again = msgspec.structs.replace(task, started_at=(began + timedelta(days=1)).isoformat())
    assert process_chunk(again, ports).records > 0


def test_a_run_that_failed_before_it_had_any_work_leaves_none() -> None:
    ports = MemoryPorts()
    request = RunRequest(run_id="r", dataset=ports.drop("t.csv", TABLE), options={})
    announce_completion(ended(request, Failure(kind="DatasetRejected", message="m"), clock(), clock()), ports)
    assert ports.work.stored == {}


def test_too_many_chunks_are_refused() -> None:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", TABLE)
    huge = dataset.__class__(account="a", container="input", blob="t.csv", etag=dataset.etag, size=10**9)
    with pytest.raises((RequestRefused, PipelineFault)):
        inspect_dataset(RunRequest(run_id="r", dataset=huge, options={"chunk_bytes": 1}), ports)


def test_a_name_that_leaves_no_room_for_the_names_of_its_report_is_rejected() -> None:
    ports = MemoryPorts()
    dataset = ports.drop("x" * 1000, TABLE)
    with pytest.raises(DatasetRejected, match="1000 characters"):
        inspect_dataset(RunRequest(run_id=run_id(dataset), dataset=dataset, options={}), ports)


@pytest.mark.parametrize("chunk_bytes", [2, 3, 8])
def test_partials_are_folded_in_groups_of_neighbours_that_one_fold_takes(chunk_bytes: int) -> None:
    ports = MemoryPorts()
    data = b"a\n" + b"".join(b"%d\n" % (i % 7) for i in range(300))
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options={"chunk_bytes": chunk_bytes})
    levels = []

    def fold(tasks: Sequence[FoldTask]) -> list[Link]:
        levels.append([len(task.links) for task in tasks])
        return [fold_partials(task, ports) for task in tasks]

    run_in_process(request, ports, clock, lambda tasks: [process_chunk(task, ports) for task in tasks], fold=fold)
    document = json.loads(ports.reports.files[f"t.csv/{request.run_id}/report.json"])
    assert len(levels) > 1
    assert all(sum(above) == len(below) for below, above in pairwise(levels))
    assert len(levels[-1]) == 1
    assert max(max(level) for level in levels) <= limits.FOLD_AT_ONCE
    assert outside_run(document) == outside_run(run(MemoryPorts(), data)[1])
