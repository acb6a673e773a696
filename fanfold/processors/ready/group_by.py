"""Count, sum, mean, minimum and maximum by up to three columns; exact, whatever the chunking.

Options: ``by``, one to three labels, and ``of``, the labels of the columns to sum up (none: records are counted only).
A field counts as a number when it does as it stands, without regard to its column's reading, which is known of the
whole dataset alone; the others, with decimal commas or units, are not added up, and ``count`` is of those that are.

A double is an integer times a power of two. Sums are kept as such integers, in units of the smallest double, so that
nothing is ever rounded but the figures of the report, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

from fanfold import limits
from fanfold.processors.contract import Chunk
from fanfold.processors.grouping import Grouping, read_grouping
from fanfold.profile import strings
from fanfold.profile.numbers import read_numbers
from fanfold.profile.rounding import nearest

_SMALLEST_EXPONENT = 1074
"""Every double is an integer times two to minus this."""
_MANTISSA_BITS = 53
_LIMB_BITS = 32
"""A sum of as many limbs as a batch has records stays within 63 bits."""

Codes = npt.NDArray[np.int64]
Number = int | float
Measure = list[Any]
"""[count, exact sum as text, how many are integers, smallest, largest] of one column in one group."""


def process(frame: pd.DataFrame, chunk: Chunk) -> dict[str, Any]:
    """Group the records of a frame."""
    wanted = _wanted(chunk)
    by, of, columns = wanted.by, wanted.of, list(chunk.columns)
    texts = {label: pl.Series(pa.array(frame.iloc[:, columns.index(label)], pa.large_string())) for label in (*by, *of)}
    keys = pl.DataFrame([texts[label].alias(str(place)) for place, label in enumerate(by)])
    groups = keys.unique(maintain_order=True)
    _check_size(groups.height)
    codes = _codes(keys, groups)
    measured = [_measure(texts[label], codes, groups.height) for label in of]
    counts = np.bincount(codes, minlength=groups.height).tolist()
    rows = [
        [list(key), count, [measures[place] for measures in measured]]
        for place, (key, count) in enumerate(zip(groups.rows(), counts, strict=True))
    ]
    return {"by": list(by), "of": list(of), "groups": rows}


def merge(a: dict[str, Any], b: dict[str, Any]) -> dict[str, Any]:
    """Add up group by group."""
    groups = {tuple(key): [count, measures] for key, count, measures in a["groups"]}
    for key, count, measures in b["groups"]:
        known = groups.get(tuple(key))
        if known is None:
            groups[tuple(key)] = [count, measures]
        else:
            known[0] += count
            known[1] = [_add(mine, more) for mine, more in zip(known[1], measures, strict=True)]
    _check_size(len(groups))
    return {**a, "groups": [[list(key), count, measures] for key, (count, measures) in groups.items()]}


def report(total: dict[str, Any]) -> dict[str, Any]:
    """A table, sorted by its groups."""
    figures = ("count", "sum", "mean", "min", "max")
    labels = [*total["by"], "records", *(f"{name} of {label}" for label in total["of"] for name in figures)]
    rows = [
        [*key, count, *(figure for measure in measures for figure in _figures(measure))]
        for key, count, measures in sorted(total["groups"], key=lambda group: group[0])
    ]
    by = ", ".join(total["by"])
    return {"title": f"Groups by {by}", "figures": {"groups": len(rows)}, "tables": [{"columns": labels, "rows": rows}]}


def _wanted(chunk: Chunk) -> Grouping:
    """The labels that the options name; ValueError for what cannot be done."""
    grouping = read_grouping(chunk.options)
    missing = [label for label in (*grouping.by, *grouping.of) if label not in chunk.columns]
    if missing:
        raise ValueError(f"options of group_by: the dataset has no column {missing[0]!r}; it has {list(chunk.columns)}")
    return grouping


def _check_size(groups: int) -> None:
    if groups > limits.GROUPS_MAX:
        raise ValueError(f"more than {limits.GROUPS_MAX} groups: choose columns with fewer values")


def _codes(keys: pl.DataFrame, groups: pl.DataFrame) -> Codes:
    """The number of each record's group."""
    numbered = groups.with_row_index("group")
    joined = keys.join(numbered, on=keys.columns, how="left", maintain_order="left")
    return joined["group"].to_numpy().astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Parts:
    """Sums per group of integers that were cut into limbs, and extremes, of the groups that have any."""

    groups: Codes
    sums: list[int]
    extremes: list[tuple[Number, Number]]


