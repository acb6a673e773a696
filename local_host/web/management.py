"""The Durable HTTP management API, as the Durable extension has it: what the SDK's client and people's scripts call."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import durabletask.internal.orchestrator_service_pb2 as pb
from aiohttp import web

from local_host.durable import events
from local_host.durable.engine import Engine, EngineError, InstanceNotFound, InvalidInstance
from local_host.durable.entities import entity_id, split_entity_id
from local_host.durable.executor import unknown
from local_host.functions.index import App
from local_host.web import status
from local_host.web.links import BASE_PATH, Links

CONTINUATION = "x-ms-continuation-token"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Management:
    """Handlers of the API over one engine."""

    def __init__(self, engine: Engine, app: App, links: Links) -> None:
        self._engine = engine
        self._orchestrators = app.of_kind("orchestrationTrigger")
        self._links = links

    def routes(self) -> list[web.RouteDef]:
        """The API's routes."""
        instances, entities = f"{BASE_PATH}/instances", f"{BASE_PATH}/entities"
        table: list[tuple[str, str, Handler]] = [
            ("POST", f"{BASE_PATH}/orchestrators/{{name}}", self._start),
            ("POST", f"{BASE_PATH}/orchestrators/{{name}}/{{id}}", self._start),
            ("POST", f"{instances}/{{id}}/raiseEvent/{{event}}", self._raise_event),
            ("POST", f"{instances}/{{id}}/{{operation}}", self._operate),
            ("POST", f"{entities}/{{name}}/{{key}}", self._signal_entity),
            ("DELETE", f"{entities}/{{name}}/{{key}}", self._signal_entity),
            ("GET", f"{entities}/{{name}}/{{key}}", self._get_entity),
        ]
        for path in (instances, f"{instances}/"):
            table += [("GET", path, self._list), ("DELETE", path, self._purge_many)]
        for path in (entities, f"{entities}/", f"{entities}/{{name}}", f"{entities}/{{name}}/"):
            table.append(("GET", path, self._list_entities))
        table += [("GET", f"{instances}/{{id}}", self._get), ("DELETE", f"{instances}/{{id}}", self._purge)]
        return [web.route(method, path, _answering(handler), allow_head=False) if method == "GET"
                else web.route(method, path, _answering(handler)) for method, path, handler in table]  # fmt: skip

    # Orchestrations

    async def _start(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["name"]
        if name not in self._orchestrators:
            raise InvalidInstance(unknown("orchestrator", name, self._orchestrators))
        body = await _json_text(request)
        create = pb.CreateInstanceRequest(
            instanceId=request.match_info.get("id", ""), name=name, input=events.text(body),
            version=events.text(request.query.get("version")),
        )  # fmt: skip
        instance_id = await asyncio.to_thread(self._engine.start_instance, create)
        return await self._created(request, instance_id)

    async def _created(self, request: web.Request, instance_id: str) -> web.StreamResponse:
        timeout_s = float(request.query.get("timeout", 0))
        deadline = time.monotonic() + timeout_s
        interval_s = max(0.05, float(request.query.get("pollingInterval", 1)))
        while time.monotonic() < deadline:
            state = await self._state(instance_id)
            if state.orchestrationStatus in events.TERMINAL:
                if state.orchestrationStatus == events.COMPLETED:
                    return web.json_response(status.parse(state.output.value or "null"))
                return web.json_response(status.describe(state, show_input=True, history=None))
            await asyncio.sleep(min(interval_s, max(0.0, deadline - time.monotonic())))
        links = self._links.of_instance(instance_id)
        headers = {"Location": links["statusQueryGetUri"], "Retry-After": "10"}
        return web.json_response(links, status=202, headers=headers)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        state = await self._state(request.match_info["id"])
        show_input = _flag(request, "showInput", default=True)
        history = None
        if _flag(request, "showHistory", default=False):
            recorded = await asyncio.to_thread(self._engine.get_history, state.instanceId)
            show_output = _flag(request, "showHistoryOutput", default=False)
            history = status.describe_history(recorded, show_output=show_output, show_input=show_input)
        body = status.describe(state, show_input=show_input, history=history)
        if state.orchestrationStatus not in events.TERMINAL:
            headers = {"Location": str(request.url), "Retry-After": "5"}
            return web.json_response(body, status=202, headers=headers)
        failed = state.orchestrationStatus == events.FAILED
        as_error = failed and _flag(request, "returnInternalServerErrorOnFailure", default=False)
        return web.json_response(body, status=500 if as_error else 200)

    async def _list(self, request: web.Request) -> web.StreamResponse:
        query = pb.InstanceQuery(
            runtimeStatus=_statuses(request),
            createdTimeFrom=_time(request, "createdTimeFrom"),
            createdTimeTo=_time(request, "createdTimeTo"),
            instanceIdPrefix=events.text(request.query.get("instanceIdPrefix")),
            # The extension's page is the whole list, unless a page is asked for.
            maxInstanceCount=int(request.query.get("top", request.query.get("pageSize", 2**31 - 2))),
            continuationToken=events.text(request.headers.get(CONTINUATION)),
        )
        page = await asyncio.to_thread(self._engine.query_instances, query)
        show_input = _flag(request, "showInput", default=False)
        body = [status.describe(one, show_input=show_input, history=None) for one in page.orchestrationState]
        return web.json_response(body, headers=_continuation(page))

    async def _raise_event(self, request: web.Request) -> web.StreamResponse:
        state = await self._state(request.match_info["id"])
        if state.orchestrationStatus in events.TERMINAL:
            return web.Response(status=410)
        if request.content_type != "application/json":
            return _error(400, "Only application/json request content is supported", "")
        # The SDK's client encodes twice and the extension keeps it so: the orchestrator gets a string of JSON from
        # `client.raise_event`, and the object itself from a plain POST.
        raised = pb.RaiseEventRequest(
            instanceId=state.instanceId,
            name=request.match_info["event"],
            input=events.text(await _json_text(request)),
        )
        await asyncio.to_thread(self._engine.raise_event, raised)
        return web.Response(status=202)

    async def _operate(self, request: web.Request) -> web.StreamResponse:
        state = await self._state(request.match_info["id"])
        operation, reason = request.match_info["operation"].lower(), request.query.get("reason")
        if operation == "restart":
            return await self._restart(request, state)
        if operation == "rewind":
            return _error(501, "Not implemented", "rewind is not supported by the local host")
        calls = {"terminate": self._engine.terminate, "suspend": self._engine.suspend, "resume": self._engine.resume}
        if operation not in calls:
            return web.Response(status=404)
        if state.orchestrationStatus in events.TERMINAL:
            return web.Response(status=410)
        await asyncio.to_thread(calls[operation], state.instanceId, reason)
        return web.Response(status=202)

    async def _restart(self, request: web.Request, state: pb.OrchestrationState) -> web.StreamResponse:
        fresh = _flag(request, "restartWithNewInstanceId", default=True)
        create = events.restart(state, "" if fresh else state.instanceId)
        return await self._created(request, await asyncio.to_thread(self._engine.start_instance, create))

    async def _purge(self, request: web.Request) -> web.StreamResponse:
        state = await self._state(request.match_info["id"])
        purge = pb.PurgeInstancesRequest(instanceId=state.instanceId)
        return web.json_response({"instancesDeleted": await asyncio.to_thread(self._engine.purge, purge)})

    async def _purge_many(self, request: web.Request) -> web.StreamResponse:
        since = _time(request, "createdTimeFrom")
        if since is None:
            return web.json_response("Please provide value for 'createdTimeFrom' parameter.", status=400)
        chosen = pb.PurgeInstanceFilter(
            createdTimeFrom=since, createdTimeTo=_time(request, "createdTimeTo"), runtimeStatus=_statuses(request)
        )
        purge = pb.PurgeInstancesRequest(purgeInstanceFilter=chosen)
        count = await asyncio.to_thread(self._engine.purge, purge)
        return web.json_response({"instancesDeleted": count}) if count else web.Response(status=404)

    async def _state(self, instance_id: str) -> pb.OrchestrationState:
        state = await asyncio.to_thread(self._engine.get_instance, instance_id)
        if state is None:
            raise InstanceNotFound(instance_id)
        return state

    # Entities

    async def _signal_entity(self, request: web.Request) -> web.StreamResponse:
        body = await _json_text(request) if request.content_type == "application/json" else await request.text()
        operation = "delete" if request.method == "DELETE" else request.query.get("op", "")
        signal = pb.SignalEntityRequest(
            instanceId=entity_id(request.match_info["name"], request.match_info["key"]), name=operation,
            input=events.text(body or None), requestId=str(uuid.uuid4()),
        )  # fmt: skip
        await asyncio.to_thread(self._engine.signal_entity, signal)
        return web.Response(status=202)

    async def _get_entity(self, request: web.Request) -> web.StreamResponse:
        identity = entity_id(request.match_info["name"], request.match_info["key"])
        found = await asyncio.to_thread(self._engine.get_entity, identity)
        if found is None:
            return web.Response(status=404)
        return web.json_response(status.parse(found.serializedState.value))

    async def _list_entities(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info.get("name", "")
        query = pb.EntityQuery(
            instanceIdStartsWith=events.text(entity_id(name, "") if name else "@"),
            continuationToken=events.text(request.headers.get(CONTINUATION)),
        )
        query.pageSize.value = int(request.query.get("top", request.query.get("pageSize", 2**31 - 2)))
        page = await asyncio.to_thread(self._engine.query_entities, query)
        body = [_entity(one, fetch_state=_flag(request, "fetchState", default=False)) for one in page.entities]
        return web.json_response(body, headers=_continuation(page))


def _answering(handler: Handler) -> Handler:
    """Turn the engine's errors into the extension's answers."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except InstanceNotFound:
            return web.Response(status=404)
        except (InvalidInstance, ValueError) as error:
            return _error(400, "One or more of the arguments submitted is incorrect", str(error))
        except NotImplementedError as error:
            return _error(501, "Not implemented", str(error))
        except EngineError as error:
            return _error(500, "Something went wrong while processing your request", str(error))

    return answer


def _error(code: int, message: str, reason: str) -> web.Response:
    body = {"Message": message, "ExceptionMessage": reason, "ExceptionType": "", "StackTrace": ""}
    return web.json_response(body, status=code)


async def _json_text(request: web.Request) -> str | None:
    text = await request.text()
    if not text:
        return None
    try:
        json.loads(text)
    except ValueError as error:
        raise ValueError(f"Invalid JSON content: {error}") from error
    return text


def _flag(request: web.Request, name: str, *, default: bool) -> bool:
    return {"true": True, "false": False}.get(request.query.get(name, "").lower(), default)


def _time(request: web.Request, name: str) -> Any:
    text = request.query.get(name)
    return events.when(datetime.fromisoformat(text)) if text else None


def _statuses(request: web.Request) -> list[pb.OrchestrationStatus]:
    names = [name.strip().lower() for value in request.query.getall("runtimeStatus", []) for name in value.split(",")]
    return [number for name, number in events.STATUSES.items() if name.lower() in names]


def _continuation(page: pb.QueryInstancesResponse | pb.QueryEntitiesResponse) -> dict[str, str]:
    return {CONTINUATION: page.continuationToken.value} if page.HasField("continuationToken") else {}


def _entity(one: pb.EntityMetadata, *, fetch_state: bool) -> dict[str, Any]:
    name, key = split_entity_id(one.instanceId)
    state = status.parse(one.serializedState.value) if fetch_state else None
    return {
        "entityId": {"name": name, "key": key},
        "lastOperationTime": one.lastModifiedTime.ToDatetime().isoformat(timespec="seconds") + "Z",
        "state": state,
    }
