"""Drift against the last completed run of the same blob, or the one that was asked for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from fanfold.errors import RequestRefused
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.options import read_options
from fanfold.storage.memory import MemoryPorts

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OLD = b"id,town,size\n" + b"".join(b"%d,A,%d.5\n" % (row, row % 7) for row in range(200))
NEW = b"id,size,country\n" + b"".join(b"%d,%d.5,%s\n" % (row, 90 + row % 7, b"PT" * (row % 3)) for row in range(500))


def run(ports: MemoryPorts, data: bytes, **options: Any) -> dict[str, Any]:
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
    run_in_process(request, ports, lambda: NOW, lambda tasks: [process_chunk(task, ports) for task in tasks])
    document: dict[str, Any] = json.loads(ports.reports.files[f"t.csv/{request.run_id}/report.json"])
    return document


def test_the_first_run_of_a_blob_has_nothing_to_drift_from() -> None:
    assert "drift" not in run(MemoryPorts(), OLD)["run"]


def test_the_next_version_is_compared_with_the_one_before() -> None:
    ports = MemoryPorts()
    before = run(ports, OLD)["run"]["id"]
    drift = run(ports, NEW, chunk_bytes=100)["run"]["drift"]
    assert drift["baseline"] == before
    assert (drift["added"], drift["removed"], drift["reordered"]) == (["country"], ["town"], False)
    assert drift["records"] == {"before": 200, "now": 500}
    assert [alert["kind"] for alert in drift["alerts"]] == [
        "column_removed",
        "column_added",
        "records_changed",
        "distribution_changed",
        "distribution_changed",
    ]
    size = drift["columns"][1]
    assert size["name"] == "size"
    assert size["psi"] > 1
    assert size["null_rate"] == {"before": 0, "now": 0}


def test_numbers_are_compared_as_their_columns_read_however_they_are_written() -> None:
    ports = MemoryPorts()
    plain = b"id;size\n" + b"".join(b"%d;%d.5\n" % (row, row % 7) for row in range(200))
    commas = plain.replace(b".5", b",5").replace(b"199;3,5", b"199;NA")
    run(ports, plain)
    drift = run(ports, commas)["run"]["drift"]
    size = drift["columns"][1]
    assert size["type"] == {"before": "number", "now": "number"}
    assert (size["by"], size["null_rate"]) == ("numbers", {"before": 0, "now": 1 / 200})
    assert size["psi"] < 0.001
    assert drift["alerts"] == []


def test_columns_are_not_decided_again_to_be_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = MemoryPorts()
    run(ports, OLD)
    monkeypatch.setattr("fanfold.profile.changes.decide", lambda *_: pytest.fail("decided again"))
    assert [column["by"] for column in run(ports, NEW)["run"]["drift"]["columns"]] == ["numbers", "numbers"]


def test_texts_that_may_be_null_are_compared_in_columns_of_text() -> None:
    ports = MemoryPorts()
    run(ports, b"a,b\nNA,x\nNA,y\nPT,NULL\n")
    drift = run(ports, b"a,b\nPT,x\nPT,y\nPT,z\n")["run"]["drift"]
    assert [(column["bins"], column["null_rate"]["before"]) for column in drift["columns"]] == [(2, 0), (3, 1 / 3)]


def test_the_older_profile_is_read_with_the_null_values_it_was_made_with() -> None:
    ports = MemoryPorts()
    run(ports, b"id,size\n1,x\n2,7\n", null_values=["x"])
    size = run(ports, b"id,size\n1,x\n2,7\n3,8\n")["run"]["drift"]["columns"][1]
    assert size["type"] == {"before": "integer", "now": "string"}
    assert size["null_rate"] == {"before": 0.5, "now": 0}


def test_the_same_version_again_is_compared_with_the_same_one_again() -> None:
    ports = MemoryPorts()
    run(ports, OLD)
    first = run(ports, NEW)
    assert run(ports, NEW) == first


def test_only_the_run_section_knows_of_the_past() -> None:
    ports = MemoryPorts()
    run(ports, OLD)
    with_past, without = run(ports, NEW), run(MemoryPorts(), NEW)
    assert {**with_past, "run": None} == {**without, "run": None}


def test_a_baseline_may_be_asked_for_or_not_wished() -> None:
    ports = MemoryPorts()
    first = run(ports, OLD)["run"]["id"]
    run(ports, OLD + b"1,B,\n")
    assert run(ports, NEW, baseline=first)["run"]["drift"]["baseline"] == first
    assert "drift" not in run(ports, NEW, baseline="none")["run"]


@pytest.mark.parametrize("content", [None, b"noise", b"fanfold.profile.bin\n\xff"])
def test_a_baseline_that_cannot_be_read_is_said_and_the_run_completes(content: bytes | None) -> None:
    ports = MemoryPorts()
    if content is not None:
        ports.reports.put("t.csv/other/profile.bin", content, "application/octet-stream")
    document = run(ports, NEW, baseline="other")
    assert "t.csv/other/profile.bin" in document["run"]["drift"]["error"]
    page = next(text for name, text in ports.reports.files.items() if name.endswith("report.html")).decode()
    assert "could not be compared" in page


def test_a_baseline_that_was_damaged_is_said_and_the_run_completes() -> None:
    ports = MemoryPorts()
    first = run(ports, OLD)["run"]["id"]
    name = f"t.csv/{first}/profile.bin"
    whole = ports.reports.files[name]
    ports.reports.files[name] = whole.replace(b"fanfold.profile", b"fanfold.profilf").replace(b"profilf", b"profile", 1)
    assert name in run(ports, NEW)["run"]["drift"]["error"]


def test_the_page_and_the_summary_show_the_drift() -> None:
    ports = MemoryPorts()
    run(ports, OLD)
    folder = f"t.csv/{run(ports, NEW)['run']['id']}"
    assert 'id="drift"' in ports.reports.files[f"{folder}/report.html"].decode()
    assert "## Drift" in ports.reports.files[f"{folder}/report.md"].decode()


def test_an_id_of_another_form_is_refused() -> None:
    with pytest.raises(RequestRefused, match=r"options\.baseline"):
        read_options({"baseline": "../other"})
