"""What the triggers must not forget: which version of a blob which function has had, and when timers were due."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from local_host.durable.engine import StateUnreadable

VERSION = 1
"""What `SCHEMA` writes into the file; one with another is refused."""

SCHEMA = f"""
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS receipts (
    function TEXT, container TEXT, blob TEXT, etag TEXT NOT NULL, PRIMARY KEY (function, container, blob)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS timers (function TEXT PRIMARY KEY, due REAL NOT NULL) WITHOUT ROWID;
"""


class Memory:
    """A small SQLite file. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._lock = threading.Lock()
        try:
            self._check_version(path)
            self._db.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; {SCHEMA}")
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise StateUnreadable(f"{path} cannot be read ({error}): use another --state, or remove it") from error

    def _check_version(self, path: Path) -> None:
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, VERSION):  # a new file has 0
            self._db.close()
            raise StateUnreadable(
                f"{path} holds triggers' state of version {found}; this host reads version {VERSION}:"
                " use another --state, or remove it"
            )

    def close(self) -> None:
        """Release the file."""
        with self._lock:
            self._db.close()

    def receipts(self, function: str, container: str) -> dict[str, str]:
        """The ETag of every blob that the function has had."""
        with self._lock:
            sql = "SELECT blob, etag FROM receipts WHERE function = ? AND container = ?"
            return dict(self._db.execute(sql, (function, container)))

    def add_receipt(self, function: str, container: str, blob: str, etag: str) -> None:
        """The function has had this version of the blob."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO receipts VALUES (?, ?, ?, ?)", (function, container, blob, etag))

    def remove_receipt(self, function: str, container: str, blob: str) -> None:
        """The blob is gone."""
        with self._lock:
            sql = "DELETE FROM receipts WHERE function = ? AND container = ? AND blob = ?"
            self._db.execute(sql, (function, container, blob))

    def timer_due(self, function: str) -> float | None:
        """When the timer was to fire next, in seconds since 1970."""
        with self._lock:
            found = self._db.execute("SELECT due FROM timers WHERE function = ?", (function,)).fetchone()
            return float(found[0]) if found else None

    def save_timer_due(self, function: str, due: float) -> None:
        """The timer is to fire next at that time."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO timers VALUES (?, ?)", (function, due))
