"""Invokes functions: decodes what triggered them with the SDK's own converters, calls them, encodes what they return.

Async functions of a process all run on one event loop, as on the real host; others on a pool of threads.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import json
import sys
import threading
import uuid
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import azure.functions as func
from azure.core.exceptions import AzureError
from azure.functions import meta

from local_host import logs, spans
from local_host.functions.expressions import bind
from local_host.functions.index import Function
from local_host.functions.storage import Storage, brief, messages

Datum = meta.Datum


@dataclass(frozen=True, slots=True)
class Retry:
    """The ``retry_context``: how often the function was tried before, of how many times, and why in vain."""

    retry_count: int = 0
    max_retry_count: int = 0
    exception: Exception | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """What triggered a function: the trigger's datum, its metadata, and the values of binding expressions."""

    datum: Any
    metadata: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    """What the log names beside the function: an instance, a blob, a message."""
    retry: Retry = Retry()


class Out:
    """An output binding's parameter (``func.Out``)."""

    def __init__(self) -> None:
        self._value: Any = None

    def set(self, value: Any) -> None:
        """Give the output its value."""
        self._value = value

    def get(self) -> Any:
        """The value, or None."""
        return self._value


class BindingFailed(Exception):
    """An input could not be read, or an output not be written; the message says which and why."""


class FunctionTimeoutException(Exception):
    """A function took longer than ``functionTimeout``."""


def timeout_message(timeout_s: float, function: str) -> str:
    """The real host's words."""
    return f"Timeout value of {spans.describe(timeout_s)} exceeded by function: {function}"


class Invoker:
    """Runs functions of one process; results are those of the trigger's, or of ``$return``'s, converter."""

    def __init__(
        self,
        storage: Storage,
        client_binding: Callable[[Mapping[str, Any]], str],
        threads: int,
        timeout_s: float | None = None,
    ) -> None:
        """A function that exceeds the timeout has failed; one on a thread cannot be stopped, and goes on unheard."""
        self._storage, self._timeout_s = storage, timeout_s
        self._client_binding = client_binding
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="function")
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="functions-loop", daemon=True)
        self._thread.start()

    def submit(self, function: Function, occasion: Occasion) -> Future[Any]:
        """Invoke the function; the future gets the encoded result (a Datum, or None)."""
        if self._timeout_s is None and not inspect.iscoroutinefunction(function.code):
            return self._pool.submit(self._run_sync, function, occasion)
        return asyncio.run_coroutine_threadsafe(self._run_limited(function, occasion), self._loop)

    def close(self) -> None:
        """Close the loop and the threads; a function that still runs is left to the end of the process."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with contextlib.suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(_wind_up(), self._loop).result(2.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(2.0)
        if not self._loop.is_running():
            self._loop.close()

    async def _run_limited(self, function: Function, occasion: Occasion) -> Any:
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                if inspect.iscoroutinefunction(function.code):
                    return await self._run_async(function, occasion)
                return await self._loop.run_in_executor(self._pool, self._run_sync, function, occasion)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise FunctionTimeoutException(timeout_message(self._timeout_s or 0.0, function.name)) from error

    def _run_sync(self, function: Function, occasion: Occasion) -> Any:
        with logs.about(function.name, occasion.subject):
            arguments, outs = self._bind(function, occasion)
            return self._finish(function, function.code(**arguments), outs, occasion)

    async def _run_async(self, function: Function, occasion: Occasion) -> Any:
        with logs.about(function.name, occasion.subject):
            arguments, outs = await self._in_thread(function, self._bind, function, occasion)
            result = await function.code(**arguments)
            return await self._in_thread(function, self._finish, function, result, outs, occasion)

    async def _in_thread(self, function: Function, call: Callable[..., Any], *arguments: Any) -> Any:
        """Bindings to storage block: they must not hold up the loop, which other functions share."""
        blocks = function.kind == "blobTrigger" or any(one["type"] in ("blob", "queue") for one in function.bindings)
        if not blocks:
            return call(*arguments)
        return await self._loop.run_in_executor(self._pool, call, *arguments)

    # Inputs

    def _bind(self, function: Function, occasion: Occasion) -> tuple[dict[str, Any], dict[str, Out]]:
        trigger = function.trigger
        arguments: dict[str, Any] = {
            trigger["name"]: self._decode(function, trigger, occasion.datum, occasion.metadata)
        }
        outs: dict[str, Out] = {}
        for binding in function.bindings:
            if binding["direction"] == "OUT":
                if binding["name"] != "$return":
                    arguments[binding["name"]] = outs[binding["name"]] = Out()
            elif binding["type"] == "durableClient":
                arguments[binding["name"]] = self._client_binding(binding)
            else:
                with _named(function, binding, occasion):
                    datum = self._input(function, binding, occasion)
                arguments[binding["name"]] = self._decode(function, binding, datum, {})
        if "context" in function.parameters and "context" not in arguments:
            arguments["context"] = Context(function, occasion.retry)
        return arguments, outs

    def _input(self, function: Function, binding: Mapping[str, Any], occasion: Occasion) -> Any:
        if binding["type"] != "blob":
            raise NotImplementedError(f"function {function.name}: input binding {binding['type']} is not supported")
        path = bind(binding["path"], occasion.data, function.name)
        if _sdk_type(function.annotations.get(binding["name"])):
            return model_binding(binding["connection"], path)
        content = self._storage.read_blob(binding["connection"], path)
        return Datum(content, "bytes" if content is not None else None)

    def _decode(self, function: Function, binding: Mapping[str, Any], datum: Any, metadata: Mapping[str, Any]) -> Any:
        annotation = function.annotations.get(binding["name"])
        if _sdk_type(annotation):
            registry = sys.modules["azurefunctions.extensions.base"].get_binding_registry()
            return registry.get(binding["type"]).decode(datum, trigger_metadata=metadata, pytype=annotation)
        return _converter(binding["type"]).decode(datum, trigger_metadata=metadata)

    # Outputs

    def _finish(self, function: Function, result: Any, outs: Mapping[str, Out], occasion: Occasion) -> Any:
        encoded = None
        if function.kind == "activityTrigger":
            try:
                encoded = _encode("activityTrigger", result)
            except ValueError as error:
                refused = ValueError(str(error))
                refused.add_note(f"returned by {function.name}, {function.place}")
                raise refused from None  # the encoder's own frames help nobody
        for binding in function.bindings:
            if binding["direction"] != "OUT":
                continue
            value = result if binding["name"] == "$return" else outs[binding["name"]].get()
            if binding["type"] == "http":
                encoded = None if value is None else _encode("http", value)
            elif value is not None:
                datum = _encode(binding["type"], value)
                with _named(function, binding, occasion):
                    self._write(function, binding, datum, occasion)
        return encoded

    def _write(self, function: Function, binding: Mapping[str, Any], datum: Any, occasion: Occasion) -> None:
        if binding["type"] == "queue":
            queue = bind(binding["queueName"], occasion.data, function.name)
            for message in messages(datum):
                self._storage.send(binding["connection"], queue, message)
        elif binding["type"] == "blob":
            path = bind(binding["path"], occasion.data, function.name)
            self._storage.write_blob(binding["connection"], path, datum.value)
        else:
            raise NotImplementedError(f"function {function.name}: output binding {binding['type']} is not supported")


@contextlib.contextmanager
def _named(function: Function, binding: Mapping[str, Any], occasion: Occasion) -> Iterator[None]:
    """Say of the storage's complaints which binding they are about."""
    try:
        yield
    except AzureError as error:
        target = bind(binding.get("queueName") or binding["path"], occasion.data, function.name)
        which = f"{function.name}, binding '{binding['name']}', {binding['type']} {target}"
        raise BindingFailed(f"{function.place}: {which}: {brief(error)}") from None


