"""Counts with their nouns, as people read them."""


def counted(count: int, noun: str) -> str:
    """A count of what the noun, one that takes an s, names: `1 chunk`, `2,000 chunks`."""
    return f"{count:,} {noun if count == 1 else f'{noun}s'}"
