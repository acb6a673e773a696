"""Partials are folded few at a time when they are large, and the result does not show it."""

from collections.abc import Collection

import pytest
from profile_examples import frame_of

from fanfold import limits
from fanfold.pipeline import folding
from fanfold.pipeline.partial import Partial, fold, pack
from fanfold.profile.codec import encode
from fanfold.profile.frame import profile_frame


def partial_of(place: int) -> Partial:
    profile = encode(profile_frame(frame_of([str(place), "a"], ["b", str(place % 2)])))
    return Partial(
        start=place,
        stop=place + 1,
        records=2,
        reasons={},
        rejects=(),
        profile=profile,
        batches=1,
        unproven=0,
        owned_bytes=1,
        sections={},
        violations={},
    )


PARTIALS = [partial_of(place) for place in range(7)]


@pytest.mark.parametrize(
    ("bytes_at_once", "at_once", "sizes"), [(1, 16, [2] * 6), (2**20, 4, [4, 4]), (2**20, 16, [7])]
)
def test_few_large_partials_are_folded_at_a_time(
    monkeypatch: pytest.MonkeyPatch, bytes_at_once: int, at_once: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(limits, "FOLD_BYTES", bytes_at_once)
    monkeypatch.setattr(limits, "FOLD_AT_ONCE", at_once)
    seen: list[int] = []

    def counted(partials: list[Partial], gaps: Collection[tuple[int, int]]) -> Partial:
        seen.append(len(partials))
        return fold(partials, gaps)

    monkeypatch.setattr(folding, "fold", counted)
    total = folding.fold_all(lambda name: pack(PARTIALS[int(name)]), [str(place) for place in range(7)])
    assert total == fold(PARTIALS)
    assert seen == sizes
