"""The fuzz target in the long profile: `pytest -m long tests/fuzz`; FUZZ_SECONDS says for how long."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TARGET = Path(__file__).parent / "records_target.py"
TRAPS = Path(__file__).parents[2] / "sample_data" / "traps"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "180"))


@pytest.mark.long
@pytest.mark.timeout(SECONDS + 120)
def test_no_input_found_by_coverage_breaks_the_law_of_reading(tmp_path: Path) -> None:
    for place, trap in enumerate(sorted(path for path in TRAPS.iterdir() if path.suffix == ".csv")):
        (tmp_path / f"{place}").write_bytes(trap.read_bytes()[:300] + bytes(range(40)))
    done = subprocess.run(
        [sys.executable, str(TARGET), str(SECONDS), str(tmp_path)], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
