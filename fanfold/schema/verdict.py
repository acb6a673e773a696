"""Whether a dataset keeps its schema: `pass`, `warn` or `fail`, and what each rule says."""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fanfold import limits
from fanfold.profile.keys import shown
from fanfold.profile.model import Column, Summary, Tally
from fanfold.profile.order import Order, sorted_as
from fanfold.profile.sketches import distinct_estimate
from fanfold.schema.rules import Field, Rules
from fanfold.schema.violations import CHECKED, Broken, Violations

PASS, WARN, FAIL = "pass", "warn", "fail"
_ORDER = (PASS, WARN, FAIL)
_NOTHING = Broken(0, (), ())


def judge(
    rules: Rules, violations: Violations, columns: Sequence[Column], records: int, tolerance: int | str
) -> dict[str, Any]:
    """The `validation` of a report. Counts are of records, but of `unique`, which counts superfluous values.

    A rule that no record breaks passes; one that is broken at most as often as tolerated warns; any other fails. A
    field that the dataset lacks fails; columns that the schema does not know, or another order than it wants, warn.
    """
    allowed = tolerated(tolerance, records)
    judged = [
        entry
        for place, field in enumerate(rules.fields)
        if field.column is not None
        for entry in _entries(place, rules, violations, columns[field.column], allowed)
    ]
    missing = [field.name for field in rules.fields if field.column is None]
    verdicts = [entry["verdict"] for entry in judged] + _of_columns(rules, missing)
    return {
        "verdict": max(verdicts, key=_ORDER.index, default=PASS),
        "tolerance": tolerance,
        "missing": missing,
        "extra": list(rules.extra),
        "disordered": rules.disordered,
        "rules": judged,
    }


def tolerated(tolerance: int | str, records: int) -> int:
    """How many records may break a rule: a count, or a percentage of all, rounded down."""
    if isinstance(tolerance, int):
        return tolerance
    return int(Fraction(tolerance.removesuffix("%").strip()) * records / 100)


def _of_columns(rules: Rules, missing: Sequence[str]) -> list[str]:
    """As the standard's `fieldsMatch` says: which of the two may have more than the other."""
    match = rules.fields_match
    lacks = bool(missing) and match not in {"superset", "partial"}
    none_in_common = match == "partial" and len(missing) == len(rules.fields) > 0
    adds = bool(rules.extra) and match not in {"subset", "partial"}
    return [FAIL] * (lacks or none_in_common) + [WARN] * (adds or rules.disordered)


def _entries(place: int, rules: Rules, violations: Violations, column: Column, allowed: int) -> list[dict[str, Any]]:
    field = rules.fields[place]
    expected = dict(_expectations(field))
    found = {rule: violations.get(f"{place}:{rule}", _NOTHING) for rule in CHECKED if rule in expected}
    made = [_entry(field, rule, expected[rule], broken, allowed) for rule, broken in found.items()]
    if not field.unique:
        return made
    return [*made, _unique(field, column, rules, allowed)]


def _present(values: Tally | Summary, rules: Rules) -> Tally | Summary:
    """Without what the schema says is missing, where the values are counted one by one."""
    if isinstance(values, Summary) or values.counts.keys().isdisjoint(rules.missing_values):
        return values
    return Tally({text: count for text, count in values.counts.items() if text not in rules.missing_values})


def _expectations(field: Field) -> list[tuple[str, Any]]:
    """The rules of a field, and what each expects."""
    kind = field.type if field.format == "default" else f"{field.type} ({field.format})"
    checked_type = field.type not in {"string", "any"} or field.format != "default"
    wanted: list[tuple[str, Any]] = [
        ("type", kind if checked_type else None),
        ("required", field.required or None),
        ("pattern", field.pattern),
        ("enum", None if field.enum is None else list(field.enum[: limits.ENUM_VALUES_MAX])),
        ("minimum", field.minimum),
        ("maximum", field.maximum),
        ("exclusiveMinimum", field.exclusive_minimum),
        ("exclusiveMaximum", field.exclusive_maximum),
        ("minLength", field.min_length),
        ("maxLength", field.max_length),
    ]
    return [(rule, expected) for rule, expected in wanted if expected is not None]


def _entry(field: Field, rule: str, expected: Any, broken: Broken, allowed: int) -> dict[str, Any]:
    examples = [
        {"record": record + 1, "value": shown(value, len(value))}
        for record, value in zip(broken.records, broken.values, strict=True)
    ]
    return {
        "field": field.name,
        "rule": rule,
        "expected": expected,
        "violations": broken.count,
        "exact": True,
        "error": 0,
        "verdict": _verdict(broken.count, allowed),
        "examples": examples,
    }


def _unique(field: Field, column: Column, rules: Rules, allowed: int) -> dict[str, Any]:
    """Values beyond the first of each kind. Of a column with many values, those of a uniform sample speak for all.

    The texts that the profile keeps apart may stand for no value, and the schema does not say so of each.
    """
    values = _present(column.values, rules)
    others = [count for text, count in column.tokens.items() if text not in rules.missing_values]
    exact = isinstance(values, Tally) or _is_strictly_sorted(column.order)
    surplus, error = (0, 0) if exact and isinstance(values, Summary) else _surplus(values)
    found = surplus + sum(others) - len(others)
    return {
        "field": field.name,
        "rule": "unique",
        "expected": True,
        "violations": found,
        "exact": exact,
        "error": error,
        "verdict": _verdict(found, allowed),
        "examples": [],
    }


def _is_strictly_sorted(ordered: Order) -> bool:
    """Whether each value is beyond the one before it, so that none is there twice."""
    runs = (ordered.number, ordered.time, ordered.text)
    return any(run is not None and sorted_as(run).startswith("strictly") for run in runs)


def _surplus(values: Tally | Summary) -> tuple[int, int]:
    """Values beyond the first of each kind, and by how many more or fewer there may be.

    The bound is that of the number of different values, which holds whatever repeats, and however often.
    """
    if isinstance(values, Tally):
        return sum(values.counts.values()) - len(values.counts), 0
    smallest = values.smallest
    found = int(smallest.counts.sum()) - smallest.counts.size
    if smallest.counts.size < limits.KMV_HASHES:
        return found, 0
    share = Fraction(int(smallest.hashes[-1]) + 1, 1 << 64)
    found, count = int(found / share), sum(values.figures.evidence)
    distinct, relative = distinct_estimate(smallest.hashes, count)
    fewest, most = distinct / (1 + relative), min(count, distinct / (1 - relative))
    return found, math.ceil(max(abs(count - fewest - found), abs(count - most - found)))


def _verdict(found: int, allowed: int) -> str:
    if not found:
        return PASS
    return WARN if found <= allowed else FAIL
