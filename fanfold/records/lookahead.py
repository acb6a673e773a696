"""Ranged reads, few of them: each is a request over a network."""

from collections.abc import Callable

ReadRange = Callable[[int, int], bytes]
"""read(start, stop) gives exactly those bytes of the dataset."""

JOIN_SHARE = 16
"""Held bytes are joined to new ones from a 16th of the wanted range on; below, reading them again is cheaper."""


class Lookahead:
    """Holds the last range that was read, and reads what goes beyond."""

    def __init__(self, read: ReadRange, size: int) -> None:
        self._read = read
        self._size = size
        self._start = 0
        self._held = b""

    def take(self, start: int, stop: int) -> bytes:
        """Give [start, stop) of the dataset, cut at its end."""
        stop = min(stop, self._size)
        held_stop = self._start + len(self._held)
        begins_inside = self._start <= start <= held_stop
        if not (begins_inside and stop <= held_stop):
            if begins_inside and (held_stop - start) * JOIN_SHARE >= stop - start:
                self._held = self._held[start - self._start :] + self._read(held_stop, stop)
            else:
                self._held = b""  # so that it need not be kept beside what is read now
                self._held = self._read(start, stop)
            self._start = start
        return self._held[start - self._start : stop - self._start]
