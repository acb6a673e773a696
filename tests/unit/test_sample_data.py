"""The expectations beside the samples, held against two readers that know nothing of the product.

`csv` reads what it can tell; a reader of one character at a time, written from the grammar, reads all of it.
"""

import csv
import hashlib
import io
import json
import re
import runpy
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2] / "sample_data"
TRAPS = sorted(path for path in (SAMPLES / "traps").iterdir() if not path.name.endswith(".expected.json"))
ORDERS = runpy.run_path(str(SAMPLES / "make_samples.py"))["make"]()
REPORTED = [
    path for path in TRAPS if json.loads(Path(f"{path}.expected.json").read_text("utf-8"))["outcome"] == "report"
]

BEYOND_CSV = {
    "cut_in_quotes.csv": "csv takes the end of the file for the closing quote",
    "unterminated_quote.csv": "csv takes the end of the file for the closing quote",
    "text_after_quote.csv": "csv joins the text to the value",
    "text_after_quote_then_newline.csv": "csv joins the text to the value",
    "quote_swallows_line.csv": "csv joins the text to the value",
    "ragged.csv": "csv joins the text to the value",
    "lone_cr.csv": "csv ends a record at a lone CR",
    "newline_by_option.csv": "csv ends a record at a lone CR",
    "padded.csv": "csv ends a record at a lone CR, and joins the text to the value",
    "carriage_returns.csv": "csv ends a record at a lone line feed, too",
    "utf16_quoted_newline.csv": "csv joins the text to the value",
    "backslash_escapes.csv": "csv joins the text to the value",
    "backslash_newline.csv": "csv gives a backslash at the end a line feed to escape",
    "comma_space.csv": "csv knows delimiters of one character",
    "semicolon_space.csv": "csv knows delimiters of one character",
    "double_pipe.csv": "csv knows delimiters of one character",
    "long_delimiter.csv": "csv knows delimiters of one character",
}

VERBATIM = {"extended.csv", "padded_and_extended.csv", "extended_backslash.csv", "record_too_long.csv"}
"""Their expectations need to know where a field stands: only the reference reader of the reader's tests does."""


def expected_of(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(Path(f"{path}.expected.json").read_text("utf-8"))
    return expected


# -- reading ---------------------------------------------------------------------------------------------------------


Dialect = dict[str, Any]
DEFAULTS: Dialect = {"delimiter": ",", "quote": '"', "escape": "doubled", "newline": "\n", "header": True}


def records_by_grammar(text: str, dialect: Dialect) -> Iterator[tuple[list[str], str | None]]:
    """Every record and reject of the text, in order: its fields, and the reason the grammar alone gives."""
    start = 0
    while start < len(text):
        fields, stop, reason = record_at(text, start, dialect)
        yield fields, reason
        start = stop


def record_at(text: str, start: int, dialect: Dialect) -> tuple[list[str], int, str | None]:
    quote, delimiter, newline = dialect["quote"], dialect["delimiter"], dialect["newline"][-1]
    escapes = dialect["escape"] == "backslash"
    fields, value, state, at = [], "", "field start", start
    reason = None
    while at < len(text):
        char, at = text[at], at + 1
        if escapes and char == "\\" and at < len(text):
            reason = "text_after_quote" if state == "closed" else reason
            state, value, at = ("quoted" if state == "quoted" else "unquoted"), value + text[at], at + 1
        elif state == "quoted":
            state, value = ("closed", value) if char == quote else (state, value + char)
        elif state == "closed" and char == quote and not escapes:
            state, value = "quoted", value + char
        elif state == "field start" and char == quote:
            state = "quoted"
        elif text.startswith(delimiter, at - 1):
            fields, value, state, at = [*fields, value], "", "field start", at - 1 + len(delimiter)
        elif char == newline:
            return [*fields, value], at, reason
        elif char == "\r" and newline == "\n" and text[at : at + 1] == "\n":
            continue
        else:
            reason = "text_after_quote" if state == "closed" else reason
            state, value = "unquoted", value + char
    if state == "quoted":
        line_end = text.find(newline, start)
        return [], len(text) if line_end < 0 else line_end + 1, "unterminated_quote"
    return [*fields, value], at, reason


def records_by_csv(text: str, dialect: Dialect) -> Iterator[tuple[list[str], str | None]]:
    escapes = dialect["escape"] == "backslash"
    reader = csv.reader(
        io.StringIO(text, newline=""),
        delimiter=dialect["delimiter"],
        quotechar=dialect["quote"],
        quoting=csv.QUOTE_MINIMAL if dialect["quote"] else csv.QUOTE_NONE,
        doublequote=not escapes,
        escapechar="\\" if escapes else None,
    )
    for fields in reader:
        yield fields or [""], None


def reason_of_content(fields: list[str], width: int) -> str | None:
    """Why a record that the grammar allows is a reject all the same."""
    joined = "".join(fields)
    if "\0" in joined:
        return "nul_byte"
    if re.search("[\udc80-\udcff]", joined):
        return "invalid_encoding"
    if fields == [""] and width > 1:
        return "blank_line"
    return {True: "too_few_fields", False: "too_many_fields"}[len(fields) < width] if len(fields) != width else None


# -- types -----------------------------------------------------------------------------------------------------------


def is_day(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value)) and date.fromisoformat(value) is not None
    except ValueError:
        return False


