"""Many profiles as bytes -> one as bytes: what ``merge`` makes of them, with a few columns in memory at a time."""

from collections.abc import Sequence

from fanfold.profile import sample
from fanfold.profile.caps import CAPS
from fanfold.profile.codec import encode, read_columns, read_head, write
from fanfold.profile.merging import empty, merge_columns, one_width


def fold(parts: Sequence[bytes]) -> bytes:
    """Merge encoded profiles: their samples one after the other, then their columns side by side."""
    total = None
    records = 0
    chosen = []
    for part in parts:
        count, drawn = read_head(part)
        if not count and not drawn.cells.width:
            continue
        one_width([drawn.cells.width] if total is None else [total.cells.width, drawn.cells.width])
        total = drawn if total is None else sample.merge([total, drawn], CAPS.records)
        records += count
        chosen.append(part)
    if total is None:
        return encode(empty(0))
    columns = (merge_columns(same) for same in zip(*map(read_columns, chosen), strict=True))
    return write(records, total, columns)
