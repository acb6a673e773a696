"""Errors as answers: application/problem+json (RFC 9457)."""

import functools
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from fanfold.errors import (
    DatasetExists,
    DatasetMissing,
    FanfoldError,
    NotAcceptable,
    NothingThere,
    RequestRefused,
    RunGoingOn,
    UnsupportedMedia,
    UploadTooLarge,
)

Route = Callable[[func.HttpRequest, df.DurableOrchestrationClient], Awaitable[func.HttpResponse]]

_LOG = logging.getLogger(__name__)
_STATUSES: dict[type[FanfoldError], HTTPStatus] = {
    RequestRefused: HTTPStatus.BAD_REQUEST,
    NothingThere: HTTPStatus.NOT_FOUND,
    DatasetMissing: HTTPStatus.NOT_FOUND,
    NotAcceptable: HTTPStatus.NOT_ACCEPTABLE,
    DatasetExists: HTTPStatus.CONFLICT,
    RunGoingOn: HTTPStatus.CONFLICT,
    UploadTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    UnsupportedMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}


def problem(status: HTTPStatus, detail: str, **more: Any) -> func.HttpResponse:
    """The answer to a request that got nowhere: what was found, what was expected, and where."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **more}
    return func.HttpResponse(json.dumps(body), status_code=status.value, mimetype="application/problem+json")


def status_of(error: FanfoldError) -> HTTPStatus:
    """The status that an error is answered with. One that is not the caller's fault may pass: 503, and the log."""
    status = _STATUSES.get(type(error), HTTPStatus.SERVICE_UNAVAILABLE)
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        _LOG.warning("%s: %s", error.kind, error)
    return status


def told(route: Route) -> Route:
    """The same route, whose errors are answers."""

    @functools.wraps(route)
    async def telling(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
        try:
            return await route(req, client)
        except FanfoldError as error:
            return problem(status_of(error), str(error))

    return telling
