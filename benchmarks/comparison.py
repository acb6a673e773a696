"""Two ways to the same result, measured side by side.

A benchmark is a module of this package with a function `main() -> Iterable[Row]`. It sets up its inputs, measures with
`compare` (or fills `Row` from figures of its own), and leaves printing and writing to `python -m benchmarks`.
"""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5
"""Of each side: an odd number, so that the median is a measurement."""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours beside theirs. `ratio` is ours / theirs: below 1 we need less, above 1 we do more."""

    case: str
    measure: str
    ours: float
    theirs: float
    rounds: int = ROUNDS
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of theirs; None where they need nothing."""
        return self.ours / self.theirs if self.theirs else None


@dataclass(frozen=True, slots=True)
class Medians:
    """Seconds a call, the median of the rounds."""

    ours_s: float
    theirs_s: float
    rounds: int


def alternate(ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> Medians:
    """Time both in turn, so that whatever disturbs the machine disturbs both; a first round warms up and is dropped."""
    ours_s: list[float] = []
    theirs_s: list[float] = []
    for number in range(rounds + 1):
        # Who goes first changes, so that neither always finds the other's caches.
        sides = ((ours, ours_s), (theirs, theirs_s))
        for call, seconds in sides if number % 2 else reversed(sides):
            seconds.append(seconds_of(call))
    return Medians(statistics.median(ours_s[1:]), statistics.median(theirs_s[1:]), rounds)


def compare(case: str, ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS) -> Row:
    """Measure the wall time of both."""
    medians = alternate(ours, theirs, rounds)
    return Row(case, "wall time, s", medians.ours_s, medians.theirs_s, rounds)


def seconds_of(call: Callable[[], object]) -> float:
    """Time one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
