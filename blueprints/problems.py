"""Errors as answers: application/problem+json (RFC 9457)."""

import json
from http import HTTPStatus

import azure.functions as func


def problem(status: HTTPStatus, detail: str) -> func.HttpResponse:
    """The answer to a request that got nowhere: what was found, what was expected, and where."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return func.HttpResponse(json.dumps(body), status_code=status.value, mimetype="application/problem+json")
