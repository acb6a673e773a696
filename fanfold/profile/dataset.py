"""A profile -> what a report says of the dataset's records and of its columns together."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from fanfold import limits
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.correlations import coefficient
from fanfold.profile.keys import shown, take_apart
from fanfold.profile.model import Profile
from fanfold.profile.rounding import BOUND_DEVIATIONS
from fanfold.profile.sketches import distinct_estimate

Report = dict[str, object]
Columns = Sequence[Mapping[str, Any]]

_NUMERIC = frozenset({"integer", "number"})
_NO_KEY = frozenset({"number", "boolean", "empty"})


def describe_dataset(profile: Profile, columns: Columns, caps: Caps = CAPS) -> Report:
    """JSON-ready; ``columns`` are those of the report, ``caps`` those the profile was made under."""
    names = [column["name"] for column in columns]
    return {
        "correlations": _correlations(profile, columns),
        "missingness": _missingness(profile, names),
        "candidate_keys": _candidate_keys(columns),
        "duplicates": _duplicates(profile, caps),
        "sample": _sample(profile),
    }


def _correlations(profile: Profile, columns: Columns) -> Report:
    found = profile.joint.correlations
    numeric = [place for place, position in enumerate(found.columns) if columns[position]["type"] in _NUMERIC]
    if len(numeric) < 2:
        return {"columns": [], "matrix": []}
    return {
        "columns": [columns[found.columns[place]]["name"] for place in numeric],
        "matrix": [[coefficient(found, i, j) for j in numeric] for i in numeric],
    }


def _missingness(profile: Profile, names: Sequence[str]) -> Report:
    found = profile.joint.missingness
    together = sorted(found.together.items(), key=lambda item: (-item[1], item[0]))
    return {
        "incomplete": found.incomplete,
        "together": [{"columns": [names[i], names[j]], "records": count} for (i, j), count in together],
    }


def _candidate_keys(columns: Columns) -> list[Report]:
    return [
        {"column": column["name"], "exact": column["singles"]["exact"]}
        for column in columns
        if column["count"] > 1
        and not column["nulls"]
        and column["type"] not in _NO_KEY
        and column["singles"]["value"] == 1
    ]


def _duplicates(profile: Profile, caps: Caps) -> Report:
    """By the records with the smallest hashes, of which it is known how often each is there."""
    smallest, records = profile.sample.smallest, profile.records
    kept = int(smallest.hashes.size)
    repeated = int((smallest.counts > 1).sum())
    share = repeated / kept if kept else 0.0
    if kept < caps.hashes:
        return {
            "records": {"value": records - kept, "exact": False, "error": 0},
            "distinct": {"value": kept, "exact": False, "error": 0.0},
            "repeated_share": {"value": share, "exact": False, "error": 0.0},
        }
    estimate, error = distinct_estimate(smallest.hashes, records)
    # Where none of the sampled ones repeats, what the estimate lacks to all records is noise.
    surplus = max(int(smallest.counts.sum()) - kept, records - estimate) if repeated else 0
    least, most = estimate / (1 + error), min(records, estimate / (1 - error)) if error < 1 else records
    bound = max(abs(surplus - (records - least)), abs(surplus - (records - most)))
    return {
        "records": {"value": surplus, "exact": False, "error": math.ceil(bound)},
        "distinct": {"value": estimate if repeated else records, "exact": False, "error": error},
        "repeated_share": {"value": share, "exact": False, "error": BOUND_DEVIATIONS / (2 * math.sqrt(kept))},
    }


def _sample(profile: Profile) -> list[list[str | None]]:
    """Records with the smallest hashes, as many as a reader looks at and a wide table allows."""
    cells = profile.sample.cells
    fitting = limits.SHOWN_CELLS // max(cells.width, 1)
    return [[_shown(key) for key in row] for row in cells[: min(limits.SHOWN_RECORDS, max(fitting, 1))].rows()]


def _shown(key: str) -> str | None:
    parts = take_apart(key, limits.SAMPLE_VALUE_BYTES)
    return shown(parts.text, parts.characters) or None
