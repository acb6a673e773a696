"""An orchestration that begins anew with what it has learned, so that its history stays short."""

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def count_down(context):
    left = context.get_input()
    yield context.call_activity("tick", left)
    if left > 0:
        context.continue_as_new(left - 1)
        return None
    return "launched"


@app.activity_trigger(input_name="left")
def tick(left: int) -> int:
    return left
