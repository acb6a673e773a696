"""The app's settings: names of containers and queues, and how to reach the storage account."""

from collections.abc import Mapping
from dataclasses import dataclass

from fanfold import limits
from fanfold.errors import SettingRefused

CONNECTION = "AzureWebJobsStorage"
"""Name of the setting, or the prefix of the settings, that says how to reach the storage account."""


POLLING = "LogsAndContainerScan"
EVENT_GRID = "EventGrid"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the app reads of its environment, checked."""

    input_container: str = "input"
    output_container: str = "output"
    work_container: str = "work"
    completions_queue: str = "completions"
    connection_string: str | None = None
    blob_service_uri: str | None = None
    queue_service_uri: str | None = None
    client_id: str | None = None
    chunk_bytes: int | None = None
    max_concurrency: int | None = None
    work_retention_days: int = limits.WORK_RETENTION_DAYS
    blob_trigger_source: str = POLLING
    samples_enabled: bool = True


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment; SettingRefused names the one that is wrong."""
    settings = Settings(
        input_container=environ.get("INPUT_CONTAINER") or "input",
        output_container=environ.get("OUTPUT_CONTAINER") or "output",
        work_container=environ.get("WORK_CONTAINER") or "work",
        completions_queue=environ.get("COMPLETIONS_QUEUE") or "completions",
        connection_string=environ.get(CONNECTION) or None,
        blob_service_uri=environ.get(f"{CONNECTION}__blobServiceUri") or None,
        queue_service_uri=environ.get(f"{CONNECTION}__queueServiceUri") or None,
        client_id=environ.get(f"{CONNECTION}__clientId") or environ.get("AZURE_CLIENT_ID") or None,
        chunk_bytes=_number(environ, "CHUNK_BYTES", limits.CHUNK_BYTES_MIN, limits.CHUNK_BYTES_MAX),
        max_concurrency=_number(environ, "MAX_CONCURRENCY", 1, limits.CONCURRENCY_MAX),
        work_retention_days=_number(environ, "WORK_RETENTION_DAYS", 1, limits.WORK_RETENTION_DAYS_MAX)
        or limits.WORK_RETENTION_DAYS,
        blob_trigger_source=_blob_trigger_source(environ.get("BLOB_TRIGGER_SOURCE") or POLLING),
        samples_enabled=_samples_enabled(environ.get("SAMPLES_ENABLED") or "true"),
    )
    _refuse_shared_containers(settings)
    return settings


def _refuse_shared_containers(settings: Settings) -> None:
    """A report written into the input container would be taken for a dataset, and so on for ever."""
    names = {
        "INPUT_CONTAINER": settings.input_container,
        "OUTPUT_CONTAINER": settings.output_container,
        "WORK_CONTAINER": settings.work_container,
    }
    for one, other in (
        ("INPUT_CONTAINER", "OUTPUT_CONTAINER"),
        ("INPUT_CONTAINER", "WORK_CONTAINER"),
        ("OUTPUT_CONTAINER", "WORK_CONTAINER"),
    ):
        if names[one] == names[other]:
            raise SettingRefused(f"{one} and {other} are both {names[one]!r}: expected different containers")


def _number(environ: Mapping[str, str], name: str, least: int, most: int) -> int | None:
    text = environ.get(name)
    if not text:
        return None
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingRefused(f"{name}: expected a number from {least} to {most}, found {text!r}")
    return int(text)


def _blob_trigger_source(text: str) -> str:
    if text not in {POLLING, EVENT_GRID}:
        raise SettingRefused(f"BLOB_TRIGGER_SOURCE: expected {POLLING} or {EVENT_GRID}, found {text!r}")
    return text


def _samples_enabled(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise SettingRefused(f"SAMPLES_ENABLED: expected true or false, found {text!r}")
    return text.lower() == "true"
