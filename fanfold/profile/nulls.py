"""Texts that stand for no value. Which of them do is decided for a column as a whole, from all its values.

By default there are two kinds. What nobody writes for anything else is null in every column. What may as well be a
value (``NA`` is Namibia, ``-`` an answer) is null only where the other values make the column more than text. Texts
that a request names are null everywhere, and then no others are.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import polars as pl

from fanfold.profile.arrays import Flags, Rows
from fanfold.profile.strings import Strings, of


@dataclass(frozen=True, slots=True)
class Nulls:
    """Texts that may be null: those of ``everywhere`` are in any column, those of ``where_typed`` in a typed one."""

    everywhere: frozenset[str]
    where_typed: frozenset[str] = frozenset()

    @property
    def texts(self) -> frozenset[str]:
        """All of them."""
        return self.everywhere | self.where_typed

    def find(self, strings: Strings) -> Rows:
        """Rows of the values that are one of the texts."""
        if not self.texts:
            return np.zeros(0, np.intp)
        known, begins = _laid_out(self.texts)
        rows: Rows = np.flatnonzero(begins.take(strings.prefix.astype(np.uint8)))
        rows = rows[strings.lengths[rows] <= known.lengths.max()]
        rows = rows[np.isin(strings.head[rows], known.head)]
        if rows.size:
            rows = rows[strings.series[rows].is_in(known.series.implode()).to_numpy()]
        return rows


@lru_cache(maxsize=8)
def _laid_out(texts: frozenset[str]) -> tuple[Strings, Flags]:
    """Texts as columns are, and with which bytes they begin."""
    known = of(pl.Series(sorted(texts), dtype=pl.String))
    begins = np.zeros(256, np.bool_)
    begins[known.prefix.astype(np.uint8)] = True
    return known, begins


NULLS = Nulls(
    everywhere=frozenset({"NULL", "null", "(null)", "N/A", "n/a", "#N/A", "<NA>", "\\N"}),
    where_typed=frozenset(
        {"NA", "na", "N.A.", "n.a.", "#NA", "Null", "None", "none", "NONE", "NaN", "nan", "NAN"}
        | {"-", "--", "\u2013", "\u2014", ".", "..", "?"}
    ),
)


def nulls_of(texts: Collection[str] | None) -> Nulls:
    """Return the default for None; else just those texts, for every column."""
    return NULLS if texts is None else Nulls(frozenset(texts) - {""})
