"""Reading records, proof included, beside polars reading the same bytes as strings.

polars refuses most broken files, so for those it reads their clean twin: the same records before some were broken.
CPU time, because the app runs one process a core: what one process does in parallel, another has to wait for.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterable

import polars as pl

from benchmarks.comparison import Row
from fanfold.records.dialect import Dialect
from fanfold.records.layout import Layout
from fanfold.records.reader import RecordReader

DATA_BYTES = 16_000_000
"""One batch, so that no reading is measured."""

COLUMNS = 10
ROUNDS = 9

Edit = Callable[[random.Random, str], str]


def records(rng: random.Random, edit: Edit) -> bytes:
    """Make a dataset of plain records, each edited."""
    rows: list[str] = []
    size = 0
    while size < DATA_BYTES:
        row = edit(
            rng,
            f"{rng.randint(1, 10**7)},{rng.random():.6f},name {rng.randint(0, 999)},2026-01-{rng.randint(1, 28):02d},"
            f"town {rng.randint(0, 99)},{rng.randint(0, 9)},open,{rng.uniform(0, 1000):.2f},true,"
            f"a remark of some length {rng.randint(0, 10**9)}",
        )
        rows.append(row)
        size += len(row) + 1
    return ("\n".join(rows) + "\n").encode()


def plain(_: random.Random, row: str) -> str:
    """Leave a record as it is."""
    return row


def some_quoted(rng: random.Random, row: str) -> str:
    """Give a third of the records a quoted field with a newline and a comma."""
    return row.replace("open", '"open,\nor nearly so"') if rng.random() < 1 / 3 else row


def one_quoted(_: random.Random, row: str) -> str:
    """Quote one field of every record."""
    return row.replace("open", '"open, or nearly so"')


def all_quoted(_: random.Random, row: str) -> str:
    """Quote every field."""
    return '"' + row.replace(",", '","') + '"'


def carriage_returns(_: random.Random, row: str) -> str:
    """End the record with CRLF."""
    return row + "\r"


def bare_quotes(rng: random.Random, row: str) -> str:
    """Put a quote inside an unquoted field of every hundredth record: legal, but polars refuses it."""
    return row.replace("remark", '5" pipe') if rng.random() < 0.01 else row


def broken(rng: random.Random, row: str) -> str:
    """Break every hundredth record, one way or another."""
    row = some_quoted(rng, row)
    if rng.random() >= 0.01:
        return row
    breaks = (row.replace(",", ";", 1), row + ",more", f'"x"y,{row}', "", row.replace("remark", "re\0mark"))
    return rng.choice(breaks)


def read_by_fanfold(data: bytes) -> int:
    """Read everything the product's way."""
    dialect = Dialect(",", '"', "doubled", "\n", header=False)
    layout = Layout(dialect, "utf-8", tuple(map(str, range(COLUMNS))), 0, len(data))
    batches = RecordReader(layout, lambda start, stop: data[start:stop]).batches(0, len(data))
    return sum(batch.frame.height for batch in batches)


def read_by_polars(data: bytes) -> int:
    """Read everything as strings."""
    schema = {str(column): pl.String for column in range(COLUMNS)}
    return pl.read_csv(data, has_header=False, schema=schema, empty_string_is_null=False).height


def measure(case: str, ours: bytes, theirs: bytes, note: str = "") -> Row:
    """Time both in turn; the ratio is that of the medians."""
    times: tuple[list[float], list[float]] = [], []
    for _ in range(ROUNDS + 1):
        for call, data, seconds in ((read_by_fanfold, ours, times[0]), (read_by_polars, theirs, times[1])):
            start = time.process_time()
            call(data)
            seconds.append(time.process_time() - start)
    fanfold_ms, polars_ms = (1000 * statistics.median(seconds[1:]) for seconds in times)
    return Row(case, "CPU ms", fanfold_ms, polars_ms, ROUNDS, note)


def main() -> Iterable[Row]:
    """Measure files of one kind each."""
    cases: dict[str, tuple[Edit, Edit]] = {
        "no quotes": (plain, plain),
        "quoted newlines in a third of the records": (some_quoted, some_quoted),
        "one quoted field a record": (one_quoted, one_quoted),
        "all fields quoted": (all_quoted, all_quoted),
        "CRLF": (carriage_returns, carriage_returns),
        "1 % of the records broken": (broken, some_quoted),
        "1 % of the records with a bare quote": (bare_quotes, plain),
    }
    for case, (edit, twin) in cases.items():
        ours = records(random.Random(1), edit)
        theirs = ours if twin is edit else records(random.Random(1), twin)
        yield measure(case, ours, theirs, "" if twin is edit else "polars reads the clean twin")
