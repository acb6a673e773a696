"""The catalogue of patterns: what each is called, what it is asked for, and the routes to start and follow them."""

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from blueprints.problems import problem
from blueprints.samples import aggregation, batches, bodies, progress, tolerance
from blueprints.samples.answers import answer, may_be_instance, no_such_instance, refusing, started
from blueprints.samples.bodies import Body, read_body
from blueprints.samples.fan_out import Steps
from fanfold.pipeline.messages import to_wire


@dataclass(frozen=True, slots=True)
class Pattern:
    """One of the catalogue."""

    orchestrate: Callable[[Any], Steps]
    body: type[Body]


PATTERNS = {
    "parallel": Pattern(aggregation.process_in_parallel, bodies.Items),
    "result-types": Pattern(aggregation.combine_result_types, bodies.Workload),
    "batches": Pattern(batches.process_batches, bodies.Batches),
    "dynamic-batches": Pattern(batches.process_dynamic_batches, bodies.DynamicBatches),
    "sub-orchestrations": Pattern(batches.process_orders, bodies.OrderBatch),
    "collect-all": Pattern(tolerance.collect_all, bodies.Items),
    "fail-fast": Pattern(tolerance.fail_fast, bodies.Items),
    "threshold": Pattern(tolerance.tolerate_some, bodies.PartialSuccess),
    "progress": Pattern(progress.track_progress, bodies.Batches),
    "sum": Pattern(aggregation.sum_orders, bodies.Orders),
    "custom-aggregation": Pattern(aggregation.analyze_sources, bodies.Sources),
    "map-reduce": Pattern(aggregation.map_and_reduce, bodies.Chunks),
    "bounded-concurrency": Pattern(batches.process_with_bounded_concurrency, bodies.BoundedItems),
    "large-dataset": Pattern(batches.process_large_dataset, bodies.LargeDataset),
}

bp = df.Blueprint()


def orchestration_of(name: str) -> str:
    """The name under which the orchestration of a pattern is registered."""
    return f"pattern_{name.replace('-', '_')}"


@bp.route(route="patterns/{name}", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
@refusing
async def start_pattern(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """Start the pattern of that name; the answer holds the management URLs."""
    name = req.route_params["name"]
    if name not in PATTERNS:
        return problem(HTTPStatus.NOT_FOUND, f"no pattern is called {name!r}; there are {', '.join(PATTERNS)}")
    body = read_body(req.get_body(), PATTERNS[name].body)
    instance_id = await client.start_new(orchestration_of(name), client_input=to_wire(body))
    return started(req, client, instance_id)


@bp.route(route="patterns/progress/{instanceId}", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
@bp.durable_client_input(client_name="client")
async def show_progress(req: func.HttpRequest, client: df.DurableOrchestrationClient) -> func.HttpResponse:
    """How far the pattern `progress` is, by its entity."""
    instance_id = req.route_params["instanceId"]
    if may_be_instance(instance_id):
        found = await client.read_entity_state(df.EntityId(progress.TRACKER, instance_id))
        if found.entity_exists:
            return answer(found.entity_state)
    return no_such_instance(instance_id)


for pattern_name, pattern in PATTERNS.items():
    bp.orchestration_trigger(context_name="context", orchestration=orchestration_of(pattern_name))(pattern.orchestrate)
