"""Small documents that a request refers to."""

from fanfold import limits
from fanfold.errors import RequestRefused


def check_size(name: str, data: bytes) -> bytes:
    """The content; RequestRefused when it is longer than such a document may be."""
    if len(data) > limits.SCHEMA_BYTES_MAX:
        raise RequestRefused(f"{name}: a document of {len(data)} bytes; expected at most {limits.SCHEMA_BYTES_MAX}")
    return data
