"""What the rpcs of the served engine have in common: asking the engine, and refusing a call by its status."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn, TypeVar

import grpc  # type: ignore[import-untyped]

from local_host.durable.engine import (
    Engine,
    EngineError,
    EngineStopped,
    InstanceExists,
    InstanceNotFound,
    InvalidInstance,
)

CODES: dict[type[Exception], grpc.StatusCode] = {
    InstanceExists: grpc.StatusCode.ALREADY_EXISTS,
    InstanceNotFound: grpc.StatusCode.NOT_FOUND,
    InvalidInstance: grpc.StatusCode.INVALID_ARGUMENT,
    EngineStopped: grpc.StatusCode.UNAVAILABLE,
    NotImplementedError: grpc.StatusCode.UNIMPLEMENTED,
    ValueError: grpc.StatusCode.INVALID_ARGUMENT,
}

T = TypeVar("T")
Context = Any
"""``grpc.aio.ServicerContext``, whose type parameters say nothing."""


class Asking:
    """Asks an engine, on threads of its own, for the rpcs of one event loop."""

    def __init__(self, engine: Engine, threads: ThreadPoolExecutor) -> None:
        self._engine, self._threads = engine, threads

    async def _ask(self, context: Context, question: Callable[[], T]) -> T:
        """Ask the engine, which answers behind a commit; its refusals become the call's status."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, question)
        except (EngineError, NotImplementedError, ValueError) as error:
            await abort(context, CODES.get(type(error), grpc.StatusCode.INTERNAL), str(error))


async def abort(context: Context, code: grpc.StatusCode, details: str) -> NoReturn:
    """End the call with a status."""
    await context.abort(code, details)
    raise AssertionError("abort always raises")
