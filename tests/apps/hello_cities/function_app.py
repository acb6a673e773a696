"""Function chaining: one activity after the other, each fed by the one before."""

import azure.durable_functions as df
import azure.functions as func

app = df.DFApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="orchestrators/{functionName}")
@app.durable_client_input(client_name="client")
async def http_start(req: func.HttpRequest, client) -> func.HttpResponse:
    instance_id = await client.start_new(req.route_params["functionName"], req.params.get("id"))
    return client.create_check_status_response(req, instance_id)


@app.orchestration_trigger(context_name="context")
def hello_orchestrator(context):
    tokyo = yield context.call_activity("hello", "Tokyo")
    seattle = yield context.call_activity("hello", "Seattle")
    london = yield context.call_activity(hello, "London")
    return [tokyo, seattle, london]


@app.orchestration_trigger(context_name="context")
def long_chain(context):
    total = 0
    for number in range(context.get_input()):
        total += yield context.call_activity("same", number)
    return total


@app.activity_trigger(input_name="city")
def hello(city: str) -> str:
    return f"Hello {city}!"


@app.activity_trigger(input_name="number")
async def same(number: int) -> int:
    return number
