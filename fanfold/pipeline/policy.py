"""When to try again."""

from dataclasses import dataclass
from datetime import timedelta

from fanfold import limits


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Rounds of attempts with exponential back-off."""

    attempts_max: int = limits.ATTEMPTS_MAX
    first_delay_s: int = limits.RETRY_FIRST_DELAY_S

    def delay(self, attempt: int) -> timedelta:
        """How long to wait after an attempt, the first being 1."""
        return timedelta(seconds=self.first_delay_s * 2 ** (attempt - 1))