def _measure(texts: pl.Series, codes: Codes, groups: int) -> list[Measure]:
    integers, numbers = read_numbers(strings.of(texts))
    sums = [0] * groups
    counts = np.bincount(codes[integers.rows], minlength=groups) + np.bincount(codes[numbers.rows], minlength=groups)
    whole = np.bincount(codes[integers.rows], minlength=groups)
    extremes: list[list[Number]] = [[] for _ in range(groups)]
    for part, unit in (
        (_integer_parts(integers.values, codes[integers.rows]), _SMALLEST_EXPONENT),
        *_double_parts(numbers.values, codes[numbers.rows]),
    ):
        for group, total, (low, high) in zip(part.groups.tolist(), part.sums, part.extremes, strict=True):
            sums[group] += total << unit
            extremes[group] += (low, high)
    for row, value in zip(integers.big_rows.tolist(), integers.big, strict=True):
        group = int(codes[row])
        sums[group] += value << _SMALLEST_EXPONENT
        counts[group] += 1
        whole[group] += 1
        extremes[group].append(value)
    return [
        [int(counts[group]), _to_text(sums[group]), int(whole[group]), *_edges(extremes[group])]
        for group in range(groups)
    ]


def _integer_parts(values: Codes, codes: Codes) -> _Parts:
    if not values.size:
        return _Parts(codes, [], [])
    order = np.argsort(codes, kind="stable")
    values, codes = values[order], codes[order]
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    low = np.add.reduceat(values & ((1 << _LIMB_BITS) - 1), starts).tolist()
    high = np.add.reduceat(values >> _LIMB_BITS, starts).tolist()
    sums = [a + (b << _LIMB_BITS) for a, b in zip(low, high, strict=True)]
    smallest, largest = (edge.reduceat(values, starts).tolist() for edge in (np.minimum, np.maximum))
    return _Parts(codes[starts], sums, list(zip(smallest, largest, strict=True)))


def _double_parts(values: npt.NDArray[np.float64], codes: Codes) -> list[tuple[_Parts, int]]:
    """Doubles of one exponent are integers in one unit."""
    mantissas, exponents = np.frexp(values)
    integers = (mantissas * 2.0**_MANTISSA_BITS).astype(np.int64)
    shifts = exponents.astype(np.int64) - _MANTISSA_BITS + _SMALLEST_EXPONENT
    # A subnormal has fewer bits than others: its last ones are zeros, which may go.
    integers >>= np.maximum(-shifts, 0)
    parts = []
    for shift in np.unique(np.maximum(shifts, 0)).tolist():
        rows = np.maximum(shifts, 0) == shift
        part = _integer_parts(integers[rows], codes[rows])
        unit = Fraction(2) ** (shift - _SMALLEST_EXPONENT)
        extremes: list[tuple[Number, Number]] = [(float(a * unit), float(b * unit)) for a, b in part.extremes]
        parts.append((_Parts(part.groups, part.sums, extremes), shift))
    return parts


def _to_text(total: int) -> str:
    """An integer without the zeros that most of them end in, in hex, and how many bits those are."""
    zeros = (total & -total).bit_length() - 1 if total else 0
    return f"{total >> zeros:x}p{zeros}"


def _from_text(text: str) -> int:
    digits, zeros = text.split("p")
    return int(digits, 16) << int(zeros)


def _edges(found: Sequence[Number]) -> list[Number | None]:
    return [min(found, key=_order), max(found, key=_order)] if found else [None, None]


def _order(value: Number) -> tuple[Number, bool]:
    """1 and 1.0 are equal, and which of them is shown must not depend on who came first."""
    return value, isinstance(value, float)


def _add(a: Measure, b: Measure) -> Measure:
    edges = _edges([each for each in (*a[3:], *b[3:]) if each is not None])
    return [a[0] + b[0], _to_text(_from_text(a[1]) + _from_text(b[1])), a[2] + b[2], *edges]


def _figures(measure: Measure) -> list[Number | None]:
    count, text, whole, low, high = measure
    if not count:
        return [0, None, None, None, None]
    exact = Fraction(_from_text(text), 1 << _SMALLEST_EXPONENT)
    total = int(exact) if whole == count else nearest(exact)
    return [count, total, nearest(exact / count), low, high]
