"""The report's numbers are those of readers that know nothing of us."""

import csv
import io
import json
import math
import random
import statistics
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pytest
from app import ROOT


def table(records: int) -> bytes:
    """Every kind of column, more distinct values than are counted exactly, quoted commas, quotes and newlines."""
    chance = random.Random(records)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["id", "big", "amount", "ratio", "code", "name", "note", "day", "at", "flag"])
    for i in range(records):
        writer.writerow(
            [
                i,
                chance.randrange(-(10**18), 10**18),
                f"{chance.gauss(100, 30):.2f}",
                "" if chance.random() < 0.1 else repr(chance.lognormvariate(0, 5)),
                chance.choice(["DE", "FR", "IT", ""]),
                f"name {chance.randrange(5000)}",
                chance.choice(["", 'says "hi", twice', "two\nlines", "ünï"]),
                f"20{chance.randrange(10, 30)}-0{chance.randrange(1, 10)}-1{chance.randrange(0, 10)}",
                f"2024-01-{chance.randrange(10, 29)} 1{chance.randrange(0, 10)}:00:0{chance.randrange(0, 10)}",
                chance.choice(["true", "false"]),
            ]
        )
    return out.getvalue().encode()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("readers") / "table.csv"
    path.write_bytes(table(20_000))
    return path


@pytest.fixture(scope="module")
def document(file: Path) -> dict[str, Any]:
    out = file.with_name("report")
    command = [sys.executable, "-m", "fanfold", "profile", str(file), "--out", str(out)]
    subprocess.run([*command, "--options", '{"chunk_bytes": 100000}'], cwd=ROOT, check=True, timeout=60)
    document: dict[str, Any] = json.loads((out / "report.json").read_bytes())
    return document


@pytest.fixture(scope="module")
def columns(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in document["columns"]}


