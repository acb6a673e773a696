"""How a column is read, decided once from all its values: which texts are null, and by which rule the others read.

1. What reads as it stands is read so.
2. Else the first reading of ``forms`` that fits every value is taken, if it makes sense for them together.
3. A text that is null in typed columns only is a value again when neither leaves more than text.

Where two readings fit every value and differ, nothing in the column decides: the column is called ambiguous, and the
plain reading comes before the others, a decimal point before a decimal comma, the day before the month.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from fanfold.profile.caps import Caps
from fanfold.profile.column import figures_of
from fanfold.profile.forms import Rewritten, Votes
from fanfold.profile.merging import merge_columns
from fanfold.profile.model import KINDS, Alternative, Column, Figures, Summary, Tally
from fanfold.profile.nulls import Nulls
from fanfold.profile.number_forms import CURRENCIES
from fanfold.profile.order import NONE, Order
from fanfold.profile.tallies import Measured, measure

_TYPES = {
    frozenset[str](): "empty",
    frozenset({"integer"}): "integer",
    frozenset({"number"}): "number",
    frozenset({"integer", "number"}): "number",
    frozenset({"boolean"}): "boolean",
    frozenset({"date"}): "date",
    frozenset({"datetime"}): "datetime",
    frozenset({"date", "datetime"}): "datetime",
    frozenset({"zoned"}): "datetime",
}
"""The type of a column by the kinds its values read as; any other mixture is a string."""

TEXTUAL = frozenset({"string", "empty"})
"""The types of a column whose values are no more than text: there a text that is null in typed columns is a value."""

PLAIN = "plain"
RULES = (("decimal_point", "decimal_comma"), ("day_first", "month_first"))
"""Names of the readings of each family."""


def type_of(figures: Figures) -> str:
    """Type of a column, by how many of its values read as each of ``KINDS``."""
    found = frozenset(kind for kind, count in zip(KINDS, figures.evidence, strict=True) if count)
    return _TYPES.get(found, "string")


@dataclass(frozen=True, slots=True)
class Read:
    """Values under a rule: they and their figures are those of the rewritten values."""

    rule: str
    values: Tally | Summary
    figures: Figures
    marks: Mapping[str, int]

    @property
    def type(self) -> str:
        """The column's type under the rule."""
        return type_of(self.figures)


