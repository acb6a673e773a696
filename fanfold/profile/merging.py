"""Many profiles -> one: associative, with an identity, and the same for any chunking of the records.

Commutative, too, but for ``order``: parts stand in the order of the file.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from fanfold.errors import PipelineFault
from fanfold.profile import buckets, correlations, marks, missingness, moments, order, sample, sketches
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.column import summarize
from fanfold.profile.model import Alternative, Column, Extremes, Figures, Forms, Joint, Lengths, Profile, Summary, Tally

Ordered = TypeVar("Ordered", str, int, float, bool)


def empty(columns: int) -> Profile:
    """Return the profile of no records."""
    return Profile(0, (Column(0, Tally({}), order.NONE),) * columns, sample.empty(columns), nothing_joint(columns))


def nothing_joint(columns: int) -> Joint:
    """Return what is known of so many columns of no records."""
    return Joint(missingness.Missingness(), correlations.nothing(columns))


def merge(profiles: Sequence[Profile], caps: Caps = CAPS) -> Profile:
    """Merge profiles of parts into the profile of the whole; of none: of no records in no columns."""
    columns = one_width(len(profile.columns) for profile in profiles if profile.columns or profile.records)
    if columns is None:
        return empty(0)
    parts = [profile for profile in profiles if len(profile.columns) == columns]
    if len(parts) == 1:
        return parts[0]
    return Profile(
        sum(profile.records for profile in parts),
        tuple(merge_columns(same, caps) for same in zip(*(profile.columns for profile in parts), strict=True)),
        sample.merge([profile.sample for profile in parts], caps),
        merge_joint([profile.joint for profile in parts]),
    )


def merge_joint(parts: Sequence[Joint]) -> Joint:
    """Merge what parts know of columns together."""
    return Joint(
        missingness.add([part.missingness for part in parts]),
        correlations.add([part.correlations for part in parts]),
    )


def one_width(widths: Iterable[int]) -> int | None:
    """Return the number of columns that all have, None of none; PipelineFault when they differ."""
    found = sorted(set(widths))
    if len(found) > 1:
        raise PipelineFault(f"profiles of {found} columns cannot be merged: expected one number of columns")
    return found[0] if found else None


def merge_columns(columns: Sequence[Column], caps: Caps = CAPS) -> Column:
    """Merge what parts know of one column."""
    tally = _add(column.values.counts for column in columns if isinstance(column.values, Tally))
    summaries = [column.values for column in columns if isinstance(column.values, Summary)]
    values: Tally | Summary = Tally(tally)
    if summaries or len(tally) > caps.exact_values:
        summaries += [summarize(tally, caps)] if tally else []
        values = _merge_summaries(summaries, caps) if len(summaries) > 1 else summaries[0]
    as_text = any(column.order_as_text for column in columns)
    return Column(
        sum(column.nulls for column in columns),
        values,
        order.merge(column.order for column in columns),
        _add(column.tokens for column in columns),
        order.merge(column.order_as_text or column.order for column in columns) if as_text else None,
    )


def _add(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    total: dict[str, int] = {}
    get = total.get
    for each in counts:
        for value, count in each.items():
            total[value] = get(value, 0) + count
    return total


def _merge_summaries(summaries: Sequence[Summary], caps: Caps) -> Summary:
    return Summary(
        _merge_figures([each.figures for each in summaries]),
        sketches.merge_smallest([each.smallest for each in summaries], caps.hashes),
        sketches.add_tables([each.table for each in summaries]),
        buckets.add([each.buckets for each in summaries]),
        (_merge_forms(summaries, 0), _merge_forms(summaries, 1)),
    )


def _merge_forms(summaries: Sequence[Summary], family: int) -> Forms | None:
    forms = [each.forms[family] for each in summaries]
    known = [each for each in forms if each is not None]
    if len(known) < len(forms):
        return None
    one, other, either = map(sum, zip(*(each.votes for each in known), strict=True))
    first, second = (_merge_readings([each.readings[place] for each in known], summaries) for place in range(2))
    return Forms((one, other, either), (first, second))


def _merge_readings(readings: Sequence[Alternative | bool], summaries: Sequence[Summary]) -> Alternative | bool:
    """A reading of all values together: where it changes none, they count as they stand."""
    if False in readings:
        return False
    if all(each is True for each in readings):
        return True
    parts = [
        Alternative(summary.figures, summary.buckets, {}) if isinstance(each, bool) else each
        for each, summary in zip(readings, summaries, strict=True)
    ]
    return Alternative(
        _merge_figures([each.figures for each in parts]),
        buckets.add([each.buckets for each in parts]),
        _add(each.marks for each in parts),
    )


def _merge_figures(figures: Sequence[Figures]) -> Figures:
    return Figures(
        Lengths(
            min(each.lengths.smallest for each in figures),
            max(each.lengths.largest for each in figures),
            sum(each.lengths.total for each in figures),
        ),
        tuple(map(sum, zip(*(each.evidence for each in figures), strict=True))),
        _merge_extremes([each.extremes for each in figures]),
        moments.add([each.moments for each in figures]),
        sum(each.zeros for each in figures),
        sum(each.negatives for each in figures),
        marks.add([each.marks for each in figures]),
    )


def _merge_extremes(extremes: Sequence[Extremes]) -> Extremes:
    return Extremes(
        _widest(each.text for each in extremes),
        _widest(each.integer for each in extremes),
        _widest(each.number for each in extremes),
        _widest(each.boolean for each in extremes),
        _widest(each.date for each in extremes),
        _widest(each.datetime for each in extremes),
        _widest(each.zoned for each in extremes),
    )


def _widest(ranges: Iterable[tuple[Ordered, Ordered] | None]) -> tuple[Ordered, Ordered] | None:
    known = [each for each in ranges if each is not None]
    if not known:
        return None
    return min(low for low, _ in known), max(high for _, high in known)
