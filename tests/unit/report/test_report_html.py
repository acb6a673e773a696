import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
import report_examples as examples

from fanfold import limits
from fanfold.report.html import to_html

Example = Callable[[], dict[str, Any]]
VOID = {"meta", "link", "input", "br", "img", "hr"}
URL_ATTRIBUTES = {"href", "src", "srcset", "action", "formaction", "data", "poster", "xlink:href"}


class Page(HTMLParser):
    """What a browser would see: elements with their attributes, and texts."""

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(page.decode("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), f"an attribute twice in {tag}: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{tag} closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in self.open or ["html"]:
            self.texts.setdefault(tag, []).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]

    def text(self, tag: str = "body") -> str:
        return "".join(self.texts.get(tag, []))


@pytest.fixture(scope="module")
def orders() -> Page:
    return Page(to_html(examples.orders()))


@pytest.fixture(scope="module")
def hostile() -> Page:
    return Page(to_html(examples.hostile()))


EVERY = pytest.mark.parametrize(
    "example", [examples.orders, examples.header_only, examples.nothing, examples.hostile], ids=lambda e: e.__name__
)


@EVERY
def test_every_element_is_closed_in_its_place(example: Example) -> None:
    assert Page(to_html(example())).open == []


@EVERY
def test_same_document_is_the_same_bytes(example: Example) -> None:
    assert to_html(example()) == to_html(example())


@EVERY
def test_every_id_is_unique_and_every_inner_link_leads_somewhere(example: Example) -> None:
    page = Page(to_html(example()))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labels = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    targets = {attributes["href"][1:] for attributes in page.all("a")}
    assert labels | targets <= set(ids)


@EVERY
def test_nothing_is_loaded_from_anywhere(example: Example) -> None:
    page = Page(to_html(example()))
    urls = [value for _, attributes in page.elements for name, value in attributes.items() if name in URL_ATTRIBUTES]
    assert all(url.startswith(("#", "data:image/svg+xml;base64,")) for url in urls)
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page.text("style") + page.text("script").split("// ")[0])


