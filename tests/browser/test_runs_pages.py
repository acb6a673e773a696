"""The pages of the runs in a real browser, served by the app on the local host."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.blob import BlobServiceClient
from browser_visit import Visit

from fanfold.cli.local import Host, local_host

Open = Callable[..., Visit]
HOSTILE = "<img src=x onerror=alert(1)>\u202e.csv"
CSV = b"a,b\n" + b"12345,abcde\n" * 400
LOOKS = [("light", 1200), ("dark", 1200), ("light", 400), ("dark", 400)]
WAIT_S = 300


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    """The app with three runs that have ended: one of 8 chunks, one with a hostile name, one that failed."""
    settings = {"SAMPLES_ENABLED": "false", "RECONCILE_SCHEDULE": "off", "INPUT_SUFFIXES": ".csv"}
    with local_host({"AzureWebJobsStorage": "UseDevelopmentStorage=true", **settings}) as running:
        drop(running, "orders.csv", CSV, chunk_bytes=len(CSV) // 8 + 1)
        drop(running, HOSTILE, CSV)
        drop(running, "refused.csv", CSV, chunk_bytes="many")
        for name in ("orders.csv", HOSTILE, "refused.csv"):
            ended(running, name)
        yield running


def drop(host: Host, name: str, data: bytes, **options: Any) -> None:
    container = BlobServiceClient.from_connection_string(host.connection_string).get_container_client("input")
    with suppress(ResourceExistsError):
        container.create_container()
    container.upload_blob(name, data, metadata={"fanfold_options": json.dumps(options)})


def run_of(host: Host, name: str) -> dict[str, Any] | None:
    with urllib.request.urlopen(f"{host.http}/api/runs", timeout=60) as answer:  # noqa: S310 - our own host
        runs: list[dict[str, Any]] = json.load(answer)["runs"]
    return next((run for run in runs if run["dataset"]["blob"] == name), None)


def until(host: Host, name: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        run = run_of(host, name)
        if run is not None and holds(run):
            return run
        time.sleep(0.2)
    raise AssertionError(f"{name}: {run_of(host, name)}")


def ended(host: Host, name: str) -> dict[str, Any]:
    return until(host, name, lambda run: run["duration_s"] is not None)


def address(host: Host, name: str) -> str:
    return host.http + str(ended(host, name)["links"]["self"])


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_list_can_be_read_by_everybody(host: Host, visit: Open, scheme: str, width: int) -> None:
    visited = visit(f"{host.http}/api/runs", color_scheme=scheme, viewport={"width": width, "height": 800})
    page = visited.page
    page.get_by_role("link", name="orders.csv", exact=True).wait_for()
    assert visited.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.wait_for_timeout(1000)  # the script has asked, and drawn anew
    assert visited.complaints == []
    assert {url.partition("?")[0] for url in visited.requests if url.startswith("http")} == {f"{host.http}/api/runs"}


@pytest.mark.parametrize(("scheme", "width"), LOOKS)
@pytest.mark.parametrize("name", ["orders.csv", "refused.csv"])
def test_run_can_be_read_by_everybody(host: Host, visit: Open, name: str, scheme: str, width: int) -> None:
    visited = visit(address(host, name), color_scheme=scheme, viewport={"width": width, "height": 800})
    assert visited.axe() == []
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= width
    assert visited.complaints == []


def test_hostile_name_is_shown_as_it_is(host: Host, visit: Open) -> None:
    visited = visit(f"{host.http}/api/runs")
    visited.page.get_by_role("link", name="<img src=x onerror=alert(1)>[U+202E].csv", exact=True).click()
    assert visited.page.get_by_role("heading", level=1).inner_text() == "<img src=x onerror=alert(1)>[U+202E].csv"
    assert visited.page.locator("img").count() == 0
    assert visited.complaints == []


def test_timeline_has_a_bar_for_every_chunk_and_the_reports_are_a_click_away(host: Host, visit: Open) -> None:
    page = visit(address(host, "orders.csv")).page
    rows = page.locator("#timeline li")
    labels = [text.partition(",")[0].strip() for text in rows.locator(".what").all_inner_texts()]
    assert labels[0] == "look at the head"
    assert labels[1:9] == [f"chunk {n}" for n in range(1, 9)]
    assert {"fold", "write the report", "send the message"} <= set(labels)
    assert all((box := bar.bounding_box()) and box["width"] > 0 for bar in rows.locator("rect").all())
    page.get_by_role("link", name="report.html").click()
    page.get_by_text("dataset report").first.wait_for()


def test_failed_run_says_in_plain_words_why(host: Host, visit: Open) -> None:
    page = visit(address(host, "refused.csv")).page
    assert "The request asked for something that is not possible" in page.locator("#now").inner_text()
    assert "chunk_bytes" in page.locator("#now").inner_text()
    assert page.locator("#timeline rect.lost").count() == 1


def test_bars_move_and_timelines_grow_until_the_end_without_loading_a_page_again(host: Host, visit: Open) -> None:
    drop(host, "slow.csv", CSV * 20, chunk_bytes=800, max_concurrency=2)  # long enough to be watched
    run = until(host, "slow.csv", lambda run: run["progress"]["chunks"] > 0)
    visits = [visit(url) for url in (f"{host.http}/api/runs?name=slow", host.http + run["links"]["self"])]
    for page in (visited.page for visited in visits):
        page.evaluate("window.here = true")
        seen = float(page.get_by_role("progressbar").evaluate("bar => bar.value"))
        moved = "seen => { const bar = document.querySelector('progress'); return !bar || bar.value > seen }"
        page.wait_for_function(moved, arg=seen)
    of_list, of_run = (visited.page for visited in visits)
    of_list.get_by_role("link", name="Report of slow.csv").wait_for(timeout=WAIT_S * 1000)
    of_run.get_by_role("link", name="report.html").wait_for(timeout=WAIT_S * 1000)
    assert of_list.locator("#runs .word").all_inner_texts() == ["completed"]
    of_run.get_by_text("The run has ended.").wait_for()
    assert "write the report" in of_run.locator("#timeline").inner_text()
    for visited in visits:
        assert visited.page.evaluate("window.here")
        assert visited.complaints == []


def test_list_is_filtered_by_its_form_and_walked_by_keyboard(host: Host, visit: Open) -> None:
    page = visit(f"{host.http}/api/runs").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.get_by_label("Name begins with").focus()
    page.keyboard.type("ord")
    page.keyboard.press("Enter")
    page.wait_for_url("**name=ord**")
    page.get_by_label("Status").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "orders.csv"
    page.wait_for_timeout(3000)  # drawn anew meanwhile, the focus stays where it is
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Timeline").wait_for()


def test_pages_are_complete_without_scripts(host: Host, visit: Open) -> None:
    page = visit(f"{host.http}/api/runs", java_script_enabled=False).page
    assert page.locator("meta[http-equiv=refresh]").count() == 1
    page.get_by_role("link", name="orders.csv", exact=True).click()
    assert page.locator("#timeline rect").count() >= 12
    assert page.locator("meta[http-equiv=refresh]").count() == 0


def test_who_asks_for_anything_gets_json_and_who_asks_for_a_page_gets_one_of_errors_too(host: Host) -> None:
    def ask(path: str, accept: str) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(host.http + path, headers={"Accept": accept})  # noqa: S310 - our own host
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own host
                return answer.status, answer.headers.get_content_type(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers.get_content_type(), dict(error.headers)

    browser = "text/html,application/xhtml+xml,*/*;q=0.8"
    assert ask("/api/runs", "*/*")[:2] == (200, "application/json")
    assert ask("/api/runs", "application/json, text/html;q=0.9")[1] == "application/json"
    status, kind, headers = ask("/api/runs", browser)
    assert (status, kind, headers["Vary"]) == (200, "text/html", "Accept")
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert ask("/api/runs/nobody-0123456789abcdef", browser)[:2] == (404, "text/html")
    assert ask("/api/runs?limit=many", browser)[:2] == (400, "text/html")
    assert ask("/api/runs?limit=many", "*/*")[:2] == (400, "application/problem+json")
