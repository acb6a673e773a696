"""Which records break which rule of a field: counts, exact, and the first few of them; neighbours fold."""

import operator
from collections.abc import Iterator, Sequence

import msgspec
import polars as pl

from fanfold import limits
from fanfold.schema.rules import Field, Rules, whole
from fanfold.schema.values import among, compared, reads

CHECKED = (
    "type",
    "required",
    "pattern",
    "enum",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
)
"""Rules that a record keeps or breaks by itself; `unique` is known of the whole alone."""


class Broken(msgspec.Struct, frozen=True, array_like=True):
    """How often a rule is broken, and by which values; `records` are 0-based among the accepted ones."""

    count: int
    records: tuple[int, ...]
    values: tuple[str, ...]


Violations = dict[str, Broken]
"""By `<place of the field in the schema>:<rule>`."""


def find_violations(frame: pl.DataFrame, rules: Rules) -> Violations:
    """Check the records of a frame: columns of texts named by position."""
    masks = {
        f"{place}:{rule}": broken.alias(f"{place}:{rule}")
        for place, field in enumerate(rules.fields)
        if field.column is not None
        for rule, broken in _expressions(field, pl.col(str(field.column)), rules.missing_values)
    }
    if not masks or not frame.height:
        return {}
    found = frame.select(masks.values())
    totals = found.sum().row(0, named=True)
    return {key: _broken(frame, found[key], rules, key) for key in masks if totals[key]}


def merge(parts: Sequence[tuple[int, Violations]]) -> Violations:
    """Fold the violations of neighbours in file order, each with the number of its accepted records."""
    merged: dict[str, Broken] = {}
    before = 0
    for records, violations in parts:
        for key, broken in violations.items():
            moved = Broken(broken.count, tuple(before + record for record in broken.records), broken.values)
            merged[key] = _joined(merged[key], moved) if key in merged else moved
        before += records
    return dict(sorted(merged.items()))


def _joined(first: Broken, second: Broken) -> Broken:
    kept = limits.RULE_EXAMPLES
    return Broken(
        first.count + second.count, (*first.records, *second.records)[:kept], (*first.values, *second.values)[:kept]
    )


def _broken(frame: pl.DataFrame, mask: pl.Series, rules: Rules, key: str) -> Broken:
    places = mask.arg_true().head(limits.RULE_EXAMPLES).to_list()
    field = rules.fields[int(key.split(":", maxsplit=1)[0])]
    texts = frame[str(field.column)].gather(places).str.slice(0, limits.SHOWN_CHARACTERS + 1)
    return Broken(int(mask.sum()), tuple(places), tuple(texts.to_list()))


def _expressions(field: Field, text: pl.Expr, missing_values: Sequence[str]) -> Iterator[tuple[str, pl.Expr]]:
    """For each rule that the field has, whether a record breaks it. A value of another type breaks that rule alone."""
    missing = text.is_in(list(missing_values))
    if field.required:
        yield "required", missing
    right = reads(field, text)
    if field.type not in {"string", "any"} or field.format != "default":
        yield "type", ~missing & ~right
    of_type = ~missing & right
    if field.pattern is not None:
        yield "pattern", of_type & ~text.str.contains(whole(field.pattern))
    if field.enum is not None:
        yield "enum", of_type & ~among(field, text, field.enum)
    if field.min_length is not None:
        yield "minLength", of_type & (text.str.len_chars() < field.min_length)
    if field.max_length is not None:
        yield "maxLength", of_type & (text.str.len_chars() > field.max_length)
    for rule, value, outside in (
        ("minimum", field.minimum, operator.lt),
        ("maximum", field.maximum, operator.gt),
        ("exclusiveMinimum", field.exclusive_minimum, operator.le),
        ("exclusiveMaximum", field.exclusive_maximum, operator.ge),
    ):
        if value is not None:
            yield rule, of_type & compared(field, text, value, outside)
