"""HTTP functions: routes, methods, parameters, bodies, levels."""

import json

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.route(route="items/{id:int}/{part?}", methods=["GET", "POST"])
def item(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    answer = {
        "method": req.method,
        "route": dict(req.route_params),
        "query": dict(req.params),
        "header": req.headers.get("X-Test"),
        "bytes": len(req.get_body()),
        "function": context.function_name,
    }
    headers = {"X-Answer": "yes", "Set-Cookie": "a=b; Path=/"}
    return func.HttpResponse(json.dumps(answer), status_code=201, headers=headers, mimetype="application/json")


@app.route(route="items/special", auth_level=func.AuthLevel.ANONYMOUS)
async def special(req: func.HttpRequest) -> str:
    return "special"


@app.route(route="files/{*path}", auth_level=func.AuthLevel.ANONYMOUS)
def files(req: func.HttpRequest) -> str:
    return req.route_params["path"]


@app.route(auth_level=func.AuthLevel.ADMIN)
def by_name(req: func.HttpRequest) -> None:
    return None