@EVERY
def test_policy_allows_the_inlined_style_and_script_by_hash_and_nothing_else(example: Example) -> None:
    page = Page(to_html(example()))
    policy = next(a["content"] for a in page.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules.pop("default-src") == "'none'"
    for kind in ("style", "script"):
        digest = base64.b64encode(hashlib.sha256(page.text(kind).encode()).digest()).decode()
        assert rules.pop(f"{kind}-src") == f"'sha256-{digest}'"
    assert rules == {"img-src": "data:", "base-uri": "'none'", "form-action": "'none'"}


def test_hostile_text_adds_no_element_and_no_handler(hostile: Page, orders: Page) -> None:
    assert {tag for tag, _ in hostile.elements} <= {tag for tag, _ in orders.elements} | {"code"}
    assert len(hostile.all("script")) == len(hostile.all("style")) == 1
    names = {name for _, attributes in hostile.elements for name in attributes}
    assert not [name for name in names if name.startswith("on") or name in {"style", "srcdoc", "src"}]
    assert hostile.text("script") == orders.text("script")


def test_hostile_names_are_shown_as_they_are(hostile: Page) -> None:
    headings = hostile.text("h3")
    assert "<script>alert(1)</script>" in headings
    assert hostile.text("h1") == '"><img src=x onerror=alert(2)>'
    assert hostile.text("title").startswith('"><img src=x onerror=alert(2)>')
    assert "{{ 7 * 7 }}{% raw %}" in headings


def test_no_hidden_or_reordering_character_reaches_the_page() -> None:
    text = to_html(examples.hostile()).decode("utf-8")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", text)
    assert "[U+202E]" in text
    assert "[U+D800]" in text
    assert "␀" in text


def test_values_are_isolated_from_the_direction_of_the_page(hostile: Page) -> None:
    arabic = examples.HOSTILE[10]
    assert arabic in hostile.text("bdi")
    assert arabic not in re.sub(r"<bdi[^>]*>.*?</bdi>|title=\"[^\"]*\"", "", to_html(examples.hostile()).decode())


def test_long_values_are_cut_and_say_so(hostile: Page) -> None:
    assert "word" * 40 not in hostile.text("h3")
    assert "…" in hostile.text("h3")


def test_header_tells_the_figures_a_reader_looks_for_first(orders: Page) -> None:
    header = orders.text("header")
    for shown in ("orders.csv", "6,000", "13", "23", "0.4 %", "85.5 %", "612 kB", "2.7 s", "21 November 2026"):
        assert shown in header


def test_card_shows_figures_quantiles_and_a_described_histogram(orders: Page) -> None:
    assert "std. deviation" in orders.text("dt")
    assert "median" in orders.text("dt")
    labels = [svg["aria-label"] for svg in orders.all("svg") if "histogram" in (svg.get("class") or "")]
    assert len(labels) == 5
    assert labels[0].startswith("Histogram of 24 bins from 100,000 to 105,999. The fullest, ")


def test_approximate_figures_are_marked_with_their_bound(orders: Page) -> None:
    titles = {attributes["title"] for attributes in orders.all("abbr")}
    assert {"approximate, within 4.7 %", "approximate, within 0.4 %", "approximate, within 3"} <= titles
    assert (
        "≈ approximate: distinct within 4.7 %, quantiles within 0.4 %, histogram within 0.4 %, frequencies within 3."
        in orders.text("p")
    )


def test_exact_figures_are_not_marked() -> None:
    document = examples.orders()
    document["columns"] = [column for column in document["columns"] if column["top_exact"]]
    assert Page(to_html(document)).all("abbr") == []


def test_mixed_evidence_is_told(orders: Page) -> None:
    assert "Read as integer 5,993, string 7." in orders.text("p")


def test_the_reading_of_a_column_is_told_on_its_card() -> None:
    document = examples.orders()
    document["columns"][6]["reading"] = {
        "rule": "decimal_comma", "ambiguous": True, "decimal": ",", "thousands": ".", "unit": "€",
        "null_tokens": {"<NA>": 1_200, "-": 1},
    }  # fmt: skip
    document["columns"][2]["reading"] = {"rule": "day_first", "ambiguous": False, "dates": "day-first"}
    document["columns"][3]["reading"] = {"rule": "plain", "ambiguous": False, "objection": "more than one unit: $ €"}
    notes = Page(to_html(document)).text("p")
    assert "Numbers written with a decimal comma and points between thousands and the unit €." in notes
    assert "Ambiguous: nothing in the column rules out another reading." in notes
    assert "Taken for null: “<NA>” 1,200, “-” 1." in notes
    assert "Dates read with the day first." in notes
    assert "Kept as text: more than one unit: $ €." in notes


@pytest.mark.parametrize(("found", "told"), [(None, 0), ("no", 0), ("constant", 0), ("strictly ascending", 1)])
def test_card_tells_the_order_of_values_where_there_is_one(found: str | None, told: int) -> None:
    document = examples.orders()
    document["columns"][2] |= {"first": "01/02/2024", "last": "02/02/2024", "sorted": found}
    page = to_html(document).decode()
    assert "<dt>first</dt>" in page
    assert page.count("<dt>sorted</dt>") == told


def test_most_severe_alert_stands_first_and_links_to_its_column() -> None:
    document = examples.orders()
    document["alerts"].reverse()
    page = Page(to_html(document))
    severities = [li["class"] for li in page.all("li") if li.get("class") in {"error", "warning", "info"}]
    assert severities == ["error", "warning", "warning", "warning", "info", "info"]
    assert page.text("h2").startswith("Alerts 6")


def test_alerts_beyond_the_first_wait_in_a_details_element() -> None:
    document = examples.orders()
    document["alerts"] *= 3
    page = Page(to_html(document))
    assert f"{18 - limits.ALERTS_OPEN} more" in page.text("summary")


def test_rejects_show_reasons_and_raw_text_with_its_line_breaks(orders: Page) -> None:
    assert "quote is never closed" in orders.text("ol")
    raw = orders.text("pre")
    assert "C-00077␍↵" in raw
    assert '"leave it↵\nat the door␀,,EUR' in raw


def test_how_it_was_made_shows_the_run_and_whatever_it_grows() -> None:
    document = examples.orders()
    document["run"]["batches"] = {"read": 7}
    shown = Page(to_html(document)).text("dl")
    for text in ("orders-csv-3f6c0a9be12d4e77", "Reprocessed", "65.5 kB", "Dialect: header", "comma", "Batches: read"):
        assert text in shown


def test_how_it_was_made_shows_that_every_byte_and_record_is_accounted_for(orders: Page) -> None:
    text = " ".join(orders.text().split())
    assert "6,000 accepted + 23 rejected = 6,023" in text
    assert "4 before the records + 612,340 of records = 612,344" in text


def test_caps_of_the_rejects_are_told() -> None:
    document = examples.orders()
    document["rejects"] |= {"count": 12_345, "kept": 10_000, "kept_max": 10_000, "text_bytes_max": 1024}
    document["rejects"]["reasons"] = {"too_many_fields": 12_345}
    text = " ".join(Page(to_html(document)).text().split())
    assert "too many fields" in text
    assert "holds the first 10,000 of them, with their raw text, each cut after 1,024 bytes." in text
    assert "The counts are exact all the same." in text


def test_header_only_dataset_renders_its_columns_without_figures() -> None:
    page = Page(to_html(examples.header_only()))
    assert len(page.all("article")) == 2
    assert "no records" in page.text("p")
    assert "No value is present." in page.text("p")


def test_empty_dataset_renders_without_table_and_cards() -> None:
    page = Page(to_html(examples.nothing()))
    assert page.all("table") == page.all("article") == []
    assert "The dataset has no columns." in page.text("p")
    assert "Nothing stands out." in page.text("p")


def test_table_is_complete_and_its_controls_hidden_without_a_script(orders: Page) -> None:
    assert len(orders.all("tr")) == 1 + 13
    assert all("hidden" in form for form in orders.all("form"))
    assert orders.all("button") == []


def test_headings_step_down_one_level_at_a_time(orders: Page) -> None:
    levels = [int(tag[1]) for tag, _ in orders.elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_five_hundred_columns_stay_a_small_page() -> None:
    page = to_html(examples.wide(500))
    assert len(page) < 3_000_000
    assert page.count(b"<article ") == 500


def test_columns_beyond_the_limit_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CARDS_MAX", 4)
    page = Page(to_html(examples.orders()))
    assert len(page.all("article")) == 4
    assert "9 more columns in report.json." in page.text("p")


def test_column_whose_values_are_all_rare_says_so() -> None:
    document = examples.orders()
    document["columns"][3] |= {"top": [], "top_exact": False}
    assert "No value stands out by its frequency." in Page(to_html(document)).text("p")


def test_estimate_without_an_error_names_what_it_relies_on() -> None:
    document = examples.orders()
    document["columns"][3]["distinct"] = {"value": 2202, "exact": False, "error": 0.0}
    assert "distinct exact unless two values share a hash" in Page(to_html(document)).text("p")


def test_no_more_than_ten_values_are_listed_and_the_others_are_summed() -> None:
    document = examples.orders()
    many = [{"value": f"v{i}", "count": 100} for i in range(20)]
    document["columns"] = [document["columns"][4] | {"top": many, "count": 2_500}]
    shown = Page(to_html(document)).text("li")
    assert "v9" in shown
    assert "v10" not in shown
    assert "all others1,50060 %" in shown


def test_span_of_less_than_two_days_is_told_in_hours() -> None:
    document = examples.orders()
    document["columns"][1] |= {"min": "2026-01-01T00:00:00Z", "max": "2026-01-01T01:30:00Z"}
    assert "span1 h 30 min" in Page(to_html(document)).text("dl")


def test_dates_beyond_the_calendar_have_no_span() -> None:
    document = examples.orders()
    document["columns"] = [document["columns"][2] | {"min": "0000-01-01", "max": "9999-12-31"}]
    shown = Page(to_html(document)).text("dl")
    assert "0000-01-01" in shown
    assert "span" not in shown


def test_estimates_are_shown_with_fewer_digits_than_exact_figures() -> None:
    document = examples.orders()
    column = document["columns"][6]
    column["quantiles"]["0.5"] = column["mean"] = 22.084321
    assert "22.0843" in Page(to_html(document)).text("dl")
    assert "≈22.08" in Page(to_html(document)).text("dl")
