"""What goes wrong in the middle of a run, and what its user gets then: on the real host, with a faulty chunk step."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from app import ROOT, App, wait_until
from jsonschema import Draft202012Validator
from test_whole_path import SCHEMA, people

CHUNKED = {"chunk_bytes": 1000}
RECORDS = 400
DROPPED: dict[str, dict[str, Any]] = {
    "fail-always-7.strict.csv": CHUNKED,
    "fail-always-7.tolerant.csv": {**CHUNKED, "tolerated_failures": "10%", "emit": "csv"},
    "fail-2-times-7.csv": CHUNKED,
    "hang-7.csv": {**CHUNKED, "chunk_deadline_s": 8},
    "hang-7.hopeless.csv": {**CHUNKED, "deadline_s": 6},
    "whole.csv": {},
}


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with the faults, and all datasets dropped at once: their back-offs pass side by side."""
    folder = shutil.copytree(Path(__file__).parent / "faulty_app", tmp_path_factory.mktemp("app") / "app")
    shutil.copy(ROOT / "local.settings.json.example", folder)
    host = json.loads((ROOT / "host.json").read_text())
    host["extensions"]["durableTask"]["maxConcurrentActivityFunctions"] = 4  # two of them hang
    (folder / "host.json").write_text(json.dumps(host))
    faults = tmp_path_factory.mktemp("faults")
    running = App(tmp_path_factory.mktemp("state"), folder, APP_UNDER_TEST=str(ROOT), FAULTS=str(faults)).start()
    for name, options in DROPPED.items():
        running.drop(name, people(RECORDS), options)
    yield running
    running.stop()


def steer(app: App, verb: str, run_id: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{app.http}/api/test/{verb}/{run_id}") as answer:  # noqa: S310 - our own host
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def work_of(app: App, run_id: str) -> list[str]:
    return [str(name) for name in app.blobs.get_container_client("work").list_blob_names(name_starts_with=f"{run_id}/")]


def test_a_chunk_that_fails_twice_is_tried_a_third_time_and_nobody_notices(faulty: App) -> None:
    event = faulty.completion("fail-2-times-7.csv")
    assert (event["data"]["status"], event["data"]["records"]) == ("completed", RECORDS)
    assert faulty.document(event)["run"]["retries"] == 2
    wait_until(lambda: not work_of(faulty, event["id"]), 20, "the work to be removed")


def test_a_chunk_that_hangs_is_issued_again_at_its_deadline(faulty: App) -> None:
    event = faulty.completion("hang-7.csv")
    assert (event["data"]["status"], event["data"]["records"]) == ("completed", RECORDS)
    assert event["data"]["duration_s"] < 30


def test_a_run_that_hangs_ends_at_its_deadline(faulty: App) -> None:
    event = faulty.completion("hang-7.hopeless.csv")
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"]["kind"] == "DeadlineExceeded"
    assert event["data"]["duration_s"] < 20


def test_a_chunk_that_fails_always_is_left_out_where_that_is_tolerated(faulty: App) -> None:
    event = faulty.completion("fail-always-7.tolerant.csv", 150)
    assert event["type"] == "fanfold.run.completed"
    assert (event["data"]["status"], event["data"]["failed_chunks"]) == ("completed_with_failures", 1)
    document = faulty.document(event)
    Draft202012Validator(SCHEMA).validate(document)
    (chunk,) = document["run"]["failed_chunks"]["first"]
    assert (chunk["start"], chunk["stop"]) == (7000, 8000)
    assert "on fire" in chunk["error"]["message"]
    ((start, stop),) = document["run"]["unread"]["first"]
    assert 7000 <= start < 8000 <= stop < 9000
    whole = faulty.document(faulty.completion("whole.csv"))
    missing = people(RECORDS)[start:stop].count(b"\n") - people(RECORDS)[start:stop].count(b"line one\n")
    assert document["dataset"]["records"] == whole["dataset"]["records"] - missing
    manifest = json.loads(faulty.report(event, "data/manifest.json"))
    assert manifest["total"]["records"] == document["dataset"]["records"]
    assert "part-000007.csv" not in {part["name"] for part in manifest["parts"]}


def test_a_chunk_that_fails_always_fails_the_run_by_name_and_a_redrive_completes_it(faulty: App) -> None:
    event = faulty.completion("fail-always-7.strict.csv", 150)
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"]["kind"] == "PipelineFault"
    assert "chunk 7 (bytes 7000 to 8000): OSError: the disk is on fire" in event["data"]["error"]["message"]
    assert (event["data"]["chunks"], event["data"]["failed_chunks"]) == (-(-len(people(RECORDS)) // 1000), 1)
    stored = {name for name in work_of(faulty, event["id"]) if "/chunk/" in name}
    assert len(stored) == len(people(RECORDS)) // 1000
    (Path(faulty.settings["FAULTS"]) / "healed").touch()
    faulty.messages.remove(event)
    assert steer(faulty, "redrive", event["id"])[0] == 200
    again = faulty.completion("fail-always-7.strict.csv")
    assert (again["id"], again["data"]["status"], again["data"]["records"]) == (event["id"], "completed", RECORDS)
    wait_until(lambda: "found completed; expected" in steer(faulty, "redrive", event["id"])[1], 20, "a refusal")


def test_a_cancelled_run_ends_soon_says_so_and_leaves_nothing(faulty: App) -> None:
    etag = faulty.drop("long.slow.csv", people(3000), {"chunk_bytes": 500, "max_concurrency": 4})
    wait_until(lambda: faulty.chunks_done("long") > 8, 60, "the first chunks")
    run_id = next(name for name in faulty.blobs.get_container_client("work").list_blob_names() if name[:4] == "long")
    run_id = run_id.partition("/")[0]
    status, shown = steer(faulty, "look", run_id)
    assert status == 200
    assert "phase='profiling'" in shown
    assert steer(faulty, "cancel", run_id)[0] == 200
    asked = time.monotonic()
    event = faulty.completion("long.slow.csv", etag=etag)
    assert time.monotonic() - asked < 10
    assert event["type"] == "fanfold.run.failed"
    assert event["data"]["error"] == {"kind": "Cancelled", "message": "by the test"}
    assert steer(faulty, "cancel", run_id)[0] in {200, 409}
    time.sleep(3)  # chunks that were at work when their run ended
    done = sum("/chunk/" in name for name in work_of(faulty, run_id))
    assert done <= 4
    time.sleep(2)
    assert sum("/chunk/" in name for name in work_of(faulty, run_id)) == done


def test_a_late_event_of_an_older_version_changes_nothing(faulty: App) -> None:
    """An event carries no version: whoever acts on a late one finds the version that is there now, and its run."""
    old = faulty.drop("twice.csv", people(20))
    assert faulty.completion("twice.csv", etag=old)["data"]["records"] == 20
    new = faulty.drop("twice.csv", people(30))
    assert faulty.completion("twice.csv", etag=new)["data"]["records"] == 30
    faulty.drop("unrelated.csv", people(5))
    faulty.completion("unrelated.csv")
    time.sleep(1)
    with suppress(KeyError):
        faulty.completion("unrelated.csv")
    assert sum(event["subject"] == "twice.csv" for event in faulty.messages) == 2
