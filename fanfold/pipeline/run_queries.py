"""What the list of runs is asked for, read from the parameters of a URL."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.identity import slug
from fanfold.pipeline.messages import Message, from_wire
from fanfold.pipeline.requests import read_json
from fanfold.pipeline.runs import STATUSES

_RUN_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*-[0-9a-f]{16}")
_RUN_ID_MAX = 100
_PLACE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([a-z0-9-]{0,100})")
_PARAMETERS = ("status", "name", "from", "to", "limit", "continuation")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the list, whose newest run is the greatest: as the scheduler tells it, a run begins with a second."""

    created: datetime
    run_id: str
    """Empty before the oldest run of that second."""


@dataclass(frozen=True, slots=True)
class RunQuery:
    """Which runs, and how many of them at once."""

    statuses: tuple[str, ...] = ()
    """Any of them; empty is any at all."""
    name: str = ""
    """What the blob's name begins with."""
    created_from: datetime | None = None
    created_to: datetime | None = None
    limit: int = limits.RUNS_PAGE
    after: Place | None = None
    """What the pages before have shown: this one and all that is newer."""

    @property
    def id_prefix(self) -> str:
        """What the run ids of such blobs begin with: it narrows the search, the name itself decides."""
        return slug(self.name) if any(char.isascii() and char.isalnum() for char in self.name) else ""

    def admits(self, run: Mapping[str, Any]) -> bool:
        """Whether a run, as it is described, is one of those."""
        named = str(run["dataset"]["blob"]).startswith(self.name)
        unseen = self.after is None or place_of(run) < self.after
        return named and unseen and (not self.statuses or run["status"] in self.statuses)


def read_run_query(parameters: Mapping[str, str]) -> RunQuery:
    """The query; RequestRefused names the parameter that is wrong, or unknown."""
    unknown = sorted(parameters.keys() - {*_PARAMETERS, "code"})
    if unknown:
        raise RequestRefused(f"{unknown[0][:80]!r} is no parameter; expected {', '.join(_PARAMETERS)}")
    return RunQuery(
        statuses=_statuses(parameters.get("status", "")),
        name=_name(parameters.get("name", "")),
        created_from=_time("from", parameters.get("from")),
        created_to=_time("to", parameters.get("to")),
        limit=_limit(parameters.get("limit")),
        after=_place(parameters.get("continuation")),
    )


def check_run_id(run_id: str) -> bool:
    """Whether this can be the id of a run: others are not asked for, as they would have to be quoted in URLs."""
    return len(run_id) <= _RUN_ID_MAX and _RUN_ID.fullmatch(run_id) is not None


def place_of(run: Mapping[str, Any]) -> Place:
    """Where a run, as it is described, stands in the list."""
    return Place(datetime.fromisoformat(run["created_at"]).replace(microsecond=0), run["run_id"])


def continuation(place: Place) -> str:
    """The place as it travels: nothing to be read, or to be made up."""
    text = f"{place.created.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ} {place.run_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class RunIds(Message, frozen=True):
    """A request for the status of many runs."""

    run_ids: tuple[str, ...]


class CancelWish(Message, frozen=True):
    """Why a run is to end."""

    reason: str | None = None


def read_run_ids(data: bytes) -> tuple[str, ...]:
    """The ids in a body; RequestRefused says what is wrong with it."""
    ids = from_wire(read_json(data), RunIds, "body").run_ids
    if not 1 <= len(ids) <= limits.RUNS_ASKED_MAX:
        raise RequestRefused(f"run_ids: {len(ids)} of them; expected 1 to {limits.RUNS_ASKED_MAX}")
    return ids


def read_reason(data: bytes) -> str | None:
    """Why a run is to be cancelled, None without a body; RequestRefused says what is wrong with it."""
    if not data.strip():
        return None
    reason = from_wire(read_json(data), CancelWish, "body").reason
    if reason is not None and len(reason) > limits.REASON_CHARS_MAX:
        raise RequestRefused(f"reason: {len(reason)} characters; expected at most {limits.REASON_CHARS_MAX}")
    return reason


def _statuses(text: str) -> tuple[str, ...]:
    words = tuple(word for word in text.split(",") if word)
    for word in words:
        if word not in STATUSES:
            raise RequestRefused(f"status: found {word[:80]!r}; expected some of {', '.join(STATUSES)}")
    return words


def _name(text: str) -> str:
    if len(text) > limits.BLOB_NAME_MAX:
        raise RequestRefused(f"name: {len(text)} characters; expected at most {limits.BLOB_NAME_MAX}")
    return text


def _time(name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise RequestRefused(f"{name}: found {text[:80]!r}; expected a time such as 2026-11-21T09:30:00Z") from error


def _limit(text: str | None) -> int:
    if not text:
        return limits.RUNS_PAGE
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= limits.RUNS_PAGE_MAX):
        raise RequestRefused(f"limit: found {text[:80]!r}; expected 1 to {limits.RUNS_PAGE_MAX}")
    return int(text)


def _place(text: str | None) -> Place | None:
    if not text:
        return None
    try:
        found = _PLACE.fullmatch(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii"))
        if found is not None:
            return Place(datetime.fromisoformat(found[1]), found[2])
    except (binascii.Error, ValueError):
        pass
    raise RequestRefused("continuation: expected one that this list has given")
