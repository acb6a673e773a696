"""A partial: what a chunk, or a span of chunks, adds to the report. Neighbours fold into one."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

import msgspec

from fanfold import limits
from fanfold.errors import PipelineFault
from fanfold.pipeline.messages import Message
from fanfold.processors.contract import Chunk
from fanfold.processors.sections import Outcomes, process_frame
from fanfold.processors.sections import merge as merge_sections
from fanfold.profile.codec import encode
from fanfold.profile.folding import fold as fold_profiles
from fanfold.profile.frame import profile_frame
from fanfold.profile.merging import merge
from fanfold.profile.model import Profile
from fanfold.profile.nulls import NULLS, Nulls
from fanfold.records.batch import Batch
from fanfold.schema.rules import Rules
from fanfold.schema.violations import Violations, find_violations
from fanfold.schema.violations import merge as merge_violations

REVISION = 3
"""Raised with every change of what is stored as a partial or beside it, apart from the profile."""


class KeptReject(msgspec.Struct, frozen=True, array_like=True):
    """A reject with its text; the ordinal counts records and rejects from the partial's start."""

    offset: int
    ordinal: int
    reason: str
    text: bytes


class Partial(Message, frozen=True):
    """Everything about the records that start in [start, stop)."""

    start: int
    stop: int
    records: int
    reasons: dict[str, int]
    rejects: tuple[KeptReject, ...]
    profile: bytes
    batches: int
    unproven: int
    owned_bytes: int
    """The bytes of its batches added up: without gap or overlap they are `stop - start`."""
    sections: Outcomes
    """What the processors made of the records."""
    violations: Violations
    """Which records break which rule of the schema."""
    padded: int = 0
    extended: int = 0

    @property
    def rejected(self) -> int:
        """Number of rejects, kept or not."""
        return sum(self.reasons.values())


def read_partial(
    batches: Iterable[Batch], processors: Mapping[str, Chunk], rules: Rules | None, nulls: Nulls = NULLS
) -> Partial | None:
    """The partial of what a reader yields; None when no record starts there. One batch is in memory at a time."""
    profiles: list[Profile] = []
    sections: Outcomes | None = None
    violations: list[tuple[int, Violations]] = []
    reasons: Counter[str] = Counter()
    rejects: list[KeptReject] = []
    records = unproven = padded = extended = owned_bytes = 0
    start = stop = None
    for batch in batches:
        start = batch.start if start is None else start
        stop = batch.stop
        records += batch.frame.height
        unproven += not batch.proven
        padded += batch.padded
        extended += batch.extended
        owned_bytes += batch.stop - batch.start
        reasons.update(batch.reasons)
        room = limits.REJECTS_KEPT - len(rejects)
        rejects += [KeptReject(r.offset, r.ordinal, r.reason, r.text) for r in batch.rejects[:room]]
        profiles.append(profile_frame(batch.frame, nulls=nulls))
        if rules is not None:
            violations.append((batch.frame.height, find_violations(batch.frame, rules)))
        made = process_frame(batch.frame, processors)
        sections = made if sections is None else merge_sections([sections, made])
    if start is None or stop is None:
        return None
    return Partial(
        start=start,
        stop=stop,
        records=records,
        reasons=dict(sorted(reasons.items())),
        rejects=tuple(rejects),
        profile=encode(merge(profiles)),
        batches=len(profiles),
        unproven=unproven,
        padded=padded,
        extended=extended,
        owned_bytes=owned_bytes,
        sections=sections or {},
        violations=merge_violations(violations),
    )


def fold(partials: Sequence[Partial], gaps: Collection[tuple[int, int]] = ()) -> Partial:
    """One partial for neighbours in file order; PipelineFault when they neither join on to each other nor leave a gap.

    Behind a gap the ordinals of rejects count what was read.
    """
    for left, right in pairwise(partials):
        if left.stop != right.start and (left.stop, right.start) not in gaps:
            raise PipelineFault(
                f"partials do not join: one stops at byte {left.stop}, the next starts at {right.start}"
            )
    reasons: Counter[str] = Counter()
    rejects: list[KeptReject] = []
    ordinal = 0
    for partial in partials:
        reasons.update(partial.reasons)
        room = limits.REJECTS_KEPT - len(rejects)
        rejects += [KeptReject(r.offset, r.ordinal + ordinal, r.reason, r.text) for r in partial.rejects[:room]]
        ordinal += partial.records + partial.rejected
    return Partial(
        start=partials[0].start,
        stop=partials[-1].stop,
        records=sum(partial.records for partial in partials),
        reasons=dict(sorted(reasons.items())),
        rejects=tuple(rejects),
        profile=fold_profiles([partial.profile for partial in partials]),
        batches=sum(partial.batches for partial in partials),
        unproven=sum(partial.unproven for partial in partials),
        padded=sum(partial.padded for partial in partials),
        extended=sum(partial.extended for partial in partials),
        owned_bytes=sum(partial.owned_bytes for partial in partials),
        sections=merge_sections([partial.sections for partial in partials]),
        violations=merge_violations([(partial.records, partial.violations) for partial in partials]),
    )


def pack(partial: Partial) -> bytes:
    """The partial as bytes, the same for the same partial."""
    return msgspec.msgpack.encode(partial)


def unpack(data: bytes) -> Partial:
    """The partial from its bytes; PipelineFault when they are no partial of this version."""
    try:
        return msgspec.msgpack.decode(data, type=Partial)
    except msgspec.MsgspecError as error:
        raise PipelineFault(f"a stored partial cannot be read: {error}") from error
