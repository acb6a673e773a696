import csv
import io
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fanfold import limits
from fanfold.errors import DatasetRejected, RequestRefused
from fanfold.records import delimiter
from fanfold.records.dialect import Dialect
from fanfold.records.inspection import inspect
from fanfold.records.layout import Layout
from fanfold.records.sample import Reading, SampleRecord, sample_records
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
    ("head", "options", "delimiter", "quote"),
    [
        (b"a,b\n1,2\n", {"quote": ","}, ";", ","),
        (b"a b\n1 2\n3 4\n", {"quote": " "}, ",", " "),
        (b"'a'b\n'c'd\n", {"delimiter": "'"}, "'", '"'),
        (b"sep=,\n'a','b'\n", {"quote": ","}, ";", ","),
        (b"sep=\\\na\\b\n1\\2\n", {}, ",", '"'),
    ],
)
def test_the_quote_is_never_part_of_the_delimiter(
    head: bytes, options: dict[str, str], delimiter: str, quote: str
) -> None:
    found = layout(head, **options)
    assert (found.dialect.delimiter, found.dialect.quote) == (delimiter, quote)


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
        {"newline": "lf"},
        {"newline": ""},
        {"header": -1},
        {"header": limits.HEADER_ROWS_MAX + 1},
        {"skip_lines": -1},
        {"encoding": "ebcdic"},
        {"encoding": "cp500"},
        {"encoding": "\0"},
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


@pytest.mark.parametrize("place", range(10))
def test_a_nul_byte_or_two_are_strays_wherever_they_stand_in_a_short_file(place: int) -> None:
    text = b"a,b\n1,x\n2,y\n3,z\n"
    found = layout(text[: place + 4] + b"\0" + text[place + 4 :] + b"4,\0\n")
    assert (found.encoding, found.columns, found.dialect.delimiter) == ("utf-8", ("a", "b"), ",")


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


# -- encodings -------------------------------------------------------------------------------------------------------

SNIPPETS = {
    "German": ("windows-1252", "Müller Köln Straße größer Übung"),
    "French": ("windows-1252", "éléphant façade Noël cœur l\N{RIGHT SINGLE QUOTATION MARK}été"),
    "Spanish": ("windows-1252", "niño España acción ¿qué? mañana"),
    "Portuguese": ("windows-1252", "São Paulo ação coração Conceição"),
    "Italian": ("windows-1252", "città perché più però università"),
    "Swedish": ("windows-1252", "Göteborg Malmö Åre Jönköping ärende"),
    "Danish": ("windows-1252", "København Ærø smørrebrød Ålborg"),
    "Icelandic": ("windows-1252", "Þingvellir Ísafjörður Höfn maðurinn"),
    "Finnish": ("windows-1252", "Jyväskylä Hämeenlinna Äänekoski yö"),
    "Dutch": ("windows-1252", "coördinatie België €5 geëerd"),
}

FOREIGN = {
    "Russian": ("windows-1251", "cp1251", "Москва улица Ленина привет город"),
    "Russian for Unix": ("koi8-r", "koi8_r", "Москва улица Ленина привет город"),
    "Greek": ("windows-1253", "cp1253", "Αθήνα Καλημέρα κόσμε Θεσσαλονίκη"),
    "Japanese": ("shift_jis", "cp932", "東京都 こんにちは 大阪市 ありがとう"),
    "Chinese": ("gb18030", "gb18030", "北京市 你好世界 上海市 谢谢大家"),
    "Korean": ("euc_kr", "cp949", "서울시 안녕하세요 부산시 감사합니다"),
    "Czech": ("windows-1250", "cp1250", "Plzeň příliš žluťoučký kůň Děčín"),
}


def people(words: str, every: int) -> str:
    """A table in which one record in so many has words of a language."""
    names = words.split()
    rows = [
        f"{i},{names[i // every % len(names)] if i % every == 0 else 'plain'},{i % 7}.5,order {i}\n" for i in range(400)
    ]
    return "id,name,amount,note\n" + "".join(rows)


@pytest.mark.parametrize("every", [1, 40], ids=["dense", "sparse"])
@pytest.mark.parametrize("language", SNIPPETS)
def test_western_text_is_read_in_its_own_encoding(language: str, every: int) -> None:
    encoding, words = SNIPPETS[language]
    assert layout(people(words, every).encode(encoding)).encoding == encoding


