from __future__ import annotations

import json
from pathlib import Path

from running_host import Azurite, StartHost, running


def test_http_function_gets_its_route_query_header_and_body(host_of: StartHost) -> None:
    host = host_of("web")
    answer = host.request("POST", "/v1/items/42/lid?a=1", {"x": 1}, {"X-Test": "t"})
    assert answer.status == 201
    assert answer.headers["X-Answer"] == "yes"
    assert answer.headers["Set-Cookie"] == "a=b; Path=/"
    assert answer.json() == {
        "method": "POST",
        "route": {"id": "42", "part": "lid"},
        "query": {"a": "1"},
        "header": "t",
        "bytes": 8,
        "function": "item",
    }


def test_optional_parameter_may_be_missing_and_a_constraint_must_hold(host_of: StartHost) -> None:
    host = host_of("web")
    assert host.request("GET", "/v1/items/42").json()["route"] == {"id": "42"}
    assert host.request("GET", "/v1/items/many").status == 404


def test_literal_route_goes_before_a_parameter(host_of: StartHost) -> None:
    assert host_of("web").request("GET", "/v1/items/special").body == b"special"


def test_rest_of_a_path_is_one_parameter(host_of: StartHost) -> None:
    assert host_of("web").request("GET", "/v1/files/a/b/c.txt").body == b"a/b/c.txt"


def test_other_method_is_not_allowed_and_no_result_is_no_content(host_of: StartHost) -> None:
    host = host_of("web")
    assert host.request("DELETE", "/v1/items/42").status == 405
    assert host.request("GET", "/v1/by_name").status == 204
    assert host.request("GET", "/v1/nothing").status == 404


def test_body_of_fifty_megabytes_passes(host_of: StartHost) -> None:
    answer = host_of("web").request("POST", "/v1/items/1", b"x" * 50_000_000)
    assert answer.json()["bytes"] == 50_000_000


def test_body_beyond_a_hundred_megabytes_is_too_large(host_of: StartHost) -> None:
    assert host_of("web").request("POST", "/v1/items/1", bytes(101 * 1024 * 1024)).status == 413


def test_keys_are_enforced_when_asked_for(azurite: Azurite, tmp_path: Path) -> None:
    with running("web", tmp_path, "--enable-auth", AzureWebJobsStorage=azurite.connection_string) as host:
        keys = json.loads((tmp_path / "keys.json").read_text())
        assert host.request("GET", "/v1/items/special").status == 200
        assert host.request("GET", "/v1/items/1").status == 401
        assert host.request("GET", f"/v1/items/1?code={keys['default']}").status == 201
        assert host.request("GET", "/v1/items/1", None, {"x-functions-key": keys["master"]}).status == 201
        assert host.request("GET", "/v1/by_name", None, {"x-functions-key": keys["default"]}).status == 401
        assert host.request("GET", "/runtime/webhooks/durabletask/instances").status == 401


def test_unsupported_bindings_are_named_and_the_rest_runs(host_of: StartHost) -> None:
    host = host_of("unsupported")
    assert host.request("GET", "/api/fine").body == b"fine"
    answer = host.request("GET", "/api/rows")
    assert answer.status == 501
    assert b"list_rows: table is not supported" in answer.body
    assert "on_event: eventGridTrigger is not supported" in host.log.read_text()
    assert "warm_up: warmupTrigger is not supported" in host.log.read_text()
    assert host.request("POST", "/admin/functions/on_event", {}).status == 501


def test_start_up_lists_functions_with_their_urls(host_of: StartHost) -> None:
    host = host_of("web")
    log = host.log.read_text()
    assert f"item: [GET,POST] {host.http}/v1/items/{{id:int}}/{{part?}}" in log
    listed = host.request("GET", "/admin/functions").json()
    assert {one["name"] for one in listed} == {"item", "special", "files", "by_name"}
