"""What the orchestrations need of the platform, and the names under which it knows their functions."""

from collections.abc import Generator
from datetime import datetime
from typing import Any, Protocol

RUN = "run_dataset"
SPAN = "process_span"
INSPECT = "inspect_dataset"
CHUNK = "process_chunk"
FOLD = "fold_partials"
EMIT = "emit_span"
SCHEMA = "decide_schema"
PART = "emit_part"
LIST = "list_parts"
PUBLISH = "publish_report"
NOTIFY = "announce_completion"
CLEAN = "clean_up"
REFUSE = "announce_refusal"
MEMBER = "profile_member"
KEEP = "keep_member"
COMBINE = "combine_members"

CANCEL = "cancel"
"""The external event that ends a run. It is waited for once a run: the SDK forgets none that came before."""

Steps = Generator[Any, Any, Any]


class Task(Protocol):
    """Something the platform does for an orchestration."""

    @property
    def is_completed(self) -> bool:
        """Whether it has ended, well or not."""

    @property
    def result(self) -> Any:
        """What it gave, or the exception it ended with."""


class Timer(Task, Protocol):
    """A task that completes at a time."""

    def cancel(self) -> None:
        """Do not wake the orchestration for it any more."""


class Context(Protocol):
    """The part of DurableOrchestrationContext that the orchestrations use."""

    @property
    def current_utc_datetime(self) -> datetime:
        """The same at every replay."""

    @property
    def is_replaying(self) -> bool:
        """Whether what follows has been done before."""

    def get_input(self) -> Any:
        """The orchestration's input."""

    def call_activity(self, name: str, input_: Any = None) -> Any:
        """A task for an activity."""

    def call_sub_orchestrator(self, name: str, input_: Any = None, instance_id: str | None = None) -> Any:
        """A task for a sub-orchestration."""

    def create_timer(self, fire_at: datetime) -> Any:
        """A task that completes at a time."""

    def wait_for_external_event(self, name: str) -> Any:
        """A task that completes when the event is raised."""

    def task_all(self, activities: list[Any]) -> Any:
        """A task that completes when all have, and fails as soon as one does."""

    def task_any(self, activities: list[Any]) -> Any:
        """A task that completes when one has, and gives that one."""

    def signal_entity(self, entityId: Any, operationName: str, operationInput: Any = None) -> Any:  # noqa: N803 - theirs
        """Tell an entity something, and do not wait."""

    def set_custom_status(self, status: Any) -> None:
        """What the operator sees of a run that goes on."""
