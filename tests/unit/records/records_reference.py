"""The oracle: one sequential reader of the grammar, a code unit at a time, slow and plain."""

from dataclasses import dataclass, replace

LF, CR, BACKSLASH = 10, 13, 92
HALF_A_UNIT = 1 << 16
"""Half a unit at the end of the data reads as something that no text has."""


@dataclass(frozen=True, slots=True)
class Rules:
    delimiter: bytes = b","
    quote: int | None = ord('"')
    newline: int = LF
    columns: int = 2
    record_max: int = 1 << 30
    reject_text: int = 1024
    escapes: bool = False
    encoding: str = "utf-8"
    pads: bool = False
    keeps_extra: bool = False

    @property
    def unit(self) -> int:
        return 2 if self.encoding.startswith("utf-16") else 1


@dataclass(frozen=True, slots=True)
class Row:
    """A record (values, and how many fields it had) or a reject (reason, text); `stop` is where the next one starts.

    Places are in bytes.
    """

    start: int
    stop: int
    values: tuple[str, ...] | None
    reason: str | None
    text: bytes
    fields: int = 0


def read(data: bytes, start: int, rules: Rules) -> list[Row]:
    """Read everything from `start`, which is the start of a record, to the end of the data."""
    reader = _Reader(data, rules)
    rows = []
    place = start // rules.unit
    while place < len(reader.units):
        row, place = reader.record(place)
        rows.append(row)
    return rows


class _Reader:
    def __init__(self, data: bytes, rules: Rules) -> None:
        self.data = data
        self.rules = rules
        order = "big" if rules.encoding.endswith("be") else "little"
        whole = len(data) // rules.unit * rules.unit
        self.units = [int.from_bytes(data[i : i + rules.unit], order) for i in range(0, whole, rules.unit)]
        self.units += [HALF_A_UNIT] * (whole < len(data))
        self.record_max = max(1, rules.record_max // rules.unit)

    def raw(self, start: int, stop: int) -> bytes:
        return self.data[start * self.rules.unit : stop * self.rules.unit]

    def record(self, start: int) -> tuple[Row, int]:  # noqa: C901, PLR0912 - the grammar in one loop
        units, rules = self.units, self.rules
        fields: list[bytes] = []
        starts = [start]
        field = b""
        state = "start"  # of a field; or plain, quoted, closing (after a quote in a quoted field)
        text_after_quote = False
        position = start
        while True:
            if position - start > self.record_max or (position - start == self.record_max and position < len(units)):
                return self.line(start, "record_too_long")
            if position == len(units):
                if state == "quoted":
                    return self.line(start, "unterminated_quote")
                fields.append(field)
                return self.judged((start, position, position), fields, starts, text_after_quote=text_after_quote)
            unit = units[position]
            newline = self.newline_at(position)
            if rules.escapes and unit == BACKSLASH and position + 1 < len(units):
                text_after_quote |= state == "closing"
                state = "quoted" if state == "quoted" else "plain"
                field += self.raw(position + 1, position + 2)
                position += 2
                continue
            if state == "quoted":
                if unit == rules.quote:
                    state = "closing"
                else:
                    field += self.raw(position, position + 1)
            elif state == "start" and unit == rules.quote:
                state = "quoted"
            elif units[position : position + len(rules.delimiter)] == list(rules.delimiter):
                fields.append(field)
                field, state = b"", "start"
                position += len(rules.delimiter)
                starts.append(position)
                continue
            elif newline:
                stop = position + newline
                if stop - start > self.record_max:
                    return self.line(start, "record_too_long")
                fields.append(field)
                return self.judged((start, position, stop), fields, starts, text_after_quote=text_after_quote)
            elif state == "closing" and unit == rules.quote and not rules.escapes:
                field += self.raw(position, position + 1)
                state = "quoted"
            else:
                text_after_quote |= state == "closing"
                field += self.raw(position, position + 1)
                state = "plain"
            position += 1

    def newline_at(self, position: int) -> int:
        """The units of the newline there, 0 if there is none."""
        if self.units[position] == self.rules.newline:
            return 1
        return 2 if self.rules.newline == LF and self.units[position : position + 2] == [CR, LF] else 0

    def line(self, start: int, reason: str) -> tuple[Row, int]:
        """A reject that ends with its first line: at a newline that is not escaped."""
        place = start
        carriage = -1  # where the last carriage return is that was not escaped
        while place < len(self.units) and self.units[place] != self.rules.newline:
            carriage = place if self.units[place] == CR else carriage
            escapes = self.rules.escapes and self.units[place] == BACKSLASH and place + 1 < len(self.units)
            place += 2 if escapes else 1
        if place == len(self.units):
            return self.rejected(start, place, place, reason)
        content = place - (self.rules.newline == LF and carriage == place - 1 >= start)
        return self.rejected(start, content, place + 1, reason)

    def judged(
        self, span: tuple[int, int, int], fields: list[bytes], starts: list[int], *, text_after_quote: bool
    ) -> tuple[Row, int]:
        start, content, stop = span
        columns = self.rules.columns
        reason = None
        if text_after_quote:
            reason = "text_after_quote"
        elif 0 in self.units[start:content]:
            reason = "nul_byte"
        elif not self.is_valid(start, content):
            reason = "invalid_encoding"
        elif start == content and columns > 1:
            reason = "blank_line"
        elif len(fields) < columns and not self.rules.pads:
            reason = "too_few_fields"
        elif len(fields) > columns and not self.rules.keeps_extra:
            reason = "too_many_fields"
        if reason is not None:
            return self.rejected(start, content, stop, reason)
        values = fields[:columns] + [b""] * (columns - len(fields))
        if self.rules.keeps_extra:
            values.append(self.raw(starts[columns], content) if len(fields) > columns else b"")
        row = self.row(start, stop, tuple(value.decode(self.rules.encoding) for value in values), None, b"")
        return replace(row, fields=len(fields)), stop

    def rejected(self, start: int, content: int, stop: int, reason: str) -> tuple[Row, int]:
        size = max(1, self.rules.reject_text // self.rules.unit)
        return self.row(start, stop, None, reason, self.raw(start, min(content, start + size))), stop

    def row(self, start: int, stop: int, values: tuple[str, ...] | None, reason: str | None, text: bytes) -> Row:
        unit = self.rules.unit
        return Row(start * unit, min(stop * unit, len(self.data)), values, reason, text)

    def is_valid(self, start: int, stop: int) -> bool:
        try:
            self.raw(start, stop).decode(self.rules.encoding)
        except UnicodeDecodeError:
            return False
        return True
