"""The commands as a developer types them."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from app import ROOT, outside_run, wait_until
from test_whole_path import people

TIMEOUT_S = 240


def fanfold(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "fanfold", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environ}, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )


def processes_in(folder: Path) -> list[str]:
    """Command lines that name a place in a folder: every local host and Azurite of a run whose TMPDIR it is."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if f"{folder}/fanfold-host-" in line:
            found.append(line)
    return found


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / 'it\'s $HOME; a "file".csv'
    path.write_bytes(people(500))
    return path


def read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def test_run_and_profile_give_the_same_report_outside_run(file: Path, tmp_path: Path) -> None:
    own = {"TMPDIR": str(tmp_path)}
    ran = fanfold("run", FILE=str(file), OUT=str(tmp_path / "ran"), OPTIONS='{"chunk_bytes": 5000}', **own)
    assert ran.returncode == 0, ran.stderr
    profiled = fanfold("profile", str(file), "--out", str(tmp_path / "profiled"))
    assert profiled.returncode == 0, profiled.stderr
    assert outside_run(read(tmp_path / "ran/report.json")) == outside_run(read(tmp_path / "profiled/report.json"))
    more = {"table_schema.json", "json_schema.json", "profile.bin", "report.md"}
    left = {path.name for path in (tmp_path / "ran").iterdir()}
    assert left == {"report.json", "report.html", "completion.json"} | more
    for name in more - {"profile.bin"}:
        assert (tmp_path / "ran" / name).read_bytes() == (tmp_path / "profiled" / name).read_bytes()
    assert read(tmp_path / "ran/completion.json")["type"] == "fanfold.run.completed"
    assert "500 records" in ran.stdout
    assert processes_in(tmp_path) == []


def table(out: Path) -> list[list[str]]:
    """The rows of the parts that are there, in the manifest's order."""
    rows = []
    for part in read(out / "data/manifest.json")["parts"]:
        with (out / "data" / part["name"]).open(encoding="utf-8", newline="") as lines:
            rows += list(csv.reader(lines))[1:]
    return rows


def test_run_and_profile_leave_the_same_parts(file: Path, tmp_path: Path) -> None:
    options = '{"emit": "csv", "chunk_bytes": 5000}'
    ran = fanfold("run", FILE=str(file), OUT=str(tmp_path / "ran"), OPTIONS=options)
    assert ran.returncode == 0, ran.stderr
    profiled = fanfold("profile", str(file), "--out", str(tmp_path / "profiled"), "--options", options)
    assert profiled.returncode == 0, profiled.stderr
    parts = {path.name: path.read_bytes() for path in (tmp_path / "ran/data").iterdir() if path.suffix == ".csv"}
    assert len(parts) == read(tmp_path / "ran/report.json")["run"]["emitted"]["parts"] > 1
    assert parts == {
        path.name: path.read_bytes() for path in (tmp_path / "profiled/data").iterdir() if path.suffix == ".csv"
    }
    with file.open(encoding="utf-8", newline="") as lines:
        assert table(tmp_path / "ran") == list(csv.reader(lines))[1:]


def test_run_says_in_one_line_why_it_failed(tmp_path: Path) -> None:
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(256)) * 50)
    ran = fanfold("run", str(path), "--out", str(tmp_path / "out"))
    assert ran.returncode == 1
    reason = [line for line in ran.stderr.splitlines() if line.startswith("failed:")]
    assert len(reason) == 1
    assert "DatasetRejected" in reason[0]
    assert read(tmp_path / "out/completion.json")["type"] == "fanfold.run.failed"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["completion.json"]


@pytest.mark.parametrize("command", ["run", "profile"])
@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["no such file.csv"], "no such file.csv"), (["README.md", "--options", '{"chunk": 1}'], "chunk")],
)
def test_a_wrong_argument_is_refused_before_anything_starts(command: str, arguments: list[str], named: str) -> None:
    ran = fanfold(command, *arguments)
    assert ran.returncode == 1
    assert ran.stderr.startswith("failed:")
    assert named in ran.stderr


def test_an_app_with_a_bad_setting_does_not_start_and_says_why(file: Path, tmp_path: Path) -> None:
    ran = fanfold("run", str(file), "--out", str(tmp_path / "out"), OUTPUT_CONTAINER="input")
    assert ran.returncode == 1
    assert ran.stderr.count("INPUT_CONTAINER and OUTPUT_CONTAINER are both 'input'") == 1


def test_two_runs_at_once_do_not_collide(file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "fanfold", "run", str(file), "--out"]
    both = [
        subprocess.Popen([*command, str(tmp_path / name)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    for process in both:
        _, errors = process.communicate(timeout=TIMEOUT_S)
        assert process.returncode == 0, errors
    assert outside_run(read(tmp_path / "one/report.json")) == outside_run(read(tmp_path / "two/report.json"))


def test_stopped_in_mid_run_it_leaves_no_process_and_no_half_written_output(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_bytes(people(6000))
    command = [sys.executable, "-m", "fanfold", "run", str(path), "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        [*command, "--options", '{"chunk_bytes": 500}'],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: any("local_host" in line for line in processes_in(tmp_path)), 240, "the host to start")
    time.sleep(4)  # well into the run; where exactly does not matter
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 130
    wait_until(lambda: processes_in(tmp_path) == [], 60, "every process to end")
    assert {entry.name for entry in tmp_path.iterdir()} == {"long.csv"}
