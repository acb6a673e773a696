"""A binding without a parameter."""

import azure.functions as func

app = func.FunctionApp()


@app.queue_trigger(arg_name="message", queue_name="somewhere", connection="AzureWebJobsStorage")
def misspelt(mesage: func.QueueMessage) -> None:
    return None
