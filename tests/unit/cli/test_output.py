from pathlib import Path

import pytest

from fanfold.cli.output import replacing_folder


def test_the_new_folder_takes_the_place_of_the_old(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    for text in ("old", "new"):
        with replacing_folder(out) as fresh:
            (fresh / text).write_text(text)
    assert [path.name for path in out.iterdir()] == ["new"]
    assert list(out.parent.iterdir()) == [out]


def test_after_a_failure_the_old_folder_stands_and_nothing_else(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with replacing_folder(out) as fresh:
        (fresh / "old").touch()

    def fail() -> None:
        with replacing_folder(out) as half:
            (half / "half").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert [path.name for path in out.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [out]


def test_a_file_in_the_way_is_not_removed(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")

    def write() -> None:
        with replacing_folder(out) as fresh:
            (fresh / "x").touch()

    with pytest.raises(OSError, match="out"):
        write()
    assert out.read_text() == "mine"
