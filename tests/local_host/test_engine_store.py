"""What of the engine's file survives when the power fails."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from local_host.durable import events
from local_host.durable.store import InstanceRow, Store

COMMITS = 20


def instance(number: int) -> InstanceRow:
    return InstanceRow(0, f"i{number}", "e", "name", None, events.PENDING, 0.0, 0.0, input="x" * 100 * number)


def test_commit_is_flushed_to_the_disk_before_it_returns(tmp_path: Path) -> None:
    store = Store(tmp_path / "durable.db")
    pragmas = {name: store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    assert pragmas == {"journal_mode": "wal", "synchronous": 2}  # FULL: the log is flushed at every commit
    store.close()


@pytest.mark.parametrize("seed", range(20))
def test_log_torn_anywhere_leaves_exactly_the_commits_before(tmp_path: Path, seed: int) -> None:
    """Power loss keeps what was flushed, and of what was not any part: cut, or garbage."""
    file, log = tmp_path / "durable.db", tmp_path / "durable.db-wal"
    store = Store(file)
    sizes = []
    for number in range(COMMITS):
        store.add_instance(instance(number))
        store.commit()
        sizes.append(log.stat().st_size)
    content, torn = (file.read_bytes(), log.read_bytes()), tmp_path / "torn"
    store.close()
    chosen = random.Random(seed)
    kept = chosen.randrange(sizes[0], len(content[1]))
    torn.mkdir()
    (torn / file.name).write_bytes(content[0])
    garbage = chosen.randbytes(len(content[1]) - kept) if seed % 2 else b""
    (torn / log.name).write_bytes(content[1][:kept] + garbage)
    after = Store(torn / file.name)
    assert [row.id for row in after.unfinished()] == [f"i{n}" for n, size in enumerate(sizes) if size <= kept]
    after.close()
