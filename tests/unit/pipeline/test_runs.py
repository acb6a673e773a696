from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold.errors import Cancelled, NotAcceptable, RequestRefused
from fanfold.pipeline.completion import ended, refused
from fanfold.pipeline.identity import slug
from fanfold.pipeline.messages import Completion, DatasetVersion, Failure, Refusal, ReportLinks, RunRequest, to_wire
from fanfold.pipeline.report_formats import choose_format
from fanfold.pipeline.run_queries import Place, RunQuery, check_run_id, continuation, read_run_query
from fanfold.pipeline.runs import STATUSES, Instance, describe_run, runtime_statuses

DATASET = DatasetVersion(account="a", container="input", blob="b.csv", etag="e", size=9)
REQUEST = RunRequest(run_id="b-csv-0123456789abcdef", dataset=DATASET, options={"chunk_bytes": 5})
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LINKS = ReportLinks(json="j", html="h")


def instance(status: str = "Running", **changes: Any) -> Instance:
    fields = {"name": "run_dataset", "input": to_wire(REQUEST), "output": None, "custom_status": None, **changes}
    return Instance(
        instance_id=REQUEST.run_id, runtime_status=status, created_at="2026-01-01T00:00:00Z",
        updated_at="2026-01-01T00:00:01Z", **fields,
    )  # fmt: skip


def completion(**changes: Any) -> dict[str, Any]:
    fields = {"outcome": "completed", "report": LINKS, "records": 7, "rejected": 1, "chunks": 2, **changes}
    return to_wire(Completion(run_id="r", dataset=DATASET, completed_at="", duration_s=2, **fields))


@pytest.mark.parametrize(
    ("found", "status", "links"),
    [
        (instance("Pending"), "pending", {"self", "cancel"}),
        (instance("ContinuedAsNew"), "running", {"self", "cancel"}),
        (instance("Suspended"), "suspended", {"self", "cancel"}),
        (instance("Completed", output=completion()), "completed", {"self", "report"}),
        (
            instance("Completed", output=completion(failed_chunks=1)),
            "completed_with_failures",
            {"self", "report", "redrive"},
        ),
        (instance("Failed", output="it broke\nTraceback"), "failed", {"self", "redrive"}),
        (instance("Terminated"), "failed", {"self", "redrive"}),
        (
            instance("Completed", output=completion(outcome="superseded", report=None)),
            "superseded",
            {"self"},
        ),
    ],
)
def test_a_run_is_described_in_our_words(found: Instance, status: str, links: set[str]) -> None:
    run = describe_run(found)
    assert (run["status"], set(run["links"])) == (status, links)
    assert (run["dataset"]["blob"], run["options"]) == ("b.csv", {"chunk_bytes": 5})


def test_progress_is_the_larger_of_what_the_root_knows_and_the_tree_has_told() -> None:
    shown = {"phase": "profiling", "chunks": 9, "done": 3, "records": 30}
    run = describe_run(instance(custom_status=shown), {"done": 5, "records": 20})
    assert run["phase"] == "profiling"
    assert run["progress"] == {"chunks": 9, "done": 5, "failed": 0, "records": 30, "bytes": 0}


def test_a_run_that_has_completed_has_done_everything() -> None:
    run = describe_run(instance("Completed", output=completion()))
    assert run["progress"] == {"chunks": 2, "done": 2, "failed": 0, "records": 8, "bytes": 9}


def test_why_a_run_failed_is_told_in_one_line() -> None:
    broken = describe_run(instance("Failed", output="it broke\nTraceback"))
    assert broken["error"] == {"kind": "Failed", "message": "it broke"}
    cancelled = ended(REQUEST, Failure(kind=Cancelled.__name__, message="enough"), NOW, NOW)
    assert describe_run(instance("Completed", output=to_wire(cancelled)))["error"] == {
        "kind": "Cancelled",
        "message": "enough",
    }


def test_a_refused_request_is_a_failed_run_that_cannot_be_taken_up_again() -> None:
    told = Refusal(run_id="r", dataset=DATASET, error=Failure(kind="RequestRefused", message="no"))
    found = instance("Completed", name="announce_refusal", input=to_wire(told), output=to_wire(refused(told, NOW)))
    run = describe_run(found)
    assert (run["status"], run["error"]["message"], set(run["links"])) == ("failed", "no", {"self"})


@pytest.mark.parametrize("strange", [None, "no json", {"of": "another release"}, "[]"])
@pytest.mark.parametrize("status", ["Running", "Completed", "Failed"])
def test_a_run_of_another_release_is_shown_as_far_as_it_is_understood(status: str, strange: Any) -> None:
    run = describe_run(instance(status, input=strange, output=strange, custom_status="text"))
    assert run["run_id"] == REQUEST.run_id
    assert run["dataset"]["blob"] == ""


def test_every_status_can_be_searched_for() -> None:
    assert all(runtime_statuses([status]) for status in STATUSES)
    assert runtime_statuses(["failed"]) == ("Canceled", "Completed", "Failed", "Terminated")
    assert runtime_statuses([]) == ()


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_prefix_of_an_id_never_hides_a_run_whose_name_begins_so(prefix: str, rest: str) -> None:
    assert slug(prefix + rest).startswith(RunQuery(name=prefix).id_prefix)


def test_a_query_is_read_as_it_is_meant() -> None:
    after = Place(NOW, "a-0123456789abcdef")
    query = read_run_query(
        {
            "status": "failed,running",
            "name": "a/",
            "from": "2026-01-01",
            "to": "2026-01-02T00:00:00+02:00",
            "limit": "7",
            "continuation": continuation(after),
        }
    )
    assert (query.statuses, query.name, query.limit, query.after) == (("failed", "running"), "a/", 7, after)
    assert query.created_from == NOW
    assert query.created_to == datetime(2026, 1, 1, 22, tzinfo=UTC)


@given(st.sampled_from(["status", "from", "to", "limit", "continuation", "name", "x"]), st.text(max_size=30))
def test_a_parameter_is_read_or_refused_by_name(name: str, value: str) -> None:
    try:
        read_run_query({name: value})
    except RequestRefused as error:
        assert name in str(error)  # noqa: PT017 - most values are refused, a few are not


@pytest.mark.parametrize(
    "run_id",
    [
        "",
        "a",
        "a-0123456789abcdeg",
        "A-0123456789abcdef",
        "a/b-0123456789abcdef",
        "-0123456789abcdef",
        "a-0123456789abcdef\n",
    ],
)
def test_what_is_no_run_id_is_not_asked_for(run_id: str) -> None:
    assert not check_run_id(run_id)
    assert check_run_id(REQUEST.run_id)


@pytest.mark.parametrize(
    ("wish", "accept", "name"),
    [
        (None, None, "json"),
        (None, "*/*", "json"),
        (None, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        (None, "text/*", "html"),
        (None, "application/json;q=0.5, text/markdown", "md"),
        (None, "text/html;q=nonsense, */*;q=0.1", "json"),
        ("html", "application/json", "html"),
    ],
)
def test_a_report_comes_as_it_is_wished(wish: str | None, accept: str | None, name: str) -> None:
    assert choose_format(wish, accept).name == name


def test_a_form_that_there_is_not_is_refused() -> None:
    with pytest.raises(RequestRefused, match="pdf"):
        choose_format("pdf", None)
    with pytest.raises(NotAcceptable, match="text/html"):
        choose_format(None, "image/png, application/json;q=0")