@pytest.mark.parametrize("every", [1, 40], ids=["dense", "sparse"])
@pytest.mark.parametrize("language", [*SNIPPETS, *FOREIGN])
def test_utf8_is_utf8_whatever_it_says_even_with_stray_bytes(language: str, every: int) -> None:
    words = (SNIPPETS.get(language) or FOREIGN[language])[-1]
    data = people(words, every).encode()
    assert layout(data).encoding == "utf-8"
    assert layout(data + b"400,\xff,\xe9,\x80\n").encoding == "utf-8"


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["unmarked", "marked"])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("language", [*SNIPPETS, *FOREIGN])
def test_utf16_is_recognised_with_and_without_its_mark(language: str, encoding: str, mark: str) -> None:
    words = (SNIPPETS.get(language) or FOREIGN[language])[-1]
    found = layout((mark + people(words, 1)).encode(encoding))
    assert (found.encoding, found.columns) == (encoding, ("id", "name", "amount", "note"))
    assert found.data_start == 2 * len(mark + "id,name,amount,note\n")


@pytest.mark.parametrize("language", FOREIGN)
def test_text_in_an_encoding_that_is_not_read_is_refused_by_its_name(language: str) -> None:
    encoding, name, words = FOREIGN[language]
    with pytest.raises(DatasetRejected, match=name):
        layout(people(words, 1).encode(encoding))


@pytest.mark.parametrize(
    ("encoding", "written", "found"),
    [
        ("utf-8", "utf-8-sig", "utf-8-sig"),
        ("utf-8", "windows-1252", "utf-8"),
        ("utf-16", "utf-16", "utf-16-le"),
        ("utf-16", "utf-16-be", "utf-16-be"),
        ("utf-16-be", "utf-16-be", "utf-16-be"),
        ("latin-1", "latin-1", "latin-1"),
        ("ISO-8859-1", "latin-1", "latin-1"),
        ("cp1252", "windows-1252", "windows-1252"),
        ("UTF8", "utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig", "utf-8-sig"),
        ("UTF-16LE", "utf-16-le", "utf-16-le"),
        ("windows-1252", "utf-8", "windows-1252"),
    ],
)
def test_encoding_that_is_asked_for_is_used(encoding: str, written: str, found: str) -> None:
    assert layout("id,ort\n1,Köln\n2,Mörs\n".encode(written), encoding=encoding).encoding == found


def test_labels_and_places_are_those_of_the_dataset_in_any_encoding() -> None:
    text = "größe,😀,€\n1,2,3\n"
    for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
        found = layout(text.encode(encoding))
        assert found.columns == ("größe", "😀", "€")
        assert found.data_start == len((text.partition("\n")[0] + "\n").encode(encoding))


def test_header_that_ends_in_half_a_unit_leaves_no_data() -> None:
    data = b"\n\0a\0,\0b\0x"
    assert layout(data, encoding="utf-16-le").data_start == len(data)


# -- dialects --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        (b"a, b, c\n1, 2, 3\n4, 5, 6\n", ", "),
        (b'a, b\n"x, y", 2\n"z", 4\n', ", "),
        (b"a, b\n1,2\n3,4\n5,6\n", ","),
        (b"a,b\n1, 2\n3,4\n5, 6\n", ","),
        (b'a; b\n"x"; 2\n"z"; 4\n', "; "),
        (b"x y z\n1 2 3\n4 5 6\n", " "),
        (b"first last\nBob Smith\nJane Doe\nJim Roe\n", None),
        (b"2024-01-01 10:00\n2024-01-02 11:00\n2024-01-03 12:00\n", None),
    ],
)
def test_space_belongs_to_the_delimiter_only_where_it_always_does(head: bytes, delimiter: str | None) -> None:
    found = layout(head)
    if delimiter is None:
        assert len(found.columns) == 1
    else:
        assert found.dialect.delimiter == delimiter


