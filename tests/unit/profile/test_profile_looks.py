"""What values look like: blanks, infinities, kinds of characters, patterns and personal data."""

import re
import unicodedata
from collections import Counter
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import SMALL, columns, frame_of

from fanfold.profile import strings
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.looks import pattern_of
from fanfold.profile.marks import find_marks
from fanfold.profile.personal import is_card, is_email, is_iban, is_phone

MARKED = (
    " |\t\n|\u00a0|\u2003\u3000|\u1680|\u0085|\u200b|inf|-INF|+Infinity|iNfInItY|nan|-NaN|+nan|"
    "nano|info|in|inf |\ninf|+-inf|\u0130nf|na"
)
marked = st.sampled_from(MARKED.split("|"))
WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def report_of(column: list[str], caps: Caps = CAPS) -> dict[str, Any]:
    return describe(profile_frame(frame_of(column), caps), ["a"], caps)[0]


@settings(deadline=None)
@given(st.one_of(columns(), st.lists(marked)), st.sampled_from([SMALL, CAPS]))
def test_blanks_and_infinities_are_counted_exactly(column: list[str], caps: Caps) -> None:
    report = report_of(column, caps)
    present = [value for value in column if value]
    assert report["blanks"] == sum(not value.strip(WHITE) for value in present)
    assert report["infinite"] == sum(re.fullmatch(r"[+-]?(inf|infinity)", v.lower()) is not None for v in present)
    assert report["nans"] == sum(re.fullmatch(r"[+-]?nan", value.lower()) is not None for value in present)


@pytest.mark.parametrize("white", WHITE)
def test_every_white_space_is_blank(white: str) -> None:
    assert find_marks(strings.of(pl.Series([white, white + " ", white + "x"])), None).blanks == 2


@settings(deadline=None)
@given(columns(min_size=1))
def test_characters_and_patterns_are_exact_below_the_cap(column: list[str]) -> None:
    column = [*column, "text"]
    report = report_of(column)
    if any(len(value.encode()) > 512 for value in column):
        return
    present = [value for value in column if value and value not in report["reading"].get("null_tokens", {})]
    kinds = {
        "letters": lambda c: unicodedata.category(c)[0] in "LM",
        "digits": lambda c: unicodedata.category(c) == "Nd",
        "spaces": lambda c: c in WHITE,
        "punctuation": lambda c: c in "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
        "controls": lambda c: (c < " " and c not in WHITE) or c == "\x7f",
        "non_ascii": lambda c: c > "\x7f",
    }
    for kind, belongs in kinds.items():
        assert report["characters"][kind] == sum(any(map(belongs, value)) for value in present), kind
    patterns = Counter(p if len(p) <= 40 else p[:40] + "…" for p in map(pattern_of, present))
    assert {each["pattern"]: each["count"] for each in report["patterns"]}.items() <= patterns.items()
    assert [each["count"] for each in report["patterns"]] == sorted(patterns.values(), reverse=True)[:10]
    assert report["patterns_exact"]
    assert report["characters"]["exact"]


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("AB-1234", "AA-9999"),
        ("Österreich 1", "Aaaaaaaaaa 9"),
        ("x\ty", "a a"),
        ("١٢", "99"),
        ("東京", "aa"),
        ("😀", "😀"),
    ],
)
def test_a_pattern_stands_for_each_character(text: str, pattern: str) -> None:
    assert pattern_of(text) == pattern


def test_shares_by_the_sample_are_within_their_bound() -> None:
    column = [f"AB-{place:06}" if place % 3 else f"c{place:06} é" for place in range(30_000)]
    report = report_of(column)
    counts = {each["pattern"]: each["count"] for each in report["patterns"]}
    assert not report["patterns_exact"]
    assert 0 < report["patterns_error"] < 2_000
    assert abs(counts["AA-999999"] - 20_000) <= report["patterns_error"]
    assert abs(counts["a999999 a"] - 10_000) <= report["patterns_error"]
    assert abs(report["characters"]["non_ascii"] - 10_000) <= report["characters"]["error"]


@pytest.mark.parametrize(
    ("reads", "good", "bad"),
    [
        (is_email, ["a@b.de", " first.last+tag@sub.example.org "], ["a@b", "@b.de", "a b@c.de", "a@b.de x", "a@b..de"]),
        (is_phone, ["+49 30 901820", "+1 (555) 123-4567", "(555) 123-4567", "555-123-4567"],
         ["12345678", "2024-01-01", "+1", "1.234.567", "192.168.100.200", "+1234567890123456"]),
        (is_card, ["4111 1111 1111 1111", "4111111111111111", "378282246310005", "3782 822463 10005"],
         ["4111111111111112", "1111111111111117", "4444444444444444", "411111111111", "4111-1111-1111-111x"]),
        (is_iban, ["DE89370400440532013000", "GB82 WEST 1234 5698 7654 32"],
         ["DE88370400440532013000", "DE89", "de89370400440532013000", "GB82WEST1234569876543X"]),
    ],
)  # fmt: skip
def test_personal_data_is_known_by_form_and_check_digits(reads: Any, good: list[str], bad: list[str]) -> None:
    assert [text for text in good if not reads(text)] == []
    assert [text for text in bad if reads(text)] == []


@given(st.text("0123456789", min_size=15, max_size=15).map(lambda digits: "4" + digits))
def test_one_digit_in_ten_makes_a_number_that_of_a_card(text: str) -> None:
    assert sum(is_card(text[:-1] + last) for last in "0123456789") in {0, 1}


def test_evidence_of_personal_data_says_how_many_values_it_is_of() -> None:
    assert report_of(["a@b.de", "x", ""])["personal"] == {"looked_at": 2, "email": 1, "phone": 0, "card": 0, "iban": 0}
    sampled = report_of([f"user{place}@example.org" for place in range(5_000)])["personal"]
    assert sampled["email"] == sampled["looked_at"] == 1_000
    assert "personal" not in report_of(["x", "y"])
