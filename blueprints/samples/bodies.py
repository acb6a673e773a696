"""What the samples are asked for: the bodies of their routes, and the inputs of their orchestrations, with bounds."""

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta

from fanfold import limits
from fanfold.errors import RequestRefused
from fanfold.pipeline.messages import Message

Text = Annotated[str, Meta(min_length=1, max_length=limits.SAMPLE_ITEM_CHARACTERS_MAX)]
Texts = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=limits.SAMPLE_ITEMS_MAX)]
Child = Annotated[int, Meta(ge=1, le=limits.FAN_OUT_MAX)]
Count = Annotated[int, Meta(ge=1, le=limits.SAMPLE_ITEMS_MAX)]
Number = Annotated[float, Meta(ge=-limits.SAMPLE_NUMBER_MAX, le=limits.SAMPLE_NUMBER_MAX)]
InstanceIds = Annotated[tuple[Text, ...], Meta(min_length=1, max_length=limits.FAN_OUT_MAX)]

BATCH_ITEMS = 10
"""Items of a batch, where nothing is known of what they cost."""

BATCH_ITEMS_BY_COMPLEXITY = {"Low": 50, "Medium": 20, "High": 5}
"""Items of a batch: the more one of them costs, the fewer."""

CHUNK_ITEMS = 1_000
"""Items of a chunk of a large dataset."""


class Body(Message, frozen=True, rename="camel"):
    """Root of them all: JSON objects with names in camel case, strict about what they hold."""


class Iterations(Body, frozen=True):
    """How often to fan out, how far, and how many orchestrations do so side by side."""

    iterations: Child = 10
    parallel_activities: Count = 5
    parallel_orchestrations: Child = 1

    def __post_init__(self) -> None:
        activities = self.iterations * self.parallel_activities
        if activities > limits.SAMPLE_ITEMS_MAX:
            raise ValueError(
                f"iterations times parallelActivities is {activities}; expected at most {limits.SAMPLE_ITEMS_MAX}"
            )


class WorkItems(Body, frozen=True):
    """Items to process; without any, five of our own."""

    work_items: Texts = ("Task1", "Task2", "Task3", "Task4", "Task5")


class Items(Body, frozen=True):
    """Items to process. One whose name begins with "fail" fails."""

    items: Texts


class Batches(Body, frozen=True):
    """Items to process in batches of ten."""

    items: Texts

    def __post_init__(self) -> None:
        check_batches("items", len(self.items), BATCH_ITEMS)


class DynamicBatches(Body, frozen=True):
    """Items to process in batches whose size follows from what an item costs."""

    items: Texts
    item_complexity: Literal["Low", "Medium", "High"] | None = None

    @property
    def batch_items(self) -> int:
        """Items of a batch."""
        return BATCH_ITEMS_BY_COMPLEXITY[self.item_complexity] if self.item_complexity else BATCH_ITEMS

    def __post_init__(self) -> None:
        check_batches("items", len(self.items), self.batch_items)


class PartialSuccess(Body, frozen=True):
    """Items to process, and the share of them that may fail."""

    items: Texts
    failure_threshold: Annotated[float, Meta(ge=0, le=1)]


class BoundedItems(Body, frozen=True):
    """Items to process, and how many at a time."""

    items: Texts
    max_concurrency: Child


class LargeDataset(Body, frozen=True):
    """More items than one orchestration should see, and how many a chunk of them holds."""

    items: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=limits.SAMPLE_DATASET_ITEMS_MAX)]
    chunk_size: Count = CHUNK_ITEMS

    def __post_init__(self) -> None:
        check_batches("items", len(self.items), self.chunk_size)


class Workload(Body, frozen=True):
    """A text that is validated, enriched and classified at the same time."""

    data: Annotated[str, Meta(max_length=limits.SAMPLE_BODY_BYTES_MAX)]


class Order(Body, frozen=True):
    """So many of something at a price. Without a positive quantity it fails."""

    id: Text
    quantity: Annotated[int, Meta(ge=-limits.SAMPLE_NUMBER_MAX, le=limits.SAMPLE_NUMBER_MAX)]
    unit_price: Number


class Orders(Body, frozen=True):
    """Orders to add up."""

    orders: Annotated[tuple[Order, ...], Meta(min_length=1, max_length=limits.SAMPLE_ITEMS_MAX)]


class OrderBatch(Body, frozen=True):
    """Orders that are an orchestration each."""

    orders: Annotated[tuple[Order, ...], Meta(min_length=1, max_length=limits.FAN_OUT_MAX)]


class Record(Body, frozen=True):
    """One record of a source; without a category, or with a value that is no number, it is an error to count."""

    category: Text | None = None
    value: Number | Text | None = None


class Source(Body, frozen=True):
    """Records to analyse."""

    name: Text
    records: tuple[Record, ...]


class Sources(Body, frozen=True):
    """Sources to analyse side by side."""

    sources: Annotated[tuple[Source, ...], Meta(min_length=1, max_length=limits.SAMPLE_ITEMS_MAX)]


class Chunks(Body, frozen=True):
    """Texts whose words are counted by map and reduce."""

    chunks: Annotated[tuple[str, ...], Meta(min_length=1, max_length=limits.SAMPLE_ITEMS_MAX)]


def check_batches(name: str, items: int, batch_items: int) -> None:
    """ValueError when an orchestration would have more batches than children."""
    most = limits.FAN_OUT_MAX * batch_items
    if items > most:
        raise ValueError(f"{name}: {items} of them; expected at most {most}, {limits.FAN_OUT_MAX} times {batch_items}")


B = TypeVar("B", bound=Body)


def read_body(data: bytes, kind: type[B]) -> B:
    """The body of a request; RequestRefused says what is wrong with it, and where.

    No body stands for an empty object, a bare array for the object's first field.
    """
    wire = _read_json(data) if data.strip() else {}
    if isinstance(wire, list):
        wire = {msgspec.structs.fields(kind)[0].encode_name: wire}
    body: B = _convert(wire, kind)
    return body


def read_instance_ids(data: bytes) -> tuple[str, ...]:
    """The instance ids of a request; RequestRefused as above."""
    ids: tuple[str, ...] = _convert(_read_json(data), InstanceIds)
    return ids


def read_count(data: bytes) -> int:
    """The number of work items that is the whole body of a request; RequestRefused as above."""
    count: int = _convert(_read_json(data), Count)
    return count


def _convert(wire: object, kind: Any) -> Any:
    try:
        return msgspec.convert(wire, kind)
    except msgspec.ValidationError as error:
        raise RequestRefused(f"body: {error}") from error


def _read_json(data: bytes) -> Any:
    if len(data) > limits.SAMPLE_BODY_BYTES_MAX:
        raise RequestRefused(f"body: {len(data)} bytes; expected at most {limits.SAMPLE_BODY_BYTES_MAX}")
    if not data.strip():
        raise RequestRefused("body: expected JSON, found nothing")
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RequestRefused(f"body: expected JSON; {error}") from error
