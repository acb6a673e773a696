"""Storage that is reached by an identity, not by a key."""

import azure.functions as func

app = func.FunctionApp()


@app.queue_trigger(arg_name="message", queue_name="somewhere", connection="Elsewhere")
def take(message: func.QueueMessage) -> None:
    return None
