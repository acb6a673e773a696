"""Whether the dataset keeps its schema, made ready to be shown: the verdict, and the rules, broken ones first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from fanfold.report.figures import number
from fanfold.report.pieces import approximate
from fanfold.report.text import datum

_SEVERITIES = {"fail": "error", "warn": "warning", "pass": "info"}
_WORDS = {
    "pass": "Every record keeps the schema.",
    "warn": "The schema is not kept everywhere, within what is tolerated.",
    "fail": "The dataset does not keep the schema.",
}
_CHARACTERS = 60
_RULES_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of one field."""

    field: Markup
    rule: str
    expected: Markup
    violations: Markup
    verdict: str
    severity: str
    examples: Markup


@dataclass(frozen=True, slots=True)
class Section:
    """The verdict, remarks on the columns, and the rules."""

    verdict: str
    severity: str
    words: str
    remarks: tuple[Markup, ...]
    rules: tuple[Rule, ...]
    unshown: int


def section(document: Mapping[str, Any]) -> Section | None:
    """None where the run was given no schema."""
    found = document.get("validation")
    if found is None:
        return None
    rules = sorted(found["rules"], key=lambda rule: ("fail", "warn", "pass").index(rule["verdict"]))
    return Section(
        verdict=found["verdict"],
        severity=_SEVERITIES[found["verdict"]],
        words=_WORDS[found["verdict"]],
        remarks=_remarks(found),
        rules=tuple(map(_rule, rules[:_RULES_SHOWN])),
        unshown=max(0, len(rules) - _RULES_SHOWN),
    )


def _remarks(found: Mapping[str, Any]) -> tuple[Markup, ...]:
    named = (("Fields that are missing", found["missing"]), ("Columns that the schema does not know", found["extra"]))
    remarks = [
        Markup("{}: {}").format(what, datum(", ".join(names), _CHARACTERS * 5)) for what, names in named if names
    ]
    if found["disordered"]:
        remarks.append(Markup("The columns are in another order than the schema wants."))
    return tuple(remarks)


def _rule(rule: Mapping[str, Any]) -> Rule:
    expected = rule["expected"]
    shown = ", ".join(map(str, expected)) if isinstance(expected, list) else expected
    within = "" if rule["exact"] else "estimated from a uniform sample of the values"
    examples = [
        Markup("{} in record {}").format(datum(example["value"], _CHARACTERS), number(example["record"]))
        for example in rule["examples"][:3]
    ]
    return Rule(
        field=datum(rule["field"], _CHARACTERS),
        rule=rule["rule"],
        expected=escape("yes") if expected is True else datum(shown, _CHARACTERS),
        violations=approximate(escape(number(rule["violations"])), within),
        verdict=rule["verdict"],
        severity=_SEVERITIES[rule["verdict"]],
        examples=Markup("; ").join(examples),
    )
