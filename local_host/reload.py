"""``--reload``: the host runs as a child, and is started anew when the app's code or settings change.

The port and Azurite belong to this process, so that they go on; orchestrations go on from the state directory.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from watchfiles import watch

from local_host import host, logs
from local_host.functions.index import find_script
from local_host.processes.lifeline import when_parent_ends
from local_host.settings import apply_app_settings, read_app_settings

log = logging.getLogger("Host.Reload")

SETTINGS = ("host.json", "local.settings.json")
IGNORED = frozenset({"__pycache__", "node_modules", "site-packages"})
DEBOUNCE_MS = 400
"""An editor, or a change of branch, writes many files at once."""
POLL_MS = 200
"""How soon the end of the host, or a signal, is noticed."""
BROKEN = 1
"""The host's exit code for an app that it cannot run: wait for the next change."""


def run(arguments: Sequence[str], options: host.Options) -> int:
    """Provide port and storage, and run the host with these arguments until it is asked to stop; its exit code."""
    find_script(options.app)
    logs.configure({}, verbose=options.verbose)
    settings = apply_app_settings(read_app_settings(options.app), None)
    if options.exit_with_parent:
        when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with contextlib.ExitStack() as stack:
        listening = stack.enter_context(host.listen(options))
        storage = host.provide_storage(options, {**os.environ, **settings}, stack)
        ports = storage.ports if storage else options.azurite_ports
        command = [argument for argument in arguments if argument not in ("--reload", "--private")]
        for service in ("blob", "queue", "table"):
            command += [f"--{service}-port", str(getattr(ports, service))]
        return _supervise(command, options.app, listening)


def _supervise(command: Sequence[str], app: Path, listening: socket.socket) -> int:
    stop = threading.Event()
    child = _start(command, listening)

    def forward(number: int, _: object) -> None:
        stop.set()
        with contextlib.suppress(ProcessLookupError):
            child.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, forward)
    told = False
    for changed in _changes(app):
        if stop.is_set() or child.poll() not in (None, BROKEN):
            break
        if child.returncode == BROKEN and not told:
            log.info("waiting for a change")
        told = child.returncode == BROKEN
        if changed:
            log.info("%s changed: restarting", ", ".join(changed))
            _end(child)
            if not stop.is_set():
                child = _start(command, listening)
    return child.wait()


def _start(command: Sequence[str], listening: socket.socket) -> subprocess.Popen[bytes]:
    descriptor = listening.fileno()
    return subprocess.Popen(
        [sys.executable, "-m", "local_host", *command, "--socket", str(descriptor), "--exit-with-parent"],
        pass_fds=[descriptor],
        start_new_session=True,  # Ctrl-C reaches it once, through this process
    )


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
    child.wait()


def _changes(app: Path) -> Iterator[list[str]]:
    """The names of the files that changed together, or an empty list now and then."""
    changes = watch(
        app,
        watch_filter=lambda _, path: matters(app, Path(path)),
        debounce=DEBOUNCE_MS,
        rust_timeout=POLL_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
    )
    for batch in changes:
        yield sorted({os.path.relpath(path, app) for _, path in batch})


def matters(app: Path, path: Path) -> bool:
    """Whether a change of that file changes the app: its code, or a settings file at its root."""
    folders = path.relative_to(app).parts[:-1]
    if any(folder in IGNORED or folder.startswith(".") for folder in folders):
        return False
    return path.suffix == ".py" or (not folders and path.name in SETTINGS)
