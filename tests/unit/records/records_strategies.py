"""Bytes to be read: hostile ones, and tables as people write them."""

import csv
import io

from hypothesis import strategies as st
from records_reference import CR, LF, Rules

from fanfold.records.grammar import Bounds

TOKENS = (
    b"a", b"bc", b",", b'"', b"\n", b"\r\n", b"\r", b'""', b',"', b'",', b'"\n', b'\n"', b',""', b'""x""', b'"a"b"c"',
    b'5" pipe', b"\0", b"\xc3\xa9", b"\xc3", b"\xff", b"\xe2\x82", b"\xef\xbb\xbf", b"\r,", b"a much longer field",
    "\N{GRINNING FACE}".encode(),
)  # fmt: skip


def hostile() -> st.SearchStrategy[bytes]:
    return st.lists(st.sampled_from(TOKENS), min_size=1, max_size=40).map(b"".join)


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


@st.composite
def quoted_lines(draw: st.DrawFn, *, breaks: bool = True) -> bytes:
    """Draw lines of three fields full of quotes, most of them proper; all of them without `breaks`."""
    fields = st.sampled_from(PROPER_FIELDS)
    if breaks:
        fields = st.integers(0, 30).flatmap(lambda rare: st.sampled_from(IMPROPER_FIELDS) if rare == 0 else fields)
    line = st.tuples(fields, fields, fields, st.sampled_from([b"\n", b"\r\n"]))
    rows = draw(st.lists(line, min_size=1, max_size=25))
    return b"".join(b",".join(row[:3]) + row[3] for row in rows)


def rules() -> st.SearchStrategy[Rules]:
    return st.builds(
        Rules,
        quote=st.sampled_from([ord('"'), ord('"'), ord('"'), ord("'"), None]),
        newline=st.sampled_from([LF, LF, LF, CR]),
        columns=st.integers(1, 4),
        record_max=st.one_of(st.just(1 << 20), st.integers(1, 40)),
        reject_text=st.integers(1, 30),
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


FIELDS = st.one_of(
    st.sampled_from(["", "1", "2.5", "x", 'say "hi"', "a,b", "two\nlines", "\r\n", "é", "\N{GRINNING FACE}", " ", '"']),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=12),
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[int, list[list[str]]]:
    columns = draw(st.integers(2, 4))
    return columns, draw(st.lists(st.lists(FIELDS, min_size=columns, max_size=columns), min_size=1, max_size=12))


def written(table: list[list[str]], quoting: int, newline: str) -> bytes:
    """Write a table as Python does."""
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator=newline).writerows(table)
    return text.getvalue().encode()
