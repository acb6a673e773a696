"""What stands around the app says the same thing everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = json.loads((ROOT / "local.settings.json.example").read_text("utf-8"))["Values"]
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
TEMPLATES = {path.name: path.read_text("utf-8") for path in (ROOT / "infra").glob("*.bicep")}

NOT_IN_AZURE = {
    "FUNCTIONS_WORKER_RUNTIME": "part of functionAppConfig on Flex Consumption",
    "FUNCTIONS_WORKER_PROCESS_COUNT": "not taken on Flex Consumption",
    "AzureWebJobsStorage": "AzureWebJobsStorage__blobServiceUri and its kin instead",
}


@pytest.mark.parametrize("name", EXAMPLE)
def test_setting_of_the_laptop_is_set_in_docker_too(name: str) -> None:
    assert re.search(rf"^ +{name}:", COMPOSE, re.MULTILINE)


@pytest.mark.parametrize("name", sorted(EXAMPLE.keys() - NOT_IN_AZURE.keys()))
def test_setting_of_the_laptop_is_set_in_azure_too(name: str) -> None:
    assert any(re.search(rf"^ +{name}:", text, re.MULTILINE) for text in TEMPLATES.values())


@pytest.mark.parametrize("name", NOT_IN_AZURE)
def test_setting_that_azure_does_not_take_is_not_given_to_it(name: str) -> None:
    assert not any(re.search(rf"^ +{name}:", text, re.MULTILINE) for text in TEMPLATES.values())


def test_every_setting_that_host_json_refers_to_is_set() -> None:
    host = (ROOT / "host.json").read_text("utf-8")
    referred = set(re.findall("%([A-Z_]+)%", host)) | {
        json.loads(host)["extensions"]["durableTask"]["storageProvider"]["connectionStringName"]
    }
    assert referred <= EXAMPLE.keys()


def test_every_module_of_the_templates_is_there() -> None:
    named = set(re.findall(r"^module \w+ '([\w.]+)'", TEMPLATES["main.bicep"], re.MULTILINE))
    assert named == TEMPLATES.keys() - {"main.bicep", "subscription.bicep"}


def test_every_output_that_the_hook_reads_is_given_by_the_template() -> None:
    hook = (ROOT / "infra" / "hooks" / "subscribe.sh").read_text("utf-8")
    given = set(re.findall(r"^output (\w+)", TEMPLATES["main.bicep"], re.MULTILINE))
    assert set(re.findall(r"\$(FANFOLD_\w+|AZURE_\w+)", hook)) - {"AZURE_SUBSCRIPTION_ID"} <= given


@pytest.mark.parametrize("page", ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))])
def test_every_path_and_make_target_that_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert [link for link in links if not ((ROOT / page).parent / link).exists()] == []
    assert (
        set(re.findall(r"`make ([a-z]+)[ `]", text)) | set(re.findall(r"^make ([a-z]+)", text, re.MULTILINE)) <= targets
    )


@pytest.mark.parametrize(
    "value",
    [
        "plain.csv",
        "with space.csv",
        'it\'s "quoted".csv',
        "$HOME $(id) `id` $$.csv",
        "--file",
        "a;b&c|d#e%f.csv",
        "ü☕\\n\n.csv",
    ],
)
def test_any_file_name_survives_make_and_the_shell(value: str, tmp_path: Path) -> None:
    echo = tmp_path / "echo"
    echo.write_text(
        f"#!{sys.executable}\nimport json, os, sys\n"
        "print(json.dumps([sys.argv[1:], *map(os.environ.get, ('FILE', 'OUT', 'OPTIONS'))]))\n",
        "utf-8",
    )
    echo.chmod(0o755)
    make = shutil.which("make")
    assert make is not None
    command = [make, "--silent", "-o", "environment", "-o", "samples", "run", f"PY={echo}"]
    environment = {name: text for name, text in os.environ.items() if not name.startswith("MAKE")}
    for given in ([*command, f"FILE={value}", f"OUT={value}", f"OPTIONS={value}"], command):
        environment |= {} if given != command else {"FILE": value, "OUT": value, "OPTIONS": value}
        done = subprocess.run(given, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout) == [["-m", "fanfold", "run"], value, value, value]
