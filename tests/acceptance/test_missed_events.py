"""Blobs that no event has told of, as when one got lost: the timer finds them (promise P1)."""

import json
import urllib.request
from collections.abc import Iterator

import pytest
from app import App

CSV = b"a,b\n1,2\n"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app that hears of no blob."""
    settings = {
        "AzureWebJobs.dataset_dropped.Disabled": "true",
        "SAMPLES_ENABLED": "false",
        "INPUT_SUFFIXES": ".csv",
        "RECONCILE_SCHEDULE": "* * * * * *",
        "HTTP_AUTH_LEVEL": "anonymous",
    }
    running = App(tmp_path_factory.mktemp("missed"), **settings).start()
    yield running
    assert running.stop() == 0, running.log()


def runs(app: App) -> list[dict[str, str]]:
    with urllib.request.urlopen(f"{app.http}/api/runs?limit=200", timeout=300) as answer:  # noqa: S310 - our own host
        found: list[dict[str, str]] = json.loads(answer.read())["runs"]
    return found


def test_a_blob_that_no_event_told_of_gets_its_run_once(app: App) -> None:
    app.drop("unheard.csv", CSV, {"delimiter": ","})
    app.drop("unheard.bin", CSV)
    event = app.completion("unheard.csv")
    assert (event["type"], event["data"]["records"]) == ("fanfold.run.completed", 1)
    assert app.document(event)["run"]["options"] == {"delimiter": ","}
    etag = app.drop("unheard.csv", CSV + b"3,4\n")
    assert app.completion("unheard.csv", etag=etag)["data"]["records"] == 2
    app.drop("later.csv", CSV)
    app.completion("later.csv")
    assert sorted(event["subject"] for event in app.messages) == ["later.csv", "unheard.csv", "unheard.csv"]
    assert len(runs(app)) == 3


def test_routes_have_the_auth_level_of_the_setting(app: App) -> None:
    with urllib.request.urlopen(f"{app.http}/admin/functions", timeout=300) as answer:  # noqa: S310 - our own host
        triggers = [function["bindings"][0] for function in json.loads(answer.read())]
    levels = {one["route"]: one["authLevel"].lower() for one in triggers if one["type"] == "httpTrigger"}
    assert set(levels.values()) == {"anonymous"}
    assert "runs" in levels
