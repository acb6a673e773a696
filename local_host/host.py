"""Puts the parts together and takes them down again, in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from azure.core.exceptions import AzureError

from local_host import logs
from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.engine import Engine
from local_host.durable.executor import AppExecutor
from local_host.durable.remote import RemoteEngine
from local_host.durable.scheduler import Scheduler, choose
from local_host.functions.bindings import check_bindings
from local_host.functions.expressions import BlobPath
from local_host.functions.index import App, Function, describe, find_script, load_app
from local_host.functions.invoke import Invoker
from local_host.functions.storage import Storage
from local_host.processes import azurite
from local_host.processes.lifeline import when_parent_ends
from local_host.processes.pool import WorkerPool
from local_host.settings import (
    STORAGE_SETTING,
    BadSettings,
    HostSettings,
    apply_app_settings,
    read_app_settings,
    read_host_settings,
    wants_development_storage,
)
from local_host.triggers.blobs import BlobTrigger
from local_host.triggers.memory import Memory
from local_host.triggers.queues import QueueTrigger
from local_host.triggers.timers import TimerTrigger
from local_host.web.keys import read_keys
from local_host.web.links import Links
from local_host.web.management import Management
from local_host.web.server import Server

log = logging.getLogger("Host")

FUNCTION_THREADS = 32
"""Functions, other than activities, that run at once in this process."""

GRACE_S = 2.0
"""What running activities get when the host stops; those that are not finished by then run again at the next start."""


class StateInUse(Exception):
    """Another host works on the state directory."""


class Listener(Protocol):
    """A trigger that listens to storage on threads of its own."""

    def create_storage(self) -> None:
        """Create what it listens to, where it does not exist."""

    def start(self) -> None:
        """Begin to listen."""

    def close(self) -> None:
        """Listen no more."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for. Port 0 is any free one."""

    app: Path
    state: Path
    port: int
    azurite_ports: azurite.Ports
    workers: int
    ready_file: Path | None = None
    verbose: bool = False
    enable_auth: bool = False
    exit_with_parent: bool = False
    create_storage: bool = False
    """Create the containers and queues that triggers listen to. A real host leaves that to whoever deploys the app."""
    socket: int | None = None
    """The file descriptor of a socket that listens already, instead of the port."""
    engine: str | None = None
    """``embedded`` or ``scheduler``; None is whatever the environment says."""


def run(options: Options) -> None:
    """Run the host until it is asked to stop (SIGINT, SIGTERM, SIGHUP); a second time means at once."""
    find_script(options.app)
    values, environment = read_app_settings(options.app), dict(os.environ)
    os.environ.update(apply_app_settings(values, None))
    settings = read_host_settings(options.app)
    scheduler = choose(options.engine, environment, values, settings.hub_name)
    logs.configure(settings.log_levels or {}, verbose=options.verbose)
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(options.state))
        listening = stack.enter_context(listen(options))
        storage = provide_storage(options, os.environ, stack)
        os.environ.update(apply_app_settings(values, storage.connection_string if storage else None))
        os.chdir(options.app)
        app = load_app(options.app)
        for function in app.functions.values():
            if function.runs:
                check_bindings(function)
        asyncio.run(_serve(options, settings, app, listening, scheduler))


async def _serve(
    options: Options, settings: HostSettings, app: App, listening: socket.socket, scheduler: Scheduler | None
) -> None:
    await _Host(options, settings, app, listening).run(scheduler)


