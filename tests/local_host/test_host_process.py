from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from running_host import APPS, ROOT, Azurite, await_ready, launch, running, wait_for


def children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pids: list[int]) -> bool:
    return not any(is_alive(pid) for pid in pids)


def slow_work(path: Path, count: int, rest_s: float) -> dict[str, object]:
    return {"file": str(path), "count": count, "rest_s": rest_s}


def lines(path: Path, word: str) -> list[int]:
    text = path.read_text() if path.exists() else ""
    return [int(line.split()[1]) for line in text.splitlines() if line.startswith(word)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_stops_the_host_and_all_its_processes(tmp_path: Path, number: int) -> None:
    with running("fan_out", tmp_path) as host:
        host.run("square_all", 4)
        pids = children_of(host.process.pid)
        assert len(pids) >= 2  # Azurite and workers
        assert host.stop(number) == 0
        assert gone(pids)


def test_second_signal_stops_at_once(azurite: Azurite, tmp_path: Path) -> None:
    with running("fan_out", tmp_path, AzureWebJobsStorage=azurite.connection_string) as host:
        host.start("work_slowly", slow_work(tmp_path / "lines", 1, 60))
        wait_for(lambda: lines(tmp_path / "lines", "begin"), "the work to begin")
        pids = children_of(host.process.pid)
        began = time.monotonic()
        host.process.send_signal(signal.SIGINT)
        wait_for(lambda: "stopping" in host.log.read_text(), "the host to stop")
        assert host.stop(signal.SIGINT) == 130
        assert time.monotonic() - began < 2.0
        wait_for(lambda: gone(pids), "the workers to end")


def test_killed_host_leaves_no_process_and_repeats_only_what_was_not_finished(tmp_path: Path) -> None:
    work = tmp_path / "lines"
    with running("fan_out", tmp_path, "--workers", "1") as host:
        instance = host.start("work_slowly", slow_work(work, 40, 0.05))
        wait_for(lambda: len(lines(work, "end")) >= 12, "some of the work")
        pids = children_of(host.process.pid)
        host.stop(signal.SIGKILL)
        wait_for(lambda: gone(pids), "Azurite and the workers to end")
    finished = lines(work, "end")
    with running("fan_out", tmp_path, "--workers", "1") as host:
        assert host.finish(instance)["output"] == list(range(40))
    again = [n for n in set(finished) if lines(work, "begin").count(n) > 1]
    # An activity whose end was not acknowledged when the host died runs again: those at work, and those just done.
    assert len(again) <= 20
    assert sorted(set(lines(work, "end"))) == list(range(40))


def test_activity_that_ends_within_the_grace_of_a_stop_is_not_repeated(azurite: Azurite, tmp_path: Path) -> None:
    work = tmp_path / "lines"
    settings = {"AzureWebJobsStorage": azurite.connection_string}
    with running("fan_out", tmp_path, **settings) as host:
        instance = host.start("work_slowly", slow_work(work, 1, 0.5))
        wait_for(lambda: lines(work, "begin"), "the work to begin")
        assert host.stop() == 0
    with running("fan_out", tmp_path, **settings) as host:
        assert host.finish(instance)["output"] == [0]
    assert lines(work, "begin") == [0]


def test_killed_worker_loses_nothing(azurite: Azurite, tmp_path: Path) -> None:
    work = tmp_path / "lines"
    with running("fan_out", tmp_path, AzureWebJobsStorage=azurite.connection_string) as host:
        instance = host.start("work_slowly", slow_work(work, 30, 0.05))
        for _ in range(2):
            known = len(lines(work, "end"))
            wait_for(lambda known=known: len(lines(work, "end")) >= known + 4, "some of the work")
            os.kill(int(work.read_text().split()[-1]), signal.SIGKILL)
        assert host.finish(instance)["output"] == list(range(30))
    assert "are run again" in host.log.read_text()


def test_blobs_of_a_private_azurite_survive_a_killed_host(tmp_path: Path) -> None:
    with running("web", tmp_path) as host, BlobServiceClient.from_connection_string(host.storage) as blobs:
        blobs.create_container("kept").upload_blob("a", b"content")
        host.stop(signal.SIGKILL)
    with running("web", tmp_path) as host, BlobServiceClient.from_connection_string(host.storage) as blobs:
        assert blobs.get_blob_client("kept", "a").download_blob().readall() == b"content"


def test_host_ends_with_its_parent_when_asked_to(azurite: Azurite, tmp_path: Path) -> None:
    ready = tmp_path / "ready.json"
    options = ["--private", "--exit-with-parent", "--state", str(tmp_path), "--ready-file", str(ready)]
    command = [sys.executable, "-m", "local_host", "start", "--app", str(APPS / "web"), *options]
    script = f"import subprocess, time; subprocess.Popen({command!r}); time.sleep(600)"
    settings = {**os.environ, "AzureWebJobsStorage": azurite.connection_string}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=settings, stderr=subprocess.DEVNULL) as parent:
        wait_for(ready.exists, "the ready file", 60)
        pid = json.loads(ready.read_text())["pid"]
        assert is_alive(pid)
        parent.kill()
    wait_for(lambda: gone([pid]), "the host to end")


