"""What the commands that need no host leave, print and show."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

import jsonschema
import pytest

from fanfold.cli.commands import main
from fanfold.report.text import plain

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "report.schema.json").read_text("utf-8"))


def profile(capsys: pytest.CaptureFixture[str], file: Path, **options: object) -> list[str]:
    assert main(["profile", str(file), "--out", str(file.parent / "out"), "--options", json.dumps(options)]) == 0
    return [line.strip() for line in capsys.readouterr().out.splitlines()]


def test_the_summary_tells_the_verdict_the_alerts_and_the_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "[bold]a.csv"
    file.write_text("id,x\n1,same\n2,same\n")
    first = profile(capsys, file)
    assert first[0].startswith("[bold]a.csv")
    assert "alerts: 1 warning, 1 info" in first
    assert not any(line.startswith(("schema:", "drift:")) for line in first)

    file.write_text("id\n1\n1\n")
    schema = {"fields": [{"name": "id", "type": "integer", "constraints": {"unique": True}}]}
    second = profile(capsys, file, schema=schema)
    assert "schema: fail, 1 of 2 rules broken" in second
    assert "drift: 1 error" in " ".join(second)
    assert "drift: not known, " in " ".join(profile(capsys, file, baseline="never-was"))


def test_one_of_anything_is_told_in_the_singular(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("id\nx\n")
    schema = {"fields": [{"name": "id", "constraints": {"enum": ["y"]}}]}
    shown = profile(capsys, file, schema=schema)
    file.write_text('id\nx\n"y"\n')
    again = profile(capsys, file)
    assert "5 bytes, 1 record, none rejected, 1 chunk, " in shown[0]
    assert "schema: fail, 1 of 1 rule broken" in shown
    assert "2 records, none rejected, 1 chunk, " in again[0]
    out = tmp_path / "out"
    assert "**2 records** in **1 column**, 0 rejected" in (out / "report.md").read_text("utf-8")
    assert "1 → 2 records" in (page := (out / "report.html").read_text("utf-8"))
    for noun in ("record", "column", "field", "chunk", "bin", "row", "rule", "character"):
        assert f"1 {noun}s" not in page.replace(f"1 → 2 {noun}s", "")


def test_a_report_is_printed_in_the_form_that_is_asked_for_and_nothing_else_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("id\n1\n2\n")
    printed = {}
    for form in ("json", "html", "md"):
        assert main(["profile", "a.csv", "--format", form]) == 0
        printed[form] = capsys.readouterr().out
    assert json.loads(printed["json"])["dataset"]["records"] == 2
    assert printed["html"].startswith("<!doctype html>")
    assert printed["md"].startswith("# a.csv\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_the_message_leads_to_the_report_where_it_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a b.csv").write_text("id,x\n1,2\n3\n")
    for out in ([], ["--out", "elsewhere"]):
        assert main(["profile", "a b.csv", *out]) == 0
        left = tmp_path / (out[1] if out else "out/a b.csv")
        links = json.loads((left / "completion.json").read_bytes())["data"]["report"]
        paths = {kind: Path(url2pathname(urlsplit(link).path)) for kind, link in links.items()}
        assert paths == {"json": left / "report.json", "html": left / "report.html", "rejects": left / "rejects.csv"}
        assert all(path.exists() for path in paths.values())


@pytest.mark.parametrize(
    ("name", "known"),
    [(b"\xff<b>.csv", "\\xff<b>.csv"), (b"a\x1b[1m\n.csv", "a\x1b[1m\n.csv")],
    ids=["bytes", "controls"],
)
def test_a_file_may_have_any_name(
    name: bytes, known: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(os.fsdecode(name)).write_text("id\n1\n")
    assert main(["profile", os.fsdecode(name)]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith(f"{plain(known)}  5 bytes")
    assert printed[-1] == f"out/{plain(known)}/table_schema.json"
    assert json.loads((Path("out") / known / "report.json").read_bytes())["dataset"]["name"] == known


def test_what_is_no_file_is_refused_for_what_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, found in (("none", "none (No such"), ("pipe", "a pipe or a device, "), ("", "a folder\n")):
        assert main(["profile", str(tmp_path / name)]) == 1
        assert f"expected a file, found {found}" in capsys.readouterr().err


def test_no_control_character_of_a_name_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "\x1b[1mnowhere"]) == 1
    assert "failed: ␛[1mnowhere: " in capsys.readouterr().err


def test_a_file_is_compared_with_its_last_version_in_the_usual_folder_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for rows in ("1\n", "1\n2\n"):
        Path("a.csv").write_text(f"id\n{rows}")
        assert main(["profile", "a.csv"]) == 0
    drift = json.loads(Path("out/a.csv/report.json").read_bytes())["run"]["drift"]
    assert drift["records"] == {"before": 1, "now": 2}


def test_all_that_is_told_of_a_run_is_in_the_published_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for rows in ("1,x\n", "1,x\n2,\n3,y\n"):
        Path("a.csv").write_text(f"id,name\n{rows}")
        assert main(["profile", "a.csv"]) == 0
    assert main(["merge", "out/a.csv", "out/a.csv"]) == 0
    profiled, merged = (json.loads(Path(out, "report.json").read_bytes()) for out in ("out/a.csv", "out/merged"))
    assert profiled["run"]["source"]["container"] is None
    assert profiled["run"]["drift"]["columns"]
    assert len(merged["run"]["merged"]) == 2
    for document in (profiled, merged):
        jsonschema.validate(document, SCHEMA)
        assert [*unknown(document["run"], SCHEMA["properties"]["run"])] == []


def unknown(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    """Keys that a schema which lists some does not list."""
    if isinstance(value, list):
        for item in value:
            yield from unknown(item, schema.get("items", {}))
    elif isinstance(value, dict) and "properties" in schema:
        for key, item in value.items():
            if key not in schema["properties"]:
                yield key
            else:
                yield from unknown(item, schema["properties"][key])


def test_profiles_that_are_left_become_the_report_of_all_records(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{i % 7},{i / 8}\n" for i in range(40)]
    for name, part in (("one", rows[:15]), ("two", rows[15:]), ("all", rows)):
        (tmp_path / name).write_text("id,x\n" + "".join(part))
        assert main(["profile", str(tmp_path / name), "--out", str(tmp_path / f"{name}.out")]) == 0
    sources = [str(tmp_path / "one.out"), str(tmp_path / "two.out" / "profile.bin")]
    assert main(["merge", *sources, "--out", str(tmp_path / "both")]) == 0
    merged, whole = (json.loads((tmp_path / out / "report.json").read_bytes()) for out in ("both", "all.out"))
    assert merged["columns"] == whole["columns"]
    assert merged["dataset"]["sample"] == whole["dataset"]["sample"]
    assert main(["merge", str(tmp_path / "one.out"), str(tmp_path / "nowhere")]) == 1
    assert "expected a profile.bin, found no such file" in capsys.readouterr().err.replace("\n", " ")
