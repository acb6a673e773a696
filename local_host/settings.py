"""What the app configures: ``host.json``, and the app settings that become its environment."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_host import spans

STORAGE_SETTING = "AzureWebJobsStorage"
DEVELOPMENT_STORAGE = "UseDevelopmentStorage=true"

FUNCTION_TIMEOUT_DEFAULT_S = 1800.0
"""What the real host has outside the Consumption plan."""


class BadSettings(Exception):
    """A settings file cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """``extensions.queues``; times in seconds."""

    base64: bool = True
    batch_size: int = 16
    new_batch_threshold: int = 8
    dequeue_count_max: int = 5
    retry_delay_s: float = 0.0
    polling_interval_max_s: float = 2.0


@dataclass(frozen=True, slots=True)
class BlobSettings:
    """``extensions.blobs``."""

    tries_max: int = 5
    parallel_max: int = 8


@dataclass(frozen=True, slots=True)
class HostSettings:
    """The parts of ``host.json`` that matter here; times in seconds, None is without limit."""

    queues: QueueSettings
    blobs: BlobSettings
    route_prefix: str = "api"
    function_timeout_s: float | None = FUNCTION_TIMEOUT_DEFAULT_S
    activities_max: int = 10
    orchestrators_max: int = 10
    hub_name: str = "TestHubName"
    log_levels: Mapping[str, str] | None = None


def read_host_settings(app: Path) -> HostSettings:
    """``host.json`` of the app; a missing file is an empty one."""
    content = _read_json(app / "host.json")
    extensions = content.get("extensions", {})
    queues, blobs, durable = (extensions.get(name, {}) for name in ("queues", "blobs", "durableTask"))
    batch_size = int(queues.get("batchSize", 16))
    cores = os.cpu_count() or 1
    timeout = content.get("functionTimeout")
    if content.get("functions"):
        raise BadSettings(f"{app / 'host.json'}: 'functions' is not supported by the local host;"
                          " disable the others by app settings AzureWebJobs.NAME.Disabled")  # fmt: skip
    return HostSettings(
        queues=QueueSettings(
            base64=queues.get("messageEncoding", "base64").lower() != "none",
            batch_size=batch_size,
            new_batch_threshold=int(queues.get("newBatchThreshold", batch_size // 2)),
            dequeue_count_max=int(queues.get("maxDequeueCount", 5)),
            retry_delay_s=_seconds(queues.get("visibilityTimeout", "00:00:00")) or 0.0,
            polling_interval_max_s=_seconds(queues.get("maxPollingInterval", "00:00:02")) or 2.0,
        ),
        blobs=BlobSettings(
            tries_max=int(blobs.get("poisonBlobThreshold", 5)),
            parallel_max=int(blobs.get("maxDegreeOfParallelism", 8 * cores)),
        ),
        route_prefix=extensions.get("http", {}).get("routePrefix", "api").strip("/"),
        function_timeout_s=_seconds(timeout) if timeout is not None else FUNCTION_TIMEOUT_DEFAULT_S,
        activities_max=int(durable.get("maxConcurrentActivityFunctions", 10 * cores)),
        orchestrators_max=int(durable.get("maxConcurrentOrchestratorFunctions", 10 * cores)),
        hub_name=substitute(durable.get("hubName", "TestHubName"), os.environ),
        log_levels=content.get("logging", {}).get("logLevel", {}),
    )


def read_app_settings(app: Path) -> dict[str, str]:
    """``Values`` of ``local.settings.json``, else of ``local.settings.json.example``."""
    for name in ("local.settings.json", "local.settings.json.example"):
        if (app / name).is_file():
            values = _read_json(app / name).get("Values", {})
            return {key: str(value) for key, value in values.items() if not isinstance(value, dict | list)}
    return {}


def apply_app_settings(values: Mapping[str, str], storage: str | None) -> dict[str, str]:
    """The settings that the process's environment lacks, ``UseDevelopmentStorage=true`` made real where it stands."""
    merged = {STORAGE_SETTING: DEVELOPMENT_STORAGE, **values, **os.environ}
    changed = {key: value for key, value in merged.items() if key not in os.environ}
    if storage is not None:
        for key, value in merged.items():
            if _is_development_storage(value):
                changed[key] = storage
    return changed


def wants_development_storage(environment: Mapping[str, str]) -> bool:
    """Whether the app's own storage, as that environment has it, is to be Azurite."""
    return _is_development_storage(environment.get(STORAGE_SETTING, DEVELOPMENT_STORAGE))


def _is_development_storage(value: str) -> bool:
    return value.strip().rstrip(";").lower() == DEVELOPMENT_STORAGE.lower()


def substitute(template: str, values: Mapping[str, str]) -> str:
    """Replace every ``%NAME%`` by the setting of that name."""
    parts = template.split("%")
    if len(parts) % 2 == 0:
        raise BadSettings(f"'{template}': a percent sign has no partner")
    for n in range(1, len(parts), 2):
        if parts[n] not in values:
            raise BadSettings(f"'%{parts[n]}%' does not resolve to a value: there is no app setting of that name")
        parts[n] = values[parts[n]]
    return "".join(parts)


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise BadSettings(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise BadSettings(f"{path} must hold a JSON object, not {type(content).__name__}")
    return content


def _seconds(span: str) -> float | None:
    """``[d.]hh:mm:ss[.fff]`` in seconds; ``-1`` is without limit."""
    if str(span) == "-1":
        return None
    found = spans.parse(str(span))
    if found is None:
        raise BadSettings(f"host.json: '{span}' is no span of time like 00:05:00")
    return found.total_seconds()
