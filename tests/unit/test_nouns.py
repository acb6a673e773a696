"""Counts with their nouns: one is not many."""

import pytest

from fanfold.nouns import counted


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 chunks"), (1, "1 chunk"), (2, "2 chunks"), (12_345, "12,345 chunks")]
)
def test_a_noun_is_in_the_plural_but_for_one(count: int, text: str) -> None:
    assert counted(count, "chunk") == text