@pytest.mark.parametrize(
    ("head", "escape"),
    [
        (b'a,b\n1,"say \\"hi\\", twice"\n2,"x"\n', "backslash"),
        (b'a,b\n1,"C:\\"\n2,"D:\\"\n', "doubled"),
        (b'a,b\n1,"say ""hi"", \\ twice"\n2,"x"\n', "doubled"),
        (b'a,b\n1,"a \\"quote\\""\n2,"x"\n3,"y"\n', "backslash"),
    ],
)
def test_escape_is_the_one_that_leaves_no_text_after_quotes(head: bytes, escape: str) -> None:
    found = layout(head)
    assert (found.dialect.escape, len(found.columns)) == (escape, 2)


@pytest.mark.parametrize(
    ("head", "quote"),
    [
        (b"a,b\n'x, y',1\n'z',2\n", "'"),
        (b"a,b\n'tis,1\nrock 'n' roll,2\n", '"'),
        (b"a,b\n'x',\"1\"\n'z',\"2\"\n", '"'),
        (b"a,b\nit's,1\n", '"'),
    ],
)
def test_single_quote_is_one_where_fields_are_wrapped_in_it(head: bytes, quote: str) -> None:
    assert layout(head).dialect.quote == quote


BODY = b"".join(b"%d,x,%d\n" % (i, i) for i in range(20))


@pytest.mark.parametrize(
    ("preamble", "skipped"),
    [
        (b"", 0),
        (b"Report\n\n", 2),
        (b"Report, of things\n", 0),
        (b"Title\nby: me\nat: noon\n", 3),
        (b"# comment\n", 1),
        (b"# one\n# two, with, commas\n", 2),
        (b"sep=,\n", 1),
        (b'"sep=,"\r\n', 1),
    ],
)
def test_lines_above_the_table_are_skipped_where_they_are_clearly_none_of_it(preamble: bytes, skipped: int) -> None:
    found = layout(preamble + b"id,name,n\n" + BODY)
    if preamble == b"Report, of things\n":
        return  # one field less than the table: it may be a header
    assert (found.detection.skipped_lines, found.columns) == (skipped, ("id", "name", "n"))
    assert found.data_start == len(preamble) + 10


@pytest.mark.parametrize(
    ("newline", "columns", "data_start"),
    [("\n", ("a", "b\r1"), 6), ("\r\n", ("a", "b\r1"), 6), ("\r", ("a", "b"), 4), (None, ("a", "b"), 4)],
)
def test_newline_is_the_one_that_is_asked_for(newline: str | None, columns: tuple[str, ...], data_start: int) -> None:
    found = layout(b"a,b\r1\n2,3\r4,5\r6,7\r", newline=newline, header=True, delimiter=",")
    assert (found.dialect.newline, found.columns, found.data_start) == (newline or "\r", columns, data_start)
    assert ("newline" in found.detection.detected) is (newline is None)


def test_many_lines_of_comments_are_skipped_with_few_looks_at_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []

    def counted(head: bytes, start: int, reading: Reading, *most: int, **named: int) -> list[SampleRecord]:
        looks.append(start)
        return sample_records(head, start, reading, *most, **named)

    monkeypatch.setattr(delimiter, "sample_records", counted)
    found = layout(b"# a word or two\n" * 900 + b"id,name\n" + b"1,x\n2,y\n" * 50)
    assert (found.detection.skipped_lines, found.columns) == (900, ("id", "name"))
    assert len(looks) < 50


def test_lines_to_skip_and_header_rows_go_by_the_options() -> None:
    data = b'x,y\n"unclosed\nup,,\nid,name,n\n1,a,2\n'
    found = layout(data, skip_lines=2, header=2)
    assert found.columns == ("up id", "name", "n")
    assert (found.detection.header_rows, found.detection.skipped_lines) == (2, 2)
    assert found.data_start == data.index(b"1,a")
    assert layout(b"id,name\n1,a\n", header=0).dialect.header is False
    with pytest.raises(DatasetRejected, match="skip_lines"):
        layout(b"a,b\n", skip_lines=5)


def test_confidence_is_high_for_a_regular_table_and_low_for_an_accidental_one() -> None:
    assert layout(b"a,b\n" + b"1,2\n" * 50).detection.confidence > 0.99
    assert layout(b"a,b\n").detection.confidence >= 0.5
    assert layout(b"a,b;c\nx,y;z\nu,v;w\n").detection.confidence < 0.5
    assert layout(b"a,b;c\nx,y;z\nu,v;w\n", delimiter=",").detection.confidence == 1
    assert "delimiter" not in layout(b"a,b\n", delimiter=",").detection.detected
