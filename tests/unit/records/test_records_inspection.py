import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.errors import DatasetRejected, RequestRefused
from fanfold.records.dialect import Dialect
from fanfold.records.inspection import inspect
from fanfold.records.layout import Layout
from fanfold.records.wishes import DialectOptions

DETECT = DialectOptions()


def layout(head: bytes, **options: str | bool | int) -> Layout:
    return inspect(head, len(head), DialectOptions(**options))


@pytest.mark.parametrize(
    ("head", "delimiter", "columns"),
    [
        (b"a,b,c\n1,2,3\n", ",", 3),
        (b"a;b;c\n1;2;3\n", ";", 3),
        (b"a\tb\n1\t2\n", "\t", 2),
        (b"a|b|c\n1|2|3\n", "|", 3),
        (b"price;weight\n1,5;2,25\n10,5;3,75\n", ";", 2),
        (b"1,5;2,25\n10,5;3,75\n4,5;1,25\n", ";", 2),
        (b'name,note\n"a;b;c",1\n"d;e;f",2\n', ",", 2),
        (b'name;note\n"a,b,c";1\n"d,e,f";2\n', ";", 2),
        (b"name\tnote\nDoe, John\tx, y\nRoe, Jane\tz, u\n", "\t", 2),
        (b"id,tags,price\n1,a|b,2\n2,c|d,3\n", ",", 3),
        (b'id,text\n1,"two\nlines; here"\n2,x\n', ",", 2),
        (b"when;what\n2024-01-01 10:00:00;5\n2024-01-02 11:00:00;6\n", ";", 2),
        (b"a,b\n1\n", ",", 2),
        (b"a,b,c\n", ",", 3),
    ],
)
def test_delimiter_is_the_one_that_makes_a_regular_table(head: bytes, delimiter: str, columns: int) -> None:
    found = layout(head)
    assert (found.dialect.delimiter, len(found.columns)) == (delimiter, columns)


def test_one_column_is_read_as_one_even_with_punctuation_in_it() -> None:
    found = layout(b"remark\nnone\nsome, but few\nwell\nyes\nno\n")
    assert found.columns == ("remark",)
    assert found.dialect.delimiter != ","


@given(
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.integers(2, 8),
    st.integers(0, 2**32),
)
def test_dialect_of_a_generated_table_is_detected(delimiter: str, newline: str, columns: int, seed: int) -> None:
    rng = random.Random(seed)
    makers = [
        lambda: str(rng.randint(0, 999)),
        lambda: rng.choice(["red, blue", "green", 'say "x"', "two\nlines"]),
        str,
    ]
    chosen = [rng.choice(makers[:2]), *(rng.choice(makers) for _ in range(columns - 1))]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow([f"label {number}" for number in range(columns)])
    writer.writerows([make() for make in chosen] for _ in range(30))
    found = layout(text.getvalue().replace("\n", newline).encode())
    assert found.dialect == Dialect(delimiter, '"', "doubled", newline, header=True)
    assert found.columns == tuple(f"label {number}" for number in range(columns))


@pytest.mark.parametrize(
    ("head", "newline"),
    [
        (b"a,b\n1,2\n", "\n"),
        (b"a,b\r\n1,2\r\n", "\r\n"),
        (b"a,b\r1,2\r", "\r"),
        (b'a,b\r\n1,"x\ny\nz\nu\n"\r\n', "\r\n"),
        (b'a,b\n1,"x\r\ny\r\nz"\n', "\n"),
        (b"a,b\r\n1,2\n3,4\n", "\n"),
        (b"a,b\n1,x\ry\rz\n", "\n"),
        (b"a,b", "\n"),
    ],
)
def test_newline_is_counted_outside_quotes(head: bytes, newline: str) -> None:
    assert layout(head).dialect.newline == newline


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (b"id,name\n1,x\n2,y\n", True),
        (b"1,x\n2,y\n3,z\n", False),
        (b"x,2024-01-01\ny,2024-01-02\n", False),
        (b"name,colour\nbob,red\n", True),
        (b"country,2019,2020,2021\nUK,1,5,3\nDE,7,9,8\n", True),
        (b",a,b\n0,1,2\n1,3,4\n", True),
        (b"1,2,3\n", False),
        (b"1,b,3\n", True),
        (b"a,,c\n1,,3\n2,,4\n", True),
        (b"1,,x\n2,,y\n", False),
    ],
)
def test_header_is_a_first_record_that_does_not_look_like_the_ones_below(head: bytes, header: bool) -> None:
    found = layout(head)
    assert found.dialect.header is header
    assert found.data_start == (head.index(b"\n") + 1 if header else 0)


def test_labels_are_unique_and_never_blank() -> None:
    found = layout(b'a,a,,a_2, ,"x ""y""",a\n1,2,3,4,5,6,7\n')
    assert found.columns == ("a", "a_3", "column_3", "a_2", "column_5", 'x "y"', "a_4")


