from types import SimpleNamespace
from typing import Any

import pytest

from fanfold.storage.events import is_wanted, parse_options, plain_etag, request_for
from fanfold.storage.settings import Settings


def blob(**metadata: str) -> Any:
    properties = SimpleNamespace(etag='"0x8D"', size=12, metadata=metadata)
    return SimpleNamespace(
        account_name="acc", container_name="input", blob_name="a.csv", get_blob_properties=lambda: properties
    )


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("in/a.csv", True), ("in/b/c.txt", True), ("in/a.bin", False), ("a.csv", False), ("in/A.CSV", False)],
)
def test_names_are_filtered_by_prefix_and_suffixes(name: str, wanted: bool) -> None:
    settings = Settings(input_prefix="in/", input_suffixes=(".csv", ".txt"))
    assert is_wanted(name, settings) is wanted
    assert is_wanted(name, Settings())


def test_the_request_pins_the_version_that_is_there() -> None:
    request = request_for(blob(), Settings())
    assert (request.dataset.etag, request.dataset.size, request.options) == ("0x8D", 12, {})
    assert request.run_id.startswith("a-csv-")


def test_options_come_from_the_metadata_of_the_blob() -> None:
    assert request_for(blob(fanfold_options='{"delimiter": ";"}'), Settings()).options == {"delimiter": ";"}


def test_the_chunk_size_setting_gives_way_to_the_request() -> None:
    settings = Settings(chunk_bytes=4096)
    assert request_for(blob(), settings).options == {"chunk_bytes": 4096}
    assert request_for(blob(fanfold_options='{"chunk_bytes": 8}'), settings).options == {"chunk_bytes": 8}


@pytest.mark.parametrize("text", ["[1]", "{", "5", "null"])
def test_options_that_are_no_object_travel_on_to_be_refused(text: str) -> None:
    assert parse_options(text) == text


def test_an_etag_is_the_same_with_and_without_quotes() -> None:
    assert plain_etag('"0x1"') == plain_etag("0x1")