def model_binding(connection: str, path: str) -> Any:
    """What a deferred blob binding (``BlobClient``, ...) is made of."""
    container, _, blob = path.partition("/")
    content = {"Connection": connection, "ContainerName": container, "BlobName": blob}
    data = SimpleNamespace(
        version="1.0", source="AzureStorageBlobs", content_type="application/json", content=json.dumps(content)
    )
    return Datum(data, "model_binding_data")


def binds_sdk_type(function: Function) -> bool:
    """Whether the trigger's parameter is an SDK client: the content is not needed then."""
    return _sdk_type(function.annotations.get(function.trigger["name"]))


def _sdk_type(annotation: Any) -> bool:
    base = sys.modules.get("azurefunctions.extensions.base")
    return bool(base and annotation and base.get_binding_registry().check_supported_type(annotation))


def _encode(kind: str, value: Any) -> Any:
    return _converter(kind).encode(value, expected_type=None)


def _converter(kind: str) -> Any:
    registry: Any = meta.get_binding_registry  # has no types
    return registry().get(kind)


class Context(func.Context):
    """The optional ``context`` parameter."""

    invocation_id = ""
    function_name = ""
    function_directory = ""
    trace_context: Any = SimpleNamespace(trace_parent="", trace_state="", attributes={})
    retry_context: Any = None
    thread_local_storage: Any = threading.local()

    def __init__(self, function: Function, retry: Retry) -> None:
        self.retry_context = retry
        self.invocation_id = self.thread_local_storage.invocation_id = str(uuid.uuid4())
        self.function_name = function.name
        self.function_directory = str(Path(function.code.__code__.co_filename).parent)


async def _wind_up() -> None:
    """Let tasks of async functions end, and close the session that the Durable SDK keeps per process."""
    others: list[asyncio.Task[Any]] = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    sdk = sys.modules.get("azure.durable_functions.models.utils.http_utils")
    if sdk:
        close: Callable[[], Coroutine[Any, Any, None]] = sdk._close_session  # noqa: SLF001 - has no public name
        await close()
