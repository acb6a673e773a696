"""Starts the local host as its users do, as a process, and talks to it as they do."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
APPS = ROOT / "tests" / "apps"
API = "/runtime/webhooks/durabletask"
WAIT_S = 240.0
"""Against hanging, not a measurement: machines may be busy. Shorter than a test may take, to say what it waited for."""
POLL_S = 0.03


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


def wait_for(found: Callable[[], Any], what: str, timeout_s: float = WAIT_S) -> Any:
    deadline = time.monotonic() + timeout_s
    while not (value := found()):
        assert time.monotonic() < deadline, f"waited {timeout_s} s for {what}"
        time.sleep(POLL_S)
    return value


@dataclass(frozen=True, slots=True)
class RunningHost:
    process: subprocess.Popen[bytes]
    http: str
    storage: str
    log: Path

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Answer:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        url = path if path.startswith("http") else self.http + path
        request = urllib.request.Request(url, data, sent, method=method)  # noqa: S310 - our own host
        try:
            with urllib.request.urlopen(request, timeout=WAIT_S) as answer:  # noqa: S310 - our own host
                return Answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read())

    def start(self, orchestrator: str, body: Any = None, instance_id: str = "") -> str:
        path = f"{API}/orchestrators/{orchestrator}" + (f"/{instance_id}" if instance_id else "")
        # As the SDK's client does: JSON in a JSON string.
        answer = self.request("POST", path, None if body is None else json.dumps(body))
        assert answer.status == 202, answer.body
        return str(answer.json()["id"])

    def status(self, instance_id: str, query: str = "") -> dict[str, Any]:
        answer = self.request("GET", f"{API}/instances/{quote(instance_id)}{query}").json()
        assert isinstance(answer, dict)
        return answer

    def finish(self, instance_id: str) -> dict[str, Any]:
        unfinished = ("Pending", "Running", "Suspended")
        wait_for(lambda: self.status(instance_id)["runtimeStatus"] not in unfinished, f"the end of {instance_id}")
        return self.status(instance_id)

    def run(self, orchestrator: str, body: Any = None) -> Any:
        ended = self.finish(self.start(orchestrator, body))
        assert ended["runtimeStatus"] == "Completed", ended
        return ended["output"]

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(WAIT_S)
        print(self.log.read_text())  # noqa: T201 - pytest shows it where the code is not the one expected
        return code


class Azurite(Protocol):
    """What the fixture ``azurite`` yields."""

    @property
    def connection_string(self) -> str: ...


class StartHost(Protocol):
    """What the fixture ``host_of`` yields: the running host of an app, started at the first call."""

    def __call__(self, app: str, *options: str, **settings: str) -> RunningHost: ...


def launch(app: Path, state: Path, *options: str, **settings: str) -> subprocess.Popen[bytes]:
    arguments = ["--app", str(app), "--state", str(state), "--ready-file", str(state / "ready.json"), *options]
    state.mkdir(parents=True, exist_ok=True)
    (state / "ready.json").unlink(missing_ok=True)
    with (state / "host.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "local_host", "start", *arguments],
            cwd=ROOT,
            env={**os.environ, **settings},
            stderr=log,
        )


def await_ready(process: subprocess.Popen[bytes], state: Path) -> RunningHost:
    log = state / "host.log"

    def ready() -> bool:
        assert process.poll() is None, f"the host ended: {log.read_text()}"
        return (state / "ready.json").exists()

    wait_for(ready, "the ready file")
    content = json.loads((state / "ready.json").read_text())
    return RunningHost(process, content["http"], content["storage_connection_string"], log)


@contextlib.contextmanager
def running(app: str, state: Path, *options: str, **settings: str) -> Iterator[RunningHost]:
    """A host for one of the tiny apps; its storage is ``AzureWebJobsStorage``, or an Azurite of its own."""
    with launch(APPS / app, state, "--private", "--exit-with-parent", *options, **settings) as process:
        try:
            yield await_ready(process, state)
        finally:
            if process.poll() is None:
                process.terminate()
