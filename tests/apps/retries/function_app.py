"""Activities and sub-orchestrations that are tried again."""

from pathlib import Path

import azure.durable_functions as df

app = df.DFApp()
THREE_TIMES = df.RetryOptions(first_retry_interval_in_milliseconds=50, max_number_of_attempts=3)


@app.orchestration_trigger(context_name="context")
def patient(context):
    return (yield context.call_activity_with_retry("flaky", THREE_TIMES, context.get_input()))


@app.orchestration_trigger(context_name="context")
def patient_parent(context):
    return (yield context.call_sub_orchestrator_with_retry("child", THREE_TIMES, context.get_input()))


@app.orchestration_trigger(context_name="context")
def child(context):
    return (yield context.call_activity("flaky", context.get_input()))


@app.activity_trigger(input_name="spec")
def flaky(spec: dict) -> str:
    """Fails as often as ``failures`` says; a file counts the calls."""
    calls = Path(spec["file"])
    count = len(calls.read_text()) + 1 if calls.exists() else 1
    calls.write_text("x" * count)
    if count <= spec["failures"]:
        raise RuntimeError(f"failure {count}")
    return f"worked at call {count}"
