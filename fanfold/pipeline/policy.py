"""When to try again."""

from dataclasses import dataclass
from datetime import timedelta

from fanfold import limits


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Rounds of attempts with exponential back-off, up to a longest wait."""

    attempts_max: int = limits.ATTEMPTS_MAX
    first_delay_s: int = limits.RETRY_FIRST_DELAY_S
    delay_max_s: int = limits.RETRY_DELAY_MAX_S

    def delay(self, attempt: int) -> timedelta:
        """How long to wait after an attempt, the first being 1."""
        return timedelta(seconds=min(self.first_delay_s * 2 ** (attempt - 1), self.delay_max_s))


STEPS = RetryPolicy()
"""For the work itself."""

ANNOUNCEMENT = RetryPolicy(attempts_max=limits.ANNOUNCE_ATTEMPTS_MAX)
"""For telling of its end: an outage of hours does not swallow the message."""
