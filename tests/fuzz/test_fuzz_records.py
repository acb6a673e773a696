"""Inputs that once broke the law of reading, and the seeds of the fuzzer; in the long profile, the fuzzer itself."""

import importlib.util
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.append(str(ROOT / "tests" / "unit" / "records"))

from records_law import CHOICES, case_of, check  # noqa: E402 - beside the reference reader

FOUND = sorted((HERE / "found").iterdir())
TRAPS = sorted(path for path in (ROOT / "sample_data" / "traps").iterdir() if not path.name.endswith(".json"))
SECONDS = int(os.environ.get("FUZZ_SECONDS", "180"))
ROUND_S = 60
"""Of one process, which holds more memory the longer it runs; what it found is the corpus of the next."""


def seeds() -> list[bytes]:
    """The traps, each by rules that are made up, the same in every run."""
    dice = random.Random(11)
    return [dice.randbytes(CHOICES) + trap.read_bytes()[:160] for trap in TRAPS]


@pytest.mark.parametrize("path", FOUND, ids=lambda path: path.name)
def test_input_that_once_broke_the_law_keeps_it(path: Path) -> None:
    check(path.read_bytes())


def test_seeds_of_the_fuzzer_keep_the_law() -> None:
    for seed in seeds():
        check(seed)


def test_no_choice_means_the_usual_dialect() -> None:
    rules = case_of(b"").rules
    assert (rules.delimiter, rules.quote, rules.columns, rules.encoding) == (b",", ord('"'), 2, "utf-8")


@pytest.mark.long
@pytest.mark.timeout(2 * SECONDS + 300)
@pytest.mark.skipif(not importlib.util.find_spec("atheris"), reason="atheris has wheels for Linux on x86-64 alone")
def test_no_input_found_by_coverage_breaks_the_law_of_reading(tmp_path: Path) -> None:
    for place, seed in enumerate(seeds()):
        (tmp_path / f"{place}").write_bytes(seed)
    for _ in range(0, SECONDS, ROUND_S):
        command = [sys.executable, str(HERE / "records_target.py"), str(ROUND_S), str(tmp_path)]
        done = subprocess.run(command, cwd=tmp_path, check=False)
        assert done.returncode == 0, f"an input breaks the law: it is printed, and stands in {tmp_path}"
