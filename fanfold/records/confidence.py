"""How clear the evidence for a detected dialect is."""

from collections.abc import Sequence

from fanfold.records.delimiter import Found, usual_width
from fanfold.records.sample import SampleRecord
from fanfold.records.wishes import DialectOptions

DIGITS = 3
"""Decimals of it in a report."""


def confidence(found: Found, records: Sequence[SampleRecord], options: DialectOptions) -> float:
    """Give 0 to 1: how regular the table is, how far behind the next best delimiter is, and how much there was to see.

    With n records the last factor is 1 - 1/2^n. What divides nothing is as sure as no delimiter is seen in the records;
    a delimiter that was given is certain.
    """
    if options.delimiter:
        return 1.0
    filled = [record for record in records if not record.blank]
    amount = 1 - 0.5 ** len(filled)
    width, regularity = usual_width(filled)
    if width == 1 or not found.merit:
        return round(amount * found.merit, DIGITS)
    margin = 1 - found.runner_up / found.merit
    return round(regularity * (1 + margin) / 2 * amount, DIGITS)
