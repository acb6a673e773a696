"""A function that nothing starts."""

import azure.functions as func

app = func.FunctionApp()


@app.function_name("lonely")
@app.queue_output(arg_name="out", queue_name="somewhere", connection="AzureWebJobsStorage")
def lonely(out: func.Out[str]) -> None:
    return None
