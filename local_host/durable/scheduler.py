"""Which scheduler to use: what its connection string says.

``Endpoint=https://...;TaskHub=...;Authentication=ManagedIdentity;ClientID=...``, as the Durable extension takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from local_host.durable.engine import EngineError

SETTING = "DURABLE_TASK_SCHEDULER_CONNECTION_STRING"
"""The app setting that the extension reads, too."""

AUTHENTICATIONS = ("None", "DefaultAzure", "ManagedIdentity")


class BadScheduler(EngineError):
    """The connection string of the scheduler cannot be used."""


@dataclass(frozen=True, slots=True)
class Scheduler:
    """Where a scheduler is, and who we are to it."""

    address: str
    hub: str
    authentication: str = "None"
    client_id: str | None = None

    @property
    def secure(self) -> bool:
        """Whether the connection is encrypted; ``http://`` says that it is not."""
        return not self.address.lower().startswith(("http://", "grpc://"))

    def credential(self) -> Any:
        """What authenticates us; None is nothing."""
        match self.authentication:
            case "ManagedIdentity":
                return ManagedIdentityCredential(client_id=self.client_id)
            case "DefaultAzure":
                return DefaultAzureCredential()
            case _:
                return None


def parse(connection_string: str, default_hub: str) -> Scheduler:
    """The scheduler that the connection string means; names know no case, as in the extension."""
    pairs = [part.partition("=") for part in connection_string.split(";") if part.strip()]
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if not values.get("endpoint"):
        raise BadScheduler(f"{SETTING} has no Endpoint=: expected Endpoint=<url>;TaskHub=<name>;Authentication=<how>")
    asked = values.get("authentication", "None")
    known = {name.lower(): name for name in AUTHENTICATIONS}
    if asked.lower() not in known:
        raise BadScheduler(f"{SETTING}: Authentication={asked} is not supported here; {', '.join(AUTHENTICATIONS)} are")
    hub = values.get("taskhub") or default_hub
    return Scheduler(values["endpoint"].rstrip("/"), hub, known[asked.lower()], values.get("clientid"))


def choose(
    engine: str | None, environment: Mapping[str, str], settings: Mapping[str, str], hub: str
) -> Scheduler | None:
    """The scheduler to use; None is the embedded engine.

    A settings file often names a scheduler for other machines. So it counts only where a scheduler was asked for, by
    ``engine``; otherwise the process's own environment must name one.
    """
    if engine == "embedded" or (engine is None and not environment.get(SETTING)):
        return None
    found = environment.get(SETTING) or settings.get(SETTING)
    if not found:
        raise BadScheduler(f"--engine scheduler needs {SETTING}, in the environment or among the app settings")
    return parse(found, hub)
