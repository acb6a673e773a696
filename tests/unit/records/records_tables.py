"""Tables as people write them: any values, in any dialect that can hold them, by Python's csv or by hand."""

import csv
import io

from hypothesis import strategies as st
from records_reference import CR, LF, Rules

Table = list[list[str]]

TRICKY = [
    "",
    "1",
    "2.5",
    "x",
    'say "hi"',
    "it's",
    "a,b",
    "c;d",
    "two\nlines",
    "\r\n",
    " ",
    '"',
    "\\",
    "a\\",
    "|||",
    "<=",
]
BEYOND_ASCII = ["é", "€", "\N{GRINNING FACE}"]

DIALECTS = st.builds(
    Rules,
    delimiter=st.sampled_from([b",", b";", b"\t", b"|", b" ", b", ", b"||", b"<=>"]),
    quote=st.sampled_from([ord('"'), ord('"'), ord("'"), None]),
    newline=st.sampled_from([LF, LF, CR]),
    columns=st.integers(2, 4),
    escapes=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-16-le", "utf-16-be", "windows-1252", "latin-1"]),
    pads=st.booleans(),
    keeps_extra=st.booleans(),
)

CSV_DIALECTS = DIALECTS.filter(lambda of: len(of.delimiter) == 1 and of.quote is not None)
"""What Python's csv can tell, too."""


@st.composite
def tables(draw: st.DrawFn, of: Rules) -> Table:
    """Values that the dialect can hold."""
    signs = st.characters(codec=of.encoding, exclude_categories=["Cs"], exclude_characters="\0\r")
    known = [value for value in TRICKY + BEYOND_ASCII if _encodes(value, of.encoding)]
    fields = st.one_of(st.sampled_from(known), st.text(signs, max_size=12))
    if of.quote is None and not of.escapes:
        taken = set(of.delimiter.decode()) | {"\r", "\n"}
        fields = fields.map(lambda value: "".join(sign for sign in value if sign not in taken))
    return draw(st.lists(st.lists(fields, min_size=of.columns, max_size=of.columns), min_size=1, max_size=12))


def _encodes(value: str, encoding: str) -> bool:
    try:
        value.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def written_by_hand(table: Table, of: Rules, newline: str) -> bytes:
    """Write every value in quotes, or with its signs escaped where there are none."""
    delimiter = of.delimiter.decode()
    lines = [delimiter.join(_field(value, of) for value in row) + newline for row in table]
    return "".join(lines).encode(of.encoding)


def _field(value: str, of: Rules) -> str:
    if of.quote is None:
        taken = set(of.delimiter.decode()) | {"\r", "\n", "\\"}
        return "".join(f"\\{sign}" if of.escapes and sign in taken else sign for sign in value)
    quote = chr(of.quote)
    if of.escapes:
        return quote + value.replace("\\", "\\\\").replace(quote, f"\\{quote}") + quote
    return quote + value.replace(quote, quote * 2) + quote


def written_by_csv(table: Table, of: Rules, quoting: int, newline: str) -> tuple[bytes, Table]:
    """Write a table as Python does; also give what Python reads back."""
    text = io.StringIO()
    dialect = {
        "delimiter": of.delimiter.decode(),
        "quotechar": chr(of.quote or 0),
        "doublequote": not of.escapes,
        "escapechar": "\\" if of.escapes else None,
    }
    csv.writer(text, quoting=quoting, lineterminator=newline, **dialect).writerows(table)
    read = csv.reader(io.StringIO(text.getvalue(), newline=""), strict=True, **dialect)
    return text.getvalue().encode(of.encoding), list(read)
