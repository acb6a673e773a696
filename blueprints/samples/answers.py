"""How the samples answer: JSON, or a problem that says what is wrong with the request."""

import functools
import json
import re
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.problems import problem
from fanfold.errors import RequestRefused

Route = Callable[[func.HttpRequest, df.DurableOrchestrationClient], Awaitable[func.HttpResponse]]

_INSTANCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:-]{0,99}")
"""The ids that hosts and samples give; others would have to be quoted in the scheduler's URLs, and nobody has them."""


def answer(body: object, status: HTTPStatus = HTTPStatus.OK, **headers: str) -> func.HttpResponse:
    """A JSON answer."""
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype="application/json", headers=headers)


def refusing(route: Route) -> Route:
    """The same route, answering 400 where the request is refused."""

    @functools.wraps(route)
    async def checked(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
        try:
            return await route(req, client)
        except RequestRefused as error:
            return problem(HTTPStatus.BAD_REQUEST, str(error))

    return checked


def started(req: func.HttpRequest, client: df.DurableOrchestrationClient, instance_id: str) -> func.HttpResponse:
    """The answer to who started an orchestration: 202, and the URLs to follow and to manage it."""
    response: func.HttpResponse = client.create_check_status_response(req, instance_id)
    return response


def no_such_instance(instance_id: str) -> func.HttpResponse:
    """The answer to who asks for an orchestration that is not there."""
    return problem(HTTPStatus.NOT_FOUND, f"no orchestration has the id {instance_id!r}")


def may_be_instance(instance_id: str) -> bool:
    """Whether it is worth asking for."""
    return _INSTANCE_ID.fullmatch(instance_id) is not None


async def find_status(client: df.DurableOrchestrationClient, instance_id: str, **shown: bool) -> Any:
    """The SDK's status of an orchestration, with its history or its input if these are to be shown, or None."""
    if not may_be_instance(instance_id):
        return None
    return await client.get_status(instance_id, **shown) or None
