"""What an operator does with a run that goes on: see how far it is, and end it."""

from dataclasses import dataclass
from typing import Any

import azure.durable_functions as df

from blueprints.starting import is_going_on
from fanfold.errors import RequestRefused
from fanfold.pipeline.context import CANCEL
from fanfold.pipeline.progress import entity_of


@dataclass(frozen=True, slots=True)
class RunView:
    """A run as its operator sees it. The figures are those of the last wave: they may lag behind, never run ahead."""

    run_id: str
    runtime_status: str
    phase: str | None
    chunks: int
    done: int
    failed: int
    records: int
    bytes: int


async def cancel(client: df.DurableOrchestrationClient, run_id: str, reason: str | None = None) -> None:
    """End a run that goes on: it issues no more chunks, says in its completion message that it was cancelled, and why.

    RequestRefused when it is not going on. Chunks that are at work finish what they do, or find their work gone.
    """
    if not await is_going_on(client, run_id):
        raise RequestRefused(f"run {run_id}: found none that is going on; expected one to cancel")
    await client.raise_event(run_id, CANCEL, reason)


async def view(client: df.DurableOrchestrationClient, run_id: str) -> RunView | None:
    """How far a run is, counted across its whole tree; None when there is no such run."""
    found = await client.get_status(run_id)
    if not found or found.runtime_status is None:
        return None
    shown: dict[str, Any] = found.custom_status or {}
    name = entity_of(run_id)
    counted = await client.read_entity_state(df.EntityId(name.name, name.key))
    figures = dict.fromkeys(("done", "failed", "records", "bytes"), 0)
    for source in (shown, counted.entity_state if counted.entity_exists else None):
        for figure in figures:
            figures[figure] = max(figures[figure], (source or {}).get(figure, 0))
    return RunView(run_id, found.runtime_status.name, shown.get("phase"), shown.get("chunks", 0), **figures)
