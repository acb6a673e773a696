"""What an operator sees of a run while it goes on: its custom status, and a line in the log for each change of it."""

import logging
from dataclasses import dataclass, field
from typing import Any

from fanfold.pipeline.context import Context

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Show:
    """The status of one run: some 200 bytes, set once a wave. A figure once told stays until there is a newer one."""

    context: Context
    run_id: str
    figures: dict[str, Any] = field(default_factory=dict)

    def __call__(self, phase: str, **figures: Any) -> None:
        """Tell of a phase, and of the figures that have changed."""
        self.figures.update(figures)
        say(self.context, "run %s: %s %s", self.run_id, phase, self.figures)
        self.context.set_custom_status({"phase": phase, **self.figures})

    @property
    def chunks(self) -> int:
        """Into how many chunks the run is cut; 0 as long as that is not known."""
        return int(self.figures.get("chunks", 0))

    @property
    def failed(self) -> int:
        """How many of them have failed for good, as far as the run itself has heard."""
        return int(self.figures.get("failed", 0))


def say(context: Context, text: str, *values: object) -> None:
    """Log, once: a replay has said it before."""
    if not context.is_replaying:
        _LOG.info(text, *values)
