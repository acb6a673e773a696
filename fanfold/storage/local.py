"""The pipeline's ports on a local folder, for the in-process run."""

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from fanfold import limits
from fanfold.errors import DatasetMissing, DatasetSuperseded, PipelineFault, WorkMissing
from fanfold.pipeline.formats import FOLDER
from fanfold.pipeline.messages import DatasetVersion
from fanfold.pipeline.ports import Dataset
from fanfold.storage.documents import check_size


class LocalPorts:
    """One dataset, of which `open_version` gives the version with some ETag; partials and the report in folders.

    They travel to the processes that work side by side.
    """

    def __init__(
        self, open_version: Callable[[str], Dataset], work: Path, reports: Path, left: Path | None = None
    ) -> None:
        self._open_version = open_version
        self.work = FolderWorkStore(work)
        self.reports = FolderReportStore(reports, left)
        self.outbox = FolderOutbox(reports / "completion.json")

    def document(self, container: str, name: str) -> bytes | None:
        """A file, by a path relative to the current folder."""
        try:
            with Path(container, name).open("rb") as file:
                return check_size(name, file.read(limits.SCHEMA_BYTES_MAX + 1))
        except OSError:
            return None

    def open(self, dataset: DatasetVersion) -> Dataset:
        """The dataset for reading, pinned to the version it had."""
        return self._open_version(dataset.etag)


def file_version(path: Path) -> DatasetVersion:
    """The version of a file: its ETag follows from its size and time of change. DatasetMissing when there is none."""
    try:
        status = path.stat()
    except OSError as error:
        raise DatasetMissing(f"{path}: expected a file, found none ({error.strerror})") from error
    if not path.is_file():
        found = "a folder" if path.is_dir() else "a pipe or a device, of which no part can be read by itself"
        raise DatasetMissing(f"{path}: expected a file, found {found}")
    return DatasetVersion(account="local", container="", blob=blob_name(path), etag=_etag(status), size=status.st_size)


def blob_name(path: Path) -> str:
    """The name of a file as the name of a blob, which is text: of other bytes their escapes."""
    return os.fsencode(path.name).decode(errors="backslashreplace")


def _etag(status: os.stat_result) -> str:
    return f"{status.st_size:x}-{status.st_mtime_ns:x}"


class FileDataset:
    """Ranges of one version of a file."""

    def __init__(self, path: Path, etag: str) -> None:
        self._path = path
        self._etag = etag

    def read(self, start: int, stop: int) -> bytes:
        """Exactly the bytes in [start, stop)."""
        try:
            with self._path.open("rb") as file:
                if _etag(os.fstat(file.fileno())) != self._etag:
                    raise DatasetSuperseded(f"{self._path} was overwritten after its run began")
                file.seek(start)
                data = file.read(max(stop - start, 0))
        except FileNotFoundError as error:
            raise DatasetMissing(f"{self._path} is gone: it was deleted after its run began") from error
        if len(data) != stop - start:
            raise PipelineFault(f"{self._path}: asked for bytes {start} to {stop}, got {len(data)}")
        return data


class FolderWorkStore:
    """Partials as files, a folder for each run, named by the hash of their names; the first line is the summary."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes, summary: str = "") -> None:
        """Store the bytes with their summary, both or neither."""
        with _replacing(self._path(name)) as path:
            path.write_bytes(summary.encode("ascii") + b"\n" + data)

    def get(self, name: str) -> bytes:
        """The bytes."""
        try:
            return self._path(name).read_bytes().split(b"\n", 1)[1]
        except FileNotFoundError as error:
            raise WorkMissing(f"{name}: expected to be stored, found nothing") from error

    def summary(self, name: str) -> str | None:
        """The summary, None where nothing is stored."""
        try:
            with self._path(name).open("rb") as file:
                return file.readline().rstrip(b"\n").decode("ascii")
        except FileNotFoundError:
            return None

    def runs(self) -> Iterable[str]:
        """The runs that something is stored for."""
        return sorted(path.name for path in self._folder.iterdir()) if self._folder.exists() else ()

    def written_at(self, run_id: str) -> datetime | None:
        """When something was last stored for a run."""
        times = [path.stat().st_mtime for path in self._files(run_id)]
        return datetime.fromtimestamp(max(times), UTC) if times else None

    def remove(self, run_id: str, at_most: int) -> bool:
        """Remove some of what is stored for a run; says whether nothing is left."""
        files = self._files(run_id)
        for path in files[:at_most]:
            path.unlink(missing_ok=True)
        if len(files) > at_most:
            return False
        with suppress(OSError):  # somebody stores something meanwhile
            (self._folder / run_id).rmdir()
        return True

    def _files(self, run_id: str) -> list[Path]:
        folder = self._folder / run_id
        return sorted(folder.iterdir()) if folder.exists() else []

    def _path(self, name: str) -> Path:
        return (
            self._folder
            / name.partition("/")[0]
            / hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        )


class FolderReportStore:
    """The files of one report in one folder, by their last names, its data below.

    They may move to another folder when the run has ended, where those of the report before are until then.
    """

    def __init__(self, folder: Path, left: Path | None = None) -> None:
        self._folder = folder
        self._left = left or folder

    def put(self, name: str, data: bytes | IO[bytes], content_type: str) -> str:  # noqa: ARG002 - a folder keeps none
        """Store a file of the report and give the URL that it has in the end."""
        path = self._path(name)
        with _replacing(path) as temporary, temporary.open("wb") as file:
            shutil.copyfileobj(io.BytesIO(data) if isinstance(data, bytes) else data, file)
        return (self._left / path.relative_to(self._folder)).absolute().as_uri()

    def names(self, prefix: str) -> list[str]:
        """The names that begin so."""
        folder = self._path(prefix)
        return [f"{prefix}{path.name}" for path in folder.iterdir()] if folder.is_dir() else []

    def delete(self, name: str) -> None:
        """Remove a file."""
        self._path(name).unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        *_, parent, last = name.split("/")
        return self._folder / parent / last if parent == FOLDER else self._folder / last

    def get(self, name: str) -> bytes | None:
        """A file of the report that was made before."""
        try:
            return (self._left / name.rsplit("/", 1)[-1]).read_bytes()
        except OSError:
            return None


class FolderOutbox:
    """The completion message as a file beside the report."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, message: bytes) -> None:
        """Deliver."""
        with _replacing(self._path) as temporary:
            temporary.write_bytes(message + b"\n")


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside the real one, moved there when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
