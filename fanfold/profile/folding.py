"""Many profiles as bytes -> one as bytes: what ``merge`` makes of them, with a few columns in memory at a time."""

from collections.abc import Sequence

from fanfold.profile import sample
from fanfold.profile.caps import CAPS
from fanfold.profile.codec import Head, encode, read_columns, read_head, write
from fanfold.profile.merging import empty, merge_columns, merge_joint, one_width


def fold(parts: Sequence[bytes]) -> bytes:
    """Merge encoded profiles: their samples one after the other, then their columns side by side."""
    total = None
    chosen = []
    for part in parts:
        head = read_head(part)
        if not head.records and not head.sample.cells.width:
            continue
        total = head if total is None else _merge_heads(total, head)
        chosen.append(part)
    if total is None:
        return encode(empty(0))
    columns = (merge_columns(same) for same in zip(*map(read_columns, chosen), strict=True))
    return write(total, columns)


def _merge_heads(left: Head, right: Head) -> Head:
    one_width([left.sample.cells.width, right.sample.cells.width])
    return Head(
        left.records + right.records,
        sample.merge([left.sample, right.sample], CAPS),
        merge_joint([left.joint, right.joint]),
    )
