"""Several datasets as one run: what their report says, and how such a run ends."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from orchestra import Orchestra

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.context import COMBINE
from fanfold.pipeline.envelopes import run_step
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import (
    Completion,
    Member,
    RunRequest,
    from_wire,
    to_wire,
)
from fanfold.pipeline.orchestration import run_dataset
from fanfold.pipeline.policy import RetryPolicy
from fanfold.pipeline.several import check_members, name_of, request_several
from fanfold.storage.memory import MemoryPorts
from tests.pipeline_steps import STEPS

HEADER = b"id,town\n"
ROWS = st.lists(st.sampled_from([b"1,A\n", b"2,B\n", b",\n", b"broken\n", b'3,"x\ny"\n', b"1.5,\n"]), max_size=8)


def drop(ports: MemoryPorts, files: Mapping[str, bytes], **options: Any) -> RunRequest:
    versions = [ports.drop(name, data) for name, data in files.items()]
    members = [Member(blob=one.blob, etag=one.etag, size=one.size) for one in versions]
    options = {"delimiter": ",", "header": True, **options}
    return request_several(versions[0].account, versions[0].container, "all", members, options)


def orchestra(ports: MemoryPorts, request: RunRequest) -> Orchestra:
    activities = {
        name: lambda wire, step=step, kind=kind: run_step(step, kind, wire, ports)
        for name, (step, kind) in STEPS.items()
    }
    return Orchestra(to_wire(request), activities)


def play(ports: MemoryPorts, request: RunRequest, player: Orchestra | None = None) -> Completion:
    player = player or orchestra(ports, request)
    return from_wire(player.play(run_dataset(player, RetryPolicy())), Completion)


def report(ports: MemoryPorts, completion: Completion) -> dict[str, Any]:
    name = f"{completion.dataset.blob}/{completion.run_id}/report.json"
    document: dict[str, Any] = json.loads(ports.reports.files[name])
    return document


def alone(data: bytes) -> dict[str, Any]:
    ports = MemoryPorts()
    request = RunRequest(run_id="one", dataset=ports.drop("one", data), options={"delimiter": ",", "header": True})
    run_in_process(request, ports, ports_clock, lambda tasks: [process_chunk(task, ports) for task in tasks])
    document: dict[str, Any] = json.loads(ports.reports.files["one/one/report.json"])
    return document


def ports_clock() -> Any:
    return Orchestra(None, {}).now


@settings(max_examples=20)
@given(st.lists(ROWS, min_size=1, max_size=4), st.integers(1, 40))
def test_several_datasets_have_the_figures_of_all_their_records_in_one(parts: list[list[bytes]], size: int) -> None:
    files = {f"{place}.csv": HEADER + b"".join(rows) for place, rows in enumerate(parts)}
    documents = []
    for options in ({}, {"chunk_bytes": size, "max_concurrency": 1 + size % 3}):
        ports = MemoryPorts()
        completion = play(ports, drop(ports, files, **options))
        assert (completion.outcome, completion.error) == ("completed", None)
        documents.append(report(ports, completion))
    whole = alone(HEADER + b"".join(row for rows in parts for row in rows))
    first, again = ({key: value for key, value in document.items() if key != "run"} for document in documents)
    assert first == again
    assert first["columns"] == whole["columns"]
    assert first["alerts"] == whole["alerts"]
    assert first["rejects"]["reasons"] == whole["rejects"]["reasons"]
    assert first["dataset"]["records"] == whole["dataset"]["records"]
    assert first["dataset"]["bytes"] == sum(map(len, files.values()))


def test_the_report_says_which_datasets_it_is_of() -> None:
    ports = MemoryPorts()
    request = drop(ports, {"b.csv": HEADER + b"1,A\nbroken\n", "a.csv": HEADER + b"2,B\n3,C\n"}, chunk_bytes=8)
    completion = play(ports, request)
    run = report(ports, completion)["run"]
    found = [(one["blob"], one["bytes"], one["records"], one["rejected"]) for one in run["datasets"]]
    assert found == [("b.csv", 19, 1, 1), ("a.csv", 16, 2, 0)]
    assert (run["source"]["blob"], run["source"]["etag"]) == ("all", request.dataset.etag)
    assert (run["chunks"], run["chunk_bytes"], completion.chunks) == (5, 8, 5)
    assert (completion.records, completion.rejected) == (3, 1)


def test_a_quote_left_open_in_one_dataset_does_not_swallow_the_next() -> None:
    ports = MemoryPorts()
    completion = play(ports, drop(ports, {"a.csv": HEADER + b'1,"A\n', "b.csv": HEADER + b"2,B\n3,C\n"}))
    assert (completion.records, completion.rejected) == (2, 1)


def test_a_schema_is_held_against_all_datasets() -> None:
    ports = MemoryPorts()
    schema = {"fields": [{"name": "id", "type": "integer", "constraints": {"maximum": 2}}, {"name": "town"}]}
    files = {"a.csv": HEADER + b"1,A\n9,A\n", "b.csv": HEADER + b"8,B\n"}
    completion = play(ports, drop(ports, files, schema=schema))
    validation = report(ports, completion)["validation"]
    assert completion.verdict == validation["verdict"] == "fail"
    (broken,) = [rule for rule in validation["rules"] if rule["rule"] == "maximum"]
    assert (broken["violations"], [example["record"] for example in broken["examples"]]) == (2, [2, 3])


def test_datasets_of_other_columns_are_refused_by_name() -> None:
    ports = MemoryPorts()
    completion = play(ports, drop(ports, {"a.csv": HEADER + b"1,A\n", "b.csv": b"id,country\n1,A\n"}))
    assert completion.outcome == "failed"
    assert completion.error is not None
    assert completion.error.kind == "DatasetRejected"
    assert "b.csv has the columns ['id', 'country'], a.csv has ['id', 'town']" in completion.error.message
    assert len(ports.outbox.messages) == 1


@pytest.mark.parametrize(
    ("change", "outcome", "kind"),
    [
        (lambda ports: ports.blobs.pop(("input", "b.csv")), "failed", "DatasetMissing"),
        (lambda ports: ports.drop("b.csv", HEADER), "superseded", "DatasetSuperseded"),
        (lambda ports: ports.drop("b.csv", b""), "superseded", "DatasetSuperseded"),
    ],
)
def test_one_dataset_that_changes_ends_the_run_and_is_named(change: Any, outcome: str, kind: str) -> None:
    ports = MemoryPorts()
    request = drop(ports, {"a.csv": HEADER + b"1,A\n", "b.csv": HEADER + b"2,B\n"})
    change(ports)
    completion = play(ports, request)
    assert completion.outcome == outcome
    assert completion.error is not None
    assert completion.error.kind == kind
    assert completion.error.message.startswith("b.csv: ")


def test_a_run_of_several_that_has_ended_leaves_nothing_behind() -> None:
    ports = MemoryPorts()
    play(ports, drop(ports, {"a.csv": HEADER + b"1,A\n" * 9, "b.csv": HEADER + b"2,B\n"}, chunk_bytes=7))
    assert ports.work.stored == {}


def test_a_run_taken_up_again_computes_no_chunk_again() -> None:
    ports = MemoryPorts()
    request = drop(ports, {"a.csv": HEADER + b"1,A\n" * 9, "b.csv": HEADER + b"2,B\n"}, chunk_bytes=7)
    broken = orchestra(ports, request)
    broken.activities[COMBINE] = lambda _: {"error": {"kind": "PipelineFault", "message": "no", "retryable": False}}
    assert play(ports, request, broken).outcome == "failed"
    before = len(ports.work.writes)
    later = orchestra(ports, request)
    later.now += timedelta(minutes=1)
    assert play(ports, request, later).outcome == "completed"
    assert not [name for name in ports.work.writes[before:] if "/chunk/" in name or "/span/" in name]


def test_a_cancelled_run_of_several_says_so() -> None:
    ports = MemoryPorts()
    request = drop(ports, {f"{n}.csv": HEADER + b"1,A\n" * 9 for n in range(4)}, chunk_bytes=7, max_concurrency=1)
    player = orchestra(ports, request)
    player.cancelled_after_chunks = 1
    completion = play(ports, request, player)
    assert completion.error is not None
    assert completion.error.kind == "Cancelled"


def test_the_status_tells_how_many_datasets_are_through() -> None:
    ports = MemoryPorts()
    request = drop(ports, {f"{n}.csv": HEADER + b"1,A\n" for n in range(3)}, max_concurrency=1)
    player = orchestra(ports, request)
    assert play(ports, request, player).chunks == 3
    assert {status["chunks"] for status in player.statuses if "chunks" in status} == {3}
    told = [status["datasets_done"] for status in player.statuses if status["phase"] == "profiling"]
    assert told == [0, 1, 2, 3]
    assert player.statuses[-1]["datasets_done"] == 3


def test_datasets_at_work_share_the_width_of_the_run() -> None:
    ports = MemoryPorts()
    player = orchestra(ports, drop(ports, {f"{n}.csv": HEADER + b"1,A\n" * 50 for n in range(3)}, max_concurrency=2))
    play(ports, from_wire(player.input, RunRequest), player)
    assert player.children_most <= 2


def test_ids_below_a_run_of_several_have_no_slash_and_fit() -> None:
    ports = MemoryPorts()
    files = {f"{n}.csv": HEADER + b"1,A\n" * 40 for n in range(2)}
    player = orchestra(ports, drop(ports, files, chunk_bytes=1))
    play(ports, from_wire(player.input, RunRequest), player)
    assert len(set(player.sub_ids)) == len(player.sub_ids) > 2
    assert all(len(one) <= 100 and "/" not in one for one in player.sub_ids)
    assert len({entity.key for entity, _, _ in player.signals}) == 1


def test_the_same_versions_in_the_same_order_are_the_same_run() -> None:
    one, other = (Member(blob=name, etag="1", size=1) for name in "ab")
    ids = [
        request_several("acc", "input", "all", members, {}).run_id
        for members in ([one, other], [one, other], [other, one], [one])
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_more_datasets_than_one_message_holds_are_refused() -> None:
    members = [Member(blob=f"{n}", etag="1", size=1) for n in range(limits.DATASETS_MAX + 1)]
    check_members(members[:-1])
    with pytest.raises(RequestRefused, match="at most"):
        check_members(members)
    with pytest.raises(RequestRefused, match="names and versions of"):
        check_members([Member(blob="x" * 1000 + str(n), etag="1", size=1) for n in range(60)])


def test_the_report_is_called_after_the_folder_or_the_first_dataset() -> None:
    members = [Member(blob=name, etag="1", size=1) for name in ("a/1.csv", "a/2.csv")]
    assert (name_of("a/", members), name_of(None, members), name_of(None, members[:1])) == (
        "a",
        "a/1.csv and 1 more",
        "a/1.csv",
    )
    with pytest.raises(RequestRefused, match="name: 1000 characters"):
        request_several("acc", "input", "x" * 1000, members, {})
