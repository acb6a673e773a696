"""Run the benchmarks, all or the named ones: `python -m benchmarks [NAME ...]`.

Writes `benchmarks/RESULTS.md` and `benchmarks/results.json` when all have run; named ones are only printed.
"""

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from benchmarks.comparison import Row
from benchmarks.results import to_json, to_markdown

HERE = Path(__file__).resolve().parent


def benchmarks() -> dict[str, Callable[[], Iterable[Row]]]:
    """Find the `main` of every module here that has one, by the module's name."""
    names = sorted(module.name for module in pkgutil.iter_modules([str(HERE)]) if module.name != "__main__")
    modules = {name: importlib.import_module(f"benchmarks.{name}") for name in names}
    return {name: module.main for name, module in modules.items() if hasattr(module, "main")}


def machine() -> dict[str, object]:
    """Say what the figures were measured on."""
    return {
        "python": platform.python_version(),
        "system": platform.system(),
        "architecture": platform.machine(),
        "cores": os.cpu_count(),
    }


def main(names: list[str]) -> int:
    """Run, print, write."""
    found = benchmarks()
    if unknown := set(names) - set(found):
        print(
            f"No benchmark named {', '.join(sorted(unknown))}; there are: {', '.join(found) or 'none'}.",
            file=sys.stderr,
        )
        return 2
    results: dict[str, list[Row]] = {}
    for name in names or found:
        print(f"Running {name} ...", file=sys.stderr, flush=True)
        results[name] = list(found[name]())
    print(to_markdown(results, machine()))
    if not names:
        (HERE / "RESULTS.md").write_text(to_markdown(results, machine()), "utf-8")
        (HERE / "results.json").write_text(to_json(results, machine()), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
