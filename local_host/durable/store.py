"""The engine's state on disk: one SQLite file, appended to, never rewritten.

An event that an instance has not seen yet is a row of ``inbox`` (a timer is one with a later ``due``); an activity that
nobody has finished yet is a row of ``tasks``. So whatever is left to do after a crash is what these two tables hold.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import durabletask.internal.orchestrator_service_pb2 as pb

from local_host.durable import events
from local_host.durable.engine import StateUnreadable

VERSION = "1"
"""What `SCHEMA` writes into ``meta``; a file with another one is refused."""

SCHEMA = """
CREATE TABLE meta (version TEXT NOT NULL);
INSERT INTO meta VALUES ('1');
CREATE TABLE instances (
    key INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, execution TEXT NOT NULL, name TEXT NOT NULL,
    version TEXT, status INTEGER NOT NULL, created REAL NOT NULL, updated REAL NOT NULL, completed REAL,
    input TEXT, output TEXT, custom_status TEXT, failure BLOB, parent BLOB);
CREATE INDEX unfinished ON instances (status) WHERE status IN (0, 6, 7);
CREATE TABLE history (
    instance INTEGER NOT NULL, position INTEGER NOT NULL, event BLOB NOT NULL, PRIMARY KEY (instance, position)
) WITHOUT ROWID;
CREATE TABLE inbox (key INTEGER PRIMARY KEY, instance INTEGER NOT NULL, due REAL NOT NULL, event BLOB NOT NULL);
CREATE INDEX inbox_of_instance ON inbox (instance);
CREATE TABLE tasks (
    instance INTEGER NOT NULL, task INTEGER NOT NULL, request BLOB NOT NULL, PRIMARY KEY (instance, task)
) WITHOUT ROWID;
CREATE TABLE entities (id TEXT PRIMARY KEY, state TEXT, updated REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE operations (key INTEGER PRIMARY KEY, entity TEXT NOT NULL, event BLOB NOT NULL);
"""

COLUMNS = (
    "key, id, execution, name, version, status, created, updated, completed, input, output, custom_status, failure,"
    " parent"
)


@dataclass(slots=True)
class InstanceRow:
    """One orchestration instance, as the table has it; times in seconds since 1970."""

    key: int
    id: str
    execution: str
    name: str
    version: str | None
    status: pb.OrchestrationStatus
    created: float
    updated: float
    completed: float | None = None
    input: str | None = None
    output: str | None = None
    custom_status: str | None = None
    failure: bytes | None = None
    parent: bytes | None = None


@dataclass(frozen=True, slots=True)
class InboxRow:
    """An event that its instance has not seen yet; not to be seen before ``due``."""

    key: int
    instance: int
    due: float
    event: pb.HistoryEvent


class Store:
    """Typed access to the file. Changes become visible to a later process with `commit`, all or none."""

    def __init__(self, path: Path | str) -> None:
        # Owned by one thread at a time; which one may change between opening and running.
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._db.execute("PRAGMA journal_mode = WAL")
            # A commit is on the disk itself when it returns, on macOS too.
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA fullfsync = ON")
            self._create_or_check(path)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StateUnreadable(f"{path} cannot be read ({error}): use another --state, or remove it") from error

    def _create_or_check(self, path: Path | str) -> None:
        if self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            self._db.executescript(f"BEGIN; {SCHEMA} COMMIT")
        try:
            found = self._db.execute("SELECT version FROM meta").fetchone()[0]
        except (sqlite3.DatabaseError, TypeError):
            found = "unknown"
        if found != VERSION:
            self._db.close()
            raise StateUnreadable(
                f"{path} holds durable state of version {found}; this host reads version {VERSION}:"
                " use another --state, or remove it"
            )

    def close(self) -> None:
        """Release the file; what was not committed is lost."""
        self._db.close()

    def commit(self) -> None:
        """Make all changes since the last call durable."""
        if self._db.in_transaction:
            self._db.execute("COMMIT")

    def _write(self, sql: str, values: Sequence[object] = ()) -> sqlite3.Cursor:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        return self._db.execute(sql, values)

    def _write_many(self, sql: str, values: Iterable[Sequence[object]]) -> None:
        if not self._db.in_transaction:
            self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(sql, values)

    # Instances

    def add_instance(self, row: InstanceRow) -> int:
        """Insert the row, whose key is ignored; the key it got."""
        marks = ", ".join("?" * 13)
        cursor = self._write(
            f"INSERT INTO instances ({COLUMNS.removeprefix('key, ')}) VALUES ({marks})",  # noqa: S608 - constants
            (row.id, row.execution, row.name, row.version, row.status, row.created, row.updated, row.completed,
             row.input, row.output, row.custom_status, row.failure, row.parent),
        )  # fmt: skip
        return int(cursor.lastrowid or 0)

    def save_instance(self, row: InstanceRow) -> None:
        """Write what can change in an instance's life."""
        self._write(
            "UPDATE instances SET execution=?, version=?, status=?, updated=?, completed=?, input=?, output=?,"
            " custom_status=?, failure=? WHERE key=?",
            (row.execution, row.version, row.status, row.updated, row.completed, row.input, row.output,
             row.custom_status, row.failure, row.key),
        )  # fmt: skip

    def instance(self, instance_id: str) -> InstanceRow | None:
        """The row of that id."""
        found = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE id = ?", (instance_id,)).fetchone()  # noqa: S608 - constants
        return InstanceRow(*found) if found else None

    def unfinished(self) -> list[InstanceRow]:
        """Every instance that has not ended, oldest first."""
        rows = self._db.execute(f"SELECT {COLUMNS} FROM instances WHERE status IN (0, 6, 7) ORDER BY key")  # noqa: S608 - constants
        return [InstanceRow(*row) for row in rows]

    def find(self, query: pb.InstanceQuery, after: int, limit: int) -> list[InstanceRow]:
        """Instances that match, by key, past the key ``after``."""
        where: list[str] = ["key > ?"]
        values: list[object] = [after]
        if query.runtimeStatus:
            where.append(f"status IN ({', '.join('?' * len(query.runtimeStatus))})")
            values += query.runtimeStatus
        if query.HasField("createdTimeFrom"):
            where.append("created >= ?")
            values.append(events.seconds(query.createdTimeFrom))
        if query.HasField("createdTimeTo"):
            where.append("created <= ?")
            values.append(events.seconds(query.createdTimeTo))
        if query.HasField("instanceIdPrefix"):
            where.append("substr(id, 1, ?) = ?")
            values += [len(query.instanceIdPrefix.value), query.instanceIdPrefix.value]
        sql = f"SELECT {COLUMNS} FROM instances WHERE {' AND '.join(where)} ORDER BY key LIMIT ?"  # noqa: S608 - constants
        return [InstanceRow(*row) for row in self._db.execute(sql, (*values, limit))]

    def remove_instance(self, key: int) -> None:
        """Forget an instance and all that belongs to it."""
        self.clear_execution(key)
        self._write("DELETE FROM inbox WHERE instance = ?", (key,))
        self._write("DELETE FROM instances WHERE key = ?", (key,))

    def clear_execution(self, key: int) -> None:
        """Forget the history and the open tasks of an instance's present execution."""
        self._write("DELETE FROM history WHERE instance = ?", (key,))
        self.clear_tasks(key)

    def clear_tasks(self, key: int) -> None:
        """Forget the open tasks of an instance: nobody waits for them any more."""
        self._write("DELETE FROM tasks WHERE instance = ?", (key,))

    # History, inbox, tasks

    def append_history(self, key: int, position: int, new: Sequence[pb.HistoryEvent]) -> None:
        """Add events behind the first ``position`` ones."""
        rows = ((key, position + n, event.SerializeToString()) for n, event in enumerate(new))
        self._write_many("INSERT INTO history VALUES (?, ?, ?)", rows)

    def history(self, key: int) -> list[pb.HistoryEvent]:
        """All events of the present execution, in order."""
        rows = self._db.execute("SELECT event FROM history WHERE instance = ? ORDER BY position", (key,))
        return [pb.HistoryEvent.FromString(blob) for (blob,) in rows]

    def add_inbox(self, key: int, due: float, event: pb.HistoryEvent) -> InboxRow:
        """Keep an event until its instance has seen it."""
        cursor = self._write(
            "INSERT INTO inbox (instance, due, event) VALUES (?, ?, ?)", (key, due, event.SerializeToString())
        )
        return InboxRow(int(cursor.lastrowid or 0), key, due, event)

    def inbox(self) -> Iterator[InboxRow]:
        """Every unseen event, oldest first."""
        for key, instance, due, blob in self._db.execute("SELECT key, instance, due, event FROM inbox ORDER BY key"):
            yield InboxRow(key, instance, due, pb.HistoryEvent.FromString(blob))

    def remove_inbox(self, keys: Iterable[int]) -> None:
        """Forget events that were seen, or never will be."""
        self._write_many("DELETE FROM inbox WHERE key = ?", ((key,) for key in keys))

    def add_tasks(self, key: int, requests: Iterable[pb.ActivityRequest]) -> None:
        """Keep activities until they are finished."""
        rows = ((key, request.taskId, request.SerializeToString()) for request in requests)
        self._write_many("INSERT INTO tasks VALUES (?, ?, ?)", rows)

    def tasks(self) -> Iterator[tuple[int, pb.ActivityRequest]]:
        """Every unfinished activity with the key of its instance, oldest first."""
        for key, blob in self._db.execute("SELECT instance, request FROM tasks ORDER BY instance, task"):
            yield key, pb.ActivityRequest.FromString(blob)

    def remove_task(self, key: int, task: int) -> None:
        """An activity is finished."""
        self._write("DELETE FROM tasks WHERE instance = ? AND task = ?", (key, task))

    # Entities

    def entity(self, entity_id: str) -> tuple[str | None, float] | None:
        """An entity's state as JSON, and when it last changed."""
        found: tuple[str | None, float] | None = self._db.execute(
            "SELECT state, updated FROM entities WHERE id = ?", (entity_id,)
        ).fetchone()
        return found

    def find_entities(self, prefix: str, after: str, limit: int) -> list[tuple[str, str | None, float]]:
        """Entities whose id starts so, by id, past the id ``after``."""
        sql = "SELECT id, state, updated FROM entities WHERE substr(id, 1, ?) = ? AND id > ? ORDER BY id LIMIT ?"
        return list(self._db.execute(sql, (len(prefix), prefix, after, limit)))

    def save_entity(self, entity_id: str, state: str | None, now: float) -> None:
        """Keep an entity's state; None is an entity that does not exist."""
        if state is None:
            self._write("DELETE FROM entities WHERE id = ?", (entity_id,))
        else:
            self._write("INSERT OR REPLACE INTO entities VALUES (?, ?, ?)", (entity_id, state, now))

    def add_operation(self, entity_id: str, event: pb.HistoryEvent) -> int:
        """Keep an operation until its entity has done it."""
        cursor = self._write(
            "INSERT INTO operations (entity, event) VALUES (?, ?)", (entity_id, event.SerializeToString())
        )
        return int(cursor.lastrowid or 0)

    def operations(self) -> Iterator[tuple[int, str, pb.HistoryEvent]]:
        """Every operation that is left to do, oldest first."""
        for key, entity, blob in self._db.execute("SELECT key, entity, event FROM operations ORDER BY key"):
            yield key, entity, pb.HistoryEvent.FromString(blob)

    def remove_operations(self, keys: Iterable[int]) -> None:
        """Operations are done."""
        self._write_many("DELETE FROM operations WHERE key = ?", ((key,) for key in keys))
