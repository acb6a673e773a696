"""Whether a dataset keeps its schema: `pass`, `warn` or `fail`, and what each rule says."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from fanfold import limits
from fanfold.profile.keys import shown
from fanfold.profile.model import Column, Summary, Tally
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
    kept = [count for text, count in column.tokens.items() if text not in rules.missing_values]
    return [*made, _unique(field, column.values, kept, allowed)]


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
        "verdict": _verdict(broken.count, allowed),
        "examples": examples,
    }


def _unique(field: Field, values: Tally | Summary, others: Sequence[int], allowed: int) -> dict[str, Any]:
    """Values beyond the first of each kind. Of a column with many values, those of a uniform sample speak for all.

    ``others`` counts the texts that the profile keeps apart, for they may stand for no value, and the schema does not.
    """
    if isinstance(values, Tally):
        counts, share = list(values.counts.values()), Fraction(1)
    else:
        counts = values.smallest.counts.tolist()
        share = Fraction(int(values.smallest.hashes[-1]) + 1, 1 << 64) if _is_cut(counts) else Fraction(1)
    surplus = sum(counts) - len(counts)
    found = int(surplus / share) + sum(others) - len(others)
    return {
        "field": field.name,
        "rule": "unique",
        "expected": True,
        "violations": found,
        "exact": isinstance(values, Tally),
        "verdict": _verdict(found, allowed),
        "examples": [],
    }


def _is_cut(counts: Sequence[int]) -> bool:
    return len(counts) >= limits.KMV_HASHES


def _verdict(found: int, allowed: int) -> str:
    if not found:
        return PASS
    return WARN if found <= allowed else FAIL