def test_second_host_on_the_same_state_is_refused(azurite: Azurite, tmp_path: Path) -> None:
    with running("web", tmp_path, AzureWebJobsStorage=azurite.connection_string):
        assert "another local host works on" in refusal(APPS / "web", tmp_path, "--private")


def test_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} is taken" in refusal(APPS / "web", tmp_path, "--port", str(port))


def test_two_private_hosts_do_not_meet(tmp_path: Path) -> None:
    with running("web", tmp_path / "one") as one, running("web", tmp_path / "two") as two:
        assert one.http != two.http
        assert one.storage != two.storage
        assert two.request("GET", "/v1/items/special").body == b"special"


@pytest.mark.parametrize(
    ("app", "complaint"),
    [
        ("import_error", "tests/apps/import_error/function_app.py:7"),
        ("syntax_error", "tests/apps/syntax_error/function_app.py:5"),
        ("duplicate_names", "tests/apps/duplicate_names/function_app.py:8"),
        ("duplicate_names", "Function same does not have a unique function name"),
        ("bad_binding", "tests/apps/bad_binding/function_app.py:8"),
        ("bad_binding", "no parameter for: message"),
        ("no_trigger", "tests/apps/no_trigger/function_app.py:8"),
        ("no_trigger", "does not have a trigger"),
        ("no_app", "defines no FunctionApp"),
        ("bad_schedule", "tests/apps/bad_schedule/function_app.py:8"),
        ("bad_schedule", "'* * * *' has 4 fields"),
        ("nowhere", "nowhere/function_app.py does not exist"),
    ],
)
def test_broken_app_is_refused_with_its_place(azurite: Azurite, tmp_path: Path, app: str, complaint: str) -> None:
    told = refusal(APPS / app, tmp_path, "--private", AzureWebJobsStorage=azurite.connection_string)
    assert complaint in told
    assert "Traceback" not in told


def refusal(app: Path, state: Path, *options: str, **settings: str) -> str:
    command = [sys.executable, "-m", "local_host", "start", "--app", str(app), "--state", str(state), *options]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **settings}, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    return done.stderr


def test_identity_based_connection_is_refused_by_name(azurite: Azurite, tmp_path: Path) -> None:
    settings = {"AzureWebJobsStorage": azurite.connection_string, "Elsewhere__queueServiceUri": "https://no.where"}
    told = refusal(APPS / "identity", tmp_path, "--private", **settings)
    assert "connection Elsewhere: identity-based connections are not supported" in told


def test_connection_that_is_no_setting_is_refused_by_name(azurite: Azurite, tmp_path: Path) -> None:
    told = refusal(APPS / "identity", tmp_path, "--private", AzureWebJobsStorage=azurite.connection_string)
    assert "tests/apps/identity/function_app.py:8: function take: the app setting Elsewhere" in told


def test_time_zone_for_schedules_is_refused_by_name(azurite: Azurite, tmp_path: Path) -> None:
    settings = {"AzureWebJobsStorage": azurite.connection_string, "WEBSITE_TIME_ZONE": "Europe/Paris", "RESULTS": "q"}
    assert "WEBSITE_TIME_ZONE is not supported" in refusal(APPS / "timer", tmp_path, "--private", **settings)


def test_settings_come_from_the_example_file_and_the_environment_wins(tmp_path: Path) -> None:
    app = tmp_path / "app"
    app.mkdir()
    (app / "function_app.py").write_text(
        "import os\nimport azure.functions as func\napp = func.FunctionApp()\n"
        "@app.route(route='settings')\n"
        "def settings(req: func.HttpRequest) -> str:\n"
        "    return ' '.join(os.environ[name] for name in ('ONE', 'TWO', 'OTHER_STORAGE'))\n"
    )
    values = {"ONE": "from the file", "TWO": "from the file", "OTHER_STORAGE": "UseDevelopmentStorage=true"}
    (app / "local.settings.json.example").write_text(json.dumps({"Values": values}))
    state = tmp_path / "state"
    with launch(app, state, "--private", "--exit-with-parent", TWO="from outside") as process:
        host = await_ready(process, state)
        assert host.request("GET", "/api/settings").body.decode() == f"from the file from outside {host.storage}"
        assert host.stop() == 0


def test_limit_of_concurrent_activities_is_kept_over_all_workers(azurite: Azurite, tmp_path: Path) -> None:
    app, work = tmp_path / "app", tmp_path / "lines"
    shutil.copytree(APPS / "fan_out", app)
    (app / "host.json").write_text('{"extensions": {"durableTask": {"maxConcurrentActivityFunctions": 3}}}')
    settings = {"AzureWebJobsStorage": azurite.connection_string}
    state = tmp_path / "state"
    with launch(app, state, "--private", "--exit-with-parent", "--workers", "2", **settings) as process:
        host = await_ready(process, state)
        host.run("work_slowly", slow_work(work, 20, 0.15))  # long enough for both workers to be there
        host.stop()
    running_now = most = 0
    for line in work.read_text().splitlines():
        running_now += 1 if line.startswith("begin") else -1
        most = max(most, running_now)
    assert most == 3
