"""The first records of a dataset, read one by one, for deciding what the rest is to be read by."""

import re
from dataclasses import dataclass

SAMPLE_RECORDS_MAX = 1_000
"""Records looked at: more change no decision."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The rules to try on a head, which is UTF-8; `complete`: it is the whole dataset."""

    delimiter: str
    quote: str | None
    escapes: bool
    newline: str
    complete: bool


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """`fields` without their quotes and escapes; the record is [start, stop) of the head, newline included.

    `regular`: no text after a quote. `bare`: the fields that had no quotes around them.
    """

    fields: tuple[bytes, ...]
    start: int
    stop: int
    regular: bool
    bare: tuple[bytes, ...]

    @property
    def blank(self) -> bool:
        """A record of no bytes."""
        return self.fields == (b"",)


def sample_records(head: bytes, start: int, reading: Reading, most: int = SAMPLE_RECORDS_MAX) -> list[SampleRecord]:
    """Read records from `start` on, up to the first that the head does not complete."""
    records: list[SampleRecord] = []
    sampler = _Sampler(head, reading)
    while start < len(head) and len(records) < most:
        record = sampler.record(start)
        if record is None:
            break
        records.append(record)
        start = record.stop
    return records


class _Sampler:
    """Reads by the grammar, with one regular expression for either kind of field."""

    def __init__(self, head: bytes, reading: Reading) -> None:
        self.head = head
        self.delimiter = reading.delimiter.encode()
        self.quote = (reading.quote or "").encode()
        self.newline = reading.newline[-1].encode()
        self.escapes = reading.escapes
        self.complete = reading.complete
        mark, newline = re.escape(self.quote), re.escape(self.newline)
        escaped = rb"|\\." if reading.escapes else b""
        ordinary = rb"\\" if reading.escapes else b""
        if reading.escapes:
            quoted = mark + rb"((?:[^\\" + mark + rb"]++|\\.)*+)" + mark
        else:
            text = b"[^" + (mark or newline) + b"]*+"
            quoted = mark + b"(" + text + b"(?:" + mark * 2 + text + b")*+)" + mark
        first, rest = re.escape(self.delimiter[:1]), re.escape(self.delimiter[1:])
        plain = b"[^" + first + newline + ordinary + b"]++" + escaped
        if rest:
            plain += b"|" + first + b"(?!" + rest + b")"
        self.quoted = re.compile(quoted, re.DOTALL)
        self.plain = re.compile(
            b"(?:" + plain + rb"|\\\Z)*+" if reading.escapes else b"(?:" + plain + b")*+", re.DOTALL
        )

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
                value = quoted[1] if self.escapes else quoted[1].replace(self.quote * 2, self.quote)
                position = quoted.end()
            end = self._plain_end(position)
            closed = self.head.startswith(self.newline, end)
            tail = self.head[position:end]
            if closed and self.newline == b"\n":
                tail = tail.removesuffix(b"\r")
            regular &= not (tail and position > opened)
            fields.append(self._unescaped(value + tail))
            if position == opened:
                bare.append(tail)
            if end == len(self.head):
                return SampleRecord(tuple(fields), start, end, regular, tuple(bare)) if self.complete else None
            position = end + (1 if closed else len(self.delimiter))
            if closed:
                return SampleRecord(tuple(fields), start, position, regular, tuple(bare))

    def _plain_end(self, position: int) -> int:
        plain = self.plain.match(self.head, position)
        return position if plain is None else plain.end()

    def _unescaped(self, field: bytes) -> bytes:
        return re.sub(rb"\\(.)", rb"\1", field, flags=re.DOTALL) if self.escapes else field
