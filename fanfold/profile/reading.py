"""What a report says of how a column was read: the rule, what it rests on, and what was taken for null."""

from fanfold.profile.date_forms import SEPARATORS
from fanfold.profile.decision import PLAIN, Decision, Survey, separators_of, units_of
from fanfold.profile.model import KINDS

Report = dict[str, object]

_ORDERS = {"day_first": "day-first", "month_first": "month-first"}
_DECIMALS = {"decimal_point": ".", "decimal_comma": ","}


def describe_reading(decision: Decision) -> Report:
    """JSON-ready; only what applies."""
    read = decision.read
    report: Report = {"rule": read.rule, "ambiguous": decision.ambiguous}
    if decision.objection:
        report["objection"] = decision.objection
    if read.rule in _ORDERS:
        report["dates"] = _ORDERS[read.rule]
        separators = [separator for separator in SEPARATORS if separator in read.marks]
        report |= {"separator": separators[0]} if len(separators) == 1 else {}
    elif read.rule != PLAIN:
        report |= _describe_number_form(decision)
    if decision.null_tokens:
        report["null_tokens"] = dict(sorted(decision.null_tokens.items()))
    text = decision.figures.evidence[KINDS.index("text")]
    found = [survey for survey in decision.surveys if survey is not None and text]
    return report | ({"evidence": _evidence(decision, found[0], text)} if found else {})


def _describe_number_form(decision: Decision) -> Report:
    read = decision.read
    fractions = read.figures.evidence[KINDS.index("number")]
    marks: Report = {
        "decimal": _DECIMALS[read.rule] if fractions else None,
        "thousands": next(iter(separators_of(read)), None),
        "unit": next(iter(units_of(read.marks)), None),
        "parentheses": "(" in read.marks,
    }
    return {name: mark for name, mark in marks.items() if mark}


def _evidence(decision: Decision, survey: Survey, text: int) -> dict[str, int]:
    """How many values are plain, fit one rule only, fit both with different results, and fit both all the same."""
    votes = dict(zip((*survey.rules, "either"), survey.votes, strict=True))
    return {"plain": sum(decision.figures.evidence) - text, **votes, "alike": text - sum(survey.votes)}
