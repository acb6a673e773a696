"""Triggers and bindings that the local host does not have."""

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.event_grid_trigger(arg_name="event")
def on_event(event: func.EventGridEvent) -> None:
    return None


@app.warm_up_trigger("context")
def warm_up(context: func.Context) -> None:
    return None


@app.route(route="rows")
@app.table_input(arg_name="rows", table_name="rows", connection="AzureWebJobsStorage")
def list_rows(req: func.HttpRequest, rows: str) -> str:
    return rows


@app.route(route="fine")
def fine(req: func.HttpRequest) -> str:
    return "fine"
