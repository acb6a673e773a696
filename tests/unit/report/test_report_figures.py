import pytest

from fanfold.report.figures import NOTHING, bound, duration, moment, number, share, size


@pytest.mark.parametrize(
    ("value", "text", "full"),
    [
        (None, NOTHING, ""),
        (0, "0", ""),
        (0.0, "0", ""),
        (-0.0, "0", ""),
        (1234567, "1,234,567", ""),
        (-42, "\N{MINUS SIGN}42", ""),
        (999_999_999_999_999, "999,999,999,999,999", ""),
        (10**15, "1\N{MULTIPLICATION SIGN}10¹⁵", "1,000,000,000,000,000"),
        (19.99, "19.99", ""),
        (2.5, "2.5", ""),
        (0.30000000000000004, "0.3", "0.30000000000000004"),
        (25.805438, "25.8054", "25.805438"),
        (1234567.891, "1,234,568", "1234567.891"),
        (0.000123456, "0.000123", "0.000123456"),
        (5e-324, "4.94066\N{MULTIPLICATION SIGN}10⁻³²⁴", "5e-324"),
        (1e308, "1\N{MULTIPLICATION SIGN}10³⁰⁸", "1e+308"),
        (-1.5e20, "\N{MINUS SIGN}1.5\N{MULTIPLICATION SIGN}10²⁰", "-1.5e+20"),
    ],
)
def test_number_has_about_six_digits_and_keeps_the_others_in_full(value: float | None, text: str, full: str) -> None:
    figure = number(value)
    assert (figure.text, figure.full) == (text, full)


def test_integer_of_four_hundred_digits_is_short() -> None:
    assert number(10**399 + 1).text == "1\N{MULTIPLICATION SIGN}10³⁹⁹"


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 0, NOTHING),
        (0, 9, "0 %"),
        (9, 9, "100 %"),
        (1, 3, "33.3 %"),
        (1, 5_000, "<0.1 %"),
        (4_999, 5_000, ">99.9 %"),
    ],
)
def test_share_is_nothing_or_all_only_when_it_is(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@pytest.mark.parametrize(("error", "text"), [(0.00391, "0.4 %"), (0.0469, "4.7 %"), (0.001, "0.1 %"), (0.2, "20 %")])
def test_bound_is_rounded_up(error: float, text: str) -> None:
    assert bound(error) == text


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1 kB"),
        (612_344, "612 kB"),
        (999_900, "1 MB"),
        (1_040_000_000, "1.04 GB"),
    ],
)
def test_size_is_in_decimal_units(octets: int, text: str) -> None:
    assert size(octets).text == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, NOTHING),
        (0.0421, "42 ms"),
        (2.714, "2.7 s"),
        (59.97, "1 min 0 s"),
        (135, "2 min 15 s"),
        (7_260, "2 h 1 min"),
    ],
)
def test_duration_is_in_the_unit_a_person_would_choose(seconds: float | None, text: str) -> None:
    assert duration(seconds).text == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2026-11-21T09:04:11.204113Z", "21 November 2026, 09:04:11 UTC"),
        ("2026-11-21T10:04:11+01:00", "21 November 2026, 09:04:11 UTC"),
        ("yesterday", "yesterday"),
        (None, NOTHING),
    ],
)
def test_moment_is_in_words_and_utc(value: str | None, text: str) -> None:
    assert moment(value).text == text
