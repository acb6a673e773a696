"""What a command shows at its end, of a run in process."""

import json
from pathlib import Path

import pytest

from fanfold.cli.commands import main


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
