"""The entities. What they count stands in fanfold.pipeline.progress."""

import azure.durable_functions as df

from fanfold.pipeline.progress import ADD, CLOSE, ENTITY, add

bp = df.Blueprint()


@bp.entity_trigger(context_name="context", entity_name=ENTITY)
def run_progress(context: df.DurableEntityContext) -> None:
    """What the spans of one run have told of their chunks, added up; gone when the run has ended."""
    if context.operation_name == ADD:
        context.set_state(add(context.get_state(lambda: None), context.get_input()))
    elif context.operation_name == CLOSE:
        context.destruct_on_exit()
