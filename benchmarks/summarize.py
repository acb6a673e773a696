"""`python -m fanfold profile` beside DuckDB's SUMMARIZE of the same file: whole processes, in turn, on all cores.

SUMMARIZE is the closest neighbour: minimum, maximum, distinct, mean, deviation, quartiles and share of nulls of every
column, in one pass, on every core. The profile has those and everything else of docs/statistics.md.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.comparison import Row

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 5
RECORDS = 10_000_000
"""About 1 GB."""

SLICE = 500_000
POLL_S = 0.1
SUMMARIZE = """
import duckdb, sys
print(duckdb.sql(f"SUMMARIZE SELECT * FROM read_csv('{sys.argv[1]}')").fetchall())
"""


def mixed(rng: np.random.Generator, first: int, records: int) -> pl.DataFrame:
    """Ten columns of every type; a note in a hundred is quoted and has a newline in it."""
    days = pl.Series(rng.integers(0, 3_000, records).astype(np.int32)).cast(pl.Date)
    seconds = pl.Series((1_600_000_000 + rng.integers(0, 10**8, records)) * 1_000).cast(pl.Datetime("ms"))
    notes = pl.Series([*(f"note {n}" for n in range(99)), "two\nlines, quoted"])
    return pl.DataFrame(
        {
            "id": np.arange(first, first + records),
            "name": "user" + pl.Series(rng.integers(0, 10**6, records)).cast(pl.String),
            "amount": np.round(rng.gamma(2, 300, records), 2),
            "ratio": rng.normal(0, 1, records),
            "country": pl.Series(["DE", "FR", "IT", "ES", "PL"]).gather(rng.integers(0, 5, records)),
            "note": notes.gather(rng.integers(0, 100, records)),
            "day": days.cast(pl.String),
            "at": seconds.dt.strftime("%Y-%m-%d %H:%M:%S"),
            "flag": pl.Series(["true", "false"]).gather(rng.integers(0, 2, records)),
            "items": rng.integers(0, 20, records),
        }
    )


def non_ascii(rng: np.random.Generator, first: int, records: int) -> pl.DataFrame:
    """Text of several scripts beside a number."""
    towns = pl.Series(["Zürich", "Kraków", "Reykjavík", "札幌市", "Αθήνα", "Київ", "القاهرة"])
    words = pl.Series([f"größe {n}: 重量 {n % 977} кг" for n in range(50_000)])
    return pl.DataFrame(
        {
            "id": np.arange(first, first + records),
            "town": towns.gather(rng.integers(0, len(towns), records)),
            "text": words.gather(rng.integers(0, len(words), records)),
            "more": words.gather(rng.integers(0, len(words), records)),
        }
    )


def wide(rng: np.random.Generator, _: int, records: int) -> pl.DataFrame:
    """Three hundred columns of numbers."""
    return pl.DataFrame({f"column {n}": np.round(rng.normal(n, 10, records), 3) for n in range(300)})


def written(path: Path, make: Callable[[np.random.Generator, int, int], pl.DataFrame], records: int) -> Path:
    """A dataset on disk, made a slice at a time."""
    rng = np.random.default_rng(1)
    with path.open("wb") as file:
        for first in range(0, records, SLICE):
            count = min(SLICE, records - first)
            make(rng, first, count).write_csv(file, include_header=first == 0)
    return path


def seconds_of(command: list[str]) -> float:
    """Wall time, undisturbed."""
    start = time.perf_counter()
    with started(command):
        pass
    return time.perf_counter() - start


def largest_memory_of(command: list[str]) -> float:
    """MB of all its processes together (PSS: what they share is counted once); looking that often holds them up."""
    largest = 0.0
    with started(command) as process:
        while process.poll() is None:
            largest = max(largest, memory_of(process.pid))
            time.sleep(POLL_S)
    return largest


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run as where it is installed: what Python has compiled stays."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(command, cwd=ROOT, env=kept, stdout=subprocess.DEVNULL, start_new_session=True) as process:
        yield process
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)


def memory_of(group: int) -> float:
    """MB of all processes of a group together, from /proc."""
    kilobytes = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if os.getpgid(int(folder.name)) == group:
                lines = (folder / "smaps_rollup").read_text().splitlines()
                kilobytes += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return kilobytes / 1024


def beside_duckdb(case: str, path: Path) -> Iterable[Row]:
    """Wall time and memory, in turn."""
    out = path.with_suffix(".out")
    commands = {
        "ours": [sys.executable, "-m", "fanfold", "profile", str(path), "--out", str(out)],
        "theirs": [sys.executable, "-c", SUMMARIZE, str(path)],
    }
    # The rounds for memory warm up, too.
    memory = {side: largest_memory_of(command) for side, command in commands.items()}
    seconds: dict[str, list[float]] = {side: [] for side in commands}
    for number in range(ROUNDS):
        shutil.rmtree(out)
        for side in sorted(commands, reverse=number % 2 == 1):
            seconds[side].append(seconds_of(commands[side]))
    medians = {side: statistics.median(times) for side, times in seconds.items()}
    note = f"theirs: DuckDB SUMMARIZE; {path.stat().st_size / 1e6:,.0f} MB"
    yield Row(f"profile, {case}", "wall time, s", medians["ours"], medians["theirs"], ROUNDS, note)
    yield Row(f"profile, {case}", "MB, all processes", memory["ours"], memory["theirs"], 1, "the largest at a time")


def main() -> Iterable[Row]:
    """Each kind of file."""
    with tempfile.TemporaryDirectory() as folder:
        for case, make, records in (
            ("10 mixed columns", mixed, RECORDS),
            ("non-ASCII text", non_ascii, RECORDS // 4),
            ("300 columns", wide, RECORDS // 80),
        ):
            path = written(Path(folder) / f"{make.__name__}.csv", make, records)
            yield from beside_duckdb(case, path)
            path.unlink()