def texts(file: Path) -> dict[str, list[str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {name: [row[name] for row in rows] for name in rows[0]}


def test_counts_and_extremes_equal_those_of_the_csv_module(file: Path, columns: dict[str, dict[str, Any]]) -> None:
    for name, values in texts(file).items():
        present = [value for value in values if value]
        column = columns[name]
        assert (column["count"], column["nulls"]) == (len(present), len(values) - len(present)), name
        if column["type"] == "string":
            assert (column["min"], column["max"]) == (min(present), max(present)), name
            lengths = [len(value) for value in present]
            assert (column["min_length"], column["max_length"]) == (min(lengths), max(lengths)), name
        distinct = len(set(present))
        if column["distinct"]["exact"]:
            assert column["distinct"]["value"] == distinct, name
            assert column["distinct"]["error"] == 0
        else:
            assert math.isclose(column["distinct"]["value"], distinct, rel_tol=column["distinct"]["error"]), name
        if column["top_exact"]:
            counts = Counter(str(value["value"]) for value in column["top"] for _ in range(value["count"]))
            most = sorted(Counter(present).items(), key=lambda item: (-item[1], item[0]))[: len(column["top"])]
            assert sorted(counts.values()) == sorted(count for _, count in most), name


def test_numbers_equal_those_of_the_statistics_module(file: Path, columns: dict[str, dict[str, Any]]) -> None:
    for name in ("id", "big", "amount", "ratio"):
        column = columns[name]
        read = int if column["type"] == "integer" else float
        numbers = [read(value) for value in texts(file)[name] if value]
        assert (column["min"], column["max"]) == (min(numbers), max(numbers)), name
        if column["type"] == "integer":
            assert column["sum"] == sum(numbers), name
        assert math.isclose(column["sum"], math.fsum(numbers), rel_tol=1e-12), name
        assert math.isclose(column["mean"], statistics.fmean(numbers), rel_tol=1e-12), name
        assert math.isclose(column["std"], statistics.stdev(map(float, numbers)), rel_tol=1e-12), name
        assert column["negatives"] == sum(number < 0 for number in numbers), name
        assert column["zeros"] == sum(number == 0 for number in numbers), name
        ordered = sorted(numbers)
        for q in ("0.01", "0.05", "0.25", "0.5", "0.75", "0.95", "0.99"):
            near = ordered[int(float(q) * (len(ordered) - 1))]
            bound = column["quantiles"]["error"] * abs(near) + abs(near) * 0.02 + 0.5
            assert abs(column["quantiles"][q] - near) <= bound, (name, q)


def test_types_and_counts_agree_with_duckdb(file: Path, columns: dict[str, dict[str, Any]]) -> None:
    described = duckdb.read_csv(str(file)).query("t", "SUMMARIZE t").fetchall()
    same = {"BIGINT": "integer", "DOUBLE": "number", "VARCHAR": "string", "DATE": "date", "TIMESTAMP": "datetime"}
    for name, kind, low, high, *_ in described:
        assert columns[name]["type"] == same.get(kind, "boolean"), name
        if kind == "BIGINT":
            assert (columns[name]["min"], columns[name]["max"]) == (int(low), int(high))
        if kind == "DATE":
            assert (columns[name]["min"], columns[name]["max"]) == (low, high)


def test_figures_agree_with_pandas(file: Path, columns: dict[str, dict[str, Any]]) -> None:
    frame = pd.read_csv(file, keep_default_na=False, na_values=[""])
    for name in ("id", "amount", "ratio"):
        column = columns[name]
        assert column["count"] == int(frame[name].count())
        assert math.isclose(column["mean"], frame[name].mean(), rel_tol=1e-12)
        assert math.isclose(column["std"], frame[name].std(), rel_tol=1e-12)
    assert columns["code"]["distinct"]["value"] == frame["code"].nunique()
    assert {value["value"]: value["count"] for value in columns["code"]["top"]} == frame[
        "code"
    ].value_counts().to_dict()


SHAPE = ("skewness", "kurtosis", "var_samp")


def test_the_shape_of_numbers_agrees_with_duckdb_and_pandas(file: Path, columns: dict[str, dict[str, Any]]) -> None:
    frame = pd.read_csv(file, keep_default_na=False, na_values=[""])
    table = duckdb.read_csv(str(file))
    for name in ("id", "amount", "ratio"):
        column = columns[name]
        asked = [duckdb.FunctionExpression(each, duckdb.ColumnExpression(name)) for each in SHAPE]
        skewness, kurtosis, variance = table.aggregate(asked).fetchall()[0]
        assert math.isclose(column["skewness"], skewness, rel_tol=1e-6, abs_tol=1e-6), name
        assert math.isclose(column["kurtosis"], kurtosis, rel_tol=1e-6), name
        assert math.isclose(column["variance"], variance, rel_tol=1e-9), name
        assert math.isclose(column["skewness"], frame[name].skew(), rel_tol=1e-6, abs_tol=1e-9), name
        assert math.isclose(column["kurtosis"], frame[name].kurt(), rel_tol=1e-6), name
        assert math.isclose(column["standard_error"], frame[name].sem(), rel_tol=1e-12), name


def test_correlations_and_missing_values_agree_with_pandas(file: Path, document: dict[str, Any]) -> None:
    frame = pd.read_csv(file, keep_default_na=False, na_values=[""])
    found = document["dataset"]["correlations"]
    expected = frame[found["columns"]].corr()
    assert found["columns"] == ["id", "big", "amount", "ratio"]
    for row, name in zip(found["matrix"], found["columns"], strict=True):
        assert row == pytest.approx(expected[name].tolist(), rel=1e-9, abs=1e-12), name
    missing = frame.isna()
    assert document["dataset"]["missingness"]["incomplete"] == int(missing.any(axis=1).sum())
    for pair in document["dataset"]["missingness"]["together"]:
        assert pair["records"] == int(missing[pair["columns"]].all(axis=1).sum()), pair
    assert document["dataset"]["duplicates"]["records"]["value"] == int(frame.duplicated().sum())
    assert document["dataset"]["candidate_keys"][0] == {"column": "id", "exact": True}


def test_figures_agree_with_those_that_polars_and_duckdb_describe(
    file: Path, columns: dict[str, dict[str, Any]]
) -> None:
    described = {row["statistic"]: row for row in pl.read_csv(file).describe().to_dicts()}
    assert list(described) == ["count", "null_count", "mean", "std", "min", "25%", "50%", "75%", "max"]
    summary = duckdb.read_csv(str(file)).query("t", "SUMMARIZE t")
    names = ["column_name", "column_type", "min", "max", "approx_unique", "avg", "std", "q25", "q50", "q75"]
    assert summary.columns == [*names, "count", "null_percentage"]
    by_duckdb = {row[0]: dict(zip(summary.columns, row, strict=True)) for row in summary.fetchall()}
    for name in ("id", "amount", "ratio"):
        column, row = columns[name], by_duckdb[name]
        assert column["count"] == described["count"][name]
        assert column["nulls"] == described["null_count"][name]
        for key in ("mean", "std", "min", "max"):
            assert math.isclose(column[key], described[key][name], rel_tol=1e-9), (name, key)
        assert math.isclose(column["mean"], float(row["avg"]), rel_tol=1e-9)
        assert math.isclose(column["std"], float(row["std"]), rel_tol=1e-9)
        assert column["count"] + column["nulls"] == row["count"]
        for key, quantile in (("25%", "0.25"), ("50%", "0.5"), ("75%", "0.75")):
            near = described[key][name]
            assert math.isclose(column["quantiles"][quantile], near, rel_tol=0.01, abs_tol=0.5), (name, key)
