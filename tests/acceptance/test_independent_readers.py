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
def columns(file: Path) -> dict[str, dict[str, Any]]:
    out = file.with_name("report")
    command = [sys.executable, "-m", "fanfold", "profile", str(file), "--out", str(out)]
    subprocess.run([*command, "--options", '{"chunk_bytes": 100000}'], cwd=ROOT, check=True, timeout=60)
    document = json.loads((out / "report.json").read_bytes())
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
