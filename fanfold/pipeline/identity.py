"""The run id: the same dataset always gives the same run, another version another run."""

import hashlib
import re
import unicodedata

from fanfold.pipeline.messages import DatasetVersion

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


def span_id(run: str, first: int, stop: int, entry: int | None) -> str:
    """The instance id of a sub-orchestration, within the 100 characters that the scheduler allows."""
    redo = "" if entry is None else f"@{entry}"
    return f"{run}:{first}-{stop}{redo}"
