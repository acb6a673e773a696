"""An example of a processor: the most expensive orders. Copy it into processors/ and ask for it by its name.

    make run OPTIONS='{"processors": ["most_expensive"], "processor_options": {"most_expensive": {"column": "amount"}}}'

Three functions are all there is. `process` sees some of the records, a pandas frame of texts; `merge` folds two
partials, in file order; `report` makes the section. `fanfold.testing.check_processor` checks that they fit together.
"""

from typing import Any

import pandas as pd

from fanfold.processors.contract import Chunk

KEPT = 5


def process(frame: pd.DataFrame, chunk: Chunk) -> dict[str, Any]:
    """The records with the largest numbers in the column that the options name."""
    column = chunk.options.get("column", "amount")
    found = frame.assign(size=pd.to_numeric(frame[column], errors="coerce")).dropna(subset=["size"])
    largest = found.sort_values("size", ascending=False, kind="stable").head(KEPT)
    return {"column": column, "labels": list(frame.columns), "rows": largest.to_numpy().tolist()}


def merge(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """The largest of both; among equals the first in the file stay, for sorting is stable."""
    return {**a, "rows": sorted(a["rows"] + b["rows"], key=lambda row: -row[-1])[:KEPT]}


def report(total: dict[str, Any]) -> dict[str, Any]:
    """One table, without the numbers that were sorted by: the field stands in its record as it was written."""
    rows = [row[:-1] for row in total["rows"]]
    return {"title": f"Largest {total['column']}", "tables": [{"columns": total["labels"], "rows": rows}]}
