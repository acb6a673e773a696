"""The shortest of them all: five items, five activities, one list (docs/patterns.md, 003)."""

import azure.durable_functions as df
import azure.functions as func

from blueprints.samples.answers import started
from blueprints.samples.fan_out import Context, Steps, fan_out, values
from blueprints.samples.items import PROCESS, tasks_of

FIVE_ITEMS = "fan_out_fan_in_orchestrator"

bp = df.Blueprint()


def process_five_items(context: Context) -> Steps:
    """The same five items at every replay, side by side."""
    items = [f"item-{n}" for n in range(1, 6)]
    results = values((yield from fan_out(context, PROCESS, tasks_of(items), "wave")))
    return [result["output"] for result in results]


@bp.route(route="start-fanout", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def start_fanout(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start; the answer holds the management URLs."""
    return started(req, client, await client.start_new(FIVE_ITEMS))


bp.orchestration_trigger(context_name="context", orchestration=FIVE_ITEMS)(process_five_items)
