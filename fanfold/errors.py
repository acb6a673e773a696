"""Whose fault it is decides what happens.

FanfoldError
├── DatasetRejected      the data's fault: reported, never retried
├── DatasetSuperseded    the blob was overwritten while its run was going on: the run ends as superseded
├── DatasetMissing       the blob was deleted while its run was going on: the run ends as failed
├── RequestRefused       the caller's fault: a bad option or request, named and refused at once
├── SettingRefused       the operator's fault: a bad app setting, named and refused at start
└── PipelineFault        ours, or the platform's: retried
"""


class FanfoldError(Exception):
    """Root of the tree. The message says what was found, what was expected, and where."""

    retryable = False

    @property
    def kind(self) -> str:
        """The name the error travels under."""
        return type(self).__name__


class DatasetRejected(FanfoldError):
    """The dataset cannot be read at all."""


class DatasetSuperseded(FanfoldError):
    """The pinned version of the blob is gone, a newer one is in its place."""


class DatasetMissing(FanfoldError):
    """The blob is gone."""


class RequestRefused(FanfoldError):
    """A request or one of its options is not of the stated form."""


class SettingRefused(FanfoldError):
    """An app setting is not of the stated form, or contradicts another."""


class PipelineFault(FanfoldError):
    """Something on our side failed that may work when tried again."""

    retryable = True
