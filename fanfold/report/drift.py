"""What has changed since an earlier run, made ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold import limits
from fanfold.nouns import counted
from fanfold.report import overview
from fanfold.report.figures import NOTHING, number, share
from fanfold.report.overview import Alert
from fanfold.report.text import datum

_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class Row:
    """One column that both have."""

    name: Markup
    type: Markup
    nulls: Markup
    distinct: Markup
    psi: Markup
    jensen_shannon: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """The alerts, and a row a column, those that changed most first."""

    baseline: Markup
    records: Markup
    error: Markup
    alerts: tuple[Alert, ...]
    rows: tuple[Row, ...]
    unshown: int


def section(document: Mapping[str, Any], positions: Mapping[str, int]) -> Section | None:
    """None where there was nothing to compare with."""
    found = document["run"].get("drift")
    if found is None:
        return None
    columns = sorted(found.get("columns", ()), key=lambda column: -(column["psi"] or 0.0))
    return Section(
        baseline=datum(found["baseline"], _CHARACTERS),
        records=_records(found["records"]) if "records" in found else Markup(),
        error=datum(found["error"], 300) if "error" in found else Markup(),
        alerts=overview.alerts(found.get("alerts", ()), positions),
        rows=tuple(map(_row, columns[: limits.DRIFT_ROWS_SHOWN])),
        unshown=max(0, len(columns) - limits.DRIFT_ROWS_SHOWN),
    )


def _records(found: Mapping[str, int]) -> Markup:
    before = "" if found["before"] == found["now"] else f"{found['before']:,} → "
    return escape(before + counted(found["now"], "record"))


def _row(column: Mapping[str, Any]) -> Row:
    nulls = column["null_rate"]
    return Row(
        name=datum(column["name"], _CHARACTERS),
        type=_change(column["type"]["before"], column["type"]["now"], str),
        nulls=_change(nulls["before"], nulls["now"], lambda rate: share(rate, 1)),
        distinct=_change(column["distinct"]["before"], column["distinct"]["now"], number),
        psi=escape(number(column["psi"], 3)),
        jensen_shannon=escape(number(column["jensen_shannon"], 3)),
    )


def _change(before: Any, now: Any, shown: Any) -> Markup:
    """Both, or one where nothing has changed."""
    if before is None or now is None:
        return escape(NOTHING)
    if before == now:
        return escape(shown(now))
    return Markup("{} → {}").format(shown(before), shown(now))