def provide_storage(
    options: Options, environment: Mapping[str, str], stack: contextlib.ExitStack
) -> azurite.Azurite | None:
    """The Azurite to use; None where the app brings its own storage."""
    if not wants_development_storage(environment):
        return None
    server = azurite.provide(options.state / "azurite", options.azurite_ports)
    stack.callback(server.close)
    if server.process:
        stack.callback(log.info, "waiting for Azurite to save its data")
    how = "started" if server.process else "already running, reused"
    log.info("Azurite on ports %d (blobs) and %d (queues): %s", server.ports.blob, server.ports.queue, how)
    return server


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep other hosts and schedulers away from the state directory."""
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"{state} cannot be the folder for the state: {error.strerror}") from error
    with (state / "host.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(f"another local host works on {state}: stop it, or use another --state") from error
        yield


@contextlib.contextmanager
def listen(options: Options) -> Iterator[socket.socket]:
    """The socket for HTTP."""
    if options.socket is not None:
        with socket.socket(fileno=options.socket) as inherited:
            yield inherited
        return
    port = options.port
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(("127.0.0.1", port))
        except OSError as error:
            raise BadSettings(
                f"port {port} is taken ({error.strerror}); choose another --port, or 0 for any"
            ) from error
        listening.listen(128)
        yield listening


class _Host:
    """One run of the host, inside its event loop."""

    def __init__(self, options: Options, settings: HostSettings, app: App, listening: socket.socket) -> None:
        self._options, self._settings, self._app, self._socket = options, settings, app, listening
        self._base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        self._stop = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def run(self, scheduler: Scheduler | None) -> None:
        self._handle_signals()
        options, settings = self._options, self._settings
        async with contextlib.AsyncExitStack() as stack:
            keys = read_keys(options.state / "keys.json", enforced=options.enable_auth)
            links = Links(self._base_url, settings.hub_name, keys.durabletask)
            storage = Storage(base64_queues=settings.queues.base64)
            stack.callback(storage.close)
            pool = self._worker_pool(links)
            executor = AppExecutor(
                self._app, pool, threads=settings.orchestrators_max, timeout_s=settings.function_timeout_s
            )
            stack.callback(executor.close)  # after the engine, which hands it work until the end
            engine = self._engine(scheduler)
            stack.push_async_callback(asyncio.to_thread, engine.close)
            stack.push_async_callback(pool.close, GRACE_S)  # before the engine, which records what still finishes
            invoker = Invoker(storage, lambda _: links.client_binding(), FUNCTION_THREADS, settings.function_timeout_s)
            stack.push_async_callback(asyncio.to_thread, invoker.close)
            server = Server(self._app, invoker, Management(engine, self._app, links), keys, settings.route_prefix)
            stack.push_async_callback(server.close)
            pool.start()
            await asyncio.to_thread(engine.open, executor)
            engine.failed.add_done_callback(lambda _: self._request_stop())
            memory = Memory(self._options.state / "triggers.db")
            stack.callback(memory.close)
            listeners = await self._listeners(invoker, storage, memory)
            await server.start(self._socket)
            self._start_triggers(stack, invoker, memory, listeners)
            self._announce()
            await self._stop.wait()
            log.info("stopping; a second signal stops at once")
        log.info("stopped; all state is in %s", options.state)
        if engine.failed.done():
            raise RuntimeError("the durable engine failed") from engine.failed.exception()

    def _engine(self, scheduler: Scheduler | None) -> Engine:
        settings, path = self._settings, self._options.state / "durable.db"
        if scheduler is None:
            log.info("durable engine: embedded, in %s", path)
            return EmbeddedEngine(path, turns=settings.orchestrators_max)
        log.info("durable engine: the scheduler at %s, task hub %s", scheduler.address, scheduler.hub)
        return RemoteEngine(scheduler, turns=settings.orchestrators_max, activities=settings.activities_max)

    def _worker_pool(self, links: Links) -> WorkerPool:
        settings, options = self._settings, self._options
        processes = min(options.workers, settings.activities_max) if self._app.of_kind("activityTrigger") else 0
        config: dict[str, Any] = {
            "app": str(options.app),
            "client_binding": links.client_binding(),
            "base64_queues": settings.queues.base64,
            "log_levels": settings.log_levels or {},
            "verbose": options.verbose,
        }
        return WorkerPool(
            config,
            processes=processes,
            jobs_max=settings.activities_max,
            timeout_s=settings.function_timeout_s,
        )

    async def _listeners(self, invoker: Invoker, storage: Storage, memory: Memory) -> list[Listener]:
        """The triggers that listen to storage, which is there if the command line asks for it."""
        supported = [one for one in self._app.functions.values() if one.runs]
        listeners: list[Listener] = [
            QueueTrigger(one, invoker, storage, self._settings.queues)
            for one in supported
            if one.kind == "queueTrigger"
        ]
        listeners += [
            BlobTrigger(group, invoker, storage, memory, self._settings.blobs) for group in _by_container(supported)
        ]
        if self._options.create_storage:
            for listener in listeners:
                with contextlib.suppress(AzureError):  # the listener will tell what is wrong
                    await asyncio.to_thread(listener.create_storage)
        return listeners

    def _start_triggers(
        self, stack: contextlib.AsyncExitStack, invoker: Invoker, memory: Memory, listeners: list[Listener]
    ) -> None:
        for function in self._app.functions.values():
            if function.runs and function.kind == "timerTrigger":
                timer = TimerTrigger(function, invoker, memory)
                timer.start()
                stack.push_async_callback(timer.close)
        for listener in listeners:
            listener.start()
            stack.push_async_callback(asyncio.to_thread, listener.close)

    def _announce(self) -> None:
        for function in self._app.functions.values():
            if function.unsupported:
                log.error("%s: %s: %s is not supported by the local host: the function will not run",
                          function.place, function.name, ", ".join(function.unsupported))  # fmt: skip
        ordered = sorted(self._app.functions.values(), key=lambda one: (one.kind != "httpTrigger", one.name))
        lines = [describe(one, self._base_url, self._settings.route_prefix) for one in ordered]
        log.info("Functions:\n\n%s\n", "\n".join(f"        {line}" for line in lines))
        log.info("listening on %s", self._base_url)
        if self._options.ready_file:
            ready = {
                "http": self._base_url,
                "storage_connection_string": os.environ[STORAGE_SETTING],
                "pid": os.getpid(),
            }
            write_atomically(self._options.ready_file, json.dumps(ready))

    # Stopping

    def _handle_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._on_signal)
        if self._options.exit_with_parent:
            when_parent_ends(lambda: os.kill(os.getpid(), signal.SIGTERM))

    def _on_signal(self) -> None:
        if self._stop.is_set():
            log.warning("stopping at once")
            # Workers and Azurite notice that this process is gone, and end by themselves.
            os._exit(130)
        self._stop.set()

    def _request_stop(self) -> None:
        """Stop, asked for by another thread."""
        self._loop.call_soon_threadsafe(self._stop.set)


def write_atomically(path: Path, content: str) -> None:
    """Write a file that readers see whole, or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(content, encoding="utf-8")
    fresh.replace(path)


def _by_container(functions: list[Function]) -> list[list[Function]]:
    groups: dict[tuple[str, str], list[Function]] = {}
    for function in functions:
        if function.kind == "blobTrigger":
            container = BlobPath(str(function.trigger["path"])).container
            groups.setdefault((str(function.trigger["connection"]), container), []).append(function)
    return list(groups.values())
