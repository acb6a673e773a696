"""Two functions of one name."""

import azure.functions as func

app = func.FunctionApp()


@app.route(route="one")
def same(req: func.HttpRequest) -> str:
    return "one"


@app.route(route="two")
@app.function_name("same")
def two(req: func.HttpRequest) -> str:
    return "two"
