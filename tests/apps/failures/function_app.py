"""What goes wrong in apps."""

import os
import time

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def call(context):
    """Calls the activity that the input names."""
    return (yield context.call_activity(context.get_input(), None))


@app.orchestration_trigger(context_name="context")
def fails(context):
    raise ValueError("wrong from the start")


@app.orchestration_trigger(context_name="context")
def changes_its_mind(context):
    first = "other" if context.is_replaying else "one"
    yield context.call_activity(first, None)
    return (yield context.call_activity("one", None))


@app.orchestration_trigger(context_name="context")
def calls_http(context):
    return (yield context.call_http("GET", "http://localhost"))


@app.orchestration_trigger(context_name="context")
def hangs(context):
    time.sleep(context.get_input())
    yield context.call_activity("one", None)


@app.orchestration_trigger(context_name="context")
def runs_in_circles(context):
    while True:
        pass


@app.orchestration_trigger(context_name="context")
def asks_a_hanging_entity(context):
    return (yield context.call_entity(df.EntityId("Stuck", "one"), "think"))


@app.entity_trigger(context_name="context")
def Stuck(context):
    while True:
        pass


@app.activity_trigger(input_name="nothing")
def one(nothing):
    return 1


@app.activity_trigger(input_name="nothing")
def other(nothing):
    return 2


@app.activity_trigger(input_name="nothing")
def raises(nothing):
    raise KeyError("not there")


@app.activity_trigger(input_name="nothing")
def not_json(nothing):
    return object()


@app.activity_trigger(input_name="nothing")
def dies(nothing):
    os._exit(7)


@app.activity_trigger(input_name="nothing")
def never_ends(nothing):
    time.sleep(600)


@app.route(route="raises")
def http_raises(req: func.HttpRequest) -> str:
    raise RuntimeError("not today")
