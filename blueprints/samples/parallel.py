"""A number of work items, and their results as numbers (docs/patterns.md, 002)."""

from http import HTTPStatus

import azure.durable_functions as df
import azure.functions as func

from blueprints.samples.answers import answer, find_status, no_such_instance, refusing
from blueprints.samples.bodies import read_count
from blueprints.samples.fan_out import Context, Steps, fan_out, values
from fanfold.pipeline.envelopes import succeeded

PARALLEL = "ParallelProcessingOrchestration"
PROCESS_WORK_ITEM = "ProcessWorkItem"

bp = df.Blueprint()


def process_numbers(context: Context) -> Steps:
    """Every number below the input, side by side."""
    tasks = [{"workItemId": n} for n in range(context.get_input()["workItemCount"])]
    return values((yield from fan_out(context, PROCESS_WORK_ITEM, tasks, "wave")))


def double_number(task: dict) -> dict:
    """Twice the number."""
    return succeeded(task["workItemId"] * 2)


@bp.route(route="ParallelProcessing/start", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
@refusing
async def start_processing(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start; the body is the number of work items and nothing else."""
    instance_id = await client.start_new(PARALLEL, client_input={"workItemCount": read_count(req.get_body())})
    return answer({"instanceId": instance_id}, HTTPStatus.OK)


@bp.route(route="ParallelProcessing/status/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def show_processing(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Where it stands."""
    instance_id = req.route_params["instanceId"]
    status = await find_status(client, instance_id)
    if not status:
        return no_such_instance(instance_id)
    return answer({"instanceId": instance_id, "status": status.runtime_status.name, "output": status.output})


bp.orchestration_trigger(context_name="context", orchestration=PARALLEL)(process_numbers)
bp.activity_trigger(input_name="task", activity=PROCESS_WORK_ITEM)(double_number)
