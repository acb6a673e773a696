"""What the page says of the records as a whole, and of its columns together."""

from __future__ import annotations

import re
from typing import Any

import pytest
import report_examples as examples

from fanfold import limits
from fanfold.report.html import to_html

RELATED: dict[str, Any] = {
    "correlations": {
        "columns": ["quantity", "unit_price", "discount"],
        "matrix": [[1.0, -0.996, None], [-0.996, 1.0, 0.004], [None, 0.004, 1.0]],
    },
    "missingness": {
        "incomplete": 5_000,
        "together": [{"columns": ["note", "coupon"], "records": 4_980}, {"columns": ["note", "gone"], "records": 1}],
    },
    "candidate_keys": [{"column": "order_id", "exact": True}, {"column": "customer", "exact": False}],
    "duplicates": {
        "records": {"value": 12, "exact": False, "error": 34},
        "distinct": {"value": 5_988, "exact": False, "error": 0.0429},
        "repeated_share": {"value": 0.002, "exact": False, "error": 0.0215},
    },
    "sample": [["100001", None, "2026-01-04", "C-00001"] + ["x" * 100] * 9],
}


def orders(**dataset: Any) -> dict[str, Any]:
    document = examples.orders()
    document["dataset"] |= dataset
    return document


def shown(document: dict[str, Any], section: str, schema: dict[str, Any] | None = None) -> str:
    """The text of a section of the page, one space between any two words; empty where it is not there."""
    page = to_html(document, schema).decode()
    found = re.search(rf'<section id="{section}".*?(?=<section id|</main>)', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split()) if found else ""


def test_coefficients_are_rounded_but_never_up_to_a_perfect_one() -> None:
    text = shown(orders(**RELATED), "correlations")
    assert "quantity 1 &lt;\N{MINUS SIGN}0.99 \N{EN DASH} " in text
    assert "unit_price &lt;\N{MINUS SIGN}0.99 1 0.00" in text


def test_strong_correlations_are_named_and_weak_ones_are_not() -> None:
    pairs = to_html(orders(**RELATED)).decode().split('<ol class="pairs-of">')[1].split("</ol>")[0]
    assert pairs.count("<li>") == 1
    assert 'class="coefficient down-10"' in pairs
    assert '<a href="#column-6"><bdi>quantity</bdi></a> and <a href="#column-7">' in pairs


@pytest.mark.parametrize("section", ["correlations", "missing", "identity", "sample", "schema"])
def test_section_without_anything_to_tell_is_left_out_with_its_link(section: str) -> None:
    page = to_html(examples.nothing()).decode()
    assert f'id="{section}"' not in page
    assert f'href="#{section}"' not in page


def test_gaps_are_shown_by_column_and_together_with_their_shares() -> None:
    text = shown(orders(**RELATED), "missing")
    assert "Records without a value in some column: 5,000 (83.3 %)." in text
    assert "By column coupon 6,000 100 % note" in text
    assert "note + coupon 4,980 83 %" in text


def test_column_that_has_no_card_is_named_without_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CARDS_MAX", 11)
    page = to_html(orders(**RELATED)).decode()
    assert '<a href="#column-11"><bdi>note</bdi></a> + <bdi>coupon</bdi>' in page


def test_key_is_certain_or_not_known_to_repeat_and_duplicates_have_their_bound() -> None:
    text = shown(orders(**RELATED), "identity")
    assert "order_id in every record, never twice" in text
    assert "customer in every record, none known to repeat" in text
    assert "records that repeat another ≈ 12 within 34" in text
    assert "different records ≈ 5,988 within 4.3 %" in text
    assert "there more than once ≈ 0.2 % within 2.1 points" in text


def test_sample_shows_cells_cut_and_missing_ones_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SAMPLE_COLUMNS_SHOWN", 5)
    text = shown(orders(**RELATED), "sample")
    assert text.startswith("Sample 1 of 6,000 records")
    assert "100001 2026-01-04 C-00001 " + "x" * 60 + "…" in text
    assert "8 more columns in report.json" in text


