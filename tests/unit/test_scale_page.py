"""The page on scale reckons as the code does."""

import re
from pathlib import Path

import pytest

from fanfold import limits
from fanfold.pipeline.messages import DatasetVersion, Plan, SpanTask
from fanfold.pipeline.planning import divide

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
