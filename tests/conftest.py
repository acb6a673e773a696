"""What every test may use: Azurite, from Docker where there is an engine, else from npm through the local host."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")  # a busy machine breaks no law; what hangs meets pytest's own timeout

ROOT = Path(__file__).parents[1]
IMAGE = "mcr.microsoft.com/azure-storage/azurite:3.35.0"
COMMAND = "azurite --blobHost 0.0.0.0 --queueHost 0.0.0.0 --tableHost 0.0.0.0 --silent --skipApiVersionCheck"
INSTALL_TIMEOUT_S = 300.0
"""The first start installs Azurite."""


@dataclass(frozen=True, slots=True)
class AzuriteFixture:
    """A running Azurite. Tests that share it use containers and queues of their own."""

    connection_string: str


@cache
def docker_answers() -> bool:
    """Whether a Docker engine is there and talks to us."""
    if "DOCKER_HOST" not in os.environ and not Path("/var/run/docker.sock").exists():
        return False
    import docker  # noqa: PLC0415 - slow to import, and rarely needed

    try:
        client = docker.from_env(timeout=5)
        answered = bool(client.ping())
        client.close()
    except docker.errors.DockerException:
        return False
    return answered


def pytest_report_header() -> str:
    where = f"testcontainers ({IMAGE})" if docker_answers() else "npm (python -m local_host azurite)"
    return f"azurite: from {where}"


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AzuriteFixture]:
    """Storage for tests: real Azurite, empty at first."""
    if docker_answers():
        yield from _from_docker()
    else:
        yield from _from_npm(tmp_path_factory.mktemp("azurite"))


def _from_docker() -> Iterator[AzuriteFixture]:
    from testcontainers.community.azurite import AzuriteContainer  # noqa: PLC0415 - only where there is an engine

    with AzuriteContainer(IMAGE).with_command(COMMAND) as container:
        yield AzuriteFixture(container.get_connection_string())


def _from_npm(state: Path) -> Iterator[AzuriteFixture]:
    ready = state / "ready.json"
    options = ["--private", "--state", str(state), "--ready-file", str(ready), "--exit-with-parent"]
    command = [sys.executable, "-m", "local_host", "azurite", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + INSTALL_TIMEOUT_S
        while not ready.exists():
            assert process.poll() is None, "Azurite did not start"
            assert time.monotonic() < deadline, "Azurite was not ready in time"
            time.sleep(0.02)
        yield AzuriteFixture(json.loads(ready.read_text())["storage_connection_string"])
        process.send_signal(signal.SIGTERM)
