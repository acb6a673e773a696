from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from running_host import Azurite, RunningHost, await_ready, launch, wait_for

from local_host.reload import matters

APP = """
import os
import azure.functions as func
import azure.durable_functions as df

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="say")
def say(req: func.HttpRequest) -> str:
    return "{word} " + os.environ.get("WORD", "")

@app.orchestration_trigger(context_name="context")
def waits(context):
    return (yield context.wait_for_external_event("Go"))
"""


def write(app: Path, word: str) -> None:
    (app / "function_app.py").write_text(APP.replace("{word}", word))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    folder = tmp_path / "app"
    folder.mkdir()
    write(folder, "one")
    return folder


@pytest.fixture
def host(app: Path, tmp_path: Path, azurite: Azurite) -> Iterator[RunningHost]:
    storage = {"AzureWebJobsStorage": azurite.connection_string}
    options = ("--private", "--exit-with-parent", "--reload", "--workers", "1")
    with launch(app, tmp_path / "state", *options, **storage) as process:
        try:
            yield await_ready(process, tmp_path / "state")
        finally:
            process.terminate()


def says(host: RunningHost) -> str:
    return host.request("GET", "/api/say").body.decode().strip()


def test_edited_code_is_served_at_the_same_address_and_orchestrations_go_on(app: Path, host: RunningHost) -> None:
    assert says(host) == "one"
    instance = host.start("waits")
    write(app, "two")
    wait_for(lambda: says(host) == "two", "the new code")
    host.request("POST", f"/runtime/webhooks/durabletask/instances/{instance}/raiseEvent/Go", "on")
    assert host.finish(instance)["output"] == "on"
    assert "function_app.py changed: restarting" in host.log.read_text()


def test_edited_settings_are_taken_up(app: Path, host: RunningHost) -> None:
    (app / "local.settings.json").write_text(json.dumps({"Values": {"WORD": "more"}}))
    wait_for(lambda: says(host) == "one more", "the new setting")


def test_many_edits_at_once_restart_once(app: Path, host: RunningHost) -> None:
    for n in range(20):
        (app / f"part_{n}.py").write_text("")
    write(app, "many")
    wait_for(lambda: says(host) == "many", "the new code")
    assert host.log.read_text().count("restarting") == 1


def test_broken_code_is_told_and_the_next_edit_mends_it(app: Path, host: RunningHost) -> None:
    (app / "function_app.py").write_text("app = (")
    wait_for(lambda: "waiting for a change" in host.log.read_text(), "the complaint")
    assert "function_app.py:1" in host.log.read_text()
    write(app, "mended")
    assert says(host) == "mended"  # the port was open all the time


def test_azurite_and_its_data_stay_while_the_host_restarts(app: Path, tmp_path: Path) -> None:
    state, options = tmp_path / "state", ("--private", "--exit-with-parent", "--reload", "--workers", "1")
    with launch(app, state, *options) as process:
        try:
            host = await_ready(process, state)
            azurite = int((state / "azurite" / "azurite.pid").read_text())
            with BlobServiceClient.from_connection_string(host.storage) as blobs:
                blobs.create_container("kept").upload_blob("a", b"content")
                for word in ("two", "three"):
                    write(app, word)
                    wait_for(lambda word=word: says(host) == word, "the new code")
                    told = json.loads((state / "ready.json").read_text())["storage_connection_string"]
                    assert told == host.storage
                    assert blobs.get_blob_client("kept", "a").download_blob().readall() == b"content"
            assert int((state / "azurite" / "azurite.pid").read_text()) == azurite
            os.kill(azurite, 0)  # still there
            assert host.stop() == 0
        finally:
            process.terminate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_the_host_and_its_watcher(tmp_path: Path, host: RunningHost, number: int) -> None:
    child = json.loads((tmp_path / "state" / "ready.json").read_text())["pid"]
    assert child != host.process.pid
    assert host.stop(number) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("function_app.py", True),
        ("parts/one.py", True),
        ("host.json", True),
        ("local.settings.json", True),
        ("parts/host.json", False),
        ("data.csv", False),
        (".venv/lib/one.py", False),
        ("__pycache__/one.py", False),
    ],
)
def test_only_code_and_settings_of_the_app_matter(path: str, expected: bool) -> None:
    assert matters(Path("/app"), Path("/app") / path) is expected
