"""Azurite, the storage emulator: installed once per user from npm, started on the ports asked for, or reused."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local_host.processes.node import Node, find_node

VERSION = "3.35.0"

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's account and key are public, and the same everywhere."""

START_TIMEOUT_S = 30.0
STOP_TIMEOUT_S = 10.0
POLL_S = 0.02

INSTALLED_MB = 190
PROGRESS_S = 0.5

_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at http://[^:]+:(\d+)")


class AzuriteUnavailable(Exception):
    """Azurite cannot be installed, started or reused; the message says why."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen; 0 is any free port."""

    blob: int = 0
    queue: int = 0
    table: int = 0


@dataclass(frozen=True, slots=True)
class Azurite:
    """A running Azurite; ``process`` is None for one that was running already, which is left running."""

    ports: Ports
    process: subprocess.Popen[bytes] | None

    @property
    def connection_string(self) -> str:
        """What an SDK connects with."""
        parts = [f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY}"]
        for name, port in (("Blob", self.ports.blob), ("Queue", self.ports.queue), ("Table", self.ports.table)):
            if port:
                parts.append(f"{name}Endpoint=http://127.0.0.1:{port}/{ACCOUNT}")
        return ";".join(parts) + ";"

    def close(self) -> None:
        """Let it save what it keeps in memory, and end."""
        if self.process is None:
            return
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def provide(location: Path, ports: Ports) -> Azurite:
    """An Azurite on these ports: one that runs already is reused, else one is started on ``location``.

    Fixed ports of which only some are open, or on which something else listens, are an error.
    """
    if ports.blob and ports.queue:
        found = {"blob": _server_on(ports.blob), "queue": _server_on(ports.queue)}
        if all(found.values()):
            _check_is_azurite(found, ports)
            return Azurite(ports, None)
        if any(found.values()):
            busy, idle = ("blob", "queue") if found["blob"] else ("queue", "blob")
            raise AzuriteUnavailable(
                f"only one of Azurite's ports is open: on {getattr(ports, busy)} ({busy}) listens {found[busy]},"
                f" on {getattr(ports, idle)} ({idle}) nothing; stop what listens there, or choose other ports"
            )
    return start(location, ports)


def start(location: Path, ports: Ports) -> Azurite:
    """Start Azurite with its data in ``location``, and wait until it listens. It ends when this process does."""
    script = install()
    location.mkdir(parents=True, exist_ok=True)
    _await_predecessor(location)
    log = location / "azurite.log"
    process = _launch(find_node(), script, location, ports, log)
    (location / "azurite.pid").write_text(str(process.pid), encoding="ascii")
    deadline = time.monotonic() + START_TIMEOUT_S
    while True:
        output = log.read_text("utf-8", errors="replace")
        listening = {name.lower(): int(port) for name, port in _LISTENING.findall(output)}
        if len(listening) == 3:
            return Azurite(Ports(**listening), process)
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
            raise AzuriteUnavailable(f"Azurite did not start on {ports}:\n{output.strip()}")
        time.sleep(POLL_S)


def _launch(node: Node, script: Path, location: Path, ports: Ports, log: Path) -> subprocess.Popen[bytes]:
    lifeline = Path(__file__).with_name("exit_with_parent.js")
    arguments = [
        *("--blobPort", str(ports.blob), "--queuePort", str(ports.queue), "--tablePort", str(ports.table)),
        *("--location", str(location), "--silent", "--skipApiVersionCheck", "--disableTelemetry"),
    ]
    with log.open("wb") as output:  # a file, not a pipe: Azurite must be able to write while it outlives the host
        return subprocess.Popen(
            [*node.node, "--require", str(lifeline), str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _await_predecessor(location: Path) -> None:
    """An Azurite whose host was killed may still be saving its data."""
    pid_file = location / "azurite.pid"
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while pid_file.exists() and _is_azurite_process(int(pid_file.read_text("ascii") or 0)):
        if time.monotonic() > deadline:
            raise AzuriteUnavailable(f"another Azurite (process {pid_file.read_text('ascii')}) works on {location}")
        time.sleep(POLL_S)


def _is_azurite_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        # The number may have been given to another process since.
        return b"azurite" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (ProcessLookupError, PermissionError):
        return False
    except FileNotFoundError:
        return sys.platform != "linux"


# Reuse


def _server_on(port: int) -> str | None:
    """Who listens on the port, by its ``Server`` header; None where nobody does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2.0)
    try:
        connection.request("GET", "/")
        return connection.getresponse().getheader("Server") or "an HTTP server without a name"
    except ConnectionRefusedError:
        return None
    except (OSError, http.client.HTTPException):
        return "something that does not speak HTTP"
    finally:
        connection.close()


def _check_is_azurite(found: dict[str, str | None], ports: Ports) -> None:
    for name, server in found.items():
        if not str(server).startswith(f"Azurite-{name.capitalize()}/"):
            raise AzuriteUnavailable(
                f"port {getattr(ports, name)} is taken: expected Azurite's {name} service, found {server};"
                " choose other ports, or --private"
            )


# Installation


def install() -> Path:
    """Azurite's script in the user's cache, installed there at the first call. Two at once install it once."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "local-host"
    target = cache / f"azurite-{VERSION}"
    script = target / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
    if script.exists():
        return script
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / "install.lock"):
        if not script.exists():
            _install_into(cache, target)
    return script


def _install_into(cache: Path, target: Path) -> None:
    print(f"local_host: installing Azurite {VERSION} from npm into {target}, once", file=sys.stderr)
    fresh = Path(tempfile.mkdtemp(prefix="azurite-", dir=cache))
    try:
        node = find_node()
        npm = [*node.npm, "install", "--prefix", str(fresh), "--no-audit", "--no-fund", "--loglevel=error"]
        path = os.pathsep.join([str(Path(node.node[0]).parent), os.environ.get("PATH", os.defpath)])
        with subprocess.Popen(
            [*npm, f"azurite@{VERSION}"],
            env={**os.environ, "PATH": path},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            complaint = _watch(process, fresh)
        if process.returncode:
            raise AzuriteUnavailable(f"npm could not install azurite@{VERSION}:\n{complaint.strip()}")
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _watch(process: subprocess.Popen[str], folder: Path) -> str:
    """Wait for npm's end, and tell how far it is; what it complains of."""
    while True:
        try:
            return process.communicate(timeout=PROGRESS_S)[1]
        except subprocess.TimeoutExpired:
            show_progress(folder, terminal=sys.stderr.isatty())
        finally:
            if process.returncode is not None and sys.stderr.isatty():
                print(file=sys.stderr)


def show_progress(folder: Path, *, terminal: bool) -> None:
    """Write over the line on a terminal how much is there; elsewhere say nothing."""
    if terminal:
        files = (path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())
        with contextlib.suppress(FileNotFoundError):  # npm moves what it unpacks
            print(f"\r  {sum(files) / 1e6:.0f} of about {INSTALLED_MB} MB", end="", file=sys.stderr, flush=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def describe(azurite: Azurite) -> str:
    """The ready file's content for Azurite alone."""
    pid = azurite.process.pid if azurite.process else None
    return json.dumps({"storage_connection_string": azurite.connection_string, "pid": pid})
