"""When to try again, and how much may fail."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from fanfold import limits
from fanfold.errors import Cancelled, DatasetMissing, DatasetSuperseded, DeadlineExceeded, RequestRefused, WorkMissing
from fanfold.pipeline.messages import Failure

ENDS_THE_RUN = frozenset(
    kind.__name__
    for kind in (Cancelled, DatasetMissing, DatasetSuperseded, DeadlineExceeded, RequestRefused, WorkMissing)
)
"""A chunk that failed so is no matter of tolerance: every other one would fail the same way."""


def is_tolerable(failure: Failure) -> bool:
    """Whether a chunk that failed so can be left out."""
    return failure.kind not in ENDS_THE_RUN


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Rounds of attempts with exponential back-off, up to a longest wait."""

    attempts_max: int = limits.ATTEMPTS_MAX
    first_delay_s: int = limits.RETRY_FIRST_DELAY_S
    delay_max_s: int = limits.RETRY_DELAY_MAX_S

    def delay(self, attempt: int, salt: str) -> timedelta:
        """How long to wait after an attempt, the first being 1.

        Between half of the full back-off and all of it, decided by the salt and the attempt alone: those who failed
        together do not come back together, and a replay waits as long as before.
        """
        full_s = min(self.first_delay_s * 2 ** (attempt - 1), self.delay_max_s)
        digest = hashlib.sha256(f"{salt}/{attempt}".encode("utf-8", "surrogatepass")).digest()
        return timedelta(milliseconds=round(full_s * 1000 * (0.5 + digest[0] / 510)))


STEPS = RetryPolicy()
"""For the work itself."""

ANNOUNCEMENT = RetryPolicy(attempts_max=limits.ANNOUNCE_ATTEMPTS_MAX)
"""For telling of its end: an outage of hours does not swallow the message."""