def is_moment(value: str) -> bool:
    try:
        return (
            bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", value)) and datetime.fromisoformat(value) is not None
        )
    except ValueError:
        return False


TESTS = {
    "integer": re.compile(r"-?(0|[1-9]\d{0,307})", re.ASCII).fullmatch,
    "number": re.compile(r"-?(0|[1-9]\d{0,307})(\.\d+)?([eE][-+]?\d+)?", re.ASCII).fullmatch,
    "boolean": re.compile("true|false", re.IGNORECASE).fullmatch,
    "date": is_day,
    "datetime": is_moment,
}


def amount(value: str, decimal: str) -> str:
    """A number without separators and unit, its decimal mark a point, negative when in parentheses."""
    digits = "".join(each for each in value if each in "0123456789-" + decimal).replace(decimal, ".")
    return "-" + digits if "(" in value else digits


def day(value: str, order: str) -> str:
    """A date, or a time on one, as ISO has it."""
    date_text, *clock = value.split(" ")
    parts = re.split("[/.-]", date_text)
    if len(parts[0]) < 4:
        first, second, year = (part.zfill(2) for part in parts)
        date_text = f"{year}-{second}-{first}" if order == "day" else f"{year}-{first}-{second}"
    return "T".join([date_text, *(each.zfill(5) if each.count(":") == 2 else each.zfill(5) + ":00" for each in clock)])


REWRITE: dict[str, Callable[[str], str]] = {
    "plain": str,
    "decimal_point": lambda value: amount(value, "."),
    "decimal_comma": lambda value: amount(value, ","),
    "day_first": lambda value: day(value, "day"),
    "month_first": lambda value: day(value, "month"),
}


def type_of(values: list[str]) -> str:
    if not values:
        return "empty"
    return next((name for name, reads in TESTS.items() if all(map(reads, values))), "string")


# -- comparing -------------------------------------------------------------------------------------------------------


def text_of(expected: dict[str, Any], data: bytes) -> str:
    """The text behind the byte order mark and the lines that are skipped; invalid bytes as lone surrogates."""
    encoding = expected.get("encoding", "utf-8-sig")
    if encoding.startswith("utf-16"):
        text = data.decode(encoding, "backslashreplace").replace("\\x", "\udc80").removeprefix("\ufeff")
    else:
        text = data.decode(encoding, "surrogateescape")
    for _ in range(expected.get("dialect", {}).get("skipped_lines", 0)):
        text = text.split("\n", 1)[1]
    return text


