"""A pool of worker processes for activities, driven by the host's event loop.

A worker that dies is replaced, and its unfinished jobs are run again; a job that exceeds the function timeout is failed
by killing its worker. Jobs wait in one line for the worker with the most free slots.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local_host.functions.invoke import timeout_message
from local_host.processes import frames

log = logging.getLogger("Host.Workers")

DEATHS_MAX = 5
"""A job whose worker died so often is taken to be the cause, and failed."""

RESPAWN_DELAY_MAX_S = 5.0
"""The pause before a worker that never got ready is started once more grows up to this."""


TOLD_MAX = 5
"""Activities that a stop waits for are named up to here."""


@dataclass(slots=True)
class Job:
    """An activity to run, and whom to tell. ``subject`` is the instance, for the logs."""

    function: str
    input: str | None
    subject: str
    done: Callable[[dict[str, Any]], None]
    deaths: int = 0


@dataclass(slots=True)
class _Worker:
    process: subprocess.Popen[bytes]
    writer: asyncio.StreamWriter
    ready: bool = False
    running: dict[int, Job] = field(default_factory=dict)
    timeouts: dict[int, asyncio.TimerHandle] = field(default_factory=dict)


class WorkerPool:
    """``processes`` workers with ``jobs_max`` jobs in all. All methods but `submit` belong to the loop's thread."""

    def __init__(self, config: Mapping[str, Any], *, processes: int, jobs_max: int, timeout_s: float | None) -> None:
        """``config`` is handed to every worker (see `local_host.processes.worker`)."""
        self._slots = -(-jobs_max // max(1, processes))
        self._config = {**config, "host": os.getpid(), "slots": self._slots}
        self._processes, self._jobs_max, self._timeout_s = processes, jobs_max, timeout_s
        self._loop = asyncio.get_running_loop()
        self._workers: list[_Worker] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._backlog: deque[Job] = deque()
        self._next_id = 0
        self._closing = False
        self._idle = asyncio.Event()

    def start(self) -> None:
        """Start the workers; jobs may be submitted before they are ready."""
        for _ in range(self._processes):
            task = self._loop.create_task(self._keep_worker())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def submit(self, jobs: Sequence[Job]) -> None:
        """Run the jobs. May be called from any thread; ``done`` is called on the loop's."""
        self._loop.call_soon_threadsafe(self._enqueue, jobs)

    async def close(self, grace_s: float) -> None:
        """Start nothing more, give running jobs the time, then end every worker."""
        self._closing = True
        self._backlog.clear()
        self._check_idle()
        if busy := [f"{job.function} ({job.subject})" for one in self._workers for job in one.running.values()]:
            more = f" and {len(busy) - TOLD_MAX} more" if len(busy) > TOLD_MAX else ""
            log.info("waiting up to %.0f s for %s%s; what is not finished then runs again at the next start",
                     grace_s, ", ".join(busy[:TOLD_MAX]), more)  # fmt: skip
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), grace_s)
        for worker in self._workers:
            worker.process.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _check_idle(self) -> None:
        if self._closing and not any(worker.running for worker in self._workers):
            self._idle.set()

    def _enqueue(self, jobs: Sequence[Job]) -> None:
        self._backlog.extend(jobs)
        self._dispatch()

    def _dispatch(self) -> None:
        running = sum(len(one.running) for one in self._workers)
        while self._backlog and not self._closing and running < self._jobs_max:
            free = [one for one in self._workers if one.ready and len(one.running) < self._slots]
            if not free:
                return
            self._send(min(free, key=lambda one: len(one.running)), self._backlog.popleft())
            running += 1

    def _send(self, worker: _Worker, job: Job) -> None:
        self._next_id += 1
        job_id = self._next_id
        worker.running[job_id] = job
        if self._timeout_s is not None:
            worker.timeouts[job_id] = self._loop.call_later(self._timeout_s, self._expire, worker, job_id)
        message = {"id": job_id, "function": job.function, "input": job.input, "subject": job.subject}
        worker.writer.write(frames.encode(message))

    def _expire(self, worker: _Worker, job_id: int) -> None:
        job = worker.running.pop(job_id)
        del worker.timeouts[job_id]
        message = timeout_message(self._timeout_s or 0.0, job.function)
        log.error("%s (%s): its worker process %d is killed", message, job.subject, worker.process.pid)
        worker.process.kill()
        job.done({"error": {"kind": "FunctionTimeoutException", "message": message, "stack": None}})

    # The life of a worker

    async def _keep_worker(self) -> None:
        delay = 0.0
        while not self._closing:
            worker, reader = await self._spawn()
            self._workers.append(worker)
            while (message := await frames.read_async(reader)) is not None:
                self._receive(worker, message)
            self._workers.remove(worker)
            worker.writer.close()
            worker.process.kill()
            code = await asyncio.to_thread(worker.process.wait)
            delay = 0.0 if worker.ready else min(RESPAWN_DELAY_MAX_S, delay * 2 + 0.2)
            self._recover(worker, code)
            if not self._closing:
                await asyncio.sleep(delay)

    async def _spawn(self) -> tuple[_Worker, asyncio.StreamReader]:
        ours, theirs = socket.socketpair()
        package_parent = str(Path(__file__).parents[2])
        path = os.pathsep.join(filter(None, [package_parent, os.environ.get("PYTHONPATH")]))
        process = subprocess.Popen(  # noqa: ASYNC220 - from the main thread, on whose life the worker depends
            [sys.executable, "-m", "local_host.processes.worker", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        reader, writer = await asyncio.open_connection(sock=ours)
        writer.write(frames.encode(self._config))
        return _Worker(process, writer), reader

    def _receive(self, worker: _Worker, message: dict[str, Any]) -> None:
        if "ready" in message:
            worker.ready = True
        else:
            job = worker.running.pop(message["id"], None)
            if job:
                if timeout := worker.timeouts.pop(message["id"], None):
                    timeout.cancel()
                job.done(message)
        self._check_idle()
        self._dispatch()

    def _recover(self, worker: _Worker, code: int) -> None:
        """Put the jobs of a dead worker in front of the line again."""
        for timeout in worker.timeouts.values():
            timeout.cancel()
        if self._closing:
            return
        log.warning("worker process %d ended with code %d; %d activities of it are run again",
                    worker.process.pid, code, len(worker.running))  # fmt: skip
        for job in reversed(worker.running.values()):
            job.deaths += 1
            if job.deaths < DEATHS_MAX:
                self._backlog.appendleft(job)
            else:
                text = f"the worker process died {job.deaths} times while it ran the function {job.function}"
                job.done({"error": {"kind": "WorkerProcessExitException", "message": text, "stack": None}})
