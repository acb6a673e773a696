"""How often the dialect is found out rightly: ours beside Python's `csv.Sniffer` and DuckDB's `sniff_csv`.

Asked are the files of sample_data/traps whose dialect is not given as options, and tables that are made up, written by
Python's `csv`. The traps are ours, and their expectations are tests of ours, so with them the others' figures are what
tells; the made-up tables are of no reader's choice. The others get UTF-8 without a byte order mark, for encodings are
not what this is about. One that raises an error has not found it.
"""

import csv
import io
import json
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.comparison import Row
from fanfold.errors import DatasetRejected
from fanfold.records.inspection import inspect
from fanfold.records.wishes import DialectOptions

TRAPS = Path(__file__).resolve().parents[1] / "sample_data" / "traps"

MADE_UP = 400

VALUES: tuple[Callable[[random.Random], str], ...] = (
    lambda rng: str(rng.randint(0, 99_999)),
    lambda rng: f"{rng.uniform(0, 999):.2f}",
    lambda rng: f"{rng.uniform(0, 999):.2f}".replace(".", ","),
    lambda rng: f"20{rng.randint(10, 30)}-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}",
    lambda rng: f"1{rng.randint(0, 9)}:{rng.randint(10, 59)}",
    lambda rng: rng.choice(("red", "green", "blue", "")),
    lambda rng: rng.choice(("Doe, Jane", "Roe, Richard", "Moe, Mary")),
    lambda rng: rng.choice(("a; b", "c|d", "left and right", "one, two, three")),
    lambda rng: rng.choice(('he said "no"', "it's", "two\nlines", "plain")),
    lambda rng: f"{rng.choice('abc')}@example.com",
)
"""Makers of a column's values."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reader finds out, or what is true; None where there is no answer."""

    delimiter: str | None = None
    header: bool | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A file and the truth of it. `columns`: with one, no delimiter is right or wrong."""

    data: bytes
    text: str
    truth: Answer
    columns: int
    records: int


def traps() -> Iterator[Case]:
    """Give the traps whose dialect has to be found out."""
    for path in sorted(TRAPS.glob("*.expected.json")):
        expected = json.loads(path.read_text("utf-8"))
        if expected["outcome"] != "report" or expected.get("options") or not expected["columns"]:
            continue
        data = path.with_name(path.name.removesuffix(".expected.json")).read_bytes()
        text = data.decode(expected.get("encoding", "utf-8-sig"), "replace").removeprefix("\ufeff")
        truth = Answer(**{key: expected["dialect"].get(key, default) for key, default in USUAL.items()})
        yield Case(data, text, truth, len(expected["columns"]), expected["records"])


def made_up() -> Iterator[Case]:
    """Give tables of two to eight columns and three to forty records, two thirds of them with a header."""
    rng = random.Random(4)
    for _ in range(MADE_UP):
        makers = rng.choices(VALUES, k=rng.randint(2, 8))
        # Every table has a number in it, or there would be no telling whether its first record is a header.
        makers[rng.randrange(len(makers))] = VALUES[0]
        rows = [[make(rng) for make in makers] for _ in range(rng.randint(3, 40))]
        header = rng.random() < 2 / 3
        text = io.StringIO()
        delimiter, newline = rng.choice(",;\t|"), rng.choice(("\n", "\r\n"))
        quoting = rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
        writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=quoting)
        writer.writerows([[f"label {number}" for number in range(len(makers))], *rows] if header else rows)
        yield Case(text.getvalue().encode(), text.getvalue(), Answer(delimiter, header), len(makers), len(rows))


USUAL = {"delimiter": ",", "header": True}
"""What an expectation need not say."""


def by_fanfold(case: Case) -> Answer:
    """Ask the product."""
    try:
        dialect = inspect(case.data, len(case.data), DialectOptions()).dialect
    except DatasetRejected:
        return Answer()
    return Answer(dialect.delimiter, dialect.header)


def by_csv(case: Case) -> Answer:
    """Ask the standard library; what it says of the header needs its delimiter."""
    sniffer = csv.Sniffer()
    try:
        delimiter = sniffer.sniff(case.text).delimiter
    except csv.Error:
        return Answer()
    try:
        return Answer(delimiter, sniffer.has_header(case.text))
    except (csv.Error, StopIteration):
        return Answer(delimiter)


def by_duckdb(case: Case) -> Answer:
    """Ask DuckDB."""
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        file.write(case.text.encode("utf-8", "replace"))
        file.flush()
        try:
            found = duckdb.execute("SELECT Delimiter, HasHeader FROM sniff_csv(?)", [file.name]).fetchone()
        except duckdb.Error:
            return Answer()
    return Answer(*found) if found else Answer()


def main() -> Iterable[Row]:
    """Count what is found rightly, delimiter and header, by us and by each of the others."""
    for files, asked in (("traps", list(traps())), ("made-up tables", list(made_up()))):
        tables = [case for case in asked if case.columns > 1]
        headed = [case for case in asked if case.records]
        for name, ask in (("csv.Sniffer", by_csv), ("DuckDB", by_duckdb)):
            yield compared(f"{files}: delimiter, {name}", ask, tables, lambda answer: answer.delimiter)
            yield compared(f"{files}: header, {name}", ask, headed, lambda answer: answer.header)


def compared(name: str, ask: Callable[[Case], Answer], asked: list[Case], part: Callable[[Answer], object]) -> Row:
    """Count one part of the answers."""
    ours, theirs = (sum(part(reader(case)) == part(case.truth) for case in asked) for reader in (by_fanfold, ask))
    return Row(name, "files found out rightly", ours, theirs, 1, f"of {len(asked)}; more is better")
