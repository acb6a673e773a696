"""Polls something until it is done, with pauses in between."""

from datetime import timedelta

import azure.durable_functions as df

app = df.DFApp()


@app.orchestration_trigger(context_name="context")
def monitor(context):
    asked = 0
    while True:
        asked += 1
        done = yield context.call_activity("is_done", asked)
        context.set_custom_status(f"asked {asked} times")
        if done:
            return asked
        yield context.create_timer(context.current_utc_datetime + timedelta(milliseconds=50))


@app.activity_trigger(input_name="asked")
def is_done(asked: int) -> bool:
    return asked >= 4
