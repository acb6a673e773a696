"""``python -m local_host scheduler``: the embedded engine as a scheduler of its own, for any number of hosts."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.serving import Serving

log = logging.getLogger("Host.Scheduler")

TURNS_MAX = 1000
"""Orchestrators at work at once, in all workers: each worker has a limit of its own."""

HUB = "default"
"""What the connection string says; the state has one task hub, whatever workers call it."""


def connection_string(port: int) -> str:
    """What a host needs as ``DURABLE_TASK_SCHEDULER_CONNECTION_STRING``."""
    return f"Endpoint=http://127.0.0.1:{port};TaskHub={HUB};Authentication=None"


async def serve(state: Path, port: int, ready: Callable[[int], None]) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP; ``ready`` is told the port once it listens."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    engine = EmbeddedEngine(state / "durable.db", turns=TURNS_MAX)
    engine.failed.add_done_callback(lambda _: loop.call_soon_threadsafe(stop.set))
    serving = Serving(engine)
    try:
        ready(await serving.start(f"127.0.0.1:{port}"))
        await stop.wait()
        log.info("stopping")
    finally:
        await serving.stop()
        await asyncio.to_thread(engine.close)
    if engine.failed.done():
        raise RuntimeError("the durable engine failed") from engine.failed.exception()
