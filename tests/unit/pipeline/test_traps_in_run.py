"""Every small nasty file through the whole run, in one piece and in many: the report as written beside the file."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from test_emitting import rows_of
from test_in_process import outside_run, run

from fanfold.pipeline.options import read_options
from fanfold.records.inspection import inspect
from fanfold.storage.memory import MemoryPorts

sys.path.append(str(Path(__file__).parents[1] / "records"))

import records_reference as reference  # the reader that the reader's own tests are held against
from records_chain import rules_of

TRAPS = Path(__file__).parents[3] / "sample_data" / "traps"
REPORTED = {
    path.name.removesuffix(".expected.json"): expected
    for path in sorted(TRAPS.glob("*.expected.json"))
    if (expected := json.loads(path.read_text("utf-8")))["outcome"] == "report"
}


@pytest.mark.parametrize("name", REPORTED)
def test_trap_gives_the_same_report_rejects_and_table_however_it_is_cut(name: str) -> None:
    data, expected = (TRAPS / name).read_bytes(), REPORTED[name]
    document, rejects = published(data, expected.get("options", {}), MemoryPorts())
    chunk_bytes = max(50, len(data) // 3)  # a wide table takes its time, in every chunk
    options = expected.get("options", {}) | {"chunk_bytes": chunk_bytes, "emit": "csv"}
    ports = MemoryPorts()
    assert published(data, options, ports) == (document, rejects)
    assert rows_of(ports) == table_of(data, expected.get("options", {}))
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


def table_of(data: bytes, wishes: dict[str, Any]) -> tuple[list[str], list[list[str]]]:
    """The labels, and the accepted records as the reference reader gives them."""
    options = read_options(wishes)
    layout = inspect(data, len(data), options.dialect, options.policy)
    rows = reference.read(data, layout.data_start, rules_of(layout)) if layout.columns else []
    return list(layout.columns), [list(row.values) for row in rows if row.values is not None]


def published(data: bytes, options: dict[str, Any], ports: MemoryPorts) -> tuple[dict[str, Any], bytes | None]:
    """The report but for what tells of the run, and rejects.csv."""
    completion, document = run(ports, data, **options)
    rejects = ports.reports.files.get(f"t.csv/{completion.run_id}/rejects.csv")
    return outside_run(document), rejects
