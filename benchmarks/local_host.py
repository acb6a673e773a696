"""The local host beside `durabletask`'s own in-memory backend, which keeps nothing on disk and has no triggers.

Both run as processes of their own, ours as users start it. Where the backend cannot do a case, `theirs` is the target.
Linux only: memory and CPU time come from `/proc`.
"""

import contextlib
import json
import logging
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient
from durabletask import client, task, worker
from durabletask.testing import create_test_backend

from benchmarks.comparison import Row, compare

ROOT = Path(__file__).resolve().parents[1]
API = "/runtime/webhooks/durabletask"

WIDTH = 1_000
"""Activities of one fan-out, and steps of one chain."""

ROUNDS = 3
WARM_FAN_OUTS = 20
FAN_OUTS = 100
"""Of `WIDTH` activities each, for memory: what the first ones load is no leak."""
THEIR_FAN_OUTS = 9

IDLE_S = 20.0
IDLE_ROUNDS = 3
REST_S = 10.0
"""The host looks at an empty queue less and less often, down to every two seconds."""
DROPS = 20
DROP_TARGET_S = 0.5
START_TIMEOUT_S = 60.0
POLL_S = 0.01


def main() -> Iterable[Row]:
    """Every case, ours and theirs in turn."""
    with tempfile.TemporaryDirectory() as state, local_host("fan_out", state) as ours, in_memory_backend() as theirs:
        case = f"fan-out of {WIDTH} trivial activities"
        yield compare(case, lambda: ours.run("square_all", WIDTH), lambda: theirs.run("fan_out", WIDTH), ROUNDS)
        yield memory(ours, theirs)
    with (
        tempfile.TemporaryDirectory() as state,
        local_host("hello_cities", state) as ours,
        in_memory_backend() as theirs,
    ):
        case = f"{WIDTH} steps, one after the other"
        yield compare(case, lambda: ours.run("long_chain", WIDTH), lambda: theirs.run("chain", WIDTH), ROUNDS)
    with tempfile.TemporaryDirectory() as state, triggered_host(state) as ours, in_memory_backend() as theirs:
        yield blob_drop(ours)
        time.sleep(REST_S)
        yield idle_cpu(ours, theirs)


def memory(ours: "Runs", theirs: "Runs") -> Row:
    """What a thousand more activities leave behind, after the first twenty thousand: the slope of all measurements."""

    def measure(side: Runs, orchestrator: str, fan_outs: int) -> list[float]:
        for _ in range(WARM_FAN_OUTS):
            side.run(orchestrator, WIDTH)
        return [(side.run(orchestrator, WIDTH), resident_mb(side.pid))[1] for _ in range(fan_outs)]

    def growth(measured: list[float]) -> float:
        return statistics.linear_regression(range(len(measured)), measured).slope

    our_mb, their_mb = measure(ours, "square_all", FAN_OUTS), measure(theirs, "fan_out", THEIR_FAN_OUTS)
    note = (
        f"ours over {FAN_OUTS * WIDTH:,}: {min(our_mb):.1f} to {max(our_mb):.1f} MB with workers;"
        f" theirs over {THEIR_FAN_OUTS * WIDTH:,}, then {their_mb[-1]:.0f} MB"
    )
    measured = "growth, MB per 1,000 activities"
    return Row("memory, host and workers", measured, growth(our_mb), growth(their_mb), 1, note)


def idle_cpu(ours: "Runs", theirs: "Runs") -> Row:
    """Nothing to do, with triggers of every kind listening."""
    shares: list[tuple[float, float]] = []
    for _ in range(IDLE_ROUNDS):
        before = cpu_s(ours.pid), cpu_s(theirs.pid)
        time.sleep(IDLE_S)
        shares.append(((cpu_s(ours.pid) - before[0]) / IDLE_S, (cpu_s(theirs.pid) - before[1]) / IDLE_S))
    our_share, their_share = (statistics.median(side) * 100 for side in zip(*shares, strict=True))
    note = "host and workers, without Azurite; ours listens to a container, a queue, a timer and HTTP"
    return Row("idle CPU", "% of a core", our_share, their_share, IDLE_ROUNDS, note)


def blob_drop(ours: "LocalHost") -> Row:
    """From the upload's end to the message that the triggered function sends."""
    names = ours.settings
    with (
        BlobServiceClient.from_connection_string(ours.storage) as blobs,
        QueueServiceClient.from_connection_string(ours.storage) as queues,
    ):
        container, results = blobs.get_container_client(names["CONTAINER"]), queues.get_queue_client(names["RESULTS"])
        seconds = []
        for number in range(DROPS):
            time.sleep(0.037 * number % 0.3)  # at any moment of the poll
            container.upload_blob(f"deferred/{uuid.uuid4()}", b"content")
            dropped = time.perf_counter()
            while (message := results.receive_message()) is None:
                time.sleep(POLL_S)
            seconds.append(time.perf_counter() - dropped)
            results.delete_message(message)
    note = f"theirs: the target; ours at worst {max(seconds):.2f}"
    return Row("blob drop to its function's message", "s", statistics.median(seconds), DROP_TARGET_S, DROPS, note)


@dataclass(frozen=True, slots=True)
class Runs:
    """Something that runs orchestrations, as a process."""

    pid: int
    run: Callable[[str, int], None]


