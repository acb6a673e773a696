"""Several datasets as one run with one report, as if they stood one after another (docs/decisions/0022).

Each is inspected, cut, proven and folded on its own, so a quote that is left open in one cannot swallow the next. Their
profiles are kept, and folded into one at the end (fanfold.pipeline.combining).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.formats import LONGEST_NAME
from fanfold.pipeline.identity import combined_etag, member_run_id, run_id
from fanfold.pipeline.messages import DatasetVersion, Kept, Member, RunRequest
from fanfold.pipeline.options import NO_BASELINE, Options
from fanfold.pipeline.planning import default_chunk_bytes


def request_several(
    account: str, container: str, name: str, members: Sequence[Member], options: dict[str, Any]
) -> RunRequest:
    """The request of one run of all of them: the same versions in the same order always give the same run."""
    dataset = DatasetVersion(
        account=account,
        container=container,
        blob=name,
        etag=combined_etag(members),
        size=sum(member.size for member in members),
    )
    request = RunRequest(run_id=run_id(dataset), dataset=dataset, options=options, members=tuple(members))
    _check_room(name, request.run_id)
    return request


def _check_room(name: str, own: str) -> None:
    room = limits.BLOB_NAME_MAX - len(f"/{own}/{LONGEST_NAME}")
    if len(name) > room:
        raise RequestRefused(f"name: {len(name)} characters; expected at most {room}, for its report's names")


def check_several(options: Options) -> None:
    """RequestRefused for what cannot be had of several datasets in one report."""
    if options.emit is not None:
        raise RequestRefused("options.emit: parts are written of one dataset; expected none for several")
    if options.tolerated_failures not in {None, 0}:
        raise RequestRefused("options.tolerated_failures: a report of several datasets has all of them; expected 0")


def check_members(members: Sequence[Member]) -> None:
    """RequestRefused for more datasets than one run can have."""
    if len(members) > limits.DATASETS_MAX:
        raise RequestRefused(f"more than {limits.DATASETS_MAX} datasets; expected at most as many in one run")
    size = len(msgspec.json.encode(members))
    if size > limits.DATASETS_BYTES_MAX:
        raise RequestRefused(f"names and versions of {size} bytes; expected at most {limits.DATASETS_BYTES_MAX}")


def name_of(prefix: str | None, members: Sequence[Member]) -> str:
    """What the report of several is called when nobody says: after the folder, or the first of them."""
    if prefix is not None:
        return prefix.removesuffix("/")
    more = len(members) - 1
    return f"{members[0].blob} and {more} more" if more else members[0].blob


def member_requests(request: RunRequest) -> Iterator[RunRequest]:
    """One request for each dataset, as a part of the run. It is compared with nothing: the whole is."""
    options = dict(request.options) if isinstance(request.options, dict) else {}
    for place, member in enumerate(request.members):
        yield RunRequest(
            run_id=member_run_id(request.run_id, place),
            dataset=msgspec.structs.replace(request.dataset, blob=member.blob, etag=member.etag, size=member.size),
            options={**options, "baseline": NO_BASELINE},
        )


def expected_chunks(request: RunRequest) -> int:
    """Into how many chunks the datasets will be cut, all together: arithmetic on their sizes."""
    asked = request.options.get("chunk_bytes") if isinstance(request.options, dict) else None
    return sum(-(-member.size // (asked or default_chunk_bytes(member.size))) for member in request.members)


def add_up(found: Iterable[Kept]) -> Kept:
    """The figures of all datasets."""
    some = tuple(found)
    return Kept(
        chunks=sum(kept.chunks for kept in some),
        chunk_bytes=max(kept.chunk_bytes for kept in some),
        records=sum(kept.records for kept in some),
        rejected=sum(kept.rejected for kept in some),
        batches=sum(kept.batches for kept in some),
        unproven=sum(kept.unproven for kept in some),
        reprocessed=sum(kept.reprocessed for kept in some),
        retries=sum(kept.retries for kept in some),
        owned_bytes=sum(kept.owned_bytes for kept in some),
    )
