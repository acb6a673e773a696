"""What the samples refuse, and how they tell what they did."""

import asyncio
import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from azure.durable_functions import OrchestrationRuntimeStatus as Status

from blueprints.samples import bodies
from blueprints.samples.answers import may_be_instance
from blueprints.samples.bodies import Body, read_body, read_count, read_instance_ids
from blueprints.samples.catalogue import PATTERNS
from blueprints.samples.iterations import check_service
from blueprints.samples.measurement import describe
from fanfold.errors import RequestRefused


def test_numbers_that_are_left_out_have_their_defaults() -> None:
    for nothing in (b"", b" ", b"{}"):
        assert read_body(nothing, bodies.Iterations) == bodies.Iterations(
            iterations=10, parallel_activities=5, parallel_orchestrations=1
        )
        assert len(read_body(nothing, bodies.WorkItems).work_items) == 5


def test_a_bare_list_stands_for_the_items() -> None:
    assert read_body(b'["a", "b"]', bodies.Items).items == ("a", "b")


@pytest.mark.parametrize(
    ("kind", "data", "said"),
    [
        (bodies.Iterations, b'{"iterations": 0}', r"Expected `int` >= 1 - at `\$.iterations`"),
        (bodies.Iterations, b'{"iterations": 65}', r"Expected `int` <= 64 - at `\$.iterations`"),
        (bodies.Iterations, b'{"iterations": "ten"}', r"Expected `int`, got `str` - at `\$.iterations`"),
        (bodies.Iterations, b'{"parallelActivities": true}', r"Expected `int`, got `bool`"),
        (bodies.Iterations, b'{"parallelOrchestrations": 65}', r"at `\$.parallelOrchestrations`"),
        (bodies.Iterations, b'{"iterations": 11, "parallelActivities": 100}', "1100; expected at most 1000"),
        (bodies.Iterations, b'{"iteration": 1}', "unknown field `iteration`"),
        (bodies.Iterations, b"{", "expected JSON"),
        (bodies.Iterations, b'{"iterations": "\xff"}', "expected JSON"),
        (bodies.Iterations, b"null", "Expected `object`, got `null`"),
        (bodies.WorkItems, b'{"workItems": []}', "length >= 1"),
        (bodies.WorkItems, b'{"workItems": ["a", 2]}', r"Expected `str`, got `int` - at `\$.workItems\[1\]`"),
        (bodies.WorkItems, b'{"workItems": ["%s"]}' % (b"a" * 101), "length <= 100"),
        (bodies.WorkItems, b'{"workItems": [%s"a"]}' % (b'"a", ' * 1000), "length <= 1000"),
        (bodies.WorkItems, b'{"workItems": ["%s"]}' % (b"a" * 65536), "expected at most 65536"),
        (bodies.Items, b"{}", "missing required field `items`"),
        (bodies.Batches, b'["a"%s]' % (b', "a"' * 640), "641 of them; expected at most 640"),
        (bodies.DynamicBatches, b'{"items": ["a"], "itemComplexity": "Huge"}', "itemComplexity"),
        (bodies.DynamicBatches, b'{"items": ["a"%s], "itemComplexity": "High"}' % (b', "a"' * 320), "at most 320"),
        (bodies.PartialSuccess, b'{"items": ["a"], "failureThreshold": 1.1}', "failureThreshold"),
        (bodies.BoundedItems, b'{"items": ["a"], "maxConcurrency": 0}', "maxConcurrency"),
        (bodies.LargeDataset, b'{"items": ["a", "b"%s], "chunkSize": 1}' % (b', "a"' * 63), "at most 64"),
        (bodies.Orders, b'[{"id": "a", "quantity": 1.5, "unitPrice": 1}]', r"at `\$.orders\[0\].quantity`"),
        (bodies.OrderBatch, b"[%s]" % b",".join([b'{"id":"a","quantity":1,"unitPrice":1}'] * 65), "length <= 64"),
        (bodies.Sources, b'[{"name": "s", "records": [{"value": []}]}]', r"at `\$.sources\[0\].records\[0\].value`"),
        (bodies.Chunks, b"[1]", r"at `\$.chunks\[0\]`"),
        (bodies.Workload, b"[1]", r"at `\$.data`"),
    ],
)
def test_a_wrong_body_is_refused_by_name(kind: type[Body], data: bytes, said: str) -> None:
    with pytest.raises(RequestRefused, match=said):
        read_body(data, kind)


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"[1]", b'["a"%s]' % (b', "a"' * 64), b"\xff"])
def test_wrong_instance_ids_are_refused(data: bytes) -> None:
    with pytest.raises(RequestRefused, match="body"):
        read_instance_ids(data)


@pytest.mark.parametrize("data", [b"", b"0", b"1001", b"1.5", b'"5"', b"{}", b"null"])
def test_a_wrong_count_is_refused(data: bytes) -> None:
    with pytest.raises(RequestRefused, match="body"):
        read_count(data)


def test_every_pattern_refuses_a_body_that_is_none_of_its_own() -> None:
    for pattern in PATTERNS.values():
        with pytest.raises(RequestRefused, match="unknown field `surprise`"):
            read_body(b'{"surprise": 1}', pattern.body)


@pytest.mark.parametrize("instance_id", ["", "a/b", "..", "?x", "a b", "%2e", "x" * 101, "@entity@key"])
def test_what_cannot_be_an_id_is_not_asked_for(instance_id: str) -> None:
    assert not may_be_instance(instance_id)


@pytest.mark.parametrize(("error", "code"), [(None, 200), (ConnectionError("refused"), 503)])
def test_the_service_runs_when_its_scheduler_answers(error: Exception | None, code: int) -> None:
    class Client:
        async def get_status(self, _instance_id: str) -> None:
            if error is not None:
                raise error

    answer = asyncio.run(check_service(Client()))
    assert answer.status_code == code
    assert error is None or "refused" in json.loads(answer.get_body())["detail"]


def status(**changes: Any) -> Any:
    usual = {
        "instance_id": "i",
        "runtime_status": Status.Completed,
        "created_time": datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
        "last_updated_time": datetime(2026, 1, 1, 0, 0, 3, tzinfo=UTC),
        "output": {"totalActivities": 2, "averageActivityTimeMs": 0.5, "results": []},
    }
    return SimpleNamespace(**(usual | changes))


def test_elapsed_time_is_read_from_the_history() -> None:
    stamps = ["2026-01-01T00:00:01.2500000Z", "2026-01-01T00:00:02.0000000Z", "2026-01-01T00:00:01.9000000Z"]
    shown = describe(status(historyEvents=[{"Timestamp": stamp} for stamp in stamps]))
    assert list(shown["result"]) == ["totalActivities", "elapsedTimeMs", "averageActivityTimeMs", "results"]
    assert shown["result"]["elapsedTimeMs"] == 750


def test_without_a_history_the_times_of_the_instance_must_do() -> None:
    assert describe(status())["result"]["elapsedTimeMs"] == 2000


def test_an_orchestration_that_goes_on_or_failed_has_no_result() -> None:
    running = describe(status(runtime_status=Status.Running, output=None))
    failed = describe(status(runtime_status=Status.Failed, output="why"))
    assert (running["status"], running["output"], running["result"]) == ("Running", None, None)
    assert (failed["status"], failed["output"], failed["result"]) == ("Failed", "why", None)


def test_other_orchestrations_are_shown_as_they_are() -> None:
    shown = describe(status(output=["a"]))
    assert (shown["output"], shown["result"]) == ('["a"]', ["a"])