# Ours


@dataclass(frozen=True, slots=True)
class LocalHost(Runs):
    """A running local host."""

    storage: str
    settings: dict[str, str]


@contextlib.contextmanager
def local_host(app: str, state: str, **settings: str) -> Iterator[LocalHost]:
    """The local host with one of the tests' tiny apps, on ports of its own."""
    ready = Path(state) / "ready.json"
    where = ["--app", str(ROOT / "tests" / "apps" / app), "--state", state, "--ready-file", str(ready)]
    with (
        (Path(state) / "host.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-m", "local_host", "start", "--private", "--exit-with-parent", *where],
            cwd=ROOT,
            env={**os.environ, **settings},
            stderr=log,
        ) as process,
    ):
        try:
            deadline = time.monotonic() + START_TIMEOUT_S
            while not ready.exists():
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError((Path(state) / "host.log").read_text("utf-8"))
                time.sleep(POLL_S)
            told = json.loads(ready.read_text("utf-8"))
            url = told["http"] + API
            connection = told["storage_connection_string"]
            yield LocalHost(process.pid, lambda name, size: run_over_http(url, name, size), connection, settings)
        finally:
            process.terminate()


@contextlib.contextmanager
def triggered_host(state: str) -> Iterator[LocalHost]:
    """The app with blob and queue triggers, its container and queues made."""
    names = {"CONTAINER": "drops", "REQUESTS": "requests", "RESULTS": "results"}
    with local_host("storage", state, **names) as host:
        with BlobServiceClient.from_connection_string(host.storage) as blobs:
            blobs.create_container(names["CONTAINER"])
        with QueueServiceClient.from_connection_string(host.storage) as queues:
            for name in ("REQUESTS", "RESULTS"):
                queues.create_queue(names[name])
        yield host


def run_over_http(url: str, orchestrator: str, size: int) -> None:
    """Start an orchestration, wait for its end."""
    body = json.dumps(json.dumps(size)).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/orchestrators/{orchestrator}", body, headers)  # noqa: S310 - our own host
    with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own host
        instance = json.loads(answer.read())["id"]
    while True:
        with urllib.request.urlopen(f"{url}/instances/{instance}") as answer:  # noqa: S310 - our own host
            status = json.loads(answer.read())["runtimeStatus"]
        if status == "Completed":
            return
        if status not in ("Pending", "Running"):
            raise RuntimeError(f"{orchestrator} ended as {status}")
        time.sleep(POLL_S)


# Theirs


@contextlib.contextmanager
def in_memory_backend() -> Iterator[Runs]:
    """The backend and a worker, in one process of their own."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # for that process: it tells every end of a connection
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    ours.recv()

    def run(orchestrator: str, size: int) -> None:
        ours.send((orchestrator, size))
        if (status := ours.recv()) != "COMPLETED":
            raise RuntimeError(f"{orchestrator} ended as {status}")

    try:
        yield Runs(int(process.pid or 0), run)
    finally:
        ours.send(None)
        process.join(10)
        process.kill()


def serve(connection: Connection) -> None:
    """Run what is asked for until told to end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    logging.disable(logging.INFO)  # a line for every step
    backend = create_test_backend(port=port)
    address = f"localhost:{port}"
    with worker.TaskHubGrpcWorker(host_address=address) as works:
        for one in (fan_out, chain):
            works.add_orchestrator(one)
        works.add_activity(same)
        works.start()
        asks = client.TaskHubGrpcClient(host_address=address)
        connection.send("ready")
        while (asked := connection.recv()) is not None:
            name, size = asked
            instance = asks.schedule_new_orchestration(name, input=size)
            state = asks.wait_for_orchestration_completion(instance, timeout=600)
            connection.send(state.runtime_status.name if state else "gone")
        logging.disable(logging.WARNING)  # the worker's complaint of its own end
    backend.stop()


def fan_out(context: task.OrchestrationContext, width: int):  # noqa: ANN201 - a generator as the SDK wants it
    """As `square_all` of the tests' app."""
    return sum((yield task.when_all([context.call_activity(same, input=number) for number in range(width)])))


def chain(context: task.OrchestrationContext, length: int):  # noqa: ANN201 - a generator as the SDK wants it
    """As `long_chain` of the tests' app."""
    total = 0
    for number in range(length):
        total += yield context.call_activity(same, input=number)
    return total


def same(_: task.ActivityContext, number: int) -> int:
    """Do nothing."""
    return number


# Of the system


def family(pid: int) -> list[int]:
    """The process and its children, but for Azurite, which is not ours."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    pids = [pid, *map(int, children)]
    return [one for one in pids if b"azurite" not in Path(f"/proc/{one}/cmdline").read_bytes()]


def resident_mb(pid: int) -> float:
    """What the process and its workers hold."""
    pages = sum(int(Path(f"/proc/{one}/statm").read_text("ascii").split()[1]) for one in family(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s(pid: int) -> float:
    """What the threads of the process and its workers have run, by the scheduler's clock: ticks are too coarse."""
    tasks = [task for one in family(pid) for task in Path(f"/proc/{one}/task").iterdir()]
    return sum(int((task / "schedstat").read_text("ascii").split()[0]) for task in tasks) / 1e9
