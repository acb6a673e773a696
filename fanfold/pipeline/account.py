"""The account of a run (promise P7): every byte and every record of the dataset is there once.

The same things are counted in several places, each without looking at the others: bytes batch by batch while they are
read, bounds where batches begin and end, records as rows of tables, as values of every column, and link by link along
the proven chain. Where two of them disagree, something was lost or read twice, and there is no report.
"""

from collections.abc import Iterator
from typing import Any

from fanfold.errors import PipelineFault
from fanfold.pipeline.messages import Link, Plan
from fanfold.pipeline.partial import Partial
from fanfold.profile.column import values_in
from fanfold.profile.model import Profile

Claim = tuple[str, int, int]
"""What is counted, what was found and what was expected."""


def take_account(plan: Plan, result: Link, partial: Partial | None, profile: Profile) -> dict[str, Any]:
    """The verified account, as it stands in the report; PipelineFault where two counts disagree."""
    owned, records, rejected = (0, 0, 0)
    if partial is not None:
        owned, records, rejected = partial.owned_bytes, partial.records, partial.rejected
    for what, found, expected in _claims(plan, result, partial, profile):
        if found != expected:
            raise PipelineFault(f"{what}: found {found}, expected {expected}: a chunk is missing or was read twice")
    return {
        "bytes": {
            "preamble_and_header": plan.data_start,
            "records": owned,
            **({"unread": result.unread} if result.failed else {}),
            "total": plan.dataset.size,
        },
        "records": {"accepted": records, "rejected": rejected, "total": records + rejected},
        "verified": True,
    }


def _claims(plan: Plan, result: Link, partial: Partial | None, profile: Profile) -> Iterator[Claim]:
    size, start = plan.dataset.size, plan.data_start
    if partial is None:
        yield "bytes of the header and of what failed, where there are no records", start + result.unread, size
        return
    if not result.hole_before:
        yield "the byte the first record starts at", partial.start, start
    if not result.hole_after:
        yield "the byte the last record ends at", partial.stop, size
    yield (
        "bytes of the header and of all records, and of what failed",
        start + partial.owned_bytes + result.unread,
        size,
    )
    yield "bytes of all chunks of the chain", result.owned_bytes, partial.owned_bytes
    yield "records of all chunks of the chain", result.records, partial.records
    yield "rejects of all chunks of the chain", result.rejected, partial.rejected
    yield "records in the profile", profile.records, partial.records
    for position, column in enumerate(profile.columns, 1):
        yield f"values and nulls of column {position}", values_in(column), partial.records
