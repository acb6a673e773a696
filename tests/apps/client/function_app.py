"""Everything that a durable client can be asked, by HTTP: POST /api/METHOD with its arguments."""

import json
from datetime import datetime, timezone

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.orchestration_trigger(context_name="context")
def wait(context):
    context.set_custom_status({"asked": context.get_input()})
    answer = yield context.wait_for_external_event("Answer")
    return (yield context.call_activity("echo", json.loads(answer)))


@app.orchestration_trigger(context_name="context")
def quick(context):
    return (yield context.call_activity("echo", context.get_input()))


@app.activity_trigger(input_name="value")
def echo(value):
    return value


@app.route(route="{method}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def ask(req: func.HttpRequest, client) -> func.HttpResponse:
    method, arguments = req.route_params["method"], req.get_json()
    for name in ("created_time_from", "created_time_to"):
        if name in arguments:
            arguments[name] = datetime.fromtimestamp(arguments[name], timezone.utc)
    if "runtime_status" in arguments:
        arguments["runtime_status"] = [df.OrchestrationRuntimeStatus(one) for one in arguments["runtime_status"]]
    if method == "wait_for_completion_or_create_check_status_response":
        return await client.wait_for_completion_or_create_check_status_response(req, **arguments)
    answer = await getattr(client, method)(**arguments)
    return func.HttpResponse(json.dumps(_plain(answer)), mimetype="application/json")


def _plain(answer):
    if isinstance(answer, list):
        return [_plain(one) for one in answer]
    return answer.to_json() if hasattr(answer, "to_json") else getattr(answer, "instances_deleted", answer)
