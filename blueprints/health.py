"""Whether the app is alive, whether it can work, and what its API is."""

import asyncio
import json
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path

import azure.durable_functions as df
import azure.functions as func

from blueprints.problems import problem
from blueprints.wiring import SETTINGS
from fanfold.storage.health import Check, check_storage

bp = df.Blueprint()

_OPENAPI = Path(__file__).parents[1] / "docs" / "openapi.json"
_NO_RUN = "health"


@bp.route("health/live", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
def live(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - theirs
    """The app answers. For whoever restarts it when it does not, so without a key."""
    return func.HttpResponse(json.dumps({"status": "live"}), mimetype="application/json")


@bp.route("health/ready", methods=["GET"])
@bp.durable_client_input(client_name="client")
async def ready(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:  # noqa: ARG001 - theirs
    """The app reaches what it needs; if not, 503 and what is wrong."""
    return await answer_readiness(client)


async def answer_readiness(client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Ask all that the app needs, and answer."""
    checks = [*await asyncio.to_thread(check_storage, SETTINGS), await _check_scheduler(client)]
    shown = [asdict(check) for check in checks]
    wrong = [check.name for check in checks if not check.ok]
    if wrong:
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"not reached: {', '.join(wrong)}", checks=shown)
    return func.HttpResponse(json.dumps({"status": "ready", "checks": shown}), mimetype="application/json")


@bp.route("openapi.json", methods=["GET"])
def openapi(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - theirs
    """The description of the HTTP API."""
    return func.HttpResponse(_OPENAPI.read_bytes(), mimetype="application/json")


async def _check_scheduler(client: df.DurableOrchestrationClient) -> Check:
    try:
        await client.get_status(_NO_RUN)
    except Exception as error:  # noqa: BLE001 - the SDK raises bare Exceptions
        return Check("scheduler", ok=False, detail=(str(error).splitlines() or [type(error).__name__])[0])
    return Check("scheduler", ok=True, detail="there")
