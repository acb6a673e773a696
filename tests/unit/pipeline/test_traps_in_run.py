"""Every small nasty file through the whole run, in one piece and in many: the report as written beside the file."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_in_process import outside_run, run

from fanfold.storage.memory import MemoryPorts

TRAPS = Path(__file__).parents[3] / "sample_data" / "traps"
REPORTED = {
    path.name.removesuffix(".expected.json"): expected
    for path in sorted(TRAPS.glob("*.expected.json"))
    if (expected := json.loads(path.read_text("utf-8")))["outcome"] == "report"
}


@pytest.mark.parametrize("name", REPORTED)
def test_trap_gives_the_same_report_and_rejects_however_it_is_cut(name: str) -> None:
    data, expected = (TRAPS / name).read_bytes(), REPORTED[name]
    document, rejects = published(data, expected.get("options", {}))
    chunk_bytes = max(50, len(data) // 3)  # a wide table takes its time, in every chunk
    assert published(data, expected.get("options", {}) | {"chunk_bytes": chunk_bytes}) == (document, rejects)
    dataset = document["dataset"]
    for figure in ("records", "rejected"):
        assert dataset[figure] == expected[figure]
    for figure in ("padded", "extended"):
        assert dataset[figure] == expected.get(figure, 0)
    assert document["rejects"]["reasons"] == expected["reasons"]
    for column, wanted in zip(document["columns"], expected["columns"], strict=True):
        reading = wanted.pop("reading", {})
        assert {key: column["reading"].get(key) for key in reading} == reading
        given = {key: value for key, value in wanted.items() if value is not None}  # a name that we may choose is null
        assert {key: column[key] for key in given} == given
    assert dataset["account"]["verified"]
    assert (rejects is None) == (expected["rejected"] == 0)


def published(data: bytes, options: dict[str, Any]) -> tuple[dict[str, Any], bytes | None]:
    """The report but for what tells of the run, and rejects.csv."""
    ports = MemoryPorts()
    completion, document = run(ports, data, **options)
    rejects = ports.reports.files.get(f"t.csv/{completion.run_id}/rejects.csv")
    return outside_run(document), rejects
