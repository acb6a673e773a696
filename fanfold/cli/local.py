"""The local host as a child process, on private ports and with private state."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fanfold.errors import PipelineFault

APP = Path(__file__).resolve().parents[2]
_READY_TIMEOUT_S = 300
"""A fresh machine installs Azurite first."""

_STOP_TIMEOUT_S = 20
_ERROR = re.compile(r"error:|Error:|Refused:|Fault:")


@dataclass(frozen=True, slots=True)
class Host:
    """A running local host."""

    process: subprocess.Popen[bytes]
    http: str
    connection_string: str
    log: Path

    def check(self) -> None:
        """PipelineFault when the host is gone."""
        if self.process.poll() is not None:
            raise PipelineFault(f"the local host stopped (exit {self.process.returncode}): {why_it_failed(self.log)}")


@contextmanager
def local_host(settings: Mapping[str, str]) -> Iterator[Host]:
    """Start the app on the local host, wait until it is ready, and stop it in the end. Nothing is left running."""
    with tempfile.TemporaryDirectory(prefix="fanfold-host-", ignore_cleanup_errors=True) as state:
        log = Path(state) / "host.log"
        ready = Path(state) / "ready.json"
        command = [sys.executable, "-m", "local_host", "start", "--app", str(APP), "--private"]
        command += ["--state", str(Path(state) / "state"), "--ready-file", str(ready), "--exit-with-parent"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=APP,
                env={**os.environ, **settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # a Ctrl-C is ours to hand on, once
            )
        try:
            yield _wait_until_ready(process, ready, log)
        finally:
            _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], ready: Path, log: Path) -> Host:
    deadline = time.monotonic() + _READY_TIMEOUT_S
    while not ready.exists():
        if process.poll() is not None:
            raise PipelineFault(f"the local host did not start (exit {process.returncode}): {why_it_failed(log)}")
        if time.monotonic() > deadline:
            raise PipelineFault(f"the local host was not ready after {_READY_TIMEOUT_S} s: {why_it_failed(log)}")
        time.sleep(0.05)
    found = json.loads(ready.read_bytes())
    return Host(process, found["http"], found["storage_connection_string"], log)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def why_it_failed(log: Path) -> str:
    """Why the host failed, from its log: the last line that names an error, else its last line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    named = [line for line in lines if _ERROR.search(line)]
    return next(reversed(named or lines), "it said nothing")