def assert_agrees(expected: dict[str, Any], data: bytes, read: Any) -> None:
    dialect = DEFAULTS | expected.get("dialect", {})
    found = list(read(text_of(expected, data), dialect))
    rows_of_header = dialect.get("header_rows", int(dialect["header"])) if found else 0
    labels = [fields for fields, _ in found[:rows_of_header]]
    names = [" ".join(filter(None, column)) for column in zip(*labels, strict=True)] if rows_of_header > 1 else None
    names = labels[0] if rows_of_header == 1 else names
    width = len(expected["columns"])
    judged = [(fields, reason or reason_of_content(fields, width)) for fields, reason in found[rows_of_header:]]
    if expected.get("options", {}).get("short_records") == "pad":
        padded = [fields for fields, reason in judged if reason == "too_few_fields"]
        assert len(padded) == expected["padded"]
        judged = [
            (fields + [""] * (width - len(fields)), None) if reason == "too_few_fields" else (fields, reason)
            for fields, reason in judged
        ]
    rows = [fields for fields, reason in judged if reason is None]
    assert Counter(reason for _, reason in judged if reason) == expected["reasons"]
    assert len(rows) == expected["records"]
    assert sum(expected["reasons"].values()) == expected["rejected"]
    for position, column in enumerate(expected["columns"]):
        reading = column.get("reading", {})
        tokens = reading.get("null_tokens", {})
        present = [row[position] for row in rows if row[position] and row[position] not in tokens]
        assert column["name"] in (None, names[position] if names else None)
        assert (column["count"], column["nulls"]) == (len(present), len(rows) - len(present)), column["name"]
        assert tokens == Counter(row[position] for row in rows if row[position] in tokens), column["name"]
        plain = [REWRITE[reading.get("rule", "plain")](value) for value in present]
        assert column["type"] == type_of(plain), column["name"]
        if column["type"] in ("integer", "number") and not isinstance(column.get("sum"), str | None):
            assert column["sum"] == float(sum(map(Decimal, plain))), column["name"]
        if column["type"] in ("date", "datetime") and "min" in column:
            assert (column["min"], column["max"]) == (min(plain), max(plain)), column["name"]


def test_every_trap_has_its_expectation_and_every_expectation_its_trap() -> None:
    expectations = {path.name for path in (SAMPLES / "traps").glob("*.expected.json")}
    assert expectations == {f"{path.name}.expected.json" for path in TRAPS}
    assert len(TRAPS) >= 60


@pytest.mark.parametrize("path", [p for p in REPORTED if p.name not in VERBATIM], ids=lambda path: path.name)
def test_expectation_is_what_the_grammar_says(path: Path) -> None:
    assert_agrees(expected_of(path), path.read_bytes(), records_by_grammar)


@pytest.mark.parametrize(
    "path", [p for p in REPORTED if p.name not in BEYOND_CSV.keys() | VERBATIM], ids=lambda path: path.name
)
def test_expectation_is_what_csv_says_where_csv_can_tell(path: Path) -> None:
    assert_agrees(expected_of(path), path.read_bytes(), records_by_csv)


@pytest.mark.parametrize("path", [p for p in TRAPS if p not in REPORTED], ids=lambda path: path.name)
def test_rejected_dataset_is_no_text_in_an_encoding_that_is_read(path: Path) -> None:
    data = path.read_bytes()
    assert expected_of(path).keys() == {"why", "outcome"}
    assert data.count(0) > 1 or "улица" in data.decode("windows-1251")


def test_every_reason_has_a_trap() -> None:
    reasons = {reason for path in REPORTED for reason in expected_of(path)["reasons"]}
    assert reasons == {
        "unterminated_quote", "text_after_quote", "nul_byte", "invalid_encoding",
        "blank_line", "too_few_fields", "too_many_fields", "record_too_long",
    }  # fmt: skip


def test_orders_are_the_same_bytes_on_every_machine() -> None:
    committed = json.loads((SAMPLES / "orders.expected.json").read_text("utf-8"))
    assert hashlib.sha256(ORDERS.data).hexdigest() == committed["sha256"]
    assert ORDERS.expected == committed


def test_orders_read_by_csv_give_the_numbers_their_generator_knows() -> None:
    without_misplaced_quotes = re.sub(rb'" \(VIP\),[^\n]*\n', b'"\n', ORDERS.data)
    expected = dict(ORDERS.expected)
    reasons = Counter(expected["reasons"])
    reasons["too_few_fields"] += reasons.pop("text_after_quote")
    assert_agrees(expected | {"reasons": dict(reasons)}, without_misplaced_quotes, records_by_csv)


def test_orders_read_by_the_grammar_give_the_numbers_their_generator_knows() -> None:
    assert_agrees(ORDERS.expected, ORDERS.data, records_by_grammar)
