"""The hash is what its module says, and as good as chance."""

import hashlib
import uuid

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from profile_examples import EXTREMES

from fanfold.profile.arrays import Hashes
from fanfold.profile.hashing import hash_values
from fanfold.profile.sketches import keep_smallest
from fanfold.profile.strings import of

MASK = 2**64 - 1
texts = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=60),
    st.integers(0, 1100).map(lambda size: "abcdefghijklmnopqrstuvwxyz0"[: size % 27] * (size // 27 + 1)),
    st.sampled_from(EXTREMES),
)


def reference(text: str) -> int:
    """The module's docstring, word by word."""
    data = text.encode()
    head = len(data) | int.from_bytes(data[:4], "little") << 32
    if len(data) <= 12:
        tail = int.from_bytes(data[4:], "little")
    elif len(data) > 1024:
        tail = int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "little")
    else:
        tail = 0x9FB21C651E98DF25
        words = [data[at : at + 8] for at in range(4, len(data) - 8, 8)]
        for word in [*words, data[-8:]]:
            tail = (tail ^ int.from_bytes(word, "little")) * 0xD6E8FEB86659FD93 & MASK
            tail ^= tail >> 32
    x = tail * 0x9E3779B97F4A7C15 & MASK
    x ^= x >> 32
    x = (x + head & MASK) ^ head >> 32
    x = x * 0xBF58476D1CE4E5B9 & MASK
    x ^= x >> 29
    x = x * 0x94D049BB133111EB & MASK
    return x ^ x >> 32


def hashes_of(texts: list[str]) -> Hashes:
    return hash_values(of(pl.Series(texts, dtype=pl.String)))


@settings(deadline=None)
@given(st.lists(texts, max_size=12))
def test_the_hash_is_the_specified_one_whatever_stands_beside_a_value(texts: list[str]) -> None:
    assert hashes_of(texts).tolist() == [reference(text) for text in texts]


def test_the_hash_of_every_length_is_the_specified_one() -> None:
    texts = ["".join(chr(33 + (size + place) % 90) for place in range(size)) for size in range(1100)]
    assert hashes_of(texts).tolist() == [reference(text) for text in texts]


def test_the_hash_of_known_texts_never_changes() -> None:
    assert [
        f"{each:016x}" for each in hashes_of(["", "a", "fanfold", "a little longer than twelve", "x" * 2000])
    ] == GOLDEN


GOLDEN = ["0000000000000000", "22a6e1ce0d3b0964", "19ca7d3efbadf2e2", "3c155fbd3c23d8d8", "3b49b8e837469947"]


NUMBERS = pl.Series(np.arange(1, 1_000_001))
SEQUENCES = {
    "numbers": lambda: NUMBERS.cast(pl.String),
    "zero-padded": lambda: NUMBERS.cast(pl.String).str.zfill(12),
    "long identifiers": lambda: "CUSTOMER-ACCOUNT-" + NUMBERS.cast(pl.String),
    "tenths": lambda: (NUMBERS / 10).cast(pl.String),
    "days": lambda: pl.Series(np.arange(-300_000, 300_000, dtype=np.int32)).cast(pl.Date).cast(pl.String),
    "uuids": lambda: pl.Series([str(uuid.uuid5(uuid.NAMESPACE_URL, str(place))) for place in range(50_000)]),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_regular_values_are_spread_as_by_chance(name: str) -> None:
    series = SEQUENCES[name]()
    hashes = hash_values(of(series))
    n = series.n_unique()
    assert np.unique(hashes).size == n
    k = 4096
    estimate = ((k - 1) << 64) / (int(keep_smallest(hashes, None, k).hashes[-1]) + 1)
    assert abs(estimate / n - 1) < 4 / np.sqrt(k)
    for row in range(4):
        cells = np.bincount(hashes.view(np.uint16)[row::4] & 4095, minlength=4096)
        chi = ((cells - n / 4096) ** 2 / (n / 4096)).sum()
        assert abs(chi - 4095) < 6 * np.sqrt(2 * 4095), row


@pytest.mark.parametrize("size", [1, 3, 4, 5, 8, 11, 12, 13, 19, 20, 21, 36, 40, 100])
def test_every_bit_of_a_text_changes_half_of_the_hash(size: int) -> None:
    rng = np.random.default_rng(size)
    # Seven-bit characters, of which any bit may change without leaving ASCII.
    base = rng.integers(0, 128, (2_000, size), dtype=np.uint8)
    before = hashes_of([row.tobytes().decode() for row in base])
    for byte in range(size) if size < 40 else range(0, size, 7):
        for bit in range(7):
            changed = base.copy()
            changed[:, byte] ^= 1 << bit
            flipped = before ^ hashes_of([row.tobytes().decode() for row in changed])
            rates = np.array([(flipped >> np.uint64(place) & np.uint64(1)).mean() for place in range(64)])
            if size < 3:  # so few texts that chance itself is coarse
                assert 0.2 < rates.min() < rates.max() < 0.8
            else:
                assert 0.42 < rates.min() < rates.max() < 0.58, (byte, bit)
