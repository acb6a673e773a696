"""Whose fault it is decides what happens.

FanfoldError
├── DatasetRejected      the data's fault: reported, never retried
├── DatasetSuperseded    the blob was overwritten while its run was going on: the run ends as superseded
├── DatasetExists        an upload would overwrite a blob, and nobody has said that it may
├── DatasetMissing       the blob was deleted while its run was going on: the run ends as failed
├── RequestRefused       the caller's fault: a bad option or request, named and refused at once
├── NothingThere         what is asked for is not there: a run, its report
├── NotAcceptable        a report is asked for in a form that there is not
├── UnsupportedMedia     the body of a request is of a kind that nobody reads
├── UploadTooLarge       a dataset is too long for the body of a request
├── ReportTooLarge       a report is too long to be passed on
├── RunGoingOn           a request wishes another run of a dataset than the one that is going on
├── SettingRefused       the operator's fault: a bad app setting, named and refused at start
├── Cancelled            somebody asked the run to end
├── DeadlineExceeded     the run took longer than it may
└── PipelineFault        ours, or the platform's: retried
    ├── StepOverdue      an attempt at a step gave no answer in time: its worker may be gone
    └── WorkMissing      what the run had stored is gone: cancelled or cleaned up, so no retry brings it back
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


class DatasetExists(FanfoldError):
    """A blob of that name is there already."""


class RequestRefused(FanfoldError):
    """A request or one of its options is not of the stated form."""


class NothingThere(FanfoldError):
    """What is asked for is not there."""


class NotAcceptable(FanfoldError):
    """A report is not there in the form that is asked for."""


class UnsupportedMedia(FanfoldError):
    """The body of a request is of a kind that nobody reads."""


class UploadTooLarge(FanfoldError):
    """A dataset is too long for the body of a request."""


class ReportTooLarge(FanfoldError):
    """A report is too long to be passed on."""


class RunGoingOn(FanfoldError):
    """The dataset's run is going on, with other options than those of the request."""


class SettingRefused(FanfoldError):
    """An app setting is not of the stated form, or contradicts another."""


class Cancelled(FanfoldError):
    """The run was asked to end."""


class DeadlineExceeded(FanfoldError):
    """The run took longer than it may."""


class PipelineFault(FanfoldError):
    """Something on our side failed that may work when tried again."""

    retryable = True


class StepOverdue(PipelineFault):
    """An attempt at a step gave no answer in time."""


class WorkMissing(PipelineFault):
    """Nothing is stored under the name, so the run's work was removed, or never done."""

    retryable = False
