"""The HTTP API (docs/openapi.json): start runs, look at them, end them, and read their reports."""

import asyncio
import json
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.instances import find_run, get_run, list_runs
from blueprints.problems import problem, told
from blueprints.requests import find_requested
from blueprints.runs_pages import show_list_page, show_run_page
from blueprints.starting import Found, redrive, start_requested
from blueprints.steering import cancel
from blueprints.uploads import store_upload
from blueprints.wiring import published
from fanfold.errors import NothingThere, RequestRefused
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.report_formats import choose_format, prefers_html
from fanfold.pipeline.run_queries import read_reason, read_run_ids, read_run_query
from fanfold.pipeline.runs import unknown_run

bp = df.Blueprint()

_JSON = "application/json"
_REPORT_HEADERS = {
    # The report names what strangers have written into a dataset. It is escaped there, and harmless here even if not.
    "Content-Security-Policy": "sandbox allow-scripts; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-cache",
}


@bp.route("runs", methods=["POST"])
@bp.durable_client_input(client_name="client")
@told
async def start_run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start the run of a blob, or of a dataset that is the body of the request."""
    if _content_type(req) == _JSON:
        request = await asyncio.to_thread(find_requested, req.get_body())
    else:
        request = await asyncio.to_thread(store_upload, _content_type(req), dict(req.params), req.get_body())
    return _started(request, await start_requested(client, request))


@bp.route("runs", methods=["GET"])
@bp.durable_client_input(client_name="client")
@told
async def show_runs(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """A page of the list of runs; to a browser, as a page to look at."""
    if prefers_html(req.headers.get("Accept")):
        return await show_list_page(req, client)
    page = await list_runs(client, read_run_query(req.params))
    return _answer({"runs": page.runs, "continuation": page.continuation}, Vary="Accept")


@bp.route("runs/{run_id}", methods=["GET"])
@bp.durable_client_input(client_name="client")
@told
async def show_run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """One run: its status, its progress, and where to go on from it; to a browser, with its timeline."""
    if prefers_html(req.headers.get("Accept")):
        return await show_run_page(req, client)
    return _answer(await _run(req, client), Vary="Accept")


@bp.route("runs/status", methods=["POST"])
@bp.durable_client_input(client_name="client")
@told
async def show_statuses(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Many runs at once, in the order they are asked for."""
    ids = read_run_ids(req.get_body())
    found = await asyncio.gather(*(find_run(client, run_id) for run_id in ids))
    return _answer({"runs": [run or unknown_run(run_id) for run_id, run in zip(ids, found, strict=True)]})


@bp.route("runs/{run_id}/cancel", methods=["POST"])
@bp.durable_client_input(client_name="client")
@told
async def cancel_run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """End a run that goes on."""
    reason = read_reason(req.get_body())
    run = await _run(req, client)
    try:
        await cancel(client, run["run_id"], reason)
    except RequestRefused as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    return _accepted(run["run_id"])


@bp.route("runs/{run_id}/redrive", methods=["POST"])
@bp.durable_client_input(client_name="client")
@told
async def redrive_run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Take up again what has failed."""
    run = await _run(req, client)
    try:
        await redrive(client, run["run_id"])
    except RequestRefused as error:
        return problem(HTTPStatus.CONFLICT, str(error))
    return _accepted(run["run_id"])


@bp.route("runs/{run_id}/report", methods=["GET"])
@bp.durable_client_input(client_name="client")
@told
async def show_report(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """The report of a run, in the form that is asked for."""
    form = choose_format(req.params.get("format"), req.headers.get("Accept"))
    run = await _run(req, client)
    blob, run_id = run["dataset"]["blob"], run["run_id"]
    report = None
    if "report" in run["links"]:
        report = await asyncio.to_thread(published().read, blob, run_id, form.file)
    if report is None:
        raise NothingThere(f"run {run_id}: there is no {form.file}; the run is {run['status']}")
    headers = {**_REPORT_HEADERS, "Content-Disposition": f'inline; filename="{run_id}.{form.name}"', "Vary": "Accept"}
    return func.HttpResponse(report.content, mimetype=form.media_type, charset="utf-8", headers=headers)


async def _run(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> dict[str, Any]:
    return await get_run(client, req.route_params["run_id"])


def _started(request: RunRequest, found: Found) -> func.HttpResponse:
    body = {
        "run_id": request.run_id,
        "started": found is Found.NOTHING,
        "links": {"self": f"/api/runs/{request.run_id}", "report": f"/api/runs/{request.run_id}/report"},
    }
    status = HTTPStatus.OK if found is Found.ENDED else HTTPStatus.ACCEPTED
    return _answer(body, status, Location=body["links"]["self"])  # type: ignore[index]


def _accepted(run_id: str) -> func.HttpResponse:
    own = f"/api/runs/{run_id}"
    return _answer({"run_id": run_id, "links": {"self": own}}, HTTPStatus.ACCEPTED, Location=own)


def _answer(body: dict[str, Any], status: HTTPStatus = HTTPStatus.OK, **headers: str) -> func.HttpResponse:
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", **headers}
    return func.HttpResponse(json.dumps(body), status_code=status, mimetype=_JSON, headers=headers)


def _content_type(req: func.HttpRequest) -> str:
    return (req.headers.get("Content-Type") or "").partition(";")[0].strip().lower()
