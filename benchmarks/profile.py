"""What a profile costs: milliseconds a statistic and column kind, and each column beside polars' own statistics.

`python -m benchmarks.profile [RECORDS]` prints the table (CPU time, best of some rounds); the ratios come from
`python -m benchmarks profile`.
"""

import sys
import time
import uuid
from collections.abc import Callable, Iterable

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.comparison import Row
from fanfold.profile import buckets, column, hashing, marks, moments, numbers, order, sketches, strings, times
from fanfold.profile.caps import CAPS
from fanfold.profile.codec import decode, encode
from fanfold.profile.correlations import correlate
from fanfold.profile.description import describe
from fanfold.profile.doubles import doubles_of_read
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge
from fanfold.profile.nulls import NULLS

RECORDS = 650_000
"""Of ten columns: about a chunk of 64 MiB."""

ROUNDS = 5


def columns(records: int) -> dict[str, pl.Series]:
    """One column of each kind, as text, as a reader hands them over."""
    rng = np.random.default_rng(1)
    days = pl.Series(rng.integers(0, 3_000, records).astype(np.int32)).cast(pl.Date)
    seconds = pl.Series((1_600_000_000 + rng.integers(0, 10**8, records)) * 1_000).cast(pl.Datetime("ms"))
    towns = pl.Series(["Aachen", "Zürich", "Kraków", "Reykjavík", "Oslo"])
    made = {
        "identifiers": pl.Series(np.arange(records)).cast(pl.String),
        "integers, few": pl.Series(rng.integers(0, 1_000, records)).cast(pl.String),
        "prices": pl.Series(np.round(rng.gamma(2, 30, records), 2)).cast(pl.String),
        "doubles": pl.Series(rng.normal(0, 50, records)).cast(pl.String),
        "booleans": pl.Series(["true", "false"]).gather(rng.integers(0, 2, records)),
        "dates": days.cast(pl.String),
        "datetimes": seconds.dt.strftime("%Y-%m-%d %H:%M:%S"),
        "towns": towns.gather(rng.integers(0, 5, records)),
        "sentences": "customer number "
        + pl.Series(rng.integers(0, 200_000, records)).cast(pl.String)
        + ", of the town",
        "decimal commas": pl.Series(np.round(rng.gamma(2, 30, records), 2))
        .cast(pl.String)
        .str.replace(".", ",", literal=True),
        "days first": seconds.dt.strftime("%d/%m/%Y %H:%M:%S"),
        "uuids": pl.Series([str(uuid.UUID(bytes=rng.bytes(16))) for _ in range(min(records, 50_000))]),
    }
    made["uuids"] = made["uuids"].gather(rng.integers(0, len(made["uuids"]), records))
    # Read back from CSV: the reader's buffers are what the profile meets.
    frame = pl.DataFrame({str(place): series for place, series in enumerate(made.values())})
    read = pl.read_csv(frame.write_csv().encode(), infer_schema=False, empty_string_is_null=False)
    return dict(zip(made, read.get_columns(), strict=True))


