"""Data nobody hopes for: every figure is defined, the report is valid, and no chunking shows."""

import json
import math
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from profile_examples import frame_of

from fanfold.profile.alerts import alerts
from fanfold.profile.codec import decode, encode
from fanfold.profile.dataset import describe_dataset
from fanfold.profile.description import describe
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge
from fanfold.profile.model import Profile
from fanfold.report.canonical import to_json

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))


def part_of(name: str, document: object) -> None:
    """Check one part of a report by its schema."""
    jsonschema.validate(document, SCHEMA["properties"][name])


def report_of(*columns: list[str], names: list[str] | None = None, size: int = 2) -> dict[str, Any]:
    """Report on a frame, after it has been the same report for its parts."""
    frame = frame_of(*columns)
    names = names or [str(place) for place in range(len(columns))]
    parts = [decode(encode(profile_frame(frame[start : start + size]))) for start in range(0, frame.height, size)]
    whole = profile_frame(frame)
    written = [to_json(_document(profile, names)) for profile in (whole, merge(parts))]
    assert written[0] == written[1]
    document: dict[str, Any] = json.loads(written[0])
    part_of("columns", document["columns"])
    part_of("alerts", document["alerts"])
    added = {key: document["dataset"][key] for key in describe_dataset(whole, document["columns"])}
    for key, value in added.items():
        jsonschema.validate(value, SCHEMA["properties"]["dataset"]["properties"][key])
    return document


def _document(profile: Profile, names: list[str]) -> dict[str, Any]:
    columns = describe(profile, names)
    dataset: dict[str, Any] = {"records": profile.records, "rejected": 0, "dialect": {}}
    dataset |= describe_dataset(profile, columns)
    return {"dataset": dataset, "columns": columns, "alerts": alerts(columns, dataset)}


def test_numbers_at_the_edge_of_the_doubles_have_every_figure_that_a_double_holds() -> None:
    column = report_of(["1e308", "-1e308", "1.7976931348623157e308", "5e-324", "0"])["columns"][0]
    assert column["type"] == "number"
    assert column["range"] is None, "2.8e308 is beyond the doubles"
    assert column["variance"] is None
    assert math.isfinite(column["skewness"])
    assert math.isfinite(column["kurtosis"])
    assert column["std"] == pytest.approx(1.0707e308, rel=1e-4)


def test_integers_of_four_hundred_digits_are_text_and_of_three_hundred_are_exact() -> None:
    text, whole = report_of(["7" * 400, "8" * 400], ["7" * 300, "-" + "8" * 300])["columns"]
    assert (text["type"], text["min_length"], text["sorted"]) == ("string", 400, "strictly ascending")
    assert (whole["type"], whole["range"]) == ("integer", int("7" * 300) + int("8" * 300))
    assert text["patterns"][0]["pattern"] == "9" * 40 + "…"


def test_the_first_and_the_last_year_are_dates_out_of_the_ordinary() -> None:
    document = report_of(["0000-01-01", "9999-12-31"], ["0000-01-01T00:00+00:01", "9999-12-31T23:59-00:01"])
    assert [column["sorted"] for column in document["columns"]] == ["strictly ascending"] * 2
    kinds = [(alert["kind"], alert["column"]) for alert in document["alerts"] if alert["kind"].endswith("_date")]
    assert kinds == [("early_date", "0"), ("late_date", "0"), ("early_date", "1"), ("late_date", "1")]


def test_cells_of_ten_megabytes_leave_a_small_partial() -> None:
    long = "é" * 5_000_000
    frame = frame_of([long + "a", long + "b", long + "a"])
    assert len(encode(profile_frame(frame))) < 20_000
    document = report_of([long + "a", long + "b", long + "a"])
    column = document["columns"][0]
    assert (column["distinct"]["value"], column["max_length"]) == (2, 5_000_001)
    assert column["first"] == column["last"] == document["dataset"]["sample"][0][0] == "é" * 64 + "…" or (
        column["first"] == "é" * 80 + "…"
    )
    assert document["dataset"]["duplicates"]["records"]["value"] == 1


def test_text_of_any_script_and_direction_is_carried_as_it_is() -> None:
    hebrew, arabic = "\u05e9\u05dc\u05d5\u05dd \u202e\u05d0", "\u2067\u0645\u0631\u062d\u0628\u0627\u2069"
    emoji, marks = "\U0001f469\u200d\U0001f467\U0001f1e9\U0001f1ea", "e\u0301\0\a"
    document = report_of([hebrew, arabic, emoji, marks], size=1)
    column = document["columns"][0]
    assert (column["first"], column["last"]) == (hebrew, marks)
    assert {row[0] for row in document["dataset"]["sample"]} == {hebrew, arabic, emoji, marks}
    assert (column["characters"]["letters"], column["characters"]["controls"]) == (3, 1)


def test_names_that_are_markup_or_half_a_character_are_carried_as_they_are() -> None:
    names = ["<script>alert(1)</script>", "\ud800"]
    document = report_of([*map(str, range(40))], [*map(str, range(40))], names=names, size=15)
    assert [column["name"] for column in document["columns"]] == names
    assert document["dataset"]["correlations"]["columns"] == names
    assert "<script>alert(1)</script> and \ud800" in document["alerts"][0]["message"]


def test_ten_thousand_columns_are_described_and_their_pairs_are_bounded() -> None:
    columns = [[str(place), "", "x" if place % 2 else "3"] for place in range(10_000)]
    frame = frame_of(*columns)
    profile = profile_frame(frame)
    document = _document(profile, [str(place) for place in range(10_000)])
    part_of("alerts", document["alerts"])
    assert len(document["columns"]) == 10_000
    assert len(document["dataset"]["correlations"]["columns"]) == 25
    assert len(document["dataset"]["missingness"]["together"]) == 100 * 99 // 2
    assert len(document["dataset"]["sample"]) == 1
