import json

import pytest

from fanfold.cli.commands import main


@pytest.mark.parametrize("text", ["{", "[1]", '"x"'])
def test_options_that_are_no_json_object_are_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", "README.md", "--options", text]) == 1
    assert "failed:" in capsys.readouterr().err


def test_run_takes_its_arguments_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("fanfold.cli.run.run", lambda *arguments: seen.append(arguments) or 0)
    monkeypatch.setenv("FILE", "-a 'b' $c.csv")
    monkeypatch.setenv("OUT", "")
    monkeypatch.setenv("OPTIONS", json.dumps({"chunk_bytes": 5}))
    assert main(["run"]) == 0
    (file, out, options) = seen[0]
    assert (str(file), str(out), options) == ("-a 'b' $c.csv", "out/-a 'b' $c.csv", {"chunk_bytes": 5})


def test_without_a_file_the_sample_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("fanfold.cli.run.run", lambda *arguments: seen.append(arguments) or 0)
    monkeypatch.delenv("FILE", raising=False)
    monkeypatch.delenv("OUT", raising=False)
    monkeypatch.delenv("OPTIONS", raising=False)
    assert main(["run"]) == 0
    assert (str(seen[0][0]), str(seen[0][1])) == ("sample_data/orders.csv", "out/orders.csv")


@pytest.mark.parametrize("arguments", [["--limit", "0"], ["--limit", "some"], ["--format", "xml"]])
def test_subscriber_refuses_what_it_cannot_do(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["subscribe", *arguments])
    assert refused.value.code == 2
    assert arguments[0] in capsys.readouterr().err


def test_subscriber_is_told_where_to_listen_and_how(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    monkeypatch.setattr("fanfold.cli.subscribe.subscribe", lambda *given, peek: seen.append((*given, peek)) or 0)
    assert main(["subscribe"]) == 0
    assert main(["subscribe", "--format", "json", "--limit", "3", "--peek"]) == 0
    assert seen == [("text", None, False), ("json", 3, True)]
