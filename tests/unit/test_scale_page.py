"""The page on scale reckons as the code does."""

import re
from collections import Counter
from pathlib import Path
from typing import ClassVar

import msgspec
import pytest

from benchmarks.orchestration import Tree
from benchmarks.stub_chunks import whole_span
from fanfold import limits
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.folding import fold_partials
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import DatasetVersion, FoldTask, Plan, RunRequest, SpanTask
from fanfold.pipeline.planning import divide
from fanfold.storage.memory import MemoryDataset, MemoryPorts, MemoryWorkStore
from local_host.durable.store import Store

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scale.md").read_text("utf-8")
ROWS = [
    [cell.strip().replace(",", "") for cell in line.strip("| ").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [\d.]+ [GT]i?B \| [\d,]+ \| \d+ MiB", line)
]


def shape(task: SpanTask, seen: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Levels, and orchestrations below this one; spans of one length have one shape."""
    chunks = task.stop - task.first
    if chunks not in seen:
        below = [shape(child, seen) for child in divide(task) if child.stop - child.first > 1]
        seen[chunks] = 1 + max((levels for levels, _ in below), default=0), sum(1 + more for _, more in below)
    return seen[chunks]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} in {row[2]}")
def test_every_row_is_what_the_code_divides(row: list[str]) -> None:
    _, size, chunk, chunks, levels, orchestrations = row
    chunk_bytes = int(chunk.removesuffix(" MiB")) * limits.MIB
    dataset = DatasetVersion(account="a", container="c", blob="b", etag="e", size=int(size))
    plan = Plan(run_id="r", dataset=dataset, chunk_bytes=chunk_bytes, data_start=0, work="w")
    whole = SpanTask(plan=plan, first=0, stop=plan.chunks)
    assert (plan.chunks, *shape(whole, {})) == (int(chunks), int(levels), int(orchestrations))


def test_the_page_has_the_limits_that_hold() -> None:
    assert len(ROWS) == 6
    named = {
        "max_concurrency": f"{limits.CONCURRENCY_DEFAULT} unless",
        "fan-out": f"at most {limits.FAN_OUT_MAX}\nchildren",
        "waves": f"less than {limits.WAVE_CHUNKS} chunks",
        "chunk deadline": f"`chunk_deadline_s` ({limits.CHUNK_DEADLINE_S // 60} minutes)",
        "run deadline": f"`deadline_s` ({limits.RUN_DEADLINE_S // 3600} hours)",
        "retention": f"`WORK_RETENTION_DAYS` ({limits.WORK_RETENTION_DAYS})",
        "messages": f"{limits.MESSAGE_BYTES_MAX // limits.KIB} KiB",
        "completion": f"{limits.COMPLETION_BYTES_MAX // limits.KIB} KiB",
        "failed chunks": f"the first {limits.FAILED_CHUNKS_KEPT} of each",
        "progress": f"one signal for {limits.PROGRESS_BATCH} chunks",
    }
    assert [what for what, words in named.items() if words not in PAGE] == []


COSTS = [
    [cell.strip() for cell in line.strip("| ").split("|")]
    for line in PAGE.splitlines()
    if re.match(r"\| [\d.]+ [GT]B \| [\d,]+ \| [\d.]+ ?[kM]? \|", line)
]
UNITS = {"k": 1e3, "M": 1e6, "kB": 1e3, "MB": 1e6, "GB": 1e9, "min": 60, "h": 3600, "s": 1, "": 1}
USD_GB_SECOND, USD_WRITE, USD_READ = 0.000026, 0.05 / 10_000, 0.004 / 10_000


def figure(cell: str) -> float:
    """Of a cell such as 17.9 M or 2 min."""
    number, _, unit = cell.replace(",", "").partition(" ")
    return float(number) * UNITS[unit]


@pytest.mark.parametrize("row", COSTS, ids=lambda row: row[0])
def test_every_cost_follows_from_the_number_of_chunks(row: list[str]) -> None:
    n = figure(row[1])
    reads, writes, gb_seconds = 8 * n, 1.03 * n, 2 * n
    usd = gb_seconds * USD_GB_SECOND + writes * USD_WRITE + reads * USD_READ
    expected = [2.4 * n, 3000 * n, reads, writes, 2.13 * n, gb_seconds, max(n / limits.CONCURRENCY_DEFAULT, 1), usd]
    assert [figure(cell) for cell in row[2:]] == [pytest.approx(value, rel=0.1) for value in expected]


def test_all_costs_are_looked_at() -> None:
    assert [row[:2] for row in COSTS] == [[row[0], f"{int(row[3]):,}"] for row in ROWS if row[2] == "32 MiB"]


class CountingWork(MemoryWorkStore):
    """Notes what it is asked."""

    asked: ClassVar[Counter[str]] = Counter()

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        self.asked["put"] += 1
        super().put(name, data, summary)

    def get(self, name: str) -> bytes:
        self.asked["get"] += 1
        return super().get(name)

    def summary(self, name: str) -> str | None:
        self.asked["look"] += 1
        return super().summary(name)


def test_a_chunk_and_a_fold_take_the_requests_that_the_page_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = MemoryPorts(work=CountingWork())
    dataset = ports.drop("a.csv", b"id,name\n" + b"".join(b"%d,name\n" % n for n in range(10_000, 11_000)))
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options={"chunk_bytes": 100})
    plan = inspect_dataset(request, ports)
    assert plan.chunks > limits.FAN_OUT_MAX
    asked, read = CountingWork.asked, MemoryDataset.read

    def counted(self: MemoryDataset, start: int, stop: int) -> bytes:
        asked["read"] += 1
        return read(self, start, stop)

    monkeypatch.setattr(MemoryDataset, "read", counted)
    links = [
        process_chunk(SpanTask(plan=plan, first=1, stop=2, started_at="now"), ports)
    ]  # which fetches the layout, once a process
    asked.clear()
    links.append(process_chunk(SpanTask(plan=plan, first=2, stop=3, started_at="now"), ports))
    assert asked == {"read": 2, "look": 4, "put": 1}
    assert 32 * limits.MIB == 2 * limits.BATCH_BYTES, "one batch here, two in the chunks of the page"
    asked.clear()
    fold_partials(FoldTask(plan=plan, links=tuple(links)), ports)
    assert asked == {"look": 2, "put": 2, "get": len(links)}


@pytest.mark.filterwarnings("ignore:azure.functions df_loads")
@pytest.mark.parametrize(("width", "events"), [(1, 332), (16, 152)])
def test_the_history_of_a_span_has_the_events_that_the_page_counts(width: int, events: int) -> None:
    tree = Tree()
    tree.grow(msgspec.structs.replace(whole_span(64), width=width))
    assert {1: "332 with waves of one", 16: "152 events with waves of 16 chunks"}[width] in PAGE
    assert tree.longest == events


@pytest.mark.filterwarnings("ignore:azure.functions df_loads")
def test_histories_grow_with_the_chunks_as_the_page_says() -> None:
    store = Store(":memory:")
    Tree().grow(whole_span(256), store)
    events, size = store._db.execute("SELECT count(*), sum(length(event)) FROM history").fetchone()
    assert events / 256 == pytest.approx(2.4, rel=0.05)
    assert size / 256 == pytest.approx(1600, rel=0.1)
