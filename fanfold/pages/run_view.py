"""The page of one run: how far it is, its timeline, its reports, and what went wrong."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from fanfold.pages.gantt import axis, strips
from fanfold.pages.plain_words import may_be_mended
from fanfold.pages.rendering import NAME_CHARACTERS, TITLE_CHARACTERS, Visit, render
from fanfold.pages.run_list import show_run
from fanfold.pages.timeline import read_timeline
from fanfold.pipeline.report_formats import FORMATS, HTML
from fanfold.report.figures import number
from fanfold.report.text import plain, visible

_FORMAT_WORDS = {"html": "to read", "json": "for programs", "md": "to paste"}


def run_page(run: Mapping[str, Any], history: Iterable[Mapping[str, Any]] | None, visit: Visit, now: datetime) -> bytes:
    """The page as of now."""
    timeline = read_timeline(history, now)
    error = run["error"]
    return render(
        "run.html.j2",
        visit,
        run=show_run(run, visit),
        title=plain(run["dataset"]["blob"] or run["run_id"], TITLE_CHARACTERS),
        facts=_facts(run),
        error=None
        if error is None
        else {"kind": visible(error["kind"]), "message": visible(error["message"][: NAME_CHARACTERS * 2])},
        reports=_reports(run, visit),
        redrive=run["links"].get("redrive") if may_be_mended(run) else None,
        axis=None if timeline is None else axis(timeline),
        strips=[] if timeline is None else strips(timeline),
        hidden=0 if timeline is None else timeline.hidden,
        home=visit.link("/api/runs"),
    )


def problem_page(title: str, detail: str, visit: Visit) -> bytes:
    """What is said where there is nothing to show."""
    return render("problem.html.j2", visit, title=title, detail=visible(detail), home=visit.link("/api/runs"))


def _facts(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    shown, reported = show_run(run, Visit()), "report" in run["links"]
    facts = {
        "started": shown["created"],
        "size": shown["bytes"],
        "datasets": number(run["datasets"]) if run["datasets"] > 1 else None,
        "took": shown["took"],
        "chunks": number(run["progress"]["chunks"]) if run["progress"]["chunks"] else None,
        "records": number(run["records"]) if reported else None,
        "rejected": number(run["rejected"]) if reported else None,
        "verdict of the schema": run["verdict"],
        "options": visible(json.dumps(run["options"], ensure_ascii=False)[:NAME_CHARACTERS])
        if run["options"]
        else None,
        "run id": run["run_id"],
    }
    return [{"label": label, "value": value} for label, value in facts.items() if value is not None]


def _reports(run: Mapping[str, Any], visit: Visit) -> list[dict[str, str]]:
    if "report" not in run["links"]:
        return []
    return [
        {
            "file": form.file,
            "what": _FORMAT_WORDS[form.name],
            "link": visit.link(run["links"]["report"], format=form.name),
        }
        for form in sorted(FORMATS, key=lambda form: form is not HTML)
    ]