@dataclass(frozen=True, slots=True)
class Survey:
    """What the values of one family of readings say; only readings that fit all values and change some are kept."""

    rules: tuple[str, str]
    votes: Votes
    readings: tuple[Read, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """A column as it is reported."""

    nulls: int
    """Empty values and null tokens."""
    null_tokens: Mapping[str, int]
    written: Tally | Summary
    """The values present, as they are written."""
    figures: Figures
    """Of ``written``."""
    read: Read
    surveys: tuple[Survey | None, ...]
    """Of each family; None where some value is neither."""
    ambiguous: bool = False
    order: Order = NONE
    """Of the values that are not null."""
    objection: str | None = None
    """Why the values read as no type, though each does."""


def decide(column: Column, nulls: Nulls, caps: Caps) -> Decision:
    """Decide how a column is read and which of its texts are null."""
    return next(decide_each([column], nulls, caps))


def decide_each(columns: Sequence[Column], nulls: Nulls, caps: Caps) -> Iterator[Decision]:
    """Decide for one column after the other, of which each is decided for by itself."""
    measured = measure(column.values for column in columns if isinstance(column.values, Tally))
    for column in columns:
        known = next(measured) if isinstance(column.values, Tally) else None
        yield _decide_column(column, _decide(column.values, known), nulls, caps)


def _decide_column(column: Column, decision: Decision, nulls: Nulls, caps: Caps) -> Decision:
    """Decide which texts are null, given the decision for the other values."""
    tokens, ordered = column.tokens, column.order
    if decision.read.type in TEXTUAL:
        tokens = {text: count for text, count in column.tokens.items() if text in nulls.everywhere}
        written = written_values(column, decision.read.type, nulls, caps)
        decision = decision if written is column.values else _decide(written)
        ordered = column.order_as_text or ordered
    return replace(decision, nulls=column.nulls + sum(tokens.values()), null_tokens=tokens, order=ordered)


def written_values(column: Column, kind: str, nulls: Nulls, caps: Caps) -> Tally | Summary:
    """The values present of a column of that type, as they are written; more texts never make text another type."""
    present = {text: count for text, count in column.tokens.items() if text not in nulls.everywhere}
    if kind not in TEXTUAL or not present:
        return column.values
    if isinstance(column.values, Tally):
        return Tally({**column.values.counts, **present})
    return merge_columns([Column(0, column.values, NONE), Column(0, Tally(present), NONE)], caps).values


def _decide(values: Tally | Summary, measured: Measured | None = None) -> Decision:
    """Decide for values none of which is null, if it is a Tally by what was measured."""
    if isinstance(values, Tally):
        figures, surveys = _survey_tally(values, measured or next(measure([values])))
    else:
        figures, surveys = _survey_summary(values)
    plain = Read(PLAIN, values, figures, {})
    decision = Decision(0, {}, values, figures, plain, surveys)
    known = [survey for survey in surveys if survey is not None]
    if plain.type != "string":
        return replace(decision, ambiguous=any(survey.readings for survey in known))
    for survey in known:  # one at most: no text is both a number and a date
        sensible = [read for read in survey.readings if not _objection(read)]
        if not sensible:
            objection = _objection(survey.readings[0]) if survey.readings else _contradiction(survey, figures)
            return replace(decision, objection=objection)
        return replace(decision, read=sensible[0], ambiguous=len(sensible) > 1 and _differ(survey))
    return decision


def _survey_summary(summary: Summary) -> tuple[Figures, tuple[Survey | None, ...]]:
    surveys = []
    for names, forms in zip(RULES, summary.forms, strict=True):
        readings = zip(names, forms.readings, strict=True) if forms else ()
        reads = [
            Read(name, replace(summary, figures=each.figures, buckets=each.buckets), each.figures, each.marks)
            for name, each in readings
            if isinstance(each, Alternative)
        ]
        surveys.append(Survey(names, forms.votes, tuple(reads)) if forms else None)
    return summary.figures, tuple(surveys)


def _survey_tally(tally: Tally, measured: Measured) -> tuple[Figures, tuple[Survey | None, ...]]:
    surveys = []
    for names, family in zip(RULES, measured.families, strict=True):
        readings = zip(names, family.readings, strict=True) if family else ()
        reads = [_read_tally(name, tally, each) for name, each in readings if isinstance(each, Rewritten)]
        surveys.append(Survey(names, family.votes, tuple(reads)) if family else None)
    return measured.figures, tuple(surveys)


def _read_tally(rule: str, tally: Tally, rewritten: Rewritten) -> Read:
    counts: Counter[str] = Counter()
    for text, count in zip(rewritten.series, tally.counts.values(), strict=True):
        counts[text] += count
    return Read(rule, Tally(counts), figures_of(counts), rewritten.marks)


def _differ(survey: Survey) -> bool:
    """Whether the readings, which both fit all values, do not give the same."""
    marks = survey.readings[1].marks
    return bool(survey.votes[2] or marks.get(",") or marks.get("."))


_NEEDS = {
    "decimal_point": "a decimal point",
    "decimal_comma": "a decimal comma",
    "day_first": "the day first",
    "month_first": "the month first",
}


def _contradiction(survey: Survey, figures: Figures) -> str:
    """Why no reading fits all values: what only each of them does."""
    first, second, _ = survey.votes
    plain = figures.evidence[KINDS.index("number")]
    return f"{first + plain:,} values need {_NEEDS[survey.rules[0]]}, {second:,} {_NEEDS[survey.rules[1]]}"


def _objection(read: Read) -> str | None:
    """Why values that all read as numbers are none together; None when they are."""
    marks = read.marks
    units, separators = units_of(marks), separators_of(read)
    if len(units) > 1:
        return f"more than one unit: {' '.join(units)}"
    if len(separators) > 1:
        return "more than one thousands separator"
    count = sum(read.figures.evidence)
    if units == ["%"] and marks["%"] < count:
        return f"{count - marks['%']:,} of {count:,} numbers are no per cents"
    if marks.get("(") == count:
        return "every number is in parentheses"
    return None


def units_of(marks: Mapping[str, int]) -> list[str]:
    """Units that were seen."""
    return [unit for unit in (*CURRENCIES, "%") if unit in marks]


def separators_of(read: Read) -> list[str]:
    """Thousands separators that were seen."""
    mark = "." if read.rule == "decimal_comma" else ","
    return [separator for separator in (mark, " ", "'") if separator in read.marks]
