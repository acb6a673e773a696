"""The app's settings: names of containers and queues, and how to reach the storage account."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from fanfold import limits
from fanfold.errors import SettingRefused

CONNECTION = "AzureWebJobsStorage"
"""Name of the setting, or the prefix of the settings, that says how to reach the storage account."""


_CONTAINER = re.compile(r"[a-z0-9](?:-?[a-z0-9]){2,62}")

POLLING = "LogsAndContainerScan"
EVENT_GRID = "EventGrid"

FUNCTION = "function"
ANONYMOUS = "anonymous"

RECONCILE_SCHEDULE = "0 */5 * * * *"
OFF = "off"

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_SECRET_PREFIX = "whsec_"  # noqa: S105 - what every secret begins with
_SECRET_BYTES = range(24, 65)


@dataclass(frozen=True, slots=True)
class Webhook:
    """Who is told of the end of runs. Neither is ever shown: many a URL holds a secret, too."""

    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)

    @property
    def host(self) -> str:
        """What may be shown."""
        return str(urlsplit(self.url).hostname)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the app reads of its environment, checked."""

    input_container: str = "input"
    output_container: str = "output"
    work_container: str = "work"
    requests_queue: str = "requests"
    completions_queue: str = "completions"
    request_containers: tuple[str, ...] = ()
    """Containers that requests may name besides the input."""
    input_prefix: str = ""
    input_suffixes: tuple[str, ...] = ("",)
    """One of them ends the name of every blob that starts a run by appearing."""
    connection_string: str | None = None
    blob_service_uri: str | None = None
    queue_service_uri: str | None = None
    client_id: str | None = None
    chunk_bytes: int | None = None
    max_concurrency: int | None = None
    work_retention_days: int = limits.WORK_RETENTION_DAYS
    blob_trigger_source: str = POLLING
    reconcile_schedule: str | None = RECONCILE_SCHEDULE
    """When to look for what events have missed, NCRONTAB; None is never."""
    http_auth_level: str = FUNCTION
    samples_enabled: bool = True
    webhook: Webhook | None = None


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment; SettingRefused names the one that is wrong."""
    settings = Settings(
        input_container=environ.get("INPUT_CONTAINER") or "input",
        output_container=environ.get("OUTPUT_CONTAINER") or "output",
        work_container=environ.get("WORK_CONTAINER") or "work",
        requests_queue=environ.get("REQUESTS_QUEUE") or "requests",
        completions_queue=environ.get("COMPLETIONS_QUEUE") or "completions",
        request_containers=_request_containers(environ),
        input_prefix=environ.get("INPUT_PREFIX") or "",
        input_suffixes=_list(environ, "INPUT_SUFFIXES", limits.INPUT_SUFFIXES_MAX) or ("",),
        connection_string=environ.get(CONNECTION) or None,
        blob_service_uri=environ.get(f"{CONNECTION}__blobServiceUri") or None,
        queue_service_uri=environ.get(f"{CONNECTION}__queueServiceUri") or None,
        client_id=environ.get(f"{CONNECTION}__clientId") or environ.get("AZURE_CLIENT_ID") or None,
        chunk_bytes=_number(environ, "CHUNK_BYTES", limits.CHUNK_BYTES_MIN, limits.CHUNK_BYTES_MAX),
        max_concurrency=_number(environ, "MAX_CONCURRENCY", 1, limits.CONCURRENCY_MAX),
        work_retention_days=_number(environ, "WORK_RETENTION_DAYS", 1, limits.WORK_RETENTION_DAYS_MAX)
        or limits.WORK_RETENTION_DAYS,
        blob_trigger_source=_blob_trigger_source(environ.get("BLOB_TRIGGER_SOURCE") or POLLING),
        reconcile_schedule=_reconcile_schedule(environ.get("RECONCILE_SCHEDULE") or RECONCILE_SCHEDULE),
        http_auth_level=_http_auth_level(environ.get("HTTP_AUTH_LEVEL") or FUNCTION),
        samples_enabled=_samples_enabled(environ.get("SAMPLES_ENABLED") or "true"),
        webhook=_webhook(environ),
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


def _list(environ: Mapping[str, str], name: str, most: int) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in environ.get(name, "").split(",") if part.strip())
    if len(parts) > most:
        raise SettingRefused(f"{name}: {len(parts)} of them; expected at most {most}, separated by commas")
    return parts


def _request_containers(environ: Mapping[str, str]) -> tuple[str, ...]:
    names = _list(environ, "REQUEST_CONTAINERS", limits.REQUEST_CONTAINERS_MAX)
    for name in names:
        if not _CONTAINER.fullmatch(name):
            raise SettingRefused(f"REQUEST_CONTAINERS: expected names of containers, found {name!r}")
    return names


def _reconcile_schedule(text: str) -> str | None:
    if text.lower() == OFF:
        return None
    if len(text.split()) not in {5, 6}:
        raise SettingRefused(f"RECONCILE_SCHEDULE: expected {OFF}, or five or six fields of NCRONTAB, found {text!r}")
    return text


def _http_auth_level(text: str) -> str:
    if text.lower() not in {FUNCTION, ANONYMOUS}:
        raise SettingRefused(f"HTTP_AUTH_LEVEL: expected {FUNCTION} or {ANONYMOUS}, found {text!r}")
    return text.lower()


def _blob_trigger_source(text: str) -> str:
    if text not in {POLLING, EVENT_GRID}:
        raise SettingRefused(f"BLOB_TRIGGER_SOURCE: expected {POLLING} or {EVENT_GRID}, found {text!r}")
    return text


def _samples_enabled(text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise SettingRefused(f"SAMPLES_ENABLED: expected true or false, found {text!r}")
    return text.lower() == "true"


def _webhook(environ: Mapping[str, str]) -> Webhook | None:
    """The webhook, None without one; no message here holds what was found."""
    url = environ.get("COMPLETION_WEBHOOK_URL") or ""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        whole = bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        whole = False
    if not whole or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)):
        raise SettingRefused("COMPLETION_WEBHOOK_URL: expected an https URL without a user, or http on this machine")
    secrets = _list(environ, "COMPLETION_WEBHOOK_SECRET", limits.WEBHOOK_SECRETS_MAX)
    if not secrets:
        raise SettingRefused("COMPLETION_WEBHOOK_SECRET: expected one, for COMPLETION_WEBHOOK_URL is set")
    return Webhook(url, tuple(map(_secret, secrets)))


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text.removeprefix(_SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not text.startswith(_SECRET_PREFIX) or len(secret) not in _SECRET_BYTES:
        raise SettingRefused(f"COMPLETION_WEBHOOK_SECRET: expected {_SECRET_PREFIX} and base64 of 24 to 64 bytes")
    return secret
