"""The page with the list of runs."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fanfold.nouns import counted
from fanfold.pages.plain_words import STATUSES, explanation, phase
from fanfold.pages.rendering import NAME_CHARACTERS, Visit, render
from fanfold.pipeline.run_queries import RunQuery
from fanfold.pipeline.runs import GOING_ON
from fanfold.report.figures import duration, moment, number, size
from fanfold.report.text import datum


def list_page(runs: Sequence[Mapping[str, Any]], continuation: str | None, query: RunQuery, visit: Visit) -> bytes:
    """A page of the list, in the order of the list."""
    chosen = ",".join(query.statuses)
    following = None
    if continuation is not None:
        following = visit.link(
            "/api/runs",
            continuation=continuation,
            name=query.name,
            status=chosen,
            limit=str(query.limit),
            **{"from": _time(query.created_from), "to": _time(query.created_to)},
        )
    return render(
        "runs.html.j2",
        visit,
        runs=[show_run(run, visit) for run in runs],
        following=following,
        first=None if query.after is None else visit.link("/api/runs", name=query.name, status=chosen),
        name=query.name,
        status=chosen,
        statuses=STATUSES,
        filtered=bool(query.name or query.statuses),
    )


def _time(time: datetime | None) -> str:
    return "" if time is None else time.isoformat()


def show_run(run: Mapping[str, Any], visit: Visit) -> dict[str, Any]:
    """The run as its line shows it."""
    progress, going_on = run["progress"], run["status"] in GOING_ON
    records = (
        None
        if run["records"] is None or "report" not in run["links"]
        else counted(run["records"] + (run["rejected"] or 0), "record")
    )
    return {
        "id": run["run_id"],
        "name": datum(run["dataset"]["blob"] or run["run_id"], NAME_CHARACTERS),
        "link": visit.link(run["links"]["self"]),
        "report": visit.link(run["links"]["report"], format="html") if "report" in run["links"] else None,
        "status": run["status"],
        "word": STATUSES[run["status"]],
        "phase": phase(run) if going_on else "",
        "going_on": going_on,
        "done": progress["done"],
        "chunks": progress["chunks"],
        "created": moment(run["created_at"]),
        "bytes": size(run["dataset"]["bytes"]),
        "records": records,
        "rejected": number(run["rejected"]) if run["rejected"] else None,
        "took": None if run["duration_s"] is None else duration(run["duration_s"]),
        "explanation": explanation(run),
    }
