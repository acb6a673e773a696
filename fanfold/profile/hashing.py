"""Fanfold's own 64-bit hash of a text: specified here, the same on every machine and in every version.

Partials made by different machines are merged by these hashes, so no library's hash that may change will do. All
arithmetic is modulo 2**64, words are little-endian.

For a value of at most 12 bytes: ``head`` = its length in the low half, its first four bytes (padded with zeros) in the
high half; ``tail`` = its next eight bytes, padded. For a longer one ``tail`` is the state after the words at 4, 12,
20, ... that end before the value does, then its last eight bytes; the state starts at 0x9FB21C651E98DF25 and takes a
word by ``s = (s ^ word) * 0xD6E8FEB86659FD93; s ^= s >> 32``. Above HASH_WORDS_BYTES ``tail`` is the little-endian
BLAKE2b-64 of the value. Then::

    x = tail * 0x9E3779B97F4A7C15;  x ^= x >> 32;  x += head;  x ^= head >> 32
    x *= 0xBF58476D1CE4E5B9;        x ^= x >> 29
    x *= 0x94D049BB133111EB;        x ^= x >> 32

(the multipliers are those of SplitMix64 and of Pelle Evensen's rrmxmx, known for their avalanche).
"""

import hashlib

import numpy as np

from fanfold import limits
from fanfold.profile.arrays import Hashes, Rows, Words
from fanfold.profile.strings import INLINE_BYTES, Strings

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_STATE = np.uint64(0x9FB21C651E98DF25)
_STEP = np.uint64(0xD6E8FEB86659FD93)
_29 = np.uint64(29)
_32 = np.uint64(32)


def hash_values(strings: Strings) -> Hashes:
    """One hash a value."""
    tail = strings.tail
    if strings.text.size:
        rows = np.flatnonzero(strings.lengths > INLINE_BYTES)
        folded = _fold_long(strings, rows)
        if rows.size == strings.size:
            tail = folded
        else:
            tail = tail.copy()
            tail[rows] = folded
    x = tail * _GOLDEN
    x ^= x >> _32
    x += strings.head
    x ^= strings.head >> _32
    return _finish(x)


def combine(total: Hashes, column: int, hashes: Hashes) -> None:
    """Add one column to the hashes of the records, in place."""
    total += hashes * np.uint64((2 * column + 1) * int(_GOLDEN) & 0xFFFFFFFFFFFFFFFF | 1)


def finish_records(total: Hashes) -> Hashes:
    """Turn the sums of ``combine`` into the hashes of the records."""
    return _finish(total.copy())


def _finish(x: Hashes) -> Hashes:
    x *= _FIRST
    x ^= x >> _29
    x *= _SECOND
    x ^= x >> _32
    return x


def _fold_long(strings: Strings, rows: Rows) -> Words:
    """Return the state after all words of each of ``rows``; one pass a word over the values that still have one."""
    every = rows.size == strings.size
    lengths = strings.lengths if every else strings.lengths[rows]
    starts = strings.starts if every else strings.starts[rows]
    huge = np.flatnonzero(lengths > limits.HASH_WORDS_BYTES)
    steps = (lengths - 5) >> 3
    steps[huge] = 0
    shared = int(steps.min())
    state = np.full(rows.size, _STATE)
    for step in range(shared):
        _take(state, strings.text[starts + (4 + 8 * step)])
    live = np.flatnonzero(steps > shared)
    for step in range(shared, int(steps.max())):
        live = live[steps[live] > step]
        part = state[live]
        _take(part, strings.text[starts[live] + (4 + 8 * step)])
        state[live] = part
    _take(state, strings.text[starts + (lengths - 8)])
    for row in huge:
        digest = hashlib.blake2b(strings.value(int(rows[row])), digest_size=8).digest()
        state[row] = np.uint64(int.from_bytes(digest, "little"))
    return state


def _take(state: Words, word: Words) -> None:
    state ^= word
    state *= _STEP
    state ^= state >> _32
