"""The figures of a run, as a table for people and as JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from benchmarks.comparison import Row

Results = Mapping[str, Sequence[Row]]
"""Rows by the name of the benchmark."""


def to_json(results: Results, machine: Mapping[str, object]) -> str:
    """Render everything, ratios included."""
    benchmarks = {name: [asdict(row) | {"ratio": row.ratio} for row in rows] for name, rows in results.items()}
    return json.dumps({"machine": machine, "benchmarks": benchmarks}, indent=2, ensure_ascii=False) + "\n"


def to_markdown(results: Results, machine: Mapping[str, object]) -> str:
    """Render one table a benchmark. Times of two runs compare only through their ratios."""
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`. Both sides are measured in turn in the same run; a figure is the median of its",
        "rounds, a ratio is ours / theirs. Absolute figures are worth what the machine is worth:",
        ", ".join(f"{name} {value}" for name, value in machine.items()) + ".",
    ]
    for name, rows in results.items():
        lines += [
            "",
            f"## {name}",
            "",
            "| case | measure | ours | theirs | ratio | rounds | |",
            "|---|---|--:|--:|--:|--:|---|",
        ]
        lines += map(table_row, rows)
    return "\n".join(lines) + "\n"


def table_row(row: Row) -> str:
    """Render one figure."""
    cells = (
        row.case,
        row.measure,
        f"{row.ours:.4g}",
        f"{row.theirs:.4g}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        str(row.rounds),
        row.note,
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
