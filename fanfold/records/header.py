"""Decides whether the first record is a header, and labels the columns."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from fanfold.records.kinds import kind_of
from fanfold.records.sample import SampleRecord


def looks_like_header(records: Sequence[SampleRecord]) -> bool:
    """Tell whether the first of these records is a header: yes, unless it looks like the records below it.

    A number or date above numbers or dates speaks against it, text above them speaks for it. Alone, it is none if it
    is all numbers.
    """
    first, below = records[0].fields, [record.fields for record in records[1:] if not record.blank]
    if not below:
        return any(kind_of(field) != "number" for field in first)
    if _counts_up(first, below[0]):
        return True
    votes = 0
    for column, label in enumerate(first):
        usual = _usual_kind([fields[column] for fields in below if column < len(fields)])
        kind = kind_of(label)
        if usual in {"number", "date"} and kind != "empty":
            votes += 1 if kind == "text" else -1
    return votes >= 0


def _usual_kind(fields: Sequence[bytes]) -> str:
    """Give the kind of most of the fields that are not empty."""
    kinds = Counter(kind for kind in map(kind_of, fields) if kind != "empty")
    if not kinds:
        return "empty"
    kind, count = kinds.most_common(1)[0]
    return kind if 2 * count > kinds.total() else "text"


def _counts_up(first: Sequence[bytes], second: Sequence[bytes]) -> bool:
    """Tell whether the first record's numbers count up by one, as years do in a header, and the second's do not."""
    return _steps(first) == {1} != _steps(second)


def _steps(fields: Sequence[bytes]) -> set[int]:
    numbers = [int(field) for field in fields if field.isdigit()]
    return {after - before for before, after in pairwise(numbers)}


def joined_labels(records: Sequence[SampleRecord]) -> tuple[bytes, ...]:
    """Join the labels that stand one above the other in several header rows, with a space; blank ones are skipped."""
    width = max(len(record.fields) for record in records)
    rows = [(*record.fields, *[b""] * (width - len(record.fields))) for record in records]
    if len(rows) == 1:
        return rows[0]
    return tuple(b" ".join(label.strip() for label in column if label.strip()) for column in zip(*rows, strict=True))


def label_columns(fields: Sequence[bytes]) -> tuple[str, ...]:
    """Make labels unique and never blank: `name_2` for a repeated one, `column_3` for a blank third one."""
    texts = [field.decode("utf-8", "replace") for field in fields]
    labels = [text if text.strip() else f"column_{number}" for number, text in enumerate(texts, 1)]
    taken = set(labels)
    numbers: dict[str, int] = {}
    unique = []
    for label in labels:
        name = label
        while label in numbers and name in taken:
            numbers[label] += 1
            name = f"{label}_{numbers[label]}"
        numbers.setdefault(label, 1)
        taken.add(name)
        unique.append(name)
    return tuple(unique)
