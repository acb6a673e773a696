"""Every kind of trigger, blob and queue bindings. Names are app settings, so that tests do not meet."""

import json
import logging

import azure.functions as func
import azurefunctions.extensions.bindings.blob as blob
from azure.core.exceptions import ResourceNotFoundError

app = func.FunctionApp()
STORAGE = "AzureWebJobsStorage"


@app.blob_trigger(arg_name="client", path="%CONTAINER%/deferred/{name}", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%RESULTS%", connection=STORAGE)
def deferred(client: blob.BlobClient, out: func.Out[str]) -> None:
    properties = client.get_blob_properties()
    out.set(json.dumps({"by": "deferred", "blob": client.blob_name, "size": properties.size}))


@app.blob_trigger(arg_name="stream", path="%CONTAINER%/content/{name}.txt", connection=STORAGE)
@app.blob_output(arg_name="copy", path="%CONTAINER%/copies/{name}.upper", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%RESULTS%", connection=STORAGE)
async def content(stream: func.InputStream, copy: func.Out[bytes], out: func.Out[str]) -> None:
    data = stream.read()
    copy.set(data.upper())
    out.set(json.dumps({"by": "content", "blob": stream.name, "size": stream.length, "text": data.decode()}))


@app.blob_trigger(arg_name="stream", path="%CONTAINER%/poison/{name}", connection=STORAGE)
def poisoned_blob(stream: func.InputStream) -> None:
    raise ValueError("I do not like this blob")


@app.queue_trigger(arg_name="message", queue_name="%REQUESTS%", connection=STORAGE)
@app.blob_input(arg_name="source", path="%CONTAINER%/{file}", connection=STORAGE)
@app.queue_output(arg_name="out", queue_name="%RESULTS%", connection=STORAGE)
def request(message: func.QueueMessage, source: func.InputStream, out: func.Out[list[str]]) -> None:
    body = message.get_json()
    logging.info("message number %s", message.dequeue_count)
    if body.get("fail") == "in storage":
        raise ResourceNotFoundError("there is no such blob")
    if body.get("fail"):
        raise ValueError("I do not like this message")
    text = source.read().decode() if source else None
    out.set([json.dumps({"by": "request", "text": text}), json.dumps({"by": "request", "id": message.id})])


@app.blob_trigger(arg_name="stream", path="%CONTAINER%/streamed/{name}", connection=STORAGE)
@app.blob_input(arg_name="all", path="%CONTAINER%", connection=STORAGE)
@app.queue_output(arg_name="$return", queue_name="%RESULTS%", connection=STORAGE)
def streamed(stream: blob.StorageStreamDownloader, all: blob.ContainerClient) -> str:
    return json.dumps({"by": "streamed", "text": stream.readall().decode(), "container": all.container_name})


@app.route(route="keep/{name}", methods=["POST"], auth_level=func.AuthLevel.ANONYMOUS)
@app.blob_output(arg_name="kept", path="%CONTAINER%-kept/{name}", connection=STORAGE)
def keep(req: func.HttpRequest, kept: func.Out[bytes]) -> str:
    kept.set(req.get_body())
    return "kept"


@app.timer_trigger(arg_name="timer", schedule="0 0 3 * * *")
def nightly(timer: func.TimerRequest) -> None:
    return None


@app.route(route="ping", auth_level=func.AuthLevel.ANONYMOUS)
def ping(req: func.HttpRequest) -> str:
    return "pong"
