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

FUNCTION_TIMEOUT_DEFAULT = "00:30:00"
"""What the real host has outside the Consumption plan."""

BATCH_SIZE_MAX = 32
"""Messages that the queue service gives at once."""


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
    function_timeout_s: float | None = 1800.0
    activities_max: int = 10
    orchestrators_max: int = 10
    hub_name: str = "TestHubName"
    log_levels: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    """An object of ``host.json``; what is wrong in it is told with its place. ``null`` is as good as nothing."""

    place: str
    values: Mapping[str, Any]

    def at(self, name: str) -> str:
        """Where that name is: the file, and the way to it."""
        return f"{self.place}{' ' if self.place.endswith(':') else '.'}{name}"

    def section(self, name: str) -> _Section:
        """The object of that name."""
        return _Section(self.at(name), self._get(name, {}, dict, "an object"))

    def text(self, name: str, default: str) -> str:
        """The string of that name."""
        return str(self._get(name, default, str, "a string"))

    def whole(self, name: str, default: int, low: int = 1) -> int:
        """The number of that name, which a string may hold, too."""
        value = self._get(name, default, object, "")
        try:
            number = int(str(value))
        except ValueError:
            number = low - 1
        if number < low:
            raise BadSettings(f"{self.at(name)} must be a whole number from {low} on, not {value!r}")
        return number

    def span_s(self, name: str, default: str) -> float | None:
        """The span of time of that name, in seconds; None is without limit."""
        return _seconds(self.at(name), str(self._get(name, default, object, "")))

    def _get(self, name: str, default: Any, kind: type, expected: str) -> Any:
        value = self.values.get(name)
        if value is not None and not isinstance(value, kind):
            raise BadSettings(f"{self.at(name)} must be {expected}, not {value!r}")
        return default if value is None else value


def read_host_settings(app: Path) -> HostSettings:
    """``host.json`` of the app; a missing file is an empty one."""
    content = _Section(f"{app / 'host.json'}:", _read_json(app / "host.json"))
    if content.values.get("functions"):
        raise BadSettings(f"{app / 'host.json'}: 'functions' is not supported by the local host;"
                          " disable the others by app settings AzureWebJobs.NAME.Disabled")  # fmt: skip
    extensions, cores = content.section("extensions"), os.cpu_count() or 1
    blobs, durable = extensions.section("blobs"), extensions.section("durableTask")
    levels = content.section("logging").section("logLevel").values
    return HostSettings(
        queues=_queue_settings(extensions.section("queues")),
        blobs=BlobSettings(
            tries_max=blobs.whole("poisonBlobThreshold", 5),
            parallel_max=blobs.whole("maxDegreeOfParallelism", 8 * cores),
        ),
        route_prefix=extensions.section("http").text("routePrefix", "api").strip("/"),
        function_timeout_s=content.span_s("functionTimeout", FUNCTION_TIMEOUT_DEFAULT),
        activities_max=durable.whole("maxConcurrentActivityFunctions", 10 * cores),
        orchestrators_max=durable.whole("maxConcurrentOrchestratorFunctions", 10 * cores),
        hub_name=substitute(durable.text("hubName", "TestHubName"), os.environ),
        log_levels={category: str(level) for category, level in levels.items()},
    )


def _queue_settings(queues: _Section) -> QueueSettings:
    encoding = queues.text("messageEncoding", "base64").lower()
    if encoding not in ("base64", "none"):
        raise BadSettings(f"{queues.at('messageEncoding')} must be 'base64' or 'none', not {encoding!r}")
    batch_size = queues.whole("batchSize", 16)
    if batch_size > BATCH_SIZE_MAX:
        raise BadSettings(f"{queues.at('batchSize')} must be at most {BATCH_SIZE_MAX}, not {batch_size}")
    return QueueSettings(
        base64=encoding == "base64",
        batch_size=batch_size,
        new_batch_threshold=queues.whole("newBatchThreshold", batch_size // 2, low=0),
        dequeue_count_max=queues.whole("maxDequeueCount", 5),
        retry_delay_s=queues.span_s("visibilityTimeout", "00:00:00") or 0.0,
        polling_interval_max_s=queues.span_s("maxPollingInterval", "00:00:02") or 2.0,
    )


def read_app_settings(app: Path) -> dict[str, str]:
    """``Values`` of ``local.settings.json``, else of ``local.settings.json.example``."""
    for name in ("local.settings.json", "local.settings.json.example"):
        if (app / name).is_file():
            content = _read_json(app / name)
            if content.get("IsEncrypted"):
                raise BadSettings(f"{app / name} is encrypted, which the local host cannot read: func settings decrypt")
            values = content.get("Values") or {}
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


def _seconds(place: str, span: str) -> float | None:
    """``[d.]hh:mm:ss[.fff]`` in seconds; ``-1`` is without limit."""
    if span == "-1":
        return None
    found = spans.parse(span)
    if found is None:
        raise BadSettings(f"{place}: '{span}' is no span of time like 00:05:00")
    return found.total_seconds()