def test_schema_that_follows_from_the_data_is_told_in_words() -> None:
    bounds = {"minimum": 1, "maximum": 9}
    fields = [
        {"name": "order_id", "type": "integer", "constraints": bounds | {"required": True, "unique": True}},
        {"name": "city", "type": "string", "constraints": {"enum": ["<b>", "Porto"]}},
        {"name": "note", "type": "any"},
    ]
    text = shown(orders(), "schema", {"fields": fields})
    assert "The schema that this dataset keeps: 3 fields" in text
    assert "order_id integer required; unique; 1 to 9" in text
    assert "city string one of &lt;b&gt; , Porto" in text
    assert "note any" in text


def test_failed_chunks_are_listed_with_what_was_not_read() -> None:
    document = orders()
    failed = [{"start": 65_536, "stop": 131_072, "error": {"kind": "StorageFault", "message": "<b>gone</b>"}}] * 30
    document["run"] |= {
        "failed_chunks": {"count": 30, "first": failed},
        "unread": {"bytes": 65_530, "first": [[65_540, 131_070]]},
    }
    text = " ".join(re.sub(r"<[^>]*>", " ", to_html(document).decode().split("What was not read")[1]).split())
    assert "Failed chunks: 30. Bytes that were not read: 65,530;" in text
    assert text.count("65,536 131,072 StorageFault &lt;b&gt;gone&lt;/b&gt;") == limits.UNREAD_SHOWN
    assert "Not read: byte 65,540 to 131,070." in text
    assert "Failed chunks that are not listed here: 10." in text


def test_datasets_of_one_run_are_listed() -> None:
    document = orders()
    each = {"etag": "0x1", "bytes": 4_100, "records": 12, "rejected": 1}
    document["run"]["datasets"] = [{"blob": "<a>.csv", **each}, {"blob": "b.csv", **each}]
    text = " ".join(re.sub(r"<[^>]*>", " ", to_html(document).decode().split("<h3>Datasets</h3>")[1]).split())
    assert "Rejected &lt;a&gt;.csv 4,100 12 1 b.csv 4,100 12 1" in text


def test_what_was_found_out_of_the_dialect_is_told_with_its_confidence() -> None:
    document = orders(padded=3, extended=2, policy={"short_records": "pad"})
    document["dataset"]["dialect"] |= {
        "header_rows": 2,
        "skipped_lines": 4,
        "detected": ["skip_lines"],
        "confidence": 0.98,
    }
    text = shown(document, "making")
    for told in ("Header 2 rows", "Lines before it 4", "Found out skip lines", "Confidence 98 %", "Short records pad"):
        assert told in text, told
    assert "Records padded 3 Records with more fields 2" in text
    for once in ("Confidence", "Lines", "padded", "extended"):
        assert text.count(once) <= 1, once


def test_alerts_are_counted_by_severity_and_no_more_are_shown_than_a_page_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "ALERTS_SHOWN", 10)
    document = orders()
    document["alerts"] *= 3
    text = shown(document, "alerts")
    assert text.startswith("Alerts 18 error 3 warning 9 info 6 ")
    assert "2 more" in text
    assert text.endswith("8 more alerts in report.json, no more severe than these.")


def test_card_shows_patterns_and_kinds_of_characters_with_their_bound() -> None:
    document = orders()
    document["columns"][3] |= {
        "patterns": [{"pattern": f"A-{'9' * place}", "count": 3_000 - place} for place in range(1, 9)],
        "patterns_exact": False,
        "patterns_error": 310,
        "personal": {"looked_at": 1_000, "iban": 4, "email": 0},
        "characters": {"letters": 6_000, "digits": 3_000, "non_ascii": 1, "exact": True, "error": 0}
        | dict.fromkeys(("spaces", "punctuation", "controls"), 0),
    }
    page = to_html(document).decode()
    card = page.split('<article id="column-4"')[1].split("</article>")[0]
    text = " ".join(re.sub(r"<[^>]*>", " ", card).split())
    assert "Patterns A-9 ≈ 2,999 50 % A-99" in text
    assert "A-999999" not in text
    assert "approximate, within 310" in card
    assert "Values with letters 6,000 100 % digits 3,000 50 % non-ascii 1 &lt;0.1 %" in text
    assert "like IBANs 4 of 1,000" in text
    assert "e-mail" not in text


def test_ten_thousand_columns_make_a_page_of_a_bounded_size_that_says_what_it_leaves_out() -> None:
    page = to_html(examples.wide(10_000))
    assert page.count(b"<article ") == limits.CARDS_MAX
    assert b"9,000 more columns in report.json" in page
    assert len(page) < 8_000_000
