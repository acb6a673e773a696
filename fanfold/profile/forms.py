"""Readings of a column: rules that rewrite its texts into the plain forms of ``numbers`` and ``times``.

They come in two families of two, and of a family one at most is chosen for a column, by all its values together:

- numbers with a decimal point or a decimal comma (``number_forms``),
- dates with the day or the month first (``date_forms``).

A reading is alive while every value reads under it; one value that does not ends it for good. So what is known of a
reading is a function of the values alone, whatever their order, and a column of plain texts carries nothing of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from fanfold import limits
from fanfold.profile.arrays import Counts, Flags, Rows

Votes = tuple[int, int, int]
"""Of the values that are not plain: how many only the first reading fits, only the second, both and differently."""

LOOK = 256
"""Values looked at before all are: a column of other texts is found out at once."""


@dataclass(frozen=True, slots=True)
class Written:
    """Values present, with the rows of those that read as nothing but text, and as numbers that are no integers."""

    series: pl.Series
    counts: Counts | None
    """How often each occurs; None: once."""
    texts: Rows
    numbers: Rows

    def pick(self, rows: Rows) -> pl.Series:
        """Values of ``rows``."""
        return self.series if rows.size == len(self.series) else self.series[rows]

    def may_match(self, rows: Rows, pattern: str) -> bool:
        """Whether the first of ``rows``, of which there is one at least, matches, or nearly so.

        A look at a Series costs as much as one at a hundred texts, and most columns are settled by their first. It is
        only nearly so: Python's ``$`` stands before a last line break, too, and a long text is not looked at.
        """
        first = self.series[int(rows[0])]
        return len(first) > limits.FORM_BYTES_MAX or re.search(pattern, first) is not None

    def weight(self, rows: Rows, chosen: Flags) -> int:
        """How many values stand in those of ``rows`` that are chosen."""
        if self.counts is None:
            return int(chosen.sum())
        return int(self.counts[rows[chosen]].sum())

    def replace(self, rows: Rows, values: pl.Series) -> pl.Series:
        """All values, those of ``rows`` replaced."""
        if rows.size == len(self.series):
            return values
        return self.series.clone().scatter(rows, values)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """All values in one reading, and how many of those that it changes have each mark."""

    series: pl.Series
    marks: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Family:
    """Both readings of a family: rewritten values, True where they stand as they are, False where some do not fit."""

    votes: Votes
    readings: tuple[Rewritten | bool, Rewritten | bool]


UNTOUCHED = Family((0, 0, 0), (True, True))


def all_match(texts: pl.Series, pattern: str) -> bool:
    """Whether every text matches, told early where the first ones do not."""
    return all(bool(part.str.contains(pattern).all()) for part in (texts.head(LOOK), texts))


def flags(texts: pl.Series, pattern: str, *, literal: bool = False) -> Flags:
    """Which texts hold the pattern."""
    found: Flags = texts.str.contains(pattern, literal=literal).to_numpy()
    return found
