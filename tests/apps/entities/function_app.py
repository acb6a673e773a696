"""A counter that many may call."""

import json

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.entity_trigger(context_name="context")
def Counter(context):
    value = context.get_state(lambda: 0)
    if context.operation_name == "add":
        context.set_state(value + context.get_input())
    elif context.operation_name == "get":
        context.set_result(value)
    elif context.operation_name == "delete":
        context.destruct_on_exit()
    else:
        raise ValueError(f"a counter cannot {context.operation_name}")


@app.orchestration_trigger(context_name="context")
def add_and_get(context):
    counter = df.EntityId("Counter", "shared")
    for number in context.get_input():
        context.signal_entity(counter, "add", number)
    return (yield context.call_entity(counter, "get"))


@app.orchestration_trigger(context_name="context")
def ask_too_much(context):
    try:
        yield context.call_entity(df.EntityId("Counter", "other"), "fly")
    except Exception as error:
        return f"caught: {error}"


@app.route(route="counters/{key}", methods=["GET"])
@app.durable_client_input(client_name="client")
async def read(req: func.HttpRequest, client) -> func.HttpResponse:
    state = await client.read_entity_state(df.EntityId("Counter", req.route_params["key"]))
    return func.HttpResponse(json.dumps({"exists": state.entity_exists, "state": state.entity_state}))


@app.route(route="counters/{key}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def add(req: func.HttpRequest, client) -> func.HttpResponse:
    await client.signal_entity(df.EntityId("Counter", req.route_params["key"]), "add", req.get_json())
    return func.HttpResponse(status_code=202)
