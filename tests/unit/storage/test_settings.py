import base64

import pytest

from fanfold.errors import SettingRefused
from fanfold.storage.clients import blob_service, queue_service
from fanfold.storage.settings import Settings, read_settings


def test_names_have_the_usual_defaults() -> None:
    settings = read_settings({})
    assert (settings.input_container, settings.output_container, settings.work_container) == ("input", "output", "work")
    assert settings.completions_queue == "completions"


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"OUTPUT_CONTAINER": "input"}, "INPUT_CONTAINER and OUTPUT_CONTAINER"),
        ({"INPUT_CONTAINER": "work"}, "INPUT_CONTAINER and WORK_CONTAINER"),
        ({"WORK_CONTAINER": "output"}, "OUTPUT_CONTAINER and WORK_CONTAINER"),
        ({"CHUNK_BYTES": "64k"}, "CHUNK_BYTES"),
        ({"CHUNK_BYTES": "0"}, "CHUNK_BYTES"),
        ({"MAX_CONCURRENCY": "0"}, "MAX_CONCURRENCY"),
        ({"MAX_CONCURRENCY": "many"}, "MAX_CONCURRENCY"),
        ({"WORK_RETENTION_DAYS": "0"}, "WORK_RETENTION_DAYS"),
        ({"BLOB_TRIGGER_SOURCE": "polling"}, "BLOB_TRIGGER_SOURCE"),
        ({"SAMPLES_ENABLED": "maybe"}, "SAMPLES_ENABLED"),
        ({"HTTP_AUTH_LEVEL": "admin"}, "HTTP_AUTH_LEVEL"),
        ({"RECONCILE_SCHEDULE": "often"}, "RECONCILE_SCHEDULE"),
        ({"REQUEST_CONTAINERS": "archive, Old"}, "REQUEST_CONTAINERS"),
        ({"REQUEST_CONTAINERS": ",".join(f"c{n}x" for n in range(21))}, "REQUEST_CONTAINERS: 21 of them"),
        ({"INPUT_SUFFIXES": ",".join("a" * n for n in range(1, 22))}, "INPUT_SUFFIXES: 21 of them"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(SettingRefused, match=named):
        read_settings(environ)


@pytest.mark.parametrize(("text", "enabled"), [("", True), ("true", True), ("True", True), ("false", False)])
def test_samples_are_there_unless_they_are_switched_off(text: str, enabled: bool) -> None:
    assert read_settings({"SAMPLES_ENABLED": text}).samples_enabled is enabled


def test_the_ways_in_are_as_open_as_the_settings_say() -> None:
    usual = read_settings({})
    assert (usual.input_prefix, usual.input_suffixes, usual.request_containers) == ("", ("",), ())
    assert (usual.http_auth_level, usual.reconcile_schedule) == ("function", "0 */5 * * * *")
    changed = read_settings(
        {
            "INPUT_SUFFIXES": ".csv, .txt",
            "REQUEST_CONTAINERS": "archive,old-ones",
            "HTTP_AUTH_LEVEL": "Anonymous",
            "RECONCILE_SCHEDULE": "off",
        }
    )
    assert (changed.input_suffixes, changed.request_containers) == ((".csv", ".txt"), ("archive", "old-ones"))
    assert (changed.http_auth_level, changed.reconcile_schedule) == ("anonymous", None)


def test_managed_identity_needs_no_connection_string() -> None:
    settings = read_settings(
        {
            "AzureWebJobsStorage__blobServiceUri": "https://a.blob.core.windows.net",
            "AzureWebJobsStorage__queueServiceUri": "https://a.queue.core.windows.net",
            "AZURE_CLIENT_ID": "id",
        }
    )
    with blob_service(settings) as blobs, queue_service(settings) as queues:
        assert (blobs.account_name, queues.account_name) == ("a", "a")


SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


def test_webhook_has_its_url_and_its_secrets() -> None:
    environ = {
        "COMPLETION_WEBHOOK_URL": "https://example.org/hook?x=1",
        "COMPLETION_WEBHOOK_SECRET": f"{SECRET},{SECRET}",
    }
    webhook = read_settings(environ).webhook
    assert webhook is not None
    assert (webhook.host, webhook.secrets) == ("example.org", (b"k" * 32, b"k" * 32))
    assert "k" * 32 not in repr(read_settings(environ))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "https://",
        "example.org",
        "https://me:hush@example.org/",
        "https://[/",
    ],
)
def test_webhook_is_told_by_https_alone_and_its_url_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingRefused, match="COMPLETION_WEBHOOK_URL") as refused:
        read_settings({"COMPLETION_WEBHOOK_URL": url, "COMPLETION_WEBHOOK_SECRET": SECRET})
    assert url not in str(refused.value)


@pytest.mark.parametrize(
    "secret", ["", "hush", "whsec_hush", "whsec_" + base64.b64encode(b"short").decode(), "whsec_ä"]
)
def test_webhook_without_a_proper_secret_is_refused_and_the_secret_is_not_repeated(secret: str) -> None:
    with pytest.raises(SettingRefused, match="COMPLETION_WEBHOOK_SECRET") as refused:
        read_settings({"COMPLETION_WEBHOOK_URL": "http://localhost:8000/", "COMPLETION_WEBHOOK_SECRET": secret})
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("service", [blob_service, queue_service])
def test_no_way_to_the_account_is_refused(service: object) -> None:
    with pytest.raises(SettingRefused, match="AzureWebJobsStorage"):
        service(Settings())  # type: ignore[operator]
