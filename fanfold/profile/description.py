"""A profile -> the ``columns[]`` of a report: decides types and rounds, once, from what was merged exactly."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from fanfold import limits
from fanfold.profile import iso, order, sketches, top
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.decision import PLAIN, Decision, decide_each
from fanfold.profile.distribution import (
    BucketedNumbers,
    Distribution,
    Number,
    between_quartiles,
    exact_numbers,
    histogram,
    quantiles,
)
from fanfold.profile.keys import shown, take_apart
from fanfold.profile.looks import Looked, describe_looks, describe_personal
from fanfold.profile.model import KINDS, Extremes, Figures, Profile, Summary, Tally
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.profile.order import Order, Run
from fanfold.profile.reading import describe_reading
from fanfold.profile.rounding import BOUND_DEVIATIONS, nearest
from fanfold.profile.spread import describe_spread, spread_of

Report = dict[str, object]

_DAY_NS = 86_400 * iso.NANOSECONDS


def describe(profile: Profile, names: Sequence[str], caps: Caps = CAPS, nulls: Nulls = NULLS) -> list[Report]:
    """JSON-ready, one a column; ``caps`` and ``nulls`` are those the profile was made under."""
    sampled = (Counter(cells.to_list()) for cells in profile.sample.cells.get_columns())
    decisions = decide_each(profile.columns, nulls, caps)
    return [
        {"name": name} | _describe(decision, counts, caps)
        for name, decision, counts in zip(names, decisions, sampled, strict=True)
    ]


def _describe(decision: Decision, sampled: Counter[str], caps: Caps) -> Report:
    values, read = decision.written, decision.read
    figures, kind, count = read.figures, read.type, sum(read.figures.evidence)
    if kind == "empty":
        return _describe_empty(decision)
    for text in decision.null_tokens:
        del sampled[text]
    complete = isinstance(values, Tally) or values.smallest.hashes.size < caps.hashes
    low, high = _extremes(figures.extremes, kind)
    sorted_as = order.sorted_as(_run(decision.order, kind)) if read.rule == PLAIN else None
    looked = _looked(values, sampled, count)
    distinct = _distinct(values, count, sorted_as, complete=complete)
    report: Report = {
        "type": kind,
        "count": count,
        "nulls": decision.nulls,
        "blanks": figures.marks.blanks,
        "infinite": figures.marks.infinite,
        "nans": figures.marks.nans,
        "distinct": distinct,
        "uniqueness": distinct["value"] / count,
        "singles": _singles(values, sorted_as, complete=complete),
        "min": low,
        "max": high,
        "first": shown(decision.order.first or "", len(decision.order.first or "")),
        "last": shown(decision.order.last or "", len(decision.order.last or "")),
        "sorted": sorted_as,
    }
    if kind in {"integer", "number"}:
        report |= _describe_numbers(read.values, figures, kind, count)
    if kind == "string":
        lengths = figures.lengths
        report |= {"min_length": lengths.smallest, "max_length": lengths.largest, "mean_length": lengths.total / count}
        report |= describe_looks(looked)
    if kind in {"string", "integer"}:
        report |= describe_personal(looked)
    if isinstance(values, Tally):
        report |= top.from_counts(values.counts)
    else:
        report |= top.from_sketches(values, sorted(sampled), count, complete=complete)
    evidence = dict(zip(KINDS, figures.evidence, strict=True))
    return report | {"evidence": evidence, "reading": describe_reading(decision)}


def _describe_empty(decision: Decision) -> Report:
    return {
        "type": "empty",
        "count": 0,
        "nulls": decision.nulls,
        **dict.fromkeys(("blanks", "infinite", "nans"), 0),
        "distinct": {"value": 0, "exact": True, "error": 0.0},
        "uniqueness": None,
        "singles": {"value": None, "exact": True, "error": 0.0},
        **dict.fromkeys(("min", "max", "first", "last", "sorted")),
        **top.no_values(),
        "evidence": dict.fromkeys(KINDS, 0),
        "reading": describe_reading(decision),
    }


def _distinct(values: Tally | Summary, count: int, sorted_as: str | None, *, complete: bool) -> dict[str, Any]:
    """How many different texts are present, as written: of 1 and 1.0 there are two."""
    if isinstance(values, Tally):
        return {"value": len(values.counts), "exact": True, "error": 0.0}
    if _all_differ(sorted_as):
        return {"value": count, "exact": True, "error": 0.0}
    hashes = values.smallest.hashes
    if complete:
        # Two values may share a hash, with a chance below 10**-12 for a few thousand: so not called exact.
        return {"value": hashes.size, "exact": False, "error": 0.0}
    estimate, error = sketches.distinct_estimate(hashes, count)
    return {"value": estimate, "exact": False, "error": error}


def _singles(values: Tally | Summary, sorted_as: str | None, *, complete: bool) -> Report:
    """Share of the different values that are there once, among all or among those with the smallest hashes."""
    if isinstance(values, Tally):
        once = sum(count == 1 for count in values.counts.values())
        return {"value": once / len(values.counts), "exact": True, "error": 0.0}
    if _all_differ(sorted_as):
        return {"value": 1.0, "exact": True, "error": 0.0}
    counts = values.smallest.counts
    error = 0.0 if complete else BOUND_DEVIATIONS / (2 * math.sqrt(counts.size))
    return {"value": int((counts == 1).sum()) / counts.size, "exact": False, "error": error}


def _all_differ(sorted_as: str | None) -> bool:
    """Whether each value is beyond the one before it."""
    return sorted_as is not None and sorted_as.startswith("strictly")


def _run(ordered: Order, kind: str) -> Run:
    """How the values are ordered as what the column is."""
    if kind in {"integer", "number"}:
        run = ordered.number
    else:
        run = ordered.time if kind in {"date", "datetime"} else ordered.text
    return run or order.BROKEN


def _looked(values: Tally | Summary, sampled: Mapping[str, int], count: int) -> Looked:
    counted, limit = sampled, limits.SAMPLE_VALUE_BYTES
    if isinstance(values, Tally):
        counted, limit = values.counts, limits.VALUE_BYTES
    texts: Counter[str] = Counter()
    for key, times in counted.items():
        texts[take_apart(key, limit).text] += times
    del texts[""]
    return Looked(texts, count, exact=isinstance(values, Tally))


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
        **describe_spread(spread_of(figures.moments, count)),
        "range": nearest(Fraction(high) - Fraction(low)) if kind == "number" else int(high - low),
        "zeros": figures.zeros,
        "negatives": figures.negatives,
        "quantiles": quantiles(numbers, count),
        "iqr": between_quartiles(numbers, count),
        "histogram": histogram(numbers, low, high, count),
    }


def _numbers(tally: Mapping[str, int], kind: str) -> Mapping[Number, int]:
    counts: Counter[Number] = Counter()
    for text, count in tally.items():
        counts[int(text) if kind == "integer" else float(text)] += count
    return counts
