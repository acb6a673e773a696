"""Serves an engine over gRPC: ``TaskHubSidecarService``, as a Durable Task Scheduler speaks it to clients and workers.

What is not supported answers UNIMPLEMENTED, by name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import durabletask.internal.orchestrator_service_pb2_grpc as rpc
import grpc  # type: ignore[import-untyped]
import grpc.aio  # type: ignore[import-untyped]
from google.protobuf.empty_pb2 import Empty

from local_host.durable.dispatch import Dispatcher
from local_host.durable.engine import Engine, EngineError
from local_host.durable.serving_calls import Context, abort
from local_host.durable.serving_clients import ClientRpcs
from local_host.durable.serving_workers import WorkerRpcs

OPTIONS = (
    ("grpc.max_receive_message_length", -1),  # a history is as long as it is
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),  # a second server on the port is an error
    ("grpc.keepalive_time_ms", 20_000),  # notices a worker whose machine is gone
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
)

ENGINE_THREADS = 32
"""Questions to the engine at once; each blocks for a commit."""

STOP_GRACE_S = 0.5
"""For calls that are being answered when the server stops."""

UNSUPPORTED = (
    "RewindInstance",
    "ListInstanceIds",
    "CreateTaskHub",
    "DeleteTaskHub",
    "CleanEntityStorage",
    "SkipGracefulOrchestrationTerminations",
)


class Serving:
    """A gRPC server over one engine, which it opens; whoever made the engine closes it, after `stop`."""

    def __init__(self, engine: Engine) -> None:
        self._dispatcher = Dispatcher(asyncio.get_running_loop())
        self._threads = ThreadPoolExecutor(ENGINE_THREADS, thread_name_prefix="scheduler")
        self._server = grpc.aio.server(options=OPTIONS)
        rpc.add_TaskHubSidecarServiceServicer_to_server(  # type: ignore[no-untyped-call]
            _Servicer(engine, self._threads, self._dispatcher), self._server
        )
        self._engine = engine

    async def start(self, address: str) -> int:
        """Listen on ``host:port`` (port 0 is any free one); the port."""
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise EngineError(f"the scheduler cannot listen on {address}: is the port taken?") from error
        self._engine.open(self._dispatcher)
        await self._server.start()
        return int(port)

    async def stop(self) -> None:
        """Cut off clients and workers."""
        await self._server.stop(STOP_GRACE_S)
        self._threads.shutdown(wait=False, cancel_futures=True)


class _Servicer(ClientRpcs, WorkerRpcs, rpc.TaskHubSidecarServiceServicer):
    """All rpcs of the protocol."""

    async def Hello(self, _: Empty, __: Context) -> Empty:  # noqa: N802 - the protocol's name
        """Whether anybody is there."""
        return Empty()


def _refusal(name: str) -> Callable[[Any, Any, Context], Any]:
    async def refuse(_self: Any, _request: Any, context: Context) -> NoReturn:
        await abort(context, grpc.StatusCode.UNIMPLEMENTED, f"{name} is not supported by the local host's scheduler")

    return refuse


for _name in UNSUPPORTED:
    setattr(_Servicer, _name, _refusal(_name))
