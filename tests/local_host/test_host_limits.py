"""Timeouts, disabled functions, log levels, the context: what the app `limits` is for."""

from __future__ import annotations

import time

import pytest
from running_host import RunningHost, StartHost, wait_for


@pytest.fixture(scope="module")
def host(host_of: StartHost) -> RunningHost:
    return host_of("limits", **{"AzureWebJobs.switched_off.Disabled": "true"})


@pytest.mark.parametrize("function", ["sleeps", "awaits"])
def test_function_beyond_the_timeout_fails(host: RunningHost, function: str) -> None:
    began = time.monotonic()
    assert host.request("GET", f"/api/{function}").status == 500
    assert time.monotonic() - began < 2.5
    assert f"Timeout value of 00:00:01 exceeded by function: {function}" in host.log.read_text()


def test_async_function_beyond_the_timeout_is_cancelled(host: RunningHost) -> None:
    host.request("GET", "/api/awaits")
    wait_for(lambda: "awaits was cancelled" in host.log.read_text(), "the cancellation")


def test_disabled_function_is_listed_as_such_and_has_no_route(host: RunningHost) -> None:
    assert host.request("GET", "/api/off").status == 404
    assert "switched_off: disabled by an app setting" in host.log.read_text()


def test_log_level_of_a_function_holds_for_what_its_code_logs(host: RunningHost) -> None:
    for function in ("talks", "quiet"):
        assert host.request("GET", f"/api/{function}").body == b"said"
    log = host.log.read_text()
    assert "every detail" in log
    assert "everybody hears this" in log
    assert "nobody hears this" not in log


def test_context_tells_the_invocation(host: RunningHost) -> None:
    first, second = (host.request("GET", "/api/context").json() for _ in range(2))
    assert first[1:3] == ["tell_context", first[2]]
    assert first[2].endswith("tests/apps/limits")
    assert first[0] == first[3] != second[0]


def test_timer_with_a_retry_policy_is_tried_again_and_knows_why(host: RunningHost) -> None:
    told = "worked at retry 2 of 3 after ValueError('not yet')"
    wait_for(lambda: told in host.log.read_text(), "the third try")


def test_retry_policy_of_another_trigger_is_refused_by_name(host: RunningHost) -> None:
    assert "takes_again: retry policy is not supported" in host.log.read_text()
    assert host.request("POST", "/admin/functions/takes_again", {}).status == 501
