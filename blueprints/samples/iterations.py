"""Load by numbers: orchestrations that fan out to so many activities, so many times (docs/patterns.md, 000)."""

import asyncio
import time
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.problems import problem
from blueprints.samples.answers import answer, find_status, no_such_instance, refusing
from blueprints.samples.bodies import Iterations, read_body, read_instance_ids
from blueprints.samples.fan_out import Context, Steps, fan_out, values
from blueprints.samples.measurement import describe
from fanfold import limits
from fanfold.pipeline.envelopes import succeeded
from fanfold.pipeline.messages import from_wire, to_wire

HELLO_WORLD = "HelloWorld"
SAY_HELLO = "SayHello"

_NOBODY = "status-of-the-service"
"""An id that no orchestration has: asking for it shows whether the scheduler answers."""

bp = df.Blueprint()


def say_hello_world(context: Context) -> Steps:
    """Iterations, one after another, of activities side by side.

    Nobody looks at a clock here: each activity measures itself, and how long all took is read from the history
    (blueprints.samples.measurement).
    """
    body = from_wire(context.get_input(), Iterations)
    room = limits.FAN_OUT_MAX // body.iterations
    results: list[Any] = []
    for n in range(body.iterations):
        tasks = [{"iterationNumber": n, "activityNumber": m} for m in range(body.parallel_activities)]
        results += values((yield from fan_out(context, SAY_HELLO, tasks, f"iteration-{n}", room)))
    return {
        "totalActivities": len(results),
        "averageActivityTimeMs": sum(result["processingTimeMs"] for result in results) / len(results),
        "results": results,
    }


def say_hello(task: dict) -> dict:
    """The work, which is none, and how many milliseconds it took."""
    began = time.perf_counter()
    output = "Hello World"
    return succeeded({**task, "processingTimeMs": int((time.perf_counter() - began) * 1000), "output": output})


@bp.route(route="orchestrations", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
@refusing
async def start_orchestrations(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start as many orchestrations as the body asks for."""
    body = read_body(req.get_body(), Iterations)
    starts = [client.start_new(HELLO_WORLD, client_input=to_wire(body)) for _ in range(body.parallel_orchestrations)]
    ids = await asyncio.gather(*starts)
    return answer({"count": len(ids), "instanceIds": ids}, HTTPStatus.ACCEPTED, Location="/api/orchestrations/status")


@bp.route(route="orchestrations/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def show_orchestration(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """One orchestration."""
    instance_id = req.route_params["instanceId"]
    status = await find_status(client, instance_id, show_history=True)
    return answer(describe(status)) if status else no_such_instance(instance_id)


@bp.route(route="orchestrations/status", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
@refusing
async def show_orchestrations(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Many orchestrations, in the order of their ids; one that is not there says so."""
    ids = read_instance_ids(req.get_body())
    found = await asyncio.gather(*(find_status(client, one, show_history=True) for one in ids))
    return answer(
        [
            describe(status) if status else {"instanceId": one, "status": "NotFound", "createdAt": None, "output": None}
            for one, status in zip(ids, found, strict=True)
        ]
    )


@bp.route(route="status", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def show_service_status(
    req: func.HttpRequest,  # noqa: ARG001 - a trigger's parameter must be there
    client: df.DurableOrchestrationClient,
) -> func.HttpResponse:
    """Whether the service runs."""
    return await check_service(client)


async def check_service(client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Whether the app answers, and the scheduler behind it."""
    try:
        await client.get_status(_NOBODY)
    except Exception as error:  # noqa: BLE001 - the SDK raises bare Exceptions; whatever it is, the scheduler is away
        return problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the scheduler does not answer: {error}")
    return answer({"status": "running", "services": {"client": "running", "scheduler": "running"}})


bp.orchestration_trigger(context_name="context", orchestration=HELLO_WORLD)(say_hello_world)
bp.activity_trigger(input_name="task", activity=SAY_HELLO)(say_hello)
