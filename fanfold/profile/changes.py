"""What has changed between two datasets of one name: columns, counts, nulls, types, and the shapes of the values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fanfold import limits
from fanfold.profile.caps import CAPS
from fanfold.profile.decision import PLAIN, decide, written_values
from fanfold.profile.drift import Divergence, divergence
from fanfold.profile.model import Profile, Summary, Tally
from fanfold.profile.nulls import NULLS, Nulls

Report = dict[str, Any]
_NUMERIC = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Profiled:
    """A profile with the `columns[]` that a report gives of it."""

    profile: Profile
    columns: Sequence[Mapping[str, Any]]
    nulls: Nulls = NULLS
    """Those that the profile was made with."""

    def values(self, place: int, *, numeric: bool) -> Tally | Summary:
        """The values present of a column: numbers as its rule reads them, others as they are written."""
        column, reported = self.profile.columns[place], self.columns[place]
        if numeric and reported["reading"]["rule"] != PLAIN:
            return decide(column, self.nulls, CAPS).read.values
        return written_values(column, reported["type"], self.nulls, CAPS)  # what is reported need not be decided again


def compare(before: Profiled, now: Profiled) -> Report:
    """JSON-ready: `records`, what was `added`, `removed`, `reordered`, `columns` that both have, `alerts`."""
    old = {column["name"]: place for place, column in enumerate(before.columns)}
    new = {column["name"]: place for place, column in enumerate(now.columns)}
    common = [name for name in new if name in old]
    compared = [_compare(name, before, old[name], now, new[name]) for name in common]
    report: Report = {
        "records": {"before": before.profile.records, "now": now.profile.records},
        "added": [name for name in new if name not in old],
        "removed": [name for name in old if name not in new],
        "reordered": [old[name] for name in common] != sorted(old[name] for name in common),
        "columns": compared,
    }
    return {**report, "alerts": _alerts(report)}


def _compare(name: str, before: Profiled, old: int, now: Profiled, new: int) -> Report:
    was, is_ = before.columns[old], now.columns[new]
    numeric = was["type"] in _NUMERIC and is_["type"] in _NUMERIC
    found = divergence(before.values(old, numeric=numeric), now.values(new, numeric=numeric), numeric=numeric)
    return {
        "name": name,
        "type": {"before": was["type"], "now": is_["type"]},
        "null_rate": {
            "before": _null_rate(was["nulls"], before.profile.records),
            "now": _null_rate(is_["nulls"], now.profile.records),
        },
        "distinct": {"before": was["distinct"]["value"], "now": is_["distinct"]["value"]},
        **_distances(found),
    }


def _distances(found: Divergence | None) -> Report:
    if found is None:
        return {"psi": None, "jensen_shannon": None, "bins": 0, "by": None}
    return {"psi": found.psi, "jensen_shannon": found.jensen_shannon, "bins": found.bins, "by": found.by}


def _null_rate(nulls: int, records: int) -> float | None:
    return nulls / records if records else None


def _alerts(report: Report) -> list[Report]:
    """Judged by the limits that their names carry."""
    return [*_of_columns(report), *_of_records(report), *(each for column in report["columns"] for each in _of(column))]


def _of_columns(report: Report) -> list[Report]:
    raised = [_alert("column_removed", "error", "is not there any more", name) for name in report["removed"]]
    raised += [_alert("column_added", "warning", "was not there before", name) for name in report["added"]]
    if report["reordered"]:
        raised.append(_alert("columns_reordered", "info", "the columns stand in another order"))
    return raised


def _of_records(report: Report) -> list[Report]:
    before, now = report["records"]["before"], report["records"]["now"]
    if abs(now - before) <= limits.DRIFT_RECORDS_SHARE * before:
        return []
    return [_alert("records_changed", "warning", f"{now:,} records, {before:,} before")]


def _of(column: Report) -> list[Report]:
    name, raised = column["name"], []
    was, is_ = column["type"]["before"], column["type"]["now"]
    if was != is_:
        severity = "info" if "empty" in {was, is_} else "warning"
        raised.append(_alert("type_changed", severity, f"{is_}, {was} before", name))
    before, now = column["null_rate"]["before"], column["null_rate"]["now"]
    if before is not None and now is not None and abs(now - before) > limits.DRIFT_NULL_RATE:
        raised.append(_alert("nulls_changed", "warning", f"{now:.1%} null, {before:.1%} before", name))
    psi = column["psi"]
    if psi is not None and psi > limits.DRIFT_PSI_NOTABLE:
        severity = "warning" if psi > limits.DRIFT_PSI_STRONG else "info"
        raised.append(_alert("distribution_changed", severity, f"PSI {psi:.2f} over {column['bins']} bins", name))
    return raised


def _alert(kind: str, severity: str, message: str, column: str | None = None) -> Report:
    return {"kind": kind, "severity": severity, **({} if column is None else {"column": column}), "message": message}
