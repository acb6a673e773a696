"""The HTTP server: HTTP functions by their routes, the Durable management API, the admin endpoints."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from concurrent.futures import Future
from typing import Any

from aiohttp import web
from azure.functions.meta import Datum

from local_host.functions.expressions import fields_of
from local_host.functions.index import App, Function
from local_host.functions.invoke import Invoker, Occasion
from local_host.triggers.queues import binding_data
from local_host.web.keys import Keys
from local_host.web.links import BASE_PATH
from local_host.web.management import Management
from local_host.web.routes import Match, Routes

log = logging.getLogger("Host.Http")

BODY_BYTES_MAX = 100 * 1024 * 1024
"""As the real host's limit."""


class Server:
    """Serves one app on a socket that listens already."""

    def __init__(self, app: App, invoker: Invoker, management: Management, keys: Keys, route_prefix: str) -> None:
        self._app, self._invoker, self._keys = app, invoker, keys
        http = [one for one in app.functions.values() if one.kind == "httpTrigger" and not one.disabled]
        self._routes = Routes(http, route_prefix)
        self._web = web.Application(client_max_size=BODY_BYTES_MAX, middlewares=[self._guard])
        self._web.add_routes(management.routes())
        self._web.add_routes(
            [
                web.get("/admin/host/status", self._status),
                web.get("/admin/functions", self._list),
                web.post("/admin/functions/{name}", self._run_by_hand),
                web.route("*", "/{path:.*}", self._function),
            ]
        )
        self._runner = web.AppRunner(self._web, access_log=None, shutdown_timeout=1.0)

    async def start(self, listening: socket.socket) -> None:
        """Accept requests."""
        await self._runner.setup()
        await web.SockSite(self._runner, listening).start()

    async def close(self) -> None:
        """Finish the requests at hand, accept no more."""
        await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Management and admin endpoints need their keys, where keys are enforced."""
        level = "system" if request.path.startswith(BASE_PATH) else "anonymous"
        if request.path.startswith("/admin/"):
            level = "admin"
        if not self._keys.admits(request, level):
            return web.Response(status=401)
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _function(self, request: web.Request) -> web.StreamResponse:
        found = self._routes.match(request.method, request.path)
        if found is None:
            return web.Response(status=404, text=f"no function has a route for {request.path}\n")
        if not isinstance(found, Match):
            return web.Response(status=405, headers={"Allow": ", ".join(sorted(found))})
        if not self._keys.admits(request, str(found.function.trigger.get("authLevel", "function")).lower()):
            return web.Response(status=401)
        if found.function.unsupported:
            text = f"{found.function.name}: {', '.join(found.function.unsupported)} is not supported by the local host"
            return web.Response(status=501, text=text + "\n")
        occasion = await _occasion(request, found.parameters)
        try:
            datum = await asyncio.wrap_future(self._invoker.submit(found.function, occasion))
        except Exception:
            log.exception("Executed '%s' (Failed)", found.function.name)
            return web.Response(status=500)  # the log says why; the real host's answer is as empty
        return _response(datum)

    # Admin

    async def _status(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"state": "Running"})

    async def _list(self, _: web.Request) -> web.StreamResponse:
        functions = self._app.functions.values()
        return web.json_response([{"name": one.name, "bindings": [one.trigger, *one.bindings]} for one in functions])

    async def _run_by_hand(self, request: web.Request) -> web.StreamResponse:
        function = self._app.functions.get(request.match_info["name"])
        if function is None:
            return web.Response(status=404)
        if function.kind not in ("timerTrigger", "queueTrigger") or not function.runs:
            return web.Response(status=501, text=f"running a {function.kind} by hand is not supported\n")
        body = await request.json() if request.can_read_body else {}
        future = self._invoker.submit(function, _by_hand(function, str(body.get("input") or "")))
        future.add_done_callback(lambda done: _log_failure(function, done))
        return web.Response(status=202)


def _log_failure(function: Function, done: Future[Any]) -> None:
    if error := done.exception():
        log.error("Executed '%s' (Failed)", function.name, exc_info=error)


def _by_hand(function: Function, text: str) -> Occasion:
    if function.kind == "timerTrigger":
        return Occasion(Datum(json.dumps({"IsPastDue": False}), "json"), subject="by hand")
    metadata = {
        "Id": Datum("by hand", "string"),
        "DequeueCount": Datum("1", "string"),
        "PopReceipt": Datum("", "string"),
    }
    return Occasion(Datum(text, "string"), metadata, binding_data(text), "by hand")


async def _occasion(request: web.Request, parameters: dict[str, str]) -> Occasion:
    body = await request.read()

    def texts(values: Any) -> dict[str, Any]:
        return {name: Datum(value, "string") for name, value in values.items()}

    parts = {
        "method": Datum(request.method, "string"),
        "url": Datum(str(request.url), "string"),
        "headers": texts(request.headers),
        "query": texts(request.query),
        "params": texts(parameters),
        "body": Datum(body, "bytes"),
    }
    data: dict[str, Any] = {"Query": dict(request.query), "headers": dict(request.headers)}
    if request.content_type == "application/json":
        data = {**fields_of(body), **data}
    return Occasion(Datum(parts, "http"), {}, {**data, **parameters}, f"{request.method} {request.path}")


def _response(datum: Any) -> web.Response:
    if datum is None:
        return web.Response(status=204)
    if datum.type == "string":
        return web.Response(text=datum.value)
    parts = datum.value
    headers = {name: value.value for name, value in parts["headers"].items()}
    response = web.Response(status=int(parts["status_code"].value), headers=headers, body=parts["body"].value)
    for cookie in parts["cookies"] or ():
        for morsel in cookie.values():
            response.headers.add("Set-Cookie", morsel.OutputString())
    return response
