"""The orchestrators. What they decide stands in fanfold.pipeline.orchestration."""

import azure.durable_functions as df

from fanfold.pipeline.context import EMIT, MEMBER, REFUSE, RUN, SPAN, Steps
from fanfold.pipeline.orchestration import announce_refusal, emit_span, process_span, profile_member, run_dataset

bp = df.Blueprint()


@bp.orchestration_trigger(context_name="context", orchestration=RUN)
def run(context: df.DurableOrchestrationContext) -> Steps:
    """Inspect, fan out, fold in, emit, publish, announce: one run of one dataset."""
    return (yield from run_dataset(context))


@bp.orchestration_trigger(context_name="context", orchestration=SPAN)
def span(context: df.DurableOrchestrationContext) -> Steps:
    """A span of chunks too long for one orchestration."""
    return (yield from process_span(context))


@bp.orchestration_trigger(context_name="context", orchestration=REFUSE)
def refusal(context: df.DurableOrchestrationContext) -> Steps:
    """A request that came to nothing, told as a run that has failed."""
    return (yield from announce_refusal(context))


@bp.orchestration_trigger(context_name="context", orchestration=EMIT)
def parts(context: df.DurableOrchestrationContext) -> Steps:
    """The emitted parts of a span of chunks too long for one orchestration."""
    return (yield from emit_span(context))


@bp.orchestration_trigger(context_name="context", orchestration=MEMBER)
def member(context: df.DurableOrchestrationContext) -> Steps:
    """One dataset of a run of several."""
    return (yield from profile_member(context))
