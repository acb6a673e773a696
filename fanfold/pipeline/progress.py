"""How far a run is: small figures that spans send in batches, and an entity of the run's own adds up."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from fanfold.pipeline.messages import Link, Message, from_wire

ENTITY = "run_progress"
ADD = "add"
CLOSE = "close"


@dataclass(frozen=True, slots=True)
class EntityName:
    """Names an entity as the SDK's EntityId does: the pipeline knows nothing of the SDK."""

    name: str
    key: str


def entity_of(run_id: str) -> EntityName:
    """The entity that counts for a run, and for all datasets of a run of several."""
    return EntityName(ENTITY, run_id.partition("/")[0])


class Progress(Message, frozen=True):
    """What has been done of a run since it started, or a part of that on its way to the entity."""

    started_at: str
    """Which execution of the run: what an earlier one, cancelled or failed, still has to tell does not count."""
    done: int = 0
    """Chunks that are through, the failed ones included."""
    failed: int = 0
    records: int = 0
    bytes: int = 0


def progress_of(started_at: str, links: Iterable[Link]) -> Progress:
    """What these links add to the progress of their run."""
    some = tuple(links)
    return Progress(
        started_at=started_at,
        done=sum(link.stop - link.first for link in some),
        failed=sum(link.failed for link in some),
        records=sum(link.records + link.rejected for link in some),
        bytes=sum(link.stop_byte - link.start_byte for link in some),
    )


def add(state: object, told: object) -> dict[str, Any]:
    """The entity's state with what it is told: the operation `add`."""
    new = from_wire(told, Progress)
    old = new if state is None else from_wire(state, Progress)
    if state is None or old.started_at != new.started_at:
        later = max(old, new, key=lambda one: one.started_at)
        return dict(msgspec.to_builtins(later))
    total = Progress(
        started_at=new.started_at,
        done=old.done + new.done,
        failed=old.failed + new.failed,
        records=old.records + new.records,
        bytes=old.bytes + new.bytes,
    )
    return dict(msgspec.to_builtins(total))
