"""Every small nasty file, split at every single byte, against the reference reader."""

import json
import runpy
from bisect import bisect_left
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import records_reference as reference
from records_chain import expected, read_from, rules_of

from fanfold import limits
from fanfold.pipeline.options import read_options
from fanfold.records.grammar import Bounds
from fanfold.records.inspection import inspect
from fanfold.records.layout import Layout
from fanfold.records.reader import RecordReader
from fanfold.records.wishes import DialectOptions

SAMPLES = Path(__file__).parents[3] / "sample_data"
TRAPS = {
    path.name.removesuffix(".expected.json"): json.loads(path.read_text("utf-8"))
    for path in sorted((SAMPLES / "traps").glob("*.expected.json"))
}
READ = [name for name, trap in TRAPS.items() if trap["outcome"] == "report" and trap["columns"]]


@cache
def trap(name: str) -> tuple[bytes, Layout]:
    data = (SAMPLES / "traps" / name).read_bytes()
    options = read_options(TRAPS[name].get("options", {}))
    return data, inspect(data, len(data), options.dialect, options.policy)


def bounds_of(layout: Layout, **small: int) -> Bounds:
    return Bounds(record_max=layout.policy.record_bytes_max, **small)


def assert_cut(cut: int, data: bytes, layout: Layout, truth: tuple[list[int], list[Any]], bounds: Bounds) -> None:
    """Read from a record a little before the cut up to it: that many records, and the next one starts there."""
    starts, rows = truth
    after = bisect_left(starts, cut)
    first = max(0, after - 3)
    head = read_from(data, layout, starts[first], [cut], bounds)
    assert (head.rows, head.stop) == (rows[first:after], starts[after])


def test_there_are_at_least_sixty_traps() -> None:
    assert len(READ) >= 60


@pytest.mark.parametrize("name", READ)
def test_trap_reads_alike_when_split_at_every_single_byte(name: str) -> None:
    data, layout = trap(name)
    rules = rules_of(layout)
    rows = expected(reference.read(data, layout.data_start, rules))
    assert sum(values is not None for values, *_ in rows) == TRAPS[name]["records"]

    starts = [row.start for row in reference.read(data, layout.data_start, rules)] + [len(data)]
    wide = len(layout.columns) > 50  # there a table of no records takes its time
    small = bounds_of(layout) if wide else bounds_of(layout, batch=40, tail=7)
    for cut in range(layout.data_start, len(data) + 1):
        assert_cut(cut, data, layout, (starts, rows), small)
    for entry, place in enumerate(starts[:-1]):
        assert read_from(data, layout, place, [len(data)], bounds_of(layout)).rows == rows[entry:]
    tiny = bounds_of(layout, block=5) if wide else bounds_of(layout, batch=7, block=5, window=16, tail=3)
    stops = [*range(layout.data_start + 1, min(len(data), 1_000)), len(data)]
    assert read_from(data, layout, layout.data_start, stops, tiny).rows == rows


def test_orders_read_alike_when_split_at_many_places() -> None:
    data = runpy.run_path(str(SAMPLES / "make_samples.py"))["make"]().data[:400_000]
    layout = inspect(data, len(data), DialectOptions())
    rows = expected(reference.read(data, layout.data_start, rules_of(layout)))
    for step in (1_009, 9_973, 65_536, 131_071):
        cuts = list(range(step, len(data), step))
        assert read_from(data, layout, layout.data_start, [*cuts, len(data)], Bounds()).rows == rows


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_orders_read_alike_when_split_at_every_single_byte_of_their_first_and_of_their_broken_records() -> None:
    data = runpy.run_path(str(SAMPLES / "make_samples.py"))["make"]().data
    layout = inspect(data[: limits.HEAD_BYTES], len(data), DialectOptions())
    read = reference.read(data, layout.data_start, rules_of(layout))
    truth = ([row.start for row in read] + [len(data)], expected(read))
    broken = (cut for row in read if row.reason for cut in range(row.start - 50, min(row.stop + 50, len(data) + 1)))
    for cut in (*range(layout.data_start, 20_000), *broken):
        assert_cut(cut, data, layout, truth, Bounds())


def test_first_record_is_guessed_right_wherever_clean_orders_are_cut() -> None:
    data = runpy.run_path(str(SAMPLES / "make_samples.py"))["make"]().data
    layout = inspect(data[:1_000_000], len(data), DialectOptions())
    starts = sorted(row.start for row in reference.read(data[:400_000], layout.data_start, rules_of(layout)))
    reader = RecordReader(layout, lambda start, stop: data[start:stop])
    cuts = range(layout.data_start, 390_000, 97)
    wrong = sum(reader.find_entry(cut, len(data)) not in starts for cut in cuts)
    assert wrong <= len(cuts) / 1000, f"{wrong} of {len(cuts)}"
