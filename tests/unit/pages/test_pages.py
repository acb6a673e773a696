import re
from datetime import UTC, datetime
from typing import Any

import pytest

from fanfold.pages.plain_words import STATUSES, explanation
from fanfold.pages.rendering import Visit, policy
from fanfold.pages.run_list import list_page
from fanfold.pages.run_view import problem_page, run_page
from fanfold.pipeline.run_queries import Place, RunQuery
from fanfold.pipeline.runs import STATUSES as ALL_STATUSES

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HOSTILE = "</title><script>alert(1)</script>\u202e\x00.csv"


def run(status: str = "completed", blob: str = "orders.csv", **more: Any) -> dict[str, Any]:
    links = {"self": "/api/runs/a-0123456789abcdef"}
    if status.startswith("completed"):
        links["report"] = links["self"] + "/report"
    return {
        "run_id": "a-0123456789abcdef",
        "status": status,
        "phase": "profiling" if status == "running" else None,
        "dataset": {"container": "input", "blob": blob, "etag": "0x1", "bytes": 1234},
        "datasets": 1,
        "options": {"note": blob},
        "created_at": "2026-11-21T10:00:00Z",
        "updated_at": "2026-11-21T10:01:00Z",
        "progress": {"chunks": 10, "done": 4, "failed": 0, "records": 5, "bytes": 6},
        "records": 5,
        "rejected": 1,
        "duration_s": 2.5,
        "verdict": None,
        "error": None,
        "links": links,
        **more,
    }


def shown(**more: Any) -> str:
    return run_page(run(**more), None, Visit(), NOW).decode()


def listed(
    *runs: dict[str, Any], query: RunQuery | None = None, visit: Visit | None = None, more: str | None = None
) -> str:
    return list_page(runs, more, query or RunQuery(), visit or Visit()).decode()


def test_names_of_strangers_are_no_markup_and_hide_nothing() -> None:
    error = {"kind": HOSTILE, "message": HOSTILE}
    for page in (
        listed(run(blob=HOSTILE), query=RunQuery(name=HOSTILE)),
        shown(blob=HOSTILE, status="failed", error=error),
        problem_page("Not Found", HOSTILE, Visit(code=HOSTILE)).decode(),
    ):
        assert page.count("<script>") <= 1  # our own
        assert "alert(1)</script>" not in page
        assert "\u202e" not in re.sub(r' value="[^"]*"', "", page)  # what somebody has typed stays in its field
        assert page.count("</title>") == 1


def test_policy_lets_nothing_in_but_the_style_and_the_script_of_the_page() -> None:
    page = listed(run())
    assert "unsafe" not in policy()
    assert policy().count("'sha256-") == 2
    assert "default-src 'none'" in policy()
    assert " style=" not in page
    assert not re.search(r"\son[a-z]+=", page)
    assert not re.search(r"https?://(?!www\.w3\.org)", page)


def test_every_status_has_its_word() -> None:
    assert set(STATUSES) == set(ALL_STATUSES)
    for status in ALL_STATUSES:
        assert STATUSES[status] in listed(run(status))


def test_run_that_goes_on_shows_how_far_it_is_and_loads_itself_again_without_a_script() -> None:
    page = shown(status="running")
    assert '<progress aria-label="Chunks that are through" max="10" value="4">' in page
    assert "4 of 10 chunks" in page
    assert "reading the chunks" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "refresh" not in shown().partition("<style>")[0]


def test_run_of_several_datasets_says_how_many() -> None:
    assert "<dt>datasets</dt><dd>3</dd>" in shown(datasets=3)


@pytest.mark.parametrize("kind", ["DatasetRejected", "Cancelled", "PipelineFault", "Failed", "never heard of"])
def test_errors_are_explained_and_told_as_they_are(kind: str) -> None:
    failed = run("failed", error={"kind": kind, "message": "found 7"})
    words = explanation(failed)
    assert words is not None
    assert words.endswith(".")
    page = run_page(failed, None, Visit(), NOW).decode()
    assert "found 7" in page
    assert words in page


@pytest.mark.parametrize(("kind", "hope"), [("PipelineFault", True), ("Cancelled", True), ("DatasetRejected", False)])
def test_taking_a_run_up_again_is_offered_where_it_may_help(kind: str, hope: bool) -> None:
    links = {"self": "/api/runs/x", "redrive": "/api/runs/x/redrive"}
    page = shown(status="failed", error={"kind": kind, "message": "found 7"}, links=links)
    assert ("POST /api/runs/x/redrive" in page) is hope


def test_run_with_gaps_says_how_many() -> None:
    progress = {"chunks": 10, "done": 10, "failed": 2, "records": 5, "bytes": 6}
    assert "2 of 10 chunks failed for good" in shown(status="completed_with_failures", progress=progress)


def test_key_of_the_visitor_goes_along_with_every_link() -> None:
    page = listed(
        run(), visit=Visit("k&y"), more="next", query=RunQuery(name="a b", created_from=NOW, after=Place(NOW, "a"))
    )
    links = [link for link in re.findall(r'href="([^"]+)"', page) if link.startswith("/api")]
    assert len(links) == 4
    assert all("code=k%26y" in link for link in links)
    assert '<input type="hidden" name="code" value="k&amp;y">' in page
    assert "continuation=next" in page
    assert "name=a+b" in page
    assert "from=2026-11-21T12%3A00%3A00%2B00%3A00" in page


def test_list_without_runs_says_what_to_do() -> None:
    assert "Drop a CSV" in listed()
    assert "among those asked for" in listed(query=RunQuery(name="x"))
