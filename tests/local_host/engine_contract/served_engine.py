"""The embedded engine on a port, in this process, with an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path

from local_host.durable.embedded import EmbeddedEngine
from local_host.durable.scheduler import Scheduler
from local_host.durable.serving import Serving

START_S = 120.0


class ServedEngine:
    def __init__(self, engine: EmbeddedEngine, port: int = 0) -> None:
        self.engine = engine
        self._started: Future[int] = Future()
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=lambda: self._loop.run_until_complete(self._serve(port)))
        self._thread.start()
        self.port = self._started.result(START_S)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def scheduler(self) -> Scheduler:
        return Scheduler(self.address, "default")

    async def _serve(self, port: int) -> None:
        serving = Serving(self.engine)
        try:
            self._started.set_result(await serving.start(f"127.0.0.1:{port}"))
        except Exception as error:  # noqa: BLE001 - for whoever waits
            self._started.set_exception(error)
            return
        await self._stop.wait()
        await serving.stop()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._loop.close()
        self.engine.close()


def serve(path: Path, port: int = 0) -> ServedEngine:
    return ServedEngine(EmbeddedEngine(path, turns=100), port)
