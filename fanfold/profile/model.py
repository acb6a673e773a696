"""What a profile is made of.

A column is kept in one of two forms, and which one depends on its values alone, never on how they were chunked:

- ``Tally``: value -> count, while there are at most ``Caps.exact_values`` distinct values. Everything else follows
  from it, so nothing else is kept.
- ``Summary``: above that. Exact figures (counts, extremes, power sums) and sketches, each a function of all values
  together. A Tally that outgrows its cap becomes what its values would have contributed from the start.

A value is a text: ``1`` and ``1.0`` are two distinct values, though one number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from fanfold.profile.arrays import Narrow
from fanfold.profile.buckets import Buckets
from fanfold.profile.correlations import Correlations
from fanfold.profile.marks import Marks
from fanfold.profile.missingness import Missingness
from fanfold.profile.moments import Moments
from fanfold.profile.order import Order
from fanfold.profile.sketches import Smallest

KINDS = ("integer", "number", "boolean", "date", "datetime", "zoned", "text")
"""What a value can read as, in the order of ``Summary.evidence``; the grammars are those of ``numbers``, ``times``."""


@dataclass(frozen=True, slots=True)
class Extremes:
    """Smallest and largest value of each kind; None where there is none."""

    text: tuple[str, str] | None = None
    """Of all values, by UTF-8 bytes, cut to one character more than is shown."""
    integer: tuple[int, int] | None = None
    number: tuple[float, float] | None = None
    boolean: tuple[bool, bool] | None = None
    date: tuple[int, int] | None = None
    """Days since 1970-01-01."""
    datetime: tuple[int, int] | None = None
    """Nanoseconds since 1970-01-01T00:00."""
    zoned: tuple[int, int] | None = None
    """Nanoseconds since 1970-01-01T00:00Z."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """Characters of the values present."""

    smallest: int
    largest: int
    total: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The exact part of a Summary."""

    lengths: Lengths
    evidence: tuple[int, ...]
    """How many values read as each of ``KINDS``."""
    extremes: Extremes
    moments: Moments
    """Of the values that read as integers or numbers."""
    zeros: int
    negatives: int
    marks: Marks


@dataclass(frozen=True, slots=True)
class Alternative:
    """The values as a reading rewrites them (``forms``), all of which it fits."""

    figures: Figures
    buckets: Buckets
    marks: Mapping[str, int]
    """How many of the values that it changes have each mark."""


@dataclass(frozen=True, slots=True)
class Forms:
    """A family of two readings, of values that each fit one of them at least."""

    votes: tuple[int, int, int]
    readings: tuple[Alternative | bool, Alternative | bool]
    """True: fits, and changes no value; False: some value does not fit."""


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each value present occurs, by its key (``keys``)."""

    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """Figures and sketches of a column with too many distinct values to count each."""

    figures: Figures
    smallest: Smallest
    table: Narrow
    """Count-min, shape (4, ``Caps.table_width``)."""
    buckets: Buckets
    """Of the values that read as integers or numbers."""
    forms: tuple[Forms | None, Forms | None]
    """Of numbers and of dates; None where some value is neither of the two."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: empty values, texts that may stand for none, and the others."""

    nulls: int
    values: Tally | Summary
    order: Order
    """Of the values in the file; what the order of the records shows in, here and in ``order_as_text``."""
    tokens: Mapping[str, int] = field(default_factory=dict)
    """How often each text of ``Nulls`` occurs: they are not among the values."""
    order_as_text: Order | None = None
    """Of the values and of the tokens that are values in a column of text; None where there is no such token."""


@dataclass(frozen=True, slots=True)
class Sample:
    """The records with the smallest hashes: uniform over the distinct records, whatever the order."""

    smallest: Smallest
    cells: pl.DataFrame
    """A row for each of the first hashes, in the same order: the keys of its values, columns "0", "1", ..."""


@dataclass(frozen=True, slots=True)
class Joint:
    """What is known of columns together."""

    missingness: Missingness
    correlations: Correlations


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything known about a set of records."""

    records: int
    columns: tuple[Column, ...]
    sample: Sample
    joint: Joint
