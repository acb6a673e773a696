"""Columns of texts as columns of types.

The type of a column is decided once, from the merged profile (idea 8), and only where it holds every value exactly:
what it cannot hold stays text. Values are read as the report says (``decision``): texts that stand for no value are
null, the others are rewritten by the column's rule and read by the grammars of ``numbers`` and ``times``.

================ ==================================================================================================
type             holds a column
================ ==================================================================================================
int64            of integers in its range
double           of numbers of at most 24 characters, with integers up to 2**53; each is the nearest double, as the
                 profile's figures take it
bool             of booleans
date             of dates from year 1 on
timestamp_us     of dates and datetimes without zone, from year 1 on, with at most six digits of a second
timestamp_ns     of the same with more digits, from 1677 to 2262
timestamp_us_utc of datetimes with a zone: the instant in UTC
timestamp_ns_utc of the same with more digits
string           any other: mixtures, identifiers such as 007, integers of 30 digits; and one without any value
================ ==================================================================================================
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from fanfold.errors import PipelineFault
from fanfold.profile import iso
from fanfold.profile.arrays import Ints, Rows
from fanfold.profile.caps import CAPS, Caps
from fanfold.profile.decision import PLAIN, Decision, decide_each, units_of
from fanfold.profile.model import KINDS, Extremes, Figures, Profile
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.profile.numbers import read_booleans, read_numbers
from fanfold.profile.rewriting import rewrite
from fanfold.profile.strings import Strings, of
from fanfold.profile.times import DAY_S, Dates, Instants, read_times

STRING = "string"

_DOUBLE_CHARACTERS = 24
"""The longest text that a double is usually written as, -2.2250738585072014e-308: who writes more means more."""

_DOUBLE_INTEGER = 2**53
"""Up to here every integer is a double."""

_MICROSECOND = 1_000
_US_CHARACTERS = len("2024-01-01T00:00:00.123456")
_DAY_NS = DAY_S * iso.NANOSECONDS
_FIRST_DAY = -719_162
"""0001-01-01: many readers know no year 0."""

_YEARS = (_FIRST_DAY * _DAY_NS, 2_932_897 * _DAY_NS - 1)
"""From year 1 to the end of year 9999."""

_INT64 = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Typing:
    """The type of a column, and how its texts become values of it."""

    type: str
    rule: str = PLAIN
    """How values are rewritten first (``decision.RULES``)."""
    unit: str | None = None
    """What the numbers are of, where the texts say it: a currency sign, or ``%``."""
    null_values: tuple[str, ...] = ()
    """Texts, besides the empty one, that are null."""


def decide_types(profile: Profile, nulls: Nulls = NULLS, caps: Caps = CAPS) -> tuple[Typing, ...]:
    """How each column is typed; ``nulls`` and ``caps`` are those that the profile was made under."""
    return tuple(map(_decide, decide_each(profile.columns, nulls, caps)))


def _decide(decision: Decision) -> Typing:
    null_values = tuple(sorted(decision.null_tokens))
    read = decision.read
    kind = _decide_type(read.figures)
    if kind == STRING:
        return Typing(STRING, null_values=null_values)
    return Typing(kind, read.rule, next(iter(units_of(read.marks)), None), null_values)


def _decide_type(figures: Figures) -> str:
    kinds = frozenset(kind for kind, count in zip(KINDS, figures.evidence, strict=True) if count)
    decide = _DECIDE.get(kinds)
    return STRING if decide is None else decide(figures)


def _decide_numbers(figures: Figures) -> str:
    integers = figures.extremes.integer or (0, 0)
    if figures.extremes.number is None:
        return "int64" if _within(integers, _INT64) else STRING
    fits = figures.lengths.largest <= _DOUBLE_CHARACTERS
    return "double" if fits and _within(integers, (-_DOUBLE_INTEGER, _DOUBLE_INTEGER)) else STRING


def _decide_date(figures: Figures) -> str:
    return "date" if _within(_span(figures.extremes), _YEARS) else STRING


def _decide_local(figures: Figures) -> str:
    return _decide_times(figures, _US_CHARACTERS, "")


def _decide_utc(figures: Figures) -> str:
    return _decide_times(figures, _US_CHARACTERS + len("Z"), "_utc")


def _decide_times(figures: Figures, us_characters: int, zone: str) -> str:
    """A text that is short enough has no more than six digits of a second, wherever its zone ends."""
    span = _span(figures.extremes)
    if not _within(span, _YEARS):
        return STRING
    if figures.lengths.largest <= us_characters:
        return f"timestamp_us{zone}"
    return f"timestamp_ns{zone}" if _within(span, _INT64) else STRING


def _span(extremes: Extremes) -> tuple[int, int]:
    """First and last instant of the dates and datetimes, in nanoseconds."""
    midnights = tuple(day * _DAY_NS for day in extremes.date or ())
    instants = (*midnights, *(extremes.datetime or ()), *(extremes.zoned or ()))
    return min(instants), max(instants)


def _within(span: tuple[int, int], bounds: tuple[int, int]) -> bool:
    return bounds[0] <= span[0] and span[1] <= bounds[1]


_DECIDE: dict[frozenset[str], Callable[[Figures], str]] = {
    frozenset({"integer"}): _decide_numbers,
    frozenset({"number"}): _decide_numbers,
    frozenset({"integer", "number"}): _decide_numbers,
    frozenset({"boolean"}): lambda _: "bool",
    frozenset({"date"}): _decide_date,
    frozenset({"datetime"}): _decide_local,
    frozenset({"date", "datetime"}): _decide_local,
    frozenset({"zoned"}): _decide_utc,
}
"""By the kinds that the values of a column read as; any other mixture stays text."""


def arrow_type(kind: str) -> pa.DataType:
    """Arrow's type for one of ours."""
    return _ARROW[kind]


