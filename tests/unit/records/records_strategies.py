"""Bytes to be read: hostile ones, and lines full of quotes."""

from hypothesis import strategies as st
from records_reference import CR, LF, Rules

from fanfold.records.grammar import Bounds

TOKENS = (
    b"a", b"bc", b",", b'"', b"\n", b"\r\n", b"\r", b'""', b',"', b'",', b'"\n', b'\n"', b',""', b'""x""', b'"a"b"c"',
    b'5" pipe', b"\0", b"\xc3\xa9", b"\xc3", b"\xff", b"\xe2\x82", b"\xef\xbb\xbf", b"\r,", b"a much longer field",
    "\N{GRINNING FACE}".encode(), b"\x80\xfd\xfe", b"\x01", b"\x8d",
)  # fmt: skip

ESCAPES = (b"\\", b'\\"', b"\\\\", b"\\\n", b"\\\r\n", b'"\\', b"\\,", b"\\\0", b"\\\xe9", b'"a\\"', b"\\\x01")

UTF_16_TOKENS = (
    *(token.decode("latin-1").encode("utf-16-le") for token in (*TOKENS[:17], b"\r,", b"\x01", b"\x80")),
    "\u2c2c\u2222\u0a0a\u0d0d".encode("utf-16-le"), "\u2c00\u2200\u0a00".encode("utf-16-le"), b"\x00\xd8",
    b"\x00\xdc", "\N{GRINNING FACE}".encode("utf-16-le"), "\ufeff".encode("utf-16-le"),
)  # fmt: skip


def swapped(text: bytes) -> bytes:
    """The same units in the other order of bytes."""
    return b"".join(text[place : place + 2][::-1] for place in range(0, len(text), 2))


@st.composite
def hostile(draw: st.DrawFn, of: Rules) -> bytes:
    """Bytes full of what the rules give a meaning to."""
    tokens = TOKENS + (ESCAPES if of.escapes else (b"\\",))
    tokens += (of.delimiter, of.delimiter, of.delimiter[:1], of.delimiter * 2 + of.delimiter[:1], of.delimiter + b'"')
    if of.unit == 1:
        text = b"".join(draw(st.lists(st.sampled_from(tokens), min_size=1, max_size=40)))
        return text if of.quote != ord("'") else text.replace(b'"', b"'")
    wide = UTF_16_TOKENS + tuple(token.decode("latin-1").encode("utf-16-le") for token in tokens[len(TOKENS) :])
    text = b"".join(draw(st.lists(st.sampled_from(wide), min_size=1, max_size=40)))
    text = text if of.quote != ord("'") else text.replace(b'"\0', b"'\0")
    text += draw(st.sampled_from([b"", b"", b"", b"x"]))
    return swapped(text) if of.encoding == "utf-16-be" else text


PROPER_FIELDS = (
    b'""', b'"a"', b'","', b'"\n"', b'"\r\n"', b'"a\r,b"', b'"say ""hi"", he said"', b'""""', b'""","""',
    b'"\n"",""\n"', b"", b"plain", b'"' + b"long, " * 30 + b'"',
)  # fmt: skip
IMPROPER_FIELDS = (
    b'"',
    b'"""',
    b'""x""',
    b'"a"b',
    b'a"b',
    b'"a"b"c"',
    b"a\r",
    b'"a"\r',
    b"\0",
    b"a,b",
    b' "a"',
    b'"a" ',
)


PLAIN = Rules()


@st.composite
def quoted_lines(draw: st.DrawFn, of: Rules = PLAIN, *, breaks: bool = True) -> bytes:
    """Draw lines of three fields full of quotes, most of them proper; all of them without `breaks`."""
    fields = st.sampled_from(PROPER_FIELDS)
    if breaks:
        fields = st.integers(0, 30).flatmap(lambda rare: st.sampled_from(IMPROPER_FIELDS) if rare == 0 else fields)
    line = st.tuples(fields, fields, fields, st.sampled_from([b"\n", b"\r\n"]))
    rows = draw(st.lists(line, min_size=1, max_size=25))
    return in_dialect(b"".join(b",".join(row[:3]) + row[3] for row in rows), of)


def in_dialect(text: bytes, of: Rules) -> bytes:
    """The same text in other signs and another encoding."""
    signs = {",": of.delimiter.decode(), '"': chr(of.quote or 0x22), "\n": chr(of.newline)}
    return "".join(signs.get(sign, sign) for sign in text.decode()).encode(of.encoding)


def rules() -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        delimiter=st.sampled_from([b",", b",", b",", b",", b";", b" ", b"||", b", ", b"<=>"]),
        quote=st.sampled_from([ord('"'), ord('"'), ord('"'), ord("'"), None]),
        newline=st.sampled_from([LF, LF, LF, CR]),
        columns=st.integers(1, 4),
        record_max=st.one_of(st.just(1 << 20), st.integers(1, 40)),
        reject_text=st.integers(1, 30),
        escapes=st.sampled_from([False, False, True]),
        encoding=st.sampled_from(["utf-8", "utf-8", "utf-16-le", "utf-16-be", "windows-1252", "latin-1"]),
        pads=st.booleans(),
        keeps_extra=st.booleans(),
    )


def bounds(of: Rules) -> st.SearchStrategy[Bounds]:
    return st.builds(
        Bounds,
        batch=st.integers(1, 80),
        block=st.integers(1, 80),
        record_max=st.just(of.record_max),
        window=st.integers(1, 80),
        tail=st.integers(1, 20),
        reject_text=st.just(of.reject_text),
    )


def cuts(size: int) -> st.SearchStrategy[list[int]]:
    """Cuts of [0, size), sometimes at every byte."""
    some = st.lists(st.integers(0, size), max_size=6).map(sorted)
    return st.one_of(some, st.integers(1, 9).map(lambda step: list(range(step, size, step))))