@given(st.lists(st.sampled_from(["a", "a_2", "a_3", "", " ", "column_1", "column_2", "b"]), min_size=1, max_size=8))
def test_labels_never_collide_and_the_first_of_each_name_keeps_it(labels: list[str]) -> None:
    found = layout((",".join(["z", *labels]) + "\n").encode(), delimiter=",", header=True)
    assert len(found.columns) == len(set(found.columns)) == len(labels) + 1
    for label in labels:
        assert not label.strip() or label in found.columns


def test_byte_order_mark_is_neither_label_nor_data() -> None:
    found = layout(b"\xef\xbb\xbfa,b\n1,2\n")
    assert (found.encoding, found.columns, found.data_start) == ("utf-8-sig", ("a", "b"), 7)
    assert layout(b"\xef\xbb\xbf1,2\n", header=False).data_start == 3


def test_invalid_bytes_in_a_label_are_replaced() -> None:
    assert layout(b"caf\xe9,b\n1,2\n3,4\n", encoding="utf-8").columns == ("caf\N{REPLACEMENT CHARACTER}", "b")


def test_options_override_what_would_be_detected() -> None:
    found = layout(b"a;'b,c'\n1;2\n", delimiter=",", quote="'", header=False)
    assert found.dialect == Dialect(",", "'", "doubled", "\n", header=False)
    assert found.columns == ("column_1", "column_2")
    assert layout(b'a,"b\n', quote="").columns == ("a", '"b')


@pytest.mark.parametrize(
    "options",
    [
        {"delimiter": ',"'},
        {"delimiter": "a\\"},
        {"delimiter": "123456789"},
        {"delimiter": ""},
        {"delimiter": "é"},
        {"delimiter": "\n"},
        {"quote": '""'},
        {"delimiter": '"'},
        {"quote": "\\"},
        {"escape": "caret"},
        {"header": -1},
        {"header": limits.HEADER_ROWS_MAX + 1},
        {"skip_lines": -1},
        {"encoding": "ebcdic"},
    ],
)
def test_option_no_grammar_can_be_made_of_is_refused_by_name(options: dict[str, str]) -> None:
    with pytest.raises(RequestRefused, match=next(iter(options))):
        layout(b"a,b\n", **options)


def test_empty_dataset_has_no_columns() -> None:
    found = layout(b"")
    assert (found.columns, found.data_start, found.size) == ((), 0, 0)


def test_dataset_of_blank_lines_has_one_blank_column() -> None:
    assert layout(b"\n\n").columns == ("column_1",)


def test_dataset_of_a_byte_order_mark_alone_has_no_columns() -> None:
    assert layout(b"\xef\xbb\xbf").columns == ()


@pytest.mark.parametrize(
    ("head", "named"),
    [
        ("a,b\n1,2\n".encode("utf-32"), "UTF-32"),
        (b"PK\x03\x04\x14\0\x06\0", "zip"),
        (b"\x1f\x8b\x08\0\0\0\0\0", "gzip"),
        (random.Random(1).randbytes(4096), "byte"),
        (bytes(range(1, 32)) * 8, "control bytes .* byte 0"),
        (b"\xff\xfd" * 2 + b"\xf9" * 90, "not UTF-8, the first at byte 0"),
        (b"a,b\n" + b"\0" * 400, "zero bytes.* byte 4"),
    ],
)
def test_what_is_no_utf8_text_is_rejected_by_name_and_place(head: bytes, named: str) -> None:
    with pytest.raises(DatasetRejected, match=named):
        layout(head)


def test_text_with_some_bytes_of_another_encoding_is_left_to_the_rejects() -> None:
    assert layout("ort;straße\n1;Köln\n2;Mörs\n".encode("latin-1")).dialect.delimiter == ";"


def test_header_that_does_not_end_in_the_head_is_rejected() -> None:
    with pytest.raises(DatasetRejected, match="does not end within the 100 bytes"):
        inspect(b"x" * 100, 200, DETECT)
    with pytest.raises(DatasetRejected, match="never closed"):
        layout(b'a,"b\n1,2\n', delimiter=",")


def test_more_columns_than_the_limit_are_rejected() -> None:
    with pytest.raises(DatasetRejected, match=str(limits.COLUMNS_MAX)):
        layout(b"x," * limits.COLUMNS_MAX + b"x\n")


def test_head_cut_in_mid_record_decides_by_the_complete_records() -> None:
    head = b'a,b\n1,"x\n'
    assert inspect(head, 10_000, DETECT).columns == ("a", "b")


def test_layout_survives_json() -> None:
    found = layout(b"\xef\xbb\xbfa;b\r\n1;2\r\n")
    assert Layout.from_json(found.to_json()) == found
    assert list(found.dialect.to_json()) == ["delimiter", "quote", "escape", "newline", "header"]
