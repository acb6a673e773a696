"""The coverage-guided fuzzer of reading: `python tests/fuzz/records_target.py SECONDS [CORPUS]`.

An input that breaks the law is printed and ends it; kept in tests/fuzz/found, every test run reads it from then on.
"""

import sys
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit" / "records")]

with atheris.instrument_imports(include=["fanfold.records"]):
    from records_law import CHOICES, check

DATASET_BYTES_MAX = 160
ONE_INPUT_S = 60
"""Against hanging."""


def main() -> None:
    seconds, corpus = sys.argv[1], sys.argv[2:]
    limits = [f"-max_total_time={seconds}", f"-max_len={CHOICES + DATASET_BYTES_MAX}", f"-timeout={ONE_INPUT_S}"]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", *corpus], check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
