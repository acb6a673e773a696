"""Processors in a whole run: chosen by name, the same for any chunking, their failures their own."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import processors
from fanfold.errors import RequestRefused
from fanfold.pipeline.chunk import process_chunk
from fanfold.pipeline.identity import run_id
from fanfold.pipeline.in_process import run_in_process
from fanfold.pipeline.messages import RunRequest
from fanfold.pipeline.options import read_options
from fanfold.storage.memory import MemoryPorts

EXAMPLES = Path(__file__).parents[3] / "examples"
TABLE = b"town,amount\nA,1.5\nB,2\nA,0.1\nC,x\nbroken\nB,3\n"
GROUPS = {"processors": ["profile", "group_by"], "group_by": {"by": ["town"], "of": ["amount"]}}
FAILING = """
def process(frame, chunk):
    raise {error}

def merge(a, b):
    return a

def report(total):
    return {{"title": "t"}}
"""


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Path]:
    """A folder whose files are found as if they stood in processors/, and the examples with it."""
    before = list(processors.__path__)
    processors.__path__[:] = [*before, str(tmp_path), str(EXAMPLES)]
    yield tmp_path
    processors.__path__[:] = before


def run(data: bytes, **options: Any) -> tuple[dict[str, Any], str]:
    ports = MemoryPorts()
    dataset = ports.drop("t.csv", data)
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    run_in_process(request, ports, lambda: now, lambda tasks: [process_chunk(task, ports) for task in tasks])
    files = {name.rsplit("/", 1)[1]: content for name, content in ports.reports.files.items()}
    return json.loads(files["report.json"]), files["report.html"].decode()


@pytest.mark.parametrize("chunk_bytes", [1, 7, 16, 1000])
def test_the_section_is_in_both_reports_and_the_same_for_any_chunking(chunk_bytes: int) -> None:
    document, page = run(TABLE, chunk_bytes=chunk_bytes, **GROUPS)
    (section,) = document["sections"]
    assert section["processor"] == "group_by"
    assert section["tables"][0]["rows"] == [
        ["A", 2, 2, 1.6, 0.8, 0.1, 1.5],
        ["B", 2, 2, 5, 2.5, 2, 3],
        ["C", 1, 0, None, None, None, None],
    ]
    assert "Groups by" in page


def test_a_run_without_processors_has_no_sections() -> None:
    assert "sections" not in run(TABLE, processors=["profile"])[0]


def test_a_dataset_without_records_has_an_empty_section() -> None:
    assert run(b"town,amount\n", **GROUPS)[0]["sections"][0]["figures"] == {"groups": 0}


def test_the_example_in_its_place_is_chosen_by_its_name(own: Path) -> None:
    document, _ = run(TABLE, chunk_bytes=8, processors=["most_expensive"])
    assert own
    assert document["sections"][0]["tables"][0]["rows"][:2] == [["B", "3"], ["B", "2"]]


@pytest.mark.parametrize("error", ["ValueError('<b>no luck</b>')", "SystemError('x' * 10_000)", "SystemExit(3)"])
def test_what_fails_is_the_error_of_its_own_section(own: Path, error: str) -> None:
    name = f"failing_{len(error)}"
    (own / f"{name}.py").write_text(FAILING.format(error=error))
    document, page = run(TABLE, **{**GROUPS, "processors": [name, "group_by"]})
    assert document["dataset"]["records"] == 5
    failed, grouped = document["sections"]
    assert failed["error"].startswith(error.split("(", maxsplit=1)[0])
    assert len(failed["error"]) <= 500
    assert grouped["figures"] == {"groups": 3}
    assert "<b>no luck" not in page


@pytest.mark.parametrize("text", ["import nothing_of_that_name", "def process(frame, chunk):\n    return 1\n", "(("])
def test_a_file_that_is_no_processor_is_the_error_of_its_section(own: Path, text: str) -> None:
    name = f"no_processor_{len(text)}"
    (own / f"{name}.py").write_text(text)
    assert run(TABLE, processors=[name])[0]["sections"][0]["error"]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"processors": ["nowhere"]}, "nowhere"),
        ({"processors": ["../secrets"]}, "secrets"),
        ({"processors": ["os.path"]}, "os.path"),
        ({"group_by": {"by": ["a"]}}, "group_by"),
        ({"processor_options": {"group_by": {}}}, "processor_options"),
        ({"processors": ["group_by"], "group_by": {}, "processor_options": {"group_by": {}}}, "one of them"),
        ({"processors": ["group_by"], "group_by": {"by": ["x" * 9_000]}}, "bytes of JSON"),
        ({"processors": "group_by"}, r"options\.processors: expected array"),
        ({"processors": ["group_by"]}, "expected {by"),
        ({"processors": ["group_by"], "group_by": {"by": ["a"], "off": ["b"]}}, r"options\.group_by.*off"),
        ({"processors": ["group_by"], "processor_options": {"group_by": {"by": [1]}}}, r"by = \[1\]"),
    ],
)
def test_a_choice_that_cannot_be_followed_is_refused_by_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(RequestRefused, match=named):
        read_options(options)
