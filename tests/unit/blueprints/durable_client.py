"""A Durable client of one instance at most, as far as the blueprints use it."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from azure.durable_functions import OrchestrationRuntimeStatus as Status


@dataclass
class Client:
    status: Status | None = None
    starts_elsewhere: bool = False
    input: Any = None
    output: Any = None
    custom_status: Any = None
    entity_state: Any = None
    name: str = "run_dataset"
    started: list[tuple[str, Any]] = field(default_factory=list)
    raised: list[tuple[str, str, Any]] = field(default_factory=list)

    async def get_status(self, _instance_id: str, *, show_input: bool = False) -> Any:
        return SimpleNamespace(
            name=self.name,
            runtime_status=self.status,
            input_=self.input if show_input else None,
            output=self.output,
            custom_status=self.custom_status,
        )

    async def start_new(self, name: str, instance_id: str, input_: Any) -> str:
        if self.starts_elsewhere:
            self.status = Status.Running
        if self.status is Status.Running:
            raise Exception("already running")  # noqa: TRY002 - as the SDK does
        self.started.append((name, input_))
        return instance_id

    async def raise_event(self, instance_id: str, name: str, data: Any) -> None:
        self.raised.append((instance_id, name, data))

    async def read_entity_state(self, _entity_id: Any) -> Any:
        return SimpleNamespace(entity_exists=self.entity_state is not None, entity_state=self.entity_state)
