"""An approval that is waited for, but not for ever."""

from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def approval(context):
    deadline = context.current_utc_datetime + timedelta(seconds=context.get_input())
    timer = context.create_timer(deadline)
    approved = context.wait_for_external_event("Approval")
    winner = yield context.task_any([approved, timer])
    if winner is timer:
        return "escalated"
    timer.cancel()
    return approved.result


@app.orchestration_trigger(context_name="context")
def two_events(context):
    first = yield context.wait_for_external_event("First")
    context.set_custom_status({"first": first})
    second = yield context.wait_for_external_event("Second")
    return [first, second]
