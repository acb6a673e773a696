import csv
import io

import pytest

from fanfold.report.rejects import RejectRow, rejects_csv


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8"), newline=""), strict=True))


def cell(text: bytes) -> str:
    return read(rejects_csv([RejectRow(1, 0, "reason", text)]))[1][3]


def test_header_stands_even_without_rejects() -> None:
    assert rejects_csv([]) == b"record,offset,reason,text\r\n"


def test_rows_end_in_crlf_and_quote_what_must_be_quoted() -> None:
    data = rejects_csv([RejectRow(7, 120, "too few fields", b'a,"b"\nc')])
    assert data == b'record,offset,reason,text\r\n7,120,too few fields,"a,""b""\nc"\r\n'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])  # noqa: RUF001 - the full-width twin
def test_cell_that_begins_like_a_formula_is_made_text(start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    assert cell(text.encode()) == f"'{text}"


def test_reason_that_begins_like_a_formula_is_made_text() -> None:
    assert read(rejects_csv([RejectRow(1, 0, "=1+1", b"")]))[1][2] == "'=1+1"


def test_formula_inside_of_a_cell_stays_as_it_is() -> None:
    assert cell(b"a=1") == "a=1"


def test_bytes_that_are_no_text_are_escaped() -> None:
    assert cell(b"caf\xe9\x00!") == "caf\\xe9\\x00!"


def test_other_scripts_stay_as_they_are() -> None:
    assert cell("東京,Łódź".encode()) == "東京,Łódź"


@pytest.mark.parametrize("before", [" ", "\u00a0", "\ufeff", "\u200b", "  \t ", "\u202e"])
def test_formula_after_what_is_not_seen_is_made_text(before: str) -> None:
    assert cell(f"{before}=1+1".encode()) == f"'{before}=1+1"


def test_blanks_before_plain_text_stay_as_they_are() -> None:
    assert cell(b"  a") == "  a"


def test_control_characters_are_escaped_and_line_breaks_stay_inside_of_one_cell() -> None:
    assert cell(b"a\x07\x1b[31m\x7f\tb\r\nc\rd\ne") == "a\\x07\\x1b[31m\\x7f\tb\r\nc\rd\ne"
    assert cell("next\x85line".encode()) == "next\\x85line"


def test_delimiters_and_quotes_inside_of_a_text_add_no_cell() -> None:
    rows = read(rejects_csv([RejectRow(1, 0, "reason", b'a",=1+1,"b\r\n=2+2')]))
    assert rows[1:] == [["1", "0", "reason", 'a",=1+1,"b\r\n=2+2']]
