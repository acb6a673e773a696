"""A profile -> the ``columns[]`` of a report: decides types and rounds, once, from what was merged exactly."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from fanfold.profile import iso, top
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.decision import Decision, decide
from fanfold.profile.distribution import BucketedNumbers, Distribution, Number, exact_numbers, histogram, quantiles
from fanfold.profile.keys import shown
from fanfold.profile.model import KINDS, Extremes, Figures, Profile, Summary, Tally
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.profile.reading import describe_reading
from fanfold.profile.rounding import nearest, root

Report = dict[str, object]

_BOUND_DEVIATIONS = 3.89
"""Standard deviations that hold all but one in 10,000 of a normal distribution: what is called a bound must hold."""

_DAY_NS = 86_400 * iso.NANOSECONDS


def describe(profile: Profile, names: Sequence[str], caps: Caps = CAPS, nulls: Nulls = NULLS) -> list[Report]:
    """JSON-ready, one a column; ``caps`` and ``nulls`` are those the profile was made under."""
    cells = profile.sample.cells
    return [
        {"name": name} | _describe(decide(column, nulls, caps), cells[:, position].unique().to_list(), caps)
        for position, (name, column) in enumerate(zip(names, profile.columns, strict=True))
    ]


def _describe(decision: Decision, candidates: Sequence[str], caps: Caps) -> Report:
    written, read = decision.written, decision.read
    figures, kind, count = read.figures, read.type, sum(read.figures.evidence)
    if kind == "empty":
        return _describe_empty(decision)
    complete = isinstance(written, Tally) or written.smallest.hashes.size < caps.hashes
    low, high = _extremes(figures.extremes, kind)
    report: Report = {
        "type": kind,
        "count": count,
        "nulls": decision.nulls,
        "distinct": _distinct(written, count, complete=complete),
        "min": low,
        "max": high,
    }
    if kind in {"integer", "number"}:
        report |= _describe_numbers(read.values, figures, kind, count)
    if kind == "string":
        lengths = figures.lengths
        report |= {"min_length": lengths.smallest, "max_length": lengths.largest, "mean_length": lengths.total / count}
        report |= {"blanks": figures.blanks}
    if isinstance(written, Tally):
        report |= top.from_counts(written.counts)
    else:
        present = [candidate for candidate in candidates if candidate not in decision.null_tokens]
        report |= top.from_sketches(written, present, count, complete=complete)
    evidence = dict(zip(KINDS, figures.evidence, strict=True))
    return report | {"evidence": evidence, "reading": describe_reading(decision)}


def _describe_empty(decision: Decision) -> Report:
    return {
        "type": "empty",
        "count": 0,
        "nulls": decision.nulls,
        "distinct": {"value": 0, "exact": True, "error": 0.0},
        "min": None,
        "max": None,
        **top.no_values(),
        "evidence": dict.fromkeys(KINDS, 0),
        "reading": describe_reading(decision),
    }


def _distinct(values: Tally | Summary, count: int, *, complete: bool) -> Report:
    """How many different texts are present, as written: of 1 and 1.0 there are two."""
    if isinstance(values, Tally):
        return {"value": len(values.counts), "exact": True, "error": 0.0}
    hashes = values.smallest.hashes
    k = hashes.size
    if complete:
        # Two values may share a hash, with a chance below 10**-12 for a few thousand: so not called exact.
        return {"value": k, "exact": False, "error": 0.0}
    estimate = ((k - 1) << 64) // (int(hashes[-1]) + 1)
    return {"value": max(k, min(estimate, count)), "exact": False, "error": _BOUND_DEVIATIONS / math.sqrt(k - 2)}


def _extremes(extremes: Extremes, kind: str) -> tuple[object, object]:
    if kind in {"integer", "number"}:
        return _numeric_extremes(extremes, kind)
    if kind == "boolean":
        return extremes.boolean or (None, None)
    if kind == "date" and extremes.date:
        return iso.date(extremes.date[0]), iso.date(extremes.date[1])
    if kind == "datetime" and extremes.zoned:
        return iso.instant(extremes.zoned[0], "Z"), iso.instant(extremes.zoned[1], "Z")
    if kind == "datetime":
        midnights = tuple(day * _DAY_NS for day in extremes.date or ())
        instants = (*midnights, *(extremes.datetime or ()))
        return iso.instant(min(instants)), iso.instant(max(instants))
    low, high = extremes.text or ("", "")
    return shown(low, len(low)), shown(high, len(high))


def _numeric_extremes(extremes: Extremes, kind: str) -> tuple[Number, Number]:
    found: list[Number] = [*(extremes.integer or ()), *(extremes.number or ())]
    low, high = min(found), max(found)
    return (low, high) if kind == "integer" else (float(low), float(high))


def _describe_numbers(values: Tally | Summary, figures: Figures, kind: str, count: int) -> Report:
    low, high = _numeric_extremes(figures.extremes, kind)
    numbers: Distribution
    if isinstance(values, Tally):
        numbers = exact_numbers(_numbers(values.counts, kind))
    else:
        numbers = BucketedNumbers(values.buckets, low, high, integral=kind == "integer")
    total = figures.moments.total(1)
    return {
        "sum": int(total) if kind == "integer" else nearest(total),
        "mean": nearest(total / count),
        "std": _deviation(total, figures.moments.total(2), count),
        "zeros": figures.zeros,
        "negatives": figures.negatives,
        "quantiles": quantiles(numbers, count),
        "histogram": histogram(numbers, low, high, count),
    }


def _numbers(tally: Mapping[str, int], kind: str) -> Mapping[Number, int]:
    counts: Counter[Number] = Counter()
    for text, count in tally.items():
        counts[int(text) if kind == "integer" else float(text)] += count
    return counts


def _deviation(total: Fraction, squares: Fraction, count: int) -> float | None:
    """Sample standard deviation; None of a single value."""
    if count < 2:
        return None
    return root((squares - total * total / count) / (count - 1))
