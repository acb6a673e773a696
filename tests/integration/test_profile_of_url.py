"""`python -m fanfold profile` of a blob by its URL, against a real Azurite."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.storage.blob import BlobClient, BlobServiceClient, ContainerSasPermissions, generate_container_sas

from fanfold.cli.commands import main
from fanfold.errors import DatasetSuperseded
from fanfold.storage.url import UrlDataset, url_version

DATA = "id,town\n1,Łódź\n2,\n3,Łódź\n".encode()


@pytest.fixture(scope="module")
def signed(azurite: Any) -> tuple[BlobClient, str]:
    """A blob, and its URL with a signature that lets it be read for an hour."""
    service = BlobServiceClient.from_connection_string(azurite.connection_string)
    container = service.create_container(f"urls-{uuid4().hex[:8]}")
    blob = container.get_blob_client("2026/towns & more.csv")
    blob.upload_blob(DATA)
    sas = generate_container_sas(
        service.account_name,
        container.container_name,
        account_key=service.credential.account_key,
        permission=ContainerSasPermissions(read=True),
        expiry=datetime.now(UTC) + timedelta(hours=1),
    )
    return blob, f"{blob.url}?{sas}"


def report(capsys: pytest.CaptureFixture[str], source: str) -> dict[str, Any]:
    assert main(["profile", source, "--format", "json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_the_report_of_a_blob_is_that_of_a_file_with_the_same_bytes(
    signed: tuple[BlobClient, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blob, url = signed
    (tmp_path / "a.csv").write_bytes(DATA)
    by_url, by_file = report(capsys, url), report(capsys, str(tmp_path / "a.csv"))
    assert by_url["run"]["source"]["blob"] == by_url["dataset"]["name"] == blob.blob_name
    assert by_url["columns"] == by_file["columns"]
    assert "sig=" not in json.dumps(by_url)


def test_a_blob_that_is_not_there_is_named_without_its_signature(
    signed: tuple[BlobClient, str], capsys: pytest.CaptureFixture[str]
) -> None:
    blob, url = signed
    assert main(["profile", url.replace("2026/", "2025/")]) == 1
    complaint = capsys.readouterr().err
    assert "there is no such blob" in complaint
    assert "sig=" not in complaint
    assert blob.container_name in complaint


def test_a_blob_that_is_overwritten_is_read_no_further(signed: tuple[BlobClient, str]) -> None:
    blob, url = signed
    before = url_version(url)
    dataset = UrlDataset(url, before.etag)
    assert dataset.read(0, before.size) == DATA
    blob.upload_blob(DATA + b"4,x\n", overwrite=True)
    with pytest.raises(DatasetSuperseded):
        dataset.read(0, before.size)
