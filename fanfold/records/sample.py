"""The first records of a dataset, read one by one, for deciding what the rest is to be read by."""

import re
from dataclasses import dataclass

SAMPLE_RECORDS_MAX = 1_000
"""Records looked at: more change no decision."""


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """`fields` without their quotes; `stop` is where the next record starts; `regular`: no text after a quote.

    `bare`: the fields that had no quotes around them.
    """

    fields: tuple[bytes, ...]
    stop: int
    regular: bool
    bare: tuple[bytes, ...]

    @property
    def blank(self) -> bool:
        """A record of no bytes."""
        return self.fields == (b"",)


def sample_records(
    head: bytes, start: int, delimiter: str, quote: str | None, newline: str, *, complete: bool
) -> list[SampleRecord]:
    """Read records from `start` on, up to the first that the head does not complete.

    `complete`: the head is the whole dataset, so that its end closes the last record.
    """
    records: list[SampleRecord] = []
    reader = _Sampler(head, delimiter.encode(), (quote or "").encode(), newline[-1].encode(), complete=complete)
    while start < len(head) and len(records) < SAMPLE_RECORDS_MAX:
        record = reader.record(start)
        if record is None:
            break
        records.append(record)
        start = record.stop
    return records


class _Sampler:
    """Reads by the grammar, with one regular expression for either kind of field."""

    def __init__(self, head: bytes, delimiter: bytes, quote: bytes, newline: bytes, *, complete: bool) -> None:
        self.head = head
        self.delimiter = delimiter
        self.quote = quote
        self.newline = newline
        self.complete = complete
        mark, stops = re.escape(quote), re.escape(delimiter + newline)
        text = b"[^" + (mark or stops) + b"]*+"
        self.quoted = re.compile(mark + b"(" + text + b"(?:" + mark * 2 + text + b")*+)" + mark, re.DOTALL)
        self.plain = re.compile(b"[^" + stops + b"]*", re.DOTALL)

    def record(self, start: int) -> SampleRecord | None:
        """Read the record at `start`; None when it is not complete."""
        fields: list[bytes] = []
        bare: list[bytes] = []
        position, regular = start, True
        while True:
            value, opened = b"", position
            if self.quote and self.head.startswith(self.quote, position):
                quoted = self.quoted.match(self.head, position)
                if quoted is None:
                    return None
                value = quoted[1].replace(self.quote * 2, self.quote)
                position = quoted.end()
            end = self._plain_end(position)
            closed = self.head.startswith(self.newline, end)
            tail = self.head[position:end]
            if closed and self.newline == b"\n":
                tail = tail.removesuffix(b"\r")
            regular &= not (tail and position > start and self.head[position - 1 : position] == self.quote != b"")
            fields.append(value + tail)
            if position == opened:
                bare.append(tail)
            if end == len(self.head):
                return SampleRecord(tuple(fields), end, regular, tuple(bare)) if self.complete else None
            position = end + 1
            if closed:
                return SampleRecord(tuple(fields), position, regular, tuple(bare))

    def _plain_end(self, position: int) -> int:
        plain = self.plain.match(self.head, position)
        return position if plain is None else plain.end()
