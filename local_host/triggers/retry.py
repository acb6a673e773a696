"""The retry policy of a function (``@app.retry``): how often, and after which pauses, it is tried again. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_host import spans

FOREVER = -1


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """A fixed delay is one that does not grow; a ``count_max`` of -1 has no end."""

    count_max: int = 0
    delay_min_s: float = 0.0
    delay_max_s: float = 0.0

    def delay_s(self, retries: int) -> float | None:
        """The pause after so many retries; None where there is to be no other."""
        if self.count_max != FOREVER and retries >= self.count_max:
            return None
        return min(self.delay_max_s, self.delay_min_s * 2.0 ** min(retries, 64))


def read_retry_policy(setting: Mapping[str, Any] | None) -> RetryPolicy:
    """The policy that the decorator declares; without one a function is not tried again."""
    if setting is None:
        return RetryPolicy()
    count = int(setting["max_retry_count"])
    match setting["strategy"]:
        case "fixed_delay":
            delay_s = _seconds(setting, "delay_interval")
            return RetryPolicy(count, delay_s, delay_s)
        case "exponential_backoff":
            return RetryPolicy(count, _seconds(setting, "minimum_interval"), _seconds(setting, "maximum_interval"))
        case other:
            raise ValueError(f"'{other}' is no retry strategy: fixed_delay or exponential_backoff")


def _seconds(setting: Mapping[str, Any], name: str) -> float:
    span = spans.parse(str(setting.get(name)))
    if span is None:
        raise ValueError(f"the retry policy's {name} '{setting.get(name)}' is no span of time like 00:00:10")
    return span.total_seconds()
