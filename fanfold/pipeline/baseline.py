"""The run that this one is compared with: the last completed one of the same blob, or the one that was asked for.

It is chosen once, when the run begins, so that a report that is written twice is the same.
"""

import json
from typing import Any

from fanfold.errors import PipelineFault, RequestRefused
from fanfold.pipeline.archive import Archive, unpack_archive
from fanfold.pipeline.messages import Plan
from fanfold.pipeline.options import NO_BASELINE, Options
from fanfold.pipeline.ports import Ports
from fanfold.profile.changes import Profiled, compare
from fanfold.profile.codec import decode
from fanfold.profile.description import describe
from fanfold.profile.merging import empty
from fanfold.profile.model import Profile
from fanfold.profile.nulls import nulls_of

ARCHIVE = "profile.bin"
_LATEST = "latest.json"


def choose_baseline(options: Options, blob: str, run_id: str, ports: Ports) -> str | None:
    """The run id to compare with, None where there is none, or none is wished."""
    if options.baseline is not None:
        return None if options.baseline == NO_BASELINE else options.baseline
    latest = _latest(blob, ports)
    found = latest.get("previous") if latest.get("run_id") == run_id else latest.get("run_id")
    return found if isinstance(found, str) else None


def remember(plan: Plan, ports: Ports) -> None:
    """Note that this run has completed, for the next one of the same blob. Again, it changes nothing."""
    blob = plan.dataset.blob
    if _latest(blob, ports).get("run_id") != plan.run_id:
        note = {"run_id": plan.run_id, "previous": plan.baseline}
        ports.reports.put(f"{blob}/{_LATEST}", json.dumps(note).encode(), "application/json")


def drift(plan: Plan, profile: Profile, columns: list[dict[str, Any]], ports: Ports) -> dict[str, Any] | None:
    """The `drift` of a report, None where there is nothing to compare with; an `error` where that cannot be read."""
    if plan.baseline is None:
        return None
    name = f"{plan.dataset.blob}/{plan.baseline}/{ARCHIVE}"
    data = ports.reports.get(name)
    if data is None:
        return {"baseline": plan.baseline, "error": f"there is no {name}"}
    try:
        archive = unpack_archive(data, name)
        if archive.run_id != plan.baseline:
            return {"baseline": plan.baseline, "error": f"{name} is of the run {archive.run_id}"}
        before = profiled(archive)
    except RequestRefused as error:
        return {"baseline": plan.baseline, "error": str(error)}
    except PipelineFault as error:
        return {"baseline": plan.baseline, "error": f"{name}: {error}"}
    return {"baseline": plan.baseline, **compare(before, Profiled(profile, columns, nulls_of(plan.null_values)))}


def profiled(archive: Archive) -> Profiled:
    """What an archive holds, ready to be compared."""
    profile = empty(len(archive.columns)) if archive.partial is None else decode(archive.partial.profile)
    nulls = nulls_of(archive.null_values)
    return Profiled(profile, describe(profile, archive.columns, nulls=nulls), nulls)


def _latest(blob: str, ports: Ports) -> dict[str, Any]:
    data = ports.reports.get(f"{blob}/{_LATEST}")
    try:
        found = json.loads(data) if data is not None else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
