"""How many chunks may fail, and what is said when more have."""

from collections.abc import Sequence

from fanfold.pipeline.messages import Failure, Link, Plan
from fanfold.pipeline.rounds import StepFailed


def check_tolerance(plan: Plan, links: Sequence[Link]) -> None:
    """StepFailed when more chunks have failed than the run tolerates."""
    if sum(link.failed for link in links) > plan.terms.tolerated:
        raise StepFailed(excess(plan, links))


def excess(plan: Plan, links: Sequence[Link]) -> Failure:
    """Why too many failed chunks end the run: names the first, and counts them all."""
    failed = sum(link.failed for link in links)
    first = min((one for link in links for one in link.failed_chunks), key=lambda chunk: chunk.start)
    what = f"chunk {first.start // plan.chunk_bytes} (bytes {first.start} to {first.stop}): {first.error.message}"
    if failed > 1:
        what = f"{failed} of {plan.chunks} chunks failed, {plan.terms.tolerated} may; the first is {what}"
    return Failure(kind=first.error.kind, message=what)
