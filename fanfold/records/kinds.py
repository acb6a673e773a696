"""What a field looks like at a glance: for deciding the dialect and the header, never a column's type."""

import re

NUMBER = re.compile(rb"\s*[-+]?[$\xe2\x82\xac]*(\d{1,3}([ .,']\d{3})+|\d+)?([.,]\d*)?([eE][-+]?\d+)?\s*%?\s*")
DATE = re.compile(
    rb"\s*(\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}:\d{2}(:\d{2})?)"
    rb"([ T]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s*(Z|[-+]\d{2}:?\d{2}|UTC)?)?\s*"
)


def kind_of(field: bytes) -> str:
    """Give "empty", "number", "date" or "text"."""
    if not field.strip():
        return "empty"
    if any(48 <= byte <= 57 for byte in field):
        if NUMBER.fullmatch(field):
            return "number"
        if DATE.fullmatch(field):
            return "date"
    return "text"
