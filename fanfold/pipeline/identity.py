"""The run id: the same dataset always gives the same run, another version another run."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime

from fanfold.pipeline.messages import DatasetVersion, EmitTask, Member, SpanTask

_SLUG_MAX = 40


def run_id(dataset: DatasetVersion) -> str:
    """At most 57 printable ASCII characters: a readable slug of the blob's name and 16 hex digits."""
    source = f"{dataset.account}/{dataset.container}/{dataset.blob}@{dataset.etag}"
    digest = hashlib.sha256(source.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{slug(dataset.blob)}-{digest}"


def slug(name: str) -> str:
    """Lower-case ASCII letters, digits and single hyphens, at most 40; "dataset" when nothing is left."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
    words = re.sub(r"[^a-z0-9]+", "-", ascii_name.lower())
    return words.strip("-")[:_SLUG_MAX].strip("-") or "dataset"


def span_id(task: SpanTask, started_at: datetime) -> str:
    """The instance id of a sub-orchestration, within the 100 characters that the scheduler allows.

    Writing the parts of a span is told apart from processing it by an "e".
    The id holds the second it is started at, so that a span that is tried again is never taken for the one that failed.
    """
    redo = "" if task.entry is None else f"@{task.entry}"
    kind = "e" if isinstance(task, EmitTask) else ""
    own = task.plan.run_id.replace("/", ":")  # a scheduler on Azure Storage takes no slash in an id
    return f"{own}:{kind}{task.first}-{task.stop}{redo}~{int(started_at.timestamp()):x}"


def member_run_id(run_id: str, place: int) -> str:
    """What one dataset of a run of several is called: what is stored for it is stored for that run."""
    return f"{run_id}/{place}"


def member_id(run_id: str, started_at: datetime) -> str:
    """The instance id of the sub-orchestration of one dataset of a run of several."""
    return f"{run_id.replace('/', ':')}~{int(started_at.timestamp()):x}"


def combined_etag(members: Sequence[Member]) -> str:
    """Tells these versions of these blobs, in this order, from all others."""
    digest = hashlib.sha256()
    for member in members:
        digest.update(f"{len(member.blob)}/{member.blob}@{member.etag}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]
