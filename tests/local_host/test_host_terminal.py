"""What a person sees: colours, the list at start-up, what a stop waits for, Azurite's installation."""

from __future__ import annotations

import logging
import os
import pty
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_host import APPS, ROOT, Azurite, running, wait_for

from local_host import logs
from local_host.processes import azurite as azurite_process
from local_host.processes.azurite import AzuriteUnavailable
from local_host.processes.node import Node


def terminal_output(app: str, state: Path, **settings: str) -> str:
    """What a host writes to a terminal until it is stopped."""
    ours, theirs = pty.openpty()
    ready = state / "ready.json"
    options = ["--private", "--state", str(state), "--ready-file", str(ready), "--exit-with-parent"]
    with subprocess.Popen(
        [sys.executable, "-m", "local_host", "start", "--app", str(APPS / app), *options],
        cwd=ROOT,
        env={**os.environ, **settings},
        stderr=theirs,
    ) as process:
        wait_for(ready.exists, "the host")
        process.terminate()
    os.close(theirs)
    written = b""
    try:
        while chunk := os.read(ours, 65536):
            written += chunk
    except OSError:  # Linux tells the end of a terminal so
        pass
    os.close(ours)
    return written.decode()


def test_terminal_gets_colours_unless_no_color_is_set(azurite: Azurite, tmp_path: Path) -> None:
    storage = {"AzureWebJobsStorage": azurite.connection_string}
    assert "\x1b[" in terminal_output("unsupported", tmp_path / "one", **storage)
    assert "\x1b[" not in terminal_output("unsupported", tmp_path / "two", NO_COLOR="1", **storage)


def test_file_gets_no_colours_and_a_stop_says_what_it_waits_for(azurite: Azurite, tmp_path: Path) -> None:
    work = tmp_path / "lines"
    with running("fan_out", tmp_path, "--workers", "1", AzureWebJobsStorage=azurite.connection_string) as host:
        instance = host.start("work_slowly", {"file": str(work), "count": 1, "rest_s": 0.5})
        wait_for(work.exists, "the work to begin")
        assert host.stop() == 0
    log = host.log.read_text()
    assert f"waiting up to 2 s for leave_line ({instance})" in log
    assert "\x1b" not in log


def test_trouble_of_a_poll_is_one_line_told_once(azurite: Azurite, tmp_path: Path) -> None:
    names = {"CONTAINER": "c", "REQUESTS": "q", "RESULTS": "results"}  # shorter than a name may be
    with running("storage", tmp_path, AzureWebJobsStorage=azurite.connection_string, **names) as host:
        wait_for(lambda: host.log.read_text().count("OutOfRangeInput") >= 2, "both complaints")
        time.sleep(1.0)
        lines = [line.partition("] ")[2] for line in host.log.read_text().splitlines() if "OutOfRangeInput" in line]
        assert sorted(line.partition(":")[2].partition(":")[0].strip() for line in lines) == ["container c", "queue q"]
        assert host.stop() == 0


def test_binding_that_storage_refuses_is_named_without_a_traceback(azurite: Azurite, tmp_path: Path) -> None:
    with running("timer", tmp_path, AzureWebJobsStorage=azurite.connection_string, RESULTS="q") as host:
        place = f"{APPS}/timer/function_app.py:8: tick, binding 'out', queue q: The specified resource name length"
        wait_for(lambda: place in host.log.read_text(), "the complaint")
        assert "Traceback" not in host.log.read_text()
        assert host.stop() == 0


def test_warning_of_the_sdk_that_means_nothing_is_not_shown(azurite: Azurite, tmp_path: Path) -> None:
    with running("eternal", tmp_path, "--workers", "1", AzureWebJobsStorage=azurite.connection_string) as host:
        host.run("count_down", 1)
        assert "Auth level" not in host.log.read_text()
        assert host.stop() == 0


def test_stop_waits_for_an_azurite_of_its_own_and_says_so(tmp_path: Path) -> None:
    with running("web", tmp_path) as host:
        assert host.stop() == 0
    assert "waiting for Azurite to save its data" in host.log.read_text()


def test_help_describes_every_option() -> None:
    command = [sys.executable, "-m", "local_host", "start", "--help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for option in ("--app", "--port", "--workers", "--reload", "--state", "--private", "--enable-auth"):
        assert option in done.stdout
    assert "python -m local_host start --app" in done.stdout  # an example


def record(text: str, level: int, name: str = "Host") -> logging.LogRecord:
    return logging.LogRecord(name, level, "", 0, text, (), None)


def test_log_line_names_time_level_function_and_subject() -> None:
    with logs.about("greet", "instance-1"):
        line = logs._Formatter(colours=False).format(record("hello", logging.WARNING))
    assert line.endswith("] warning: greet (instance-1): hello")


def test_longest_category_decides_the_level() -> None:
    passes = logs._Levels({"default": "Warning", "Host": "Error", "Host.Triggers": "Debug"})
    assert passes(record("", logging.DEBUG, "Host.Triggers.Blobs"))
    assert not passes(record("", logging.WARNING, "Host.Http"))
    assert not passes(record("", logging.INFO, "Hosted"))
    assert passes(record("", logging.WARNING, "Hosted"))


NPM = """#!/bin/sh
while [ "$1" != --prefix ]; do shift; done
[ -n "$BROKEN" ] && { echo "no network" >&2; exit 1; }
mkdir -p "$2/node_modules/azurite/dist/src"
echo ok > "$2/node_modules/azurite/dist/src/azurite.js"
sleep 0.3
"""


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package manager that needs no network, and an empty cache."""
    script = tmp_path / "npm"
    script.write_text(NPM)
    script.chmod(stat.S_IRWXU)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(azurite_process, "find_node", lambda: Node((str(script),), (str(script),)))


@pytest.mark.usefixtures("npm")
def test_first_installation_of_azurite_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert azurite_process.install().exists()
    assert "installing Azurite 3.35.0" in capsys.readouterr().err
    azurite_process.install()
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("npm")
def test_failing_installation_of_azurite_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKEN", "1")
    with pytest.raises(AzuriteUnavailable, match="no network"):
        azurite_process.install()


def test_progress_is_one_line_that_grows_on_a_terminal(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x" * 3_000_000)
    azurite_process.show_progress(tmp_path, terminal=True)
    azurite_process.show_progress(tmp_path, terminal=False)
    assert capsys.readouterr().err == "\r  3 of about 190 MB"
