"""What a process does not import before it can work: half a second, and again in every worker."""

import json
import pickle
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from fanfold.pipeline.inspection import inspect_dataset
from fanfold.pipeline.messages import RunRequest, SpanTask
from fanfold.storage.local import FileDataset, LocalPorts, file_version

AZURE = {"azure", "aiohttp", "msal", "requests", "cryptography"}
SCHEMAS = {"frictionless", "pydantic", "jsonschema"}
RARE = AZURE | SCHEMAS | {"pandas", "charset_normalizer", "pyarrow.parquet"}
SHOWN = {"rich", "jinja2", "fanfold.report", "fanfold.pipeline.publishing"}
ENGINES = {"numpy", "polars", "pyarrow"}

READY = "from fanfold.cli import workers\nworkers._get_ready()\n"
ROWS = "".join(f"{i},{i / 7:.3f},name {i % 5},2024-01-{i % 28 + 1:02}\n" for i in range(3000))


def imported(code: str) -> set[str]:
    """The modules that are there in a fresh interpreter after some code; as in a worker, the main one is."""
    code = f"import fanfold.__main__\n{code}\nimport json, sys\nprint(json.dumps([*sys.modules]), file=sys.stderr)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=300, check=True)
    return set(json.loads(ended.stderr))


@pytest.mark.parametrize(
    ("code", "heavy"),
    [
        pytest.param("", RARE | SHOWN | ENGINES | {"multiprocessing"}, id="the command line"),
        pytest.param("import fanfold.cli.workers", RARE | SHOWN | ENGINES, id="what starts workers"),
        pytest.param(READY, RARE | SHOWN, id="a worker"),
        pytest.param("import fanfold.cli.profile", RARE, id="the command profile"),
    ],
)
def test_a_process_imports_nothing_that_it_may_never_need(code: str, heavy: set[str]) -> None:
    assert imported(code) & heavy == set()


def test_a_run_needs_nothing_of_the_cloud_of_schemas_or_of_pandas(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,x,name,day\n" + ROWS)
    arguments = ["profile", str(tmp_path / "a.csv"), "--format", "json"]
    found = imported(f"from fanfold.cli.commands import main\nassert main({arguments}) == 0")
    assert found & RARE == set()
    assert found >= ENGINES | {"fanfold.pipeline.publishing"}


def test_a_worker_has_all_of_ours_that_a_chunk_needs_when_it_is_ready(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id,x,name,day\n" + ROWS)
    dataset, ports = file_version(file), LocalPorts(partial(FileDataset, file), tmp_path / "work", tmp_path)
    plan = inspect_dataset(RunRequest(run_id="a", dataset=dataset, options={}), ports)
    (tmp_path / "task").write_bytes(pickle.dumps((ports, SpanTask(plan=plan, first=0, stop=1, entry=plan.data_start))))
    code = f"""{READY}
import pickle, sys
from pathlib import Path
from fanfold.pipeline.chunk import process_or_set_aside
ports, task = pickle.loads(Path({str(tmp_path / "task")!r}).read_bytes())
before = {{*sys.modules}}
assert process_or_set_aside(task, ports).records == 3000
late = [name for name in sys.modules if name not in before and name.startswith("fanfold")]
assert late == [], late
"""
    assert imported(code) & RARE == set()
