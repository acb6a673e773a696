"""What Azure Storage answers, as the pipeline's errors."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from azure.core.exceptions import AzureError, HttpResponseError, ResourceNotFoundError

from fanfold.errors import DatasetMissing, DatasetSuperseded, PipelineFault

_CONDITION_NOT_MET = 412


@contextmanager
def dataset_faults(what: str, exists: Callable[[], bool]) -> Iterator[None]:
    """Around a conditional read of a dataset: 412 is superseded, 404 is missing, everything else may pass.

    A condition on a blob that is gone is answered 404 or 412, so after a 412 the blob is looked for.
    """
    try:
        yield
    except ResourceNotFoundError as error:
        raise _missing(what) from error
    except HttpResponseError as error:
        if error.status_code != _CONDITION_NOT_MET:
            raise PipelineFault(f"{what}: {reason(error)}") from error
        with storage_faults(what):
            there = exists()
        if not there:
            raise _missing(what) from error
        raise DatasetSuperseded(f"{what} was overwritten after its run began") from error
    except AzureError as error:
        raise PipelineFault(f"{what}: {reason(error)}") from error


def _missing(what: str) -> DatasetMissing:
    return DatasetMissing(f"{what} is gone: it was deleted after its run began")


@contextmanager
def storage_faults(what: str) -> Iterator[None]:
    """Around every other request: what fails may pass."""
    try:
        yield
    except AzureError as error:
        raise PipelineFault(f"{what}: {reason(error)}") from error


def reason(error: AzureError) -> str:
    """The first line of what the service or the SDK says."""
    lines = str(error.message).splitlines()
    return lines[0] if lines else type(error).__name__
