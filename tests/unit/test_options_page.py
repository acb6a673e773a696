"""The page on options has every one of them, with the values and the defaults that hold."""

import json
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.options import Options, read_options
from fanfold.records.wishes import NEWLINES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "options.md").read_text("utf-8")
ROWS = {
    name: (values, default)
    for name, values, default in re.findall(r"^\| `(\w+)` \| (.*?) \| ?(.*?) \| .*? \|$", PAGE, re.MULTILINE)
}
RANGES = {
    name: tuple(int(edge.replace(",", "")) for edge in found.groups())
    for name, (values, _) in ROWS.items()
    if (found := re.search(r"(?:^|: )([\d,]+) to ([\d,]+)$", values))
}
CHOICES = {
    name: re.findall(r"`([a-z0-9_-]+)`", values)
    for name, (values, _) in ROWS.items()
    if re.fullmatch(r"`[a-z0-9_-]+`(, `[a-z0-9_-]+`)+", values)
}


def accepted(name: str, value: Any) -> bool:
    """Whether it is; a refusal that does not name the option is none."""
    try:
        read_options({name: value})
    except RequestRefused as error:
        return f"options.{name}" not in str(error)
    return True


def test_every_option_has_its_row_in_the_order_of_the_code() -> None:
    assert list(ROWS) == [field.name for field in msgspec.structs.fields(Options)]


@pytest.mark.parametrize("name", RANGES)
def test_a_range_ends_where_the_page_says(name: str) -> None:
    least, most = RANGES[name]
    assert [accepted(name, value) for value in (least - 1, least, most, most + 1)] == [False, True, True, False]


def test_the_options_with_ranges_and_with_choices_are_read_from_the_page() -> None:
    assert set(RANGES) == {
        *("header", "skip_lines", "record_bytes_max"),
        *("chunk_bytes", "max_concurrency", "chunk_deadline_s", "deadline_s"),
    }
    assert set(CHOICES) == {"escape", "encoding", "short_records", "long_records", "emit", "on_failure"}


@pytest.mark.parametrize("name", CHOICES)
def test_the_choices_are_those_of_the_page(name: str) -> None:
    assert all(accepted(name, value) for value in CHOICES[name])
    with pytest.raises(RequestRefused, match=f"options.{name}") as caught:
        read_options({name: "nothing-like-it"})
    named = re.findall(r"[a-z0-9_-]+", str(caught.value).partition("expected")[2].partition("found")[0])
    assert set(named) - {"one", "of", "or"} == set(CHOICES[name])


def test_the_newlines_are_those_of_the_page() -> None:
    named = [json.loads(text) for text in re.findall(r"`(\".+?\")`", ROWS["newline"][0])]
    assert named == list(NEWLINES)


def test_the_defaults_are_those_of_the_page() -> None:
    nothing = Options()
    terms = nothing.terms(1)
    holds = {
        "short_records": f"`{nothing.policy.short_records}`",
        "long_records": f"`{nothing.policy.long_records}`",
        "record_bytes_max": f"{nothing.policy.record_bytes_max:,}",
        "schema_tolerance": f"{nothing.schema_tolerance}",
        "max_concurrency": f"{terms.max_concurrency:,}",
        "tolerated_failures": f"{terms.tolerated}",
        "on_failure": "`fail_fast`" if terms.fail_fast else "`collect_all`",
        "chunk_deadline_s": f"{terms.chunk_deadline_s:,}",
        "deadline_s": f"{terms.deadline_s:,}",
    }
    assert {name: ROWS[name][1] for name in holds} == holds


def test_the_limits_in_words_are_those_of_the_code() -> None:
    words = {
        "delimiter": f"1 to {limits.DELIMITER_CHARACTERS_MAX} ASCII",
        "null_values": f"up to {limits.NULL_VALUES_MAX} texts of up to {limits.NULL_VALUE_BYTES_MAX} bytes",
    }
    assert [name for name, text in words.items() if text not in ROWS[name][0]] == []
    assert f"{limits.PROCESSOR_OPTIONS_BYTES_MAX // limits.KIB} KiB in all" in PAGE


def test_what_is_no_option_or_of_another_type_is_named_first() -> None:
    with pytest.raises(RequestRefused, match=r"^options\.delimeter: expected one of delimiter, quote, "):
        read_options({"delimeter": ";"})
    with pytest.raises(RequestRefused, match=r"^options\.chunk_bytes: expected int \| null, found str$"):
        read_options({"chunk_bytes": "1 MB"})


@pytest.mark.parametrize("name", ["header", "schema_tolerance", "group_by", "null_values"])
@pytest.mark.parametrize("value", ["\ud800", {"by": ["\ud800"]}])
def test_what_no_message_can_carry_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(RequestRefused, match=rf"^options\.{name}: expected Unicode"):
        read_options({name: value})


def test_the_example_holds_every_option_and_is_accepted() -> None:
    example = json.loads(PAGE.split("```json\n")[1].split("```")[0])
    assert list(example) == list(ROWS)
    assert read_options(example).schema_tolerance == "0.5%"
