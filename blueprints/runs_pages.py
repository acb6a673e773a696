"""The runs as pages, for those who come with a browser."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.instances import find_history, find_run, get_run, list_runs
from blueprints.problems import status_of
from fanfold.errors import FanfoldError
from fanfold.pages.rendering import Visit, policy
from fanfold.pages.run_list import list_page
from fanfold.pages.run_view import problem_page, run_page
from fanfold.pipeline.run_queries import read_run_query
from fanfold.pipeline.runs import GOING_ON


async def show_list_page(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """A page of the list."""

    async def page(visit: Visit) -> bytes:
        query = read_run_query(req.params)
        found = await list_runs(client, query)
        runs = await asyncio.gather(*(_counted(client, run) for run in found.runs))
        return list_page(runs, found.continuation, query, visit)

    return await _answer(req, page)


async def show_run_page(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """One run and its timeline."""

    async def page(visit: Visit) -> bytes:
        run = await get_run(client, req.route_params["run_id"])
        history = await find_history(client, run["run_id"])
        return await asyncio.to_thread(run_page, run, history, visit, datetime.now(UTC))

    return await _answer(req, page)


async def _counted(client: df.DurableOrchestrationClient, run: dict[str, Any]) -> dict[str, Any]:
    """The run, counted across its whole tree where it goes on."""
    return await find_run(client, run["run_id"]) or run if run["status"] in GOING_ON else run


async def _answer(req: func.HttpRequest, page: Callable[[Visit], Awaitable[bytes]]) -> func.HttpResponse:
    visit = Visit(req.params.get("code"))
    status = HTTPStatus.OK
    try:
        body = await page(visit)
    except FanfoldError as error:
        status = status_of(error)
        body = problem_page(status.phrase, str(error), visit)
    headers = {
        "Content-Security-Policy": policy(),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "Vary": "Accept",
    }
    return func.HttpResponse(body, status_code=status.value, mimetype="text/html", charset="utf-8", headers=headers)
