"""report.html in a real browser: it works by mouse and keyboard, for every eye, and keeps to itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import report_pages
from browser_visit import Visit

Open = Callable[..., Visit]
PHONE = {"viewport": {"width": 400, "height": 800}}
SECTIONS = (
    *("alerts", "columns", "correlations", "missing", "identity", "sample", "rejects", "schema", "drift", "section-1"),
    "making",
)
OPEN_ALL = "document.querySelectorAll('details').forEach(details => details.open = true)"
NAMES = "[...document.querySelectorAll('#table tbody tr:not([hidden])')].map(row => row.cells[1].textContent)"
ORDER = [*report_pages.COLUMNS, "extra"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    """Of a report by the name of what makes it; each is made once."""
    folder = tmp_path_factory.mktemp("reports")

    def of(name: str) -> str:
        path = folder / f"{name}.html"
        if not path.exists():
            path.write_bytes(getattr(report_pages, name)())
        return path.as_uri()

    return of


@pytest.fixture
def orders(visit: Open, address: Callable[[str], str]) -> Callable[..., Visit]:
    return lambda **settings: visit(address("orders"), **settings)


@pytest.mark.parametrize(
    "settings",
    [{}, {"color_scheme": "dark"}, PHONE, {"java_script_enabled": False}],
    ids=["light", "dark", "phone", "js"],
)
def test_every_section_is_there_without_a_complaint_or_a_request(orders: Open, settings: dict[str, Any]) -> None:
    visited = orders(**settings)
    for section in SECTIONS:
        assert visited.page.locator(f"section#{section} h2").is_visible(), section
        assert visited.page.locator(f"nav a[href='#{section}']").count() == 1, section
    assert visited.page.locator("article").count() == len(ORDER)
    assert visited.complaints == []
    assert visited.requests == [visited.page.url]


@pytest.mark.parametrize("settings", [PHONE, {"color_scheme": "dark"}], ids=["light phone", "dark"])
def test_axe_finds_nothing_serious_with_everything_unfolded(orders: Open, settings: dict[str, Any]) -> None:
    visited = orders(**settings)
    visited.page.evaluate(OPEN_ALL)
    assert visited.axe() == []


def test_page_follows_the_colour_scheme_of_the_system(orders: Open) -> None:
    visited = orders(color_scheme="dark")
    brightness = "getComputedStyle(document.querySelector('.sheet')).backgroundColor.match(/\\d+/g).map(Number)[0]"
    assert visited.page.evaluate(brightness) < 60
    visited.page.emulate_media(color_scheme="light")
    assert visited.page.evaluate(brightness) > 200


def test_phone_scrolls_tables_inside_the_page_and_never_the_page(orders: Open) -> None:
    visited = orders(**PHONE)
    visited.page.evaluate(OPEN_ALL)
    assert visited.page.evaluate("document.documentElement.scrollWidth") <= 400


def test_keyboard_alone_skips_to_the_columns_sorts_and_filters(orders: Open) -> None:
    visited = orders()
    keyboard = visited.page.keyboard
    keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.textContent") == "Skip to the columns"
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.id") == "filter-name"
    keyboard.type("o")
    assert visited.page.evaluate(NAMES) == ["order", "town", "total", "note"]
    assert visited.page.locator("#shown").text_content() == "4 of 10"
    keyboard.press("Tab")  # the type, then the table, then its headings
    keyboard.press("Tab")
    keyboard.press("Tab")
    keyboard.press("Tab")
    assert visited.page.evaluate("document.activeElement.textContent") == "Name"
    keyboard.press("Enter")
    assert visited.page.evaluate(NAMES) == ["note", "order", "total", "town"]
    keyboard.press("Space")
    assert visited.page.evaluate(NAMES) == ["town", "total", "order", "note"]
    assert visited.page.locator("th[aria-sort=descending]").text_content() == "Name"
    keyboard.press("Enter")
    assert visited.page.evaluate(NAMES) == ["order", "town", "total", "note"]


def test_numbers_sort_by_value_and_what_is_missing_stays_last(orders: Open) -> None:
    visited = orders()
    heading = visited.page.get_by_role("button", name="Mean")
    heading.click()
    ascending = visited.page.evaluate(NAMES)
    heading.click()
    descending = visited.page.evaluate(NAMES)
    numeric = {"order", "quantity", "price", "total"}
    assert set(ascending[:4]) == set(descending[:4]) == numeric
    assert ascending[:4] == descending[3::-1]
    assert ascending[0] == "quantity"


def test_filter_by_type_hides_the_cards_too(orders: Open) -> None:
    visited = orders()
    visited.page.locator("#filter-type").select_option("number")
    assert visited.page.evaluate(NAMES) == ["price", "total"]
    shown = visited.page.evaluate("[...document.querySelectorAll('article:not([hidden]) h3')].map(h => h.textContent)")
    assert shown == ["price", "total"]


def test_filter_that_nothing_matches_says_so(orders: Open) -> None:
    visited = orders()
    visited.page.get_by_label("Name").fill("nothing of the kind")
    assert visited.page.get_by_text("No column matches.").is_visible()


def test_link_to_a_card_that_the_filter_hides_shows_it_again(orders: Open) -> None:
    visited = orders()
    visited.page.get_by_label("Name").fill("town")
    visited.page.locator("#missing a", has_text="note").first.click()
    visited.page.wait_for_function("scrollY > 500")
    assert visited.page.get_by_role("article", name="note").is_visible()
    assert visited.page.get_by_label("Name").input_value() == ""


def test_print_opens_what_is_folded_leaves_out_the_controls_and_cuts_nothing_off(orders: Open) -> None:
    visited = orders(viewport={"width": 700, "height": 990})  # about the width of A4 within its margins
    assert len(visited.page.pdf(format="A4")) > 10_000
    visited.page.emulate_media(media="print")
    assert visited.page.evaluate("[...document.querySelectorAll('details')].every(details => details.open)")
    assert not visited.page.locator("nav").is_visible()
    assert not visited.page.locator("#filter").is_visible()
    cut = (
        "[...document.querySelectorAll('.scroll')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"
    )
    assert visited.page.evaluate(cut) == []


def test_correlations_are_a_table_that_reads_aloud(orders: Open) -> None:
    matrix = orders().page.get_by_role("table", name="Pearson's correlation")
    assert matrix.get_by_role("rowheader").all_text_contents() == ["order", "quantity", "price", "total"]
    quantity = matrix.get_by_role("row").nth(2)
    assert quantity.get_by_role("rowheader").text_content() == "quantity"
    assert quantity.get_by_role("cell").nth(1).text_content() == "1"


def test_hostile_dataset_runs_nothing_and_changes_nothing(visit: Open, address: Callable[[str], str]) -> None:
    visited = visit(address("hostile"), color_scheme="dark")
    page = visited.page
    page.evaluate(OPEN_ALL)
    for heading in ("Name", "Min", "Distinct"):
        page.get_by_role("button", name=heading, exact=True).click()
    page.get_by_label("Name").fill("<script>")
    assert page.evaluate("typeof window.ran") == "undefined"
    assert page.locator("script").count() == page.locator("h1").count() == page.locator("style").count() == 1
    assert page.locator("img, iframe, object, embed, base, link:not([rel=icon])").count() == 0
    assert page.locator("h1").text_content() == report_pages.SCRIPTS[1]
    assert page.title().startswith(report_pages.SCRIPTS[1])
    assert visited.complaints == []
    assert visited.requests == [page.url]
    assert visited.axe() == []


def test_every_hostile_value_can_be_read_where_it_belongs(visit: Open, address: Callable[[str], str]) -> None:
    page = visit(address("hostile"), java_script_enabled=False).page
    names = page.locator("article h3").all_text_contents()
    for text in report_pages.SCRIPTS[:6]:
        assert text in names
    text = page.locator("body").text_content() or ""
    for shown in ("10³⁰⁸", "[U+202E]gnp.exe", "0000-01-01", "9999-12-31", "\\xed\\xa0\\xbd", "10,485,763"):
        assert shown in text, shown
    assert "x" * 1000 not in text


def test_many_columns_open_with_their_cards_laid_out_only_when_seen(visit: Open, tmp_path: Path) -> None:
    path = tmp_path / "wide.html"
    path.write_bytes(report_pages.wide(150))
    visited = visit(path.as_uri())
    assert visited.page.locator("article").count() == 150
    laid_out = "list => list.checkVisibility({ contentVisibilityAuto: true })"
    lists = f"[...document.querySelectorAll('article dl')].filter({laid_out}).length"
    assert visited.page.evaluate(lists) < 20
    unseen = f"[...document.querySelectorAll('#cards ~ section h2')].filter({laid_out}).length"
    assert visited.page.evaluate(unseen) == 0
    visited.page.locator("#column-150").scroll_into_view_if_needed()
    assert visited.page.locator("#column-150 dl.figures").is_visible()
    visited.page.emulate_media(media="print")
    kept = "[...document.querySelectorAll('article, main > section')].map(e => getComputedStyle(e).contentVisibility)"
    assert set(visited.page.evaluate(kept)) == {"visible"}  # on paper everything is there
