"""A value's stand-in where values are kept: itself while it is short, else its beginning and a digest.

The key of a value longer than ``limit`` bytes is as many whole characters as fit, a NUL, its length in characters, a
NUL, and 32 hex digits: its Fanfold hash and its BLAKE2b-64. Such a key is longer than ``limit`` bytes, no other is, so
keys of different values differ (up to a chance of 2**-128).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import polars as pl

from fanfold import limits
from fanfold.profile.arrays import Hashes, Ints
from fanfold.profile.hashing import hash_values
from fanfold.profile.strings import Strings, of

_HASH_DIGITS = 16
ELLIPSIS = "…"

_LOOKED_AT_ONE_BY_ONE = 256
"""Up to this many values a look at each is faster than a query."""
_CHARACTER_BYTES = 4
"""Of UTF-8, at most."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key taken apart."""

    text: str
    characters: int
    hash: int
    """Of an abridged value; 0 for one that is its own key."""


def keys_of(series: pl.Series, limit: int) -> pl.Series:
    """Keys of values, given as a String series without nulls."""
    if len(series) <= _LOOKED_AT_ONE_BY_ONE and _are_short(series.to_list(), limit):
        return series
    long = series.str.len_bytes() > limit
    if not long.any():
        return series
    values = of(series.filter(long))
    hashes = hash_values(values).tolist()
    abridged = [_abridge(value, each, limit) for value, each in zip(values.series, hashes, strict=True)]
    return series.clone().scatter(np.flatnonzero(long.to_numpy()), abridged)


def _are_short(values: list[str], limit: int) -> bool:
    """Whether no value can be longer than ``limit`` bytes, by its characters."""
    return max(map(len, values), default=0) * _CHARACTER_BYTES <= limit


def _abridge(value: str, own: int, limit: int) -> str:
    text = value.encode()
    digest = hashlib.blake2b(text, digest_size=8).hexdigest()
    start = text[:limit].decode(errors="ignore")
    return f"{start}\0{len(value)}\0{own:016x}{digest}"


def take_apart(key: str, limit: int) -> Key:
    """Read a key made with the same ``limit``."""
    if len(key.encode()) <= limit:
        return Key(key, len(key), 0)
    text, characters, digests = key.rsplit("\0", 2)
    return Key(text, int(characters), int(digests[:_HASH_DIGITS], 16))


def is_abridged(strings: Strings, limit: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Rows of the keys, made with the same ``limit``, that stand for longer values."""
    return np.flatnonzero(strings.lengths > limit)


def characters_of(keys: Strings, limit: int) -> Ints:
    """Lengths of the values behind keys made with the same ``limit``."""
    characters = keys.characters().copy()
    for row in is_abridged(keys, limit):
        characters[row] = take_apart(keys.series[int(row)], limit).characters
    return characters


def hashes_of(keys: pl.Series, limit: int) -> Hashes:
    """Hashes of the values behind keys made with the same ``limit``."""
    strings = of(keys)
    hashes = hash_values(strings)
    for row in is_abridged(strings, limit):
        hashes[row] = take_apart(keys[int(row)], limit).hash
    return hashes


def shown(text: str, characters: int) -> str:
    """Cut a text that is part of a value of so many characters to what a report shows."""
    if len(text) == characters <= limits.SHOWN_CHARACTERS:
        return text
    return text[: limits.SHOWN_CHARACTERS] + ELLIPSIS
