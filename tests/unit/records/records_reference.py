"""The oracle: one sequential reader of the grammar, a byte at a time, slow and plain."""

from dataclasses import dataclass

LF, CR = 10, 13


@dataclass(frozen=True, slots=True)
class Rules:
    delimiter: int = ord(",")
    quote: int | None = ord('"')
    newline: int = LF
    columns: int = 2
    record_max: int = 1 << 30
    reject_text: int = 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A record (values) or a reject (reason, text); `stop` is where the next one starts."""

    start: int
    stop: int
    values: tuple[str, ...] | None
    reason: str | None
    text: bytes


def read(data: bytes, start: int, rules: Rules) -> list[Row]:
    """Read everything from `start`, which is the start of a record, to the end of the data."""
    rows = []
    while start < len(data):
        row = _read_record(data, start, rules)
        rows.append(row)
        start = row.stop
    return rows


def _read_record(data: bytes, start: int, rules: Rules) -> Row:  # noqa: C901, PLR0912 - the grammar in one loop
    fields: list[bytes] = []
    field = bytearray()
    state = "start"  # of a field; or plain, quoted, closing (after a quote in a quoted field)
    text_after_quote = False
    position = start
    while True:
        if position - start >= rules.record_max and position < len(data):
            return _read_line(data, start, rules, "record_too_long")
        if position == len(data):
            if state == "quoted":
                return _read_line(data, start, rules, "unterminated_quote")
            fields.append(bytes(field))
            return _judge(data, (start, position, position), fields, rules, text_after_quote=text_after_quote)
        byte = data[position]
        if state == "quoted":
            if byte == rules.quote:
                state = "closing"
            else:
                field.append(byte)
        elif state == "start" and byte == rules.quote:
            state = "quoted"
        elif byte == rules.delimiter:
            fields.append(bytes(field))
            field, state = bytearray(), "start"
        elif byte == rules.newline or (
            rules.newline == LF and byte == CR and position + 1 < len(data) and data[position + 1] == LF
        ):
            stop = position + (1 if byte == rules.newline else 2)
            if stop - start > rules.record_max:
                return _read_line(data, start, rules, "record_too_long")
            fields.append(bytes(field))
            return _judge(data, (start, position, stop), fields, rules, text_after_quote=text_after_quote)
        elif state == "closing" and byte == rules.quote:
            field.append(byte)
            state = "quoted"
        else:
            text_after_quote |= state == "closing"
            field.append(byte)
            state = "plain"
        position += 1


def _read_line(data: bytes, start: int, rules: Rules, reason: str) -> Row:
    place = data.find(rules.newline, start)
    content, stop = (len(data), len(data)) if place < 0 else (place, place + 1)
    if place > start and rules.newline == LF and data[place - 1] == CR:
        content -= 1
    return Row(start, stop, None, reason, data[start:content][: rules.reject_text])


def _judge(
    data: bytes, span: tuple[int, int, int], fields: list[bytes], rules: Rules, *, text_after_quote: bool
) -> Row:
    start, content, stop = span
    raw = data[start:content]
    reason = None
    if text_after_quote:
        reason = "text_after_quote"
    elif b"\0" in raw:
        reason = "nul_byte"
    elif not _is_utf8(raw):
        reason = "invalid_encoding"
    elif not raw and rules.columns > 1:
        reason = "blank_line"
    elif len(fields) < rules.columns:
        reason = "too_few_fields"
    elif len(fields) > rules.columns:
        reason = "too_many_fields"
    if reason is not None:
        return Row(start, stop, None, reason, raw[: rules.reject_text])
    return Row(start, stop, tuple(value.decode() for value in fields), None, b"")


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
