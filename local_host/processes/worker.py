"""A worker process: loads the app and runs activities that the host sends, until the host is gone.

Started by the pool as ``python -m local_host.processes.worker <file descriptor of its socket>``.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from azure.functions.meta import Datum

from local_host import logs
from local_host.functions.index import App, BadApp, load_app
from local_host.functions.invoke import Invoker, Occasion
from local_host.functions.storage import Storage
from local_host.processes import frames
from local_host.processes.lifeline import die_with

LOADED_WRONG = 3
"""Exit code of a worker that cannot load the app."""


class Worker:
    """One worker: reads jobs, answers each when it is done."""

    def __init__(self, connection: socket.socket, app: App, config: dict[str, Any]) -> None:
        self._connection = connection
        self._activities = app.of_kind("activityTrigger")
        storage = Storage(base64_queues=config["base64_queues"])
        self._invoker = Invoker(storage, lambda _: str(config["client_binding"]), config["slots"])
        self._sending = threading.Lock()

    def serve(self) -> None:
        """Run jobs until the host closes the connection."""
        self._send({"ready": os.getpid()})
        while (job := frames.read(self._connection)) is not None:
            self._start(job)

    def _start(self, job: dict[str, Any]) -> None:
        function = self._activities[job["function"]]
        datum = Datum("null" if job["input"] is None else job["input"], "json")
        future = self._invoker.submit(function, Occasion(datum, subject=job["subject"]))
        future.add_done_callback(lambda done: self._send({"id": job["id"], **_outcome(done)}))

    def _send(self, message: dict[str, Any]) -> None:
        with self._sending:
            self._connection.sendall(frames.encode(message))


def _outcome(done: Future[Any]) -> dict[str, Any]:
    error = done.exception()
    if error is None:
        return {"result": done.result().value}
    return {"error": {"kind": type(error).__name__, "message": str(error), "stack": logs.users_traceback(error)}}


def main() -> None:
    """Take the configuration from the socket, load the app, serve."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = socket.socket(fileno=int(sys.argv[1]))
    config = frames.read(connection)
    if config is None:
        os._exit(0)
    die_with(config["host"])
    logs.configure(config["log_levels"], verbose=config["verbose"])
    try:
        app = load_app(Path(config["app"]))
    except BadApp as error:
        print(error, file=sys.stderr)
        os._exit(LOADED_WRONG)
    Worker(connection, app, config).serve()
    # Activities that still run have nobody to answer to, and their threads must not keep the process.
    os._exit(0)


if __name__ == "__main__":
    main()
