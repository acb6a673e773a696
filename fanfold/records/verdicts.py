"""Why a record is rejected."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fanfold.records.grammar import Grammar
from fanfold.records.shadow import Text
from fanfold.records.tokens import Positions

REASONS = (
    "accepted",
    "unterminated_quote",
    "record_too_long",
    "text_after_quote",
    "nul_byte",
    "invalid_encoding",
    "blank_line",
    "too_few_fields",
    "too_many_fields",
)
"""By verdict, in order of precedence: a record that breaks several rules is rejected for the first of them."""

ACCEPTED, UNTERMINATED_QUOTE, RECORD_TOO_LONG, TEXT_AFTER_QUOTE, NUL_BYTE = range(5)
INVALID_ENCODING, BLANK_LINE, TOO_FEW_FIELDS, TOO_MANY_FIELDS = range(5, 9)

PROBE_UNITS = 4096
"""Records are tested for invalid bytes this many units at a time, singly only where the test fails."""

Verdicts = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of the records of a block besides where they are.

    `rejected_lines`: start -> verdict of those that do not end in time. `texts_after_quote`: offsets of quotes that
    close and have text after them. `consumed`: where the last record ends.
    """

    rejected_lines: Mapping[int, int]
    texts_after_quote: Positions
    consumed: int


@dataclass(frozen=True, slots=True)
class Spans:
    """Where records start and stop (without the newline), and how many fields they have."""

    starts: Positions
    stops: Positions
    widths: Positions


def judge(block: Text, findings: Findings, spans: Spans, grammar: Grammar) -> Verdicts:
    """Give each record its verdict, the weakest reason first, so that the strongest stands."""
    starts, widths = spans.starts, spans.widths
    verdicts = np.full(len(starts), ACCEPTED, np.uint8)
    if not grammar.keeps_extra:
        verdicts[widths > grammar.columns] = TOO_MANY_FIELDS
    if not grammar.pads:
        verdicts[widths < grammar.columns] = TOO_FEW_FIELDS
    if grammar.columns > 1:
        verdicts[starts == spans.stops] = BLANK_LINE
    verdicts[np.array(_invalid(block, starts, findings.consumed), np.int64)] = INVALID_ENCODING
    if b"\0" in block.shadow:
        zeros = np.flatnonzero(np.frombuffer(block.shadow, np.uint8)[: findings.consumed] == 0)
        verdicts[starts.searchsorted(zeros, "right") - 1] = NUL_BYTE
    verdicts[starts.searchsorted(findings.texts_after_quote, "right") - 1] = TEXT_AFTER_QUOTE
    lines = np.array(list(findings.rejected_lines), np.int64)
    verdicts[starts.searchsorted(lines)] = list(findings.rejected_lines.values())
    return verdicts


def _invalid(block: Text, starts: Positions, stop: int) -> list[int]:
    """Find the records with invalid bytes. Newlines are units of their own, so no character spans two records."""
    if block.shadow.isascii() or _is_valid(block, 0, stop):
        return []
    offsets = [*starts.tolist(), stop]
    count = len(starts)
    stride = max(1, count * PROBE_UNITS // stop)
    suspects = [
        record
        for first in range(0, count, stride)
        if not _is_valid(block, offsets[first], offsets[min(first + stride, count)])
        for record in range(first, min(first + stride, count))
    ]
    return [record for record in suspects if not _is_valid(block, offsets[record], offsets[record + 1])]


def _is_valid(block: Text, start: int, stop: int) -> bool:
    return block.codec.is_valid(block.raw_part(start, stop))