def typed(series: pl.Series, typing: Typing) -> pa.Array:
    """A String series without nulls as an array. An empty text is null, but in a string column it is itself.

    PipelineFault when a value does not read as the evidence says.
    """
    if typing.null_values:
        series = series.set(series.is_in([*typing.null_values]), None)
    if typing.type == STRING:
        return series.to_arrow().cast(pa.string())
    present = (series.fill_null("") != "").to_numpy()
    places = np.flatnonzero(present)
    texts = series if present.all() else series.gather(places)
    rows, values = _READ[typing.type](of(rewrite(texts, typing.rule)))
    if rows.size != places.size:
        missing = np.setdiff1d(np.arange(places.size), rows)[0]
        raise PipelineFault(f"expected a column of {typing.type}, found {texts[int(missing)][:80]!r}")
    whole = np.zeros(present.size, values.dtype)
    whole[places[rows]] = values
    return pa.array(whole, mask=~present).cast(_ARROW[typing.type])


def _int64(texts: Strings) -> tuple[Rows, np.ndarray]:
    integers, _ = read_numbers(texts)
    return integers.rows, integers.values


def _double(texts: Strings) -> tuple[Rows, np.ndarray]:
    integers, numbers = read_numbers(texts)
    rows = np.concatenate([integers.rows, numbers.rows])
    return rows, np.concatenate([integers.values.astype(np.float64), numbers.values])


def _bool(texts: Strings) -> tuple[Rows, np.ndarray]:
    booleans = read_booleans(texts)
    return booleans.rows, booleans.values


def _date(texts: Strings) -> tuple[Rows, np.ndarray]:
    dates, _, _ = read_times(texts)
    return dates.rows, dates.days.astype(np.int32)


def _local(per_second: int) -> Callable[[Strings], tuple[Rows, np.ndarray]]:
    def read(texts: Strings) -> tuple[Rows, np.ndarray]:
        dates, instants, _ = read_times(texts)
        return _ticks(dates, instants, per_second)

    return read


def _utc(per_second: int) -> Callable[[Strings], tuple[Rows, np.ndarray]]:
    def read(texts: Strings) -> tuple[Rows, np.ndarray]:
        _, _, instants = read_times(texts)
        return _ticks(_NO_DATES, instants, per_second)

    return read


_NO_DATES = Dates(np.zeros(0, np.intp), np.zeros(0, np.int64))


def _ticks(dates: Dates, instants: Instants, per_second: int) -> tuple[Rows, Ints]:
    rows = np.concatenate([dates.rows, instants.rows])
    ticks = instants.seconds * per_second + instants.nanoseconds // (iso.NANOSECONDS // per_second)
    return rows, np.concatenate([dates.days * (DAY_S * per_second), ticks])


_US, _NS = iso.NANOSECONDS // _MICROSECOND, iso.NANOSECONDS

_READ: dict[str, Callable[[Strings], tuple[Rows, np.ndarray]]] = {
    "int64": _int64,
    "double": _double,
    "bool": _bool,
    "date": _date,
    "timestamp_us": _local(_US),
    "timestamp_ns": _local(_NS),
    "timestamp_us_utc": _utc(_US),
    "timestamp_ns_utc": _utc(_NS),
}

_ARROW = {
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp_us": pa.timestamp("us"),
    "timestamp_ns": pa.timestamp("ns"),
    "timestamp_us_utc": pa.timestamp("us", "UTC"),
    "timestamp_ns_utc": pa.timestamp("ns", "UTC"),
    STRING: pa.string(),
}
