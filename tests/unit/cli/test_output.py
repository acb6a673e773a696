from pathlib import Path

import pytest

from fanfold.cli.output import leaving_files
from fanfold.errors import RequestRefused


def leave(out: Path, *names: str) -> None:
    with leaving_files(out) as fresh:
        for name in names:
            (fresh / name).write_text(f"new {name}")


def test_files_appear_in_a_new_folder(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    leave(out, "report.json", "report.html")
    assert sorted(path.name for path in out.iterdir()) == ["report.html", "report.json"]


def test_a_later_run_replaces_the_files_of_an_earlier_one(tmp_path: Path) -> None:
    leave(tmp_path, "report.json", "rejects.csv")
    leave(tmp_path, "report.json", "completion.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["completion.json", "report.json"]


def test_whatever_else_is_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("mine")
    (tmp_path / "folder").mkdir()
    leave(tmp_path, "report.json")
    assert (tmp_path / "data.csv").read_text() == "mine"
    assert (tmp_path / "folder").is_dir()


def leave_parts(out: Path, *parts: str) -> None:
    with leaving_files(out) as fresh:
        (fresh / "data").mkdir()
        for name in (*parts, "manifest.json"):
            (fresh / "data" / name).write_text(f"new {name}")


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_parts_take_the_place_of_those_of_an_earlier_run(tmp_path: Path) -> None:
    leave_parts(tmp_path, "part-000000.csv", "part-000001.csv")
    leave_parts(tmp_path, "part-000000.parquet")
    assert names(tmp_path / "data") == {"part-000000.parquet", "manifest.json"}


def test_a_run_without_parts_leaves_none_of_an_earlier_one(tmp_path: Path) -> None:
    leave_parts(tmp_path, "part-000000.csv")
    leave(tmp_path, "report.json")
    assert names(tmp_path) == {"report.json"}


def test_files_of_the_user_beside_the_parts_stay(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "part-of-mine.csv").write_text("mine")
    leave_parts(tmp_path, "part-000000.csv")
    leave(tmp_path, "report.json")
    assert names(tmp_path / "data") == {"part-of-mine.csv"}


def test_a_link_to_a_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    leave(tmp_path / "link", "report.json")
    assert (tmp_path / "real" / "report.json").exists()
    assert (tmp_path / "link").is_symlink()


def test_after_a_failure_the_folder_is_as_it_was(tmp_path: Path) -> None:
    out = tmp_path / "out"
    leave(out, "report.json")

    def fail(folder: Path) -> None:
        with leaving_files(folder) as half:
            (half / "report.json").write_text("half")
            raise KeyboardInterrupt

    for folder in (out, tmp_path / "never"):
        with pytest.raises(KeyboardInterrupt):
            fail(folder)
    assert (out / "report.json").read_text() == "new report.json"
    assert [path.name for path in out.iterdir()] == ["report.json"]
    assert not (tmp_path / "never").exists()


def test_a_file_in_the_way_is_refused_and_stays(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("mine")
    with pytest.raises(RequestRefused, match="expected a folder"):
        leave(out, "report.json")
    assert out.read_text() == "mine"
