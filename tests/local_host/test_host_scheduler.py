"""Which engine a host uses, and a host that works for a scheduler of another process."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_host import ROOT, Azurite, running, wait_for

from local_host.durable.scheduler import SETTING, BadScheduler, Scheduler, choose, parse

LOCAL = "Endpoint=http://localhost:8080;TaskHub=default;Authentication=None"


def test_settings_file_that_names_a_scheduler_does_not_choose_it() -> None:
    assert choose(None, {}, {SETTING: LOCAL}, "Hub") is None
    assert choose("scheduler", {}, {SETTING: LOCAL}, "Hub") == Scheduler("http://localhost:8080", "default")


def test_environment_that_names_a_scheduler_chooses_it_unless_told_otherwise() -> None:
    assert choose(None, {SETTING: LOCAL}, {}, "Hub") == Scheduler("http://localhost:8080", "default")
    assert choose("embedded", {SETTING: LOCAL}, {}, "Hub") is None


def test_scheduler_that_nobody_names_is_an_error_with_the_setting() -> None:
    with pytest.raises(BadScheduler, match=SETTING):
        choose("scheduler", {}, {}, "Hub")


def test_connection_string_of_azure_names_hub_and_identity() -> None:
    found = parse("Endpoint=https://x.durabletask.io/;Authentication=ManagedIdentity;ClientID=42", "Hub")
    assert found == Scheduler("https://x.durabletask.io", "Hub", "ManagedIdentity", "42")
    assert found.secure


@pytest.mark.parametrize(("bad", "complaint"), [("TaskHub=x", "no Endpoint"), ("Endpoint=x;Authentication=Key", "Key")])
def test_bad_connection_string_is_refused_by_name(bad: str, complaint: str) -> None:
    with pytest.raises(BadScheduler, match=complaint):
        parse(bad, "Hub")


@contextlib.contextmanager
def scheduler(state: Path, port: int = 0) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    ready = state / "scheduler.json"
    ready.unlink(missing_ok=True)
    options = ["--port", str(port), "--state", str(state), "--ready-file", str(ready), "--exit-with-parent"]
    command = [sys.executable, "-m", "local_host", "scheduler", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(ready.exists, "the scheduler")
            yield process, json.loads(ready.read_text())["connection_string"]
        finally:
            process.terminate()


def lines(path: Path, word: str) -> list[int]:
    text = path.read_text() if path.exists() else ""
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith(word)]


def test_killed_scheduler_loses_nothing_and_repeats_only_what_was_not_answered(
    azurite: Azurite, tmp_path: Path
) -> None:
    work, state = tmp_path / "lines", tmp_path / "scheduler"
    state.mkdir()
    with contextlib.ExitStack() as stack:
        process, connection = stack.enter_context(scheduler(state))
        settings = {"AzureWebJobsStorage": azurite.connection_string, SETTING: connection}
        host = stack.enter_context(running("fan_out", tmp_path / "host", "--workers", "1", **settings))
        assert "durable engine: the scheduler at http://127.0.0.1" in host.log.read_text()
        instance = host.start("work_slowly", {"file": str(work), "count": 60, "rest_s": 0.05})
        wait_for(lambda: len(lines(work, "end")) >= 20, "some of the work")
        process.send_signal(signal.SIGKILL)
        process.wait()
        finished = lines(work, "end")
        port = int(connection.split(";")[0].rpartition(":")[2])
        stack.enter_context(scheduler(state, port))
        wait_for(lambda: len(set(lines(work, "end"))) == 60, "the rest of the work")
        wait_for(lambda: host.request("GET", f"{API}/{instance}").status == 200, "the connection")
        assert host.finish(instance)["output"] == list(range(60))
    # Those at work when the scheduler died, and those whose answer it did not hear.
    assert len([n for n in set(finished) if lines(work, "begin").count(n) > 1]) <= 40


API = "/runtime/webhooks/durabletask/instances"