def cost_ms(call: Callable[[], object]) -> float:
    """CPU milliseconds, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        call()
        best = min(best, time.process_time() - start)
    return 1_000 * best


def statistics(series: pl.Series) -> dict[str, float]:
    """Cost of each statistic of one column."""
    laid_out = strings.of(series)
    present = laid_out.lengths > 0
    hashes = hashing.hash_values(laid_out)
    integers, doubles = numbers.read_numbers(laid_out)
    costs = {
        "views": cost_ms(lambda: strings.of(series)),
        "nulls": cost_ms(lambda: NULLS.find(laid_out)),
        "hash": cost_ms(lambda: hashing.hash_values(laid_out)),
        "counts": cost_ms(lambda: column._count(laid_out, hashes, CAPS.exact_values, NULLS.texts)),  # noqa: SLF001 - its parts are the point
        "order": cost_ms(lambda: order.order_of(laid_out, present)),
    }
    doubles_of_records = doubles_of_read(laid_out, integers, doubles, present)
    if doubles_of_records is not None:
        two = {0: doubles_of_records, 1: doubles_of_records}
        costs["correlation"] = cost_ms(lambda: correlate(two)) / 2
    if column._count(laid_out, hashes, CAPS.exact_values, NULLS.texts) is None:  # noqa: SLF001 - as above
        costs |= {
            "numbers": cost_ms(lambda: numbers.read_numbers(laid_out)),
            "booleans": cost_ms(lambda: numbers.read_booleans(laid_out)),
            "times": cost_ms(lambda: times.read_times(laid_out)),
            "sums": cost_ms(
                lambda: (moments.of_integers(integers.values, None), moments.of_doubles(doubles.values, None))
            ),
            "marks": cost_ms(lambda: marks.find_marks(laid_out, None)),
            "buckets": cost_ms(lambda: buckets.fill(doubles.values, None)),
            "distinct": cost_ms(lambda: sketches.keep_smallest(hashes, None, CAPS.hashes)),
            "count-min": cost_ms(lambda: sketches.count_cells(hashes, None, CAPS.table_width)),
            "extremes": cost_ms(lambda: (series.min(), series.max())),
            "lengths": cost_ms(lambda: series.str.len_chars().sum()),
        }
    return costs | {"all": cost_ms(lambda: profile_frame(alone(series)))}


def alone(series: pl.Series) -> pl.DataFrame:
    """One column as a frame."""
    return pl.DataFrame([series.alias("0")])


def by_polars(series: pl.Series) -> object:
    """What polars offers of the same, the type being known: counts, extremes, distinct, mean, std, quantiles."""
    typed = series.cast(pl.Float64, strict=False)
    text = (series.n_unique(), series.min(), series.max(), series.str.len_chars().mean())
    if typed.null_count() == len(typed):
        return text
    return text, typed.mean(), typed.std(), [typed.quantile(q) for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)]


def main() -> Iterable[Row]:
    """CPU milliseconds of a column's whole profile beside polars' statistics of it."""
    for name, series in columns(RECORDS).items():
        ours, theirs = cost_ms(lambda s=series: profile_frame(alone(s))), cost_ms(lambda s=series: by_polars(s))
        yield Row(
            f"profile of {name}", "CPU ms", ours, theirs, ROUNDS, "polars: exact distinct, but no types, no merge"
        )


def show(records: int) -> None:
    """Print the tables."""
    made = columns(records)
    costs = {name: statistics(series) for name, series in made.items()}
    names = list(dict.fromkeys(statistic for cost in costs.values() for statistic in cost))
    table = Table("column", *names, title=f"CPU ms a statistic, {records:,} records")
    for kind, cost in costs.items():
        table.add_row(kind, *(f"{cost[name]:.1f}" if name in cost else "" for name in names))
    console = Console(width=180)
    console.print(table)
    frame = pl.DataFrame([series.alias(str(place)) for place, series in enumerate(made.values())])
    whole = Table("frame", "profile ms", "encode ms", "bytes", "decode ms", "describe ms", "merge 64 ms")
    for rows in (8, 1_000, 10_000, records):
        part = frame[:rows]
        profile = profile_frame(part)
        data = encode(profile)
        slices = [profile_frame(frame[start : start + rows]) for start in range(0, min(records, 64 * rows), rows)]
        whole.add_row(
            f"{rows:,} x {frame.width}",
            f"{cost_ms(lambda part=part: profile_frame(part)):.1f}",
            f"{cost_ms(lambda profile=profile: encode(profile)):.1f}",
            f"{len(data):,}",
            f"{cost_ms(lambda data=data: decode(data)):.1f}",
            f"{cost_ms(lambda profile=profile: describe(profile, list(made))):.1f}",
            f"{cost_ms(lambda slices=slices: merge(slices)):.1f}",
        )
    console.print(whole)


if __name__ == "__main__":
    show(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
