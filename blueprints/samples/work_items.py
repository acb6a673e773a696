"""Work items side by side, and one summary of them (docs/patterns.md, 001)."""

import random
import time

import azure.durable_functions as df
import azure.functions as func

from blueprints.samples.answers import answer, find_status, no_such_instance, refusing, started
from blueprints.samples.bodies import WorkItems, read_body
from blueprints.samples.fan_out import Context, Steps, calls, fan_out, values
from blueprints.samples.items import tasks_of
from fanfold.pipeline.envelopes import succeeded
from fanfold.pipeline.messages import from_wire, to_wire

WORK_ITEMS = "process_work_items"
PROCESS_WORK_ITEM = "process_work_item"
AGGREGATE_RESULTS = "aggregate_results"

WORK_S = (0.5, 2.0)
"""How long the work on an item takes, at least and at most."""

VALUE = (1, 100)

_CHANCE = random.SystemRandom()

bp = df.Blueprint()


def process_work_items(context: Context) -> Steps:
    """Process all items side by side; let an activity sum up."""
    items = from_wire(context.get_input(), WorkItems).work_items
    results = values((yield from fan_out(context, PROCESS_WORK_ITEM, tasks_of(items), "wave")))
    return values((yield from calls(context, AGGREGATE_RESULTS, [{"results": results}])))[0]


def process_work_item(task: dict) -> dict:
    """Work for a while; how long it was, and a value of chance."""
    began = time.perf_counter()
    time.sleep(_CHANCE.uniform(*WORK_S))
    return succeeded(
        {
            "processed_item": f"Processed_{task['item']}",
            "value": _CHANCE.randint(*VALUE),
            "processing_time": time.perf_counter() - began,
        }
    )


def aggregate_results(task: dict) -> dict:
    """The summary of all items."""
    results = task["results"]
    total = sum(result["value"] for result in results)
    return succeeded(
        {
            "total_items_processed": len(results),
            "total_value": total,
            "average_value": total / len(results),
            "total_processing_time": round(sum(result["processing_time"] for result in results), 2),
            "processed_items": [result["processed_item"] for result in results],
            "success": True,
        }
    )


@bp.route(route="fan_out_fan_in", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
@refusing
async def start_work_items(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start; the answer holds the management URLs."""
    body = read_body(req.get_body(), WorkItems)
    instance_id = await client.start_new(WORK_ITEMS, client_input=to_wire(body))
    return started(req, client, instance_id)


@bp.route(route="status/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def show_status(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """One orchestration, as the scheduler's own API tells it."""
    instance_id = req.route_params["instanceId"]
    status = await find_status(client, instance_id, show_input=True)
    return answer({"output": None, **status.to_json()}) if status else no_such_instance(instance_id)


bp.orchestration_trigger(context_name="context", orchestration=WORK_ITEMS)(process_work_items)
bp.activity_trigger(input_name="task", activity=PROCESS_WORK_ITEM)(process_work_item)
bp.activity_trigger(input_name="task", activity=AGGREGATE_RESULTS)(aggregate_results)
