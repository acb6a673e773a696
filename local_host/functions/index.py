"""Finds the functions of an app: imports its ``function_app.py`` and asks every ``FunctionApp`` in it."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from azure.functions.decorators.function_app import FunctionRegister

SCRIPT = "function_app.py"

TRIGGERS = frozenset(
    {
        "blobTrigger",
        "queueTrigger",
        "httpTrigger",
        "timerTrigger",
        "orchestrationTrigger",
        "activityTrigger",
        "entityTrigger",
    }
)
"""What can start a function here."""

BINDINGS = frozenset({"blob", "queue", "http", "durableClient"})
"""What else a function can be bound to here."""

STREAMING = ("azurefunctions.extensions.http", "fastapi", "starlette")
"""Where the types of HTTP streaming come from."""


class BadApp(Exception):
    """The app cannot be indexed; the message names file and line where there is one."""


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the app."""

    name: str
    trigger: Mapping[str, Any]
    bindings: tuple[Mapping[str, Any], ...]
    code: Callable[..., Any]
    annotations: Mapping[str, Any]
    parameters: frozenset[str]
    place: str = ""
    """File and line of its code."""
    retry_policy: Mapping[str, Any] | None = None
    """What ``@app.retry`` declares."""

    @property
    def kind(self) -> str:
        """The trigger's type."""
        return str(self.trigger["type"])

    @property
    def unsupported(self) -> tuple[str, ...]:
        """What it asks for that this host does not have: types of triggers and bindings, and the like."""
        types = [binding["type"] for binding in self.bindings if binding["type"] not in BINDINGS]
        has_other_policy = self.retry_policy is not None and self.kind != "timerTrigger"
        others = {"retry policy": has_other_policy, "HTTP streaming": self._streams}
        return (
            *(() if self.kind in TRIGGERS else (self.kind,)),
            *types,
            *(name for name, asked in others.items() if asked),
        )

    @property
    def _streams(self) -> bool:
        module = str(getattr(self.annotations.get(str(self.trigger.get("name"))), "__module__", ""))
        return self.kind == "httpTrigger" and module.startswith(STREAMING)

    @property
    def disabled(self) -> bool:
        """Whether an app setting says that it must not run."""
        settings = (f"AzureWebJobs.{self.name}.Disabled", f"AzureWebJobs__{self.name}__Disabled")
        return any(os.environ.get(setting, "").lower() in ("true", "1") for setting in settings)

    @property
    def runs(self) -> bool:
        """Whether anything may start it here."""
        return not self.unsupported and not self.disabled


@dataclass(frozen=True, slots=True)
class App:
    """The functions of an app, by name."""

    root: Path
    functions: Mapping[str, Function]

    def of_kind(self, kind: str) -> dict[str, Function]:
        """Functions with that type of trigger, by the name they are called by."""
        field = {"orchestrationTrigger": "orchestration", "activityTrigger": "activity", "entityTrigger": "entityName"}
        return {
            str(one.trigger.get(field.get(kind, ""), None) or name): one
            for name, one in self.functions.items()
            if one.kind == kind and one.runs
        }


def find_script(root: Path) -> Path:
    """The app's ``function_app.py``."""
    script = root / SCRIPT
    if not script.is_file():
        found = ", ".join(sorted(path.name for path in root.glob("*.py"))) or "no Python file"
        raise BadApp(f"{script} does not exist; {root} holds {found}")
    return script


def load_app(root: Path) -> App:
    """Import the app as the real host does (its folder is on ``sys.path``), and index it."""
    script = find_script(root)
    sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(script.stem)
    except Exception as error:
        raise BadApp(_describe_import_error(error, root)) from error
    apps = [value for value in vars(module).values() if isinstance(value, FunctionRegister)]
    if not apps:
        raise BadApp(f"{script} defines no FunctionApp (app = func.FunctionApp() or df.DFApp())")
    functions: dict[str, Function] = {}
    for app in dict.fromkeys(apps):
        for one in _index(app, script):
            if one.name in functions:
                raise BadApp(
                    f"{one.place}: Function {one.name} does not have a unique function name."
                    f" The other one is {functions[one.name].place}"
                )
            functions[one.name] = one
    return App(root, functions)


def _index(app: FunctionRegister, script: Path) -> list[Function]:
    try:
        return [_describe(one) for one in app.get_functions()]
    except (ValueError, TypeError) as error:
        raise BadApp(f"{', '.join(_places(app, str(error))) or script}: {error}") from error


def _places(app: Any, message: str) -> list[str]:
    """Where the functions are that the SDK's message names: it gives no lines."""
    builders = getattr(app, "_function_builders", ())
    found = [builder._function for builder in builders]  # noqa: SLF001 - has no public name
    named = [one for one in found if re.search(rf"\b{re.escape(one.get_function_name())}\b", message)]
    return [_place(one.get_user_function()) for one in named]


def _place(code: Any) -> str:
    """File and line of a function, under the wrappers of the SDK."""
    inner = inspect.unwrap(getattr(code, "orchestrator_function", None) or getattr(code, "entity_function", code))
    return f"{inner.__code__.co_filename}:{inner.__code__.co_firstlineno}"


def _describe(one: Any) -> Function:
    bindings = json.loads(one.get_function_json())["bindings"]
    trigger_name = one.get_trigger().name
    code = one.get_user_function()
    signature = inspect.signature(code)
    names = {binding["name"] for binding in bindings} - {"$return"}
    missing = names - set(signature.parameters)
    # Orchestrators and entities are wrapped by the SDK; their one parameter has the wrapper's name.
    wrapped = hasattr(code, "orchestrator_function") or hasattr(code, "entity_function")
    if missing and not wrapped:
        raise BadApp(
            f"{_place(code)}: the function {one.get_function_name()} declares bindings that its code has no"
            f" parameter for: {', '.join(sorted(missing))}"
        )
    return Function(
        name=one.get_function_name(),
        trigger=next(binding for binding in bindings if binding["name"] == trigger_name),
        bindings=tuple(binding for binding in bindings if binding["name"] != trigger_name),
        code=code,
        annotations=_annotations(code),
        parameters=frozenset(signature.parameters),
        place=_place(code),
        retry_policy=one.get_settings_dict("retry_policy"),
    )


def _annotations(code: Callable[..., Any]) -> Mapping[str, Any]:
    try:
        return inspect.get_annotations(inspect.unwrap(code), eval_str=True)
    except Exception:  # noqa: BLE001 - an annotation that cannot be evaluated binds nothing special
        return inspect.get_annotations(code)


def is_own(file: Path, root: Path) -> bool:
    """Whether the file is the app's own code, not a library that lies in its folder."""
    return file.is_relative_to(root) and "site-packages" not in file.parts


def _describe_import_error(error: Exception, root: Path) -> str:
    """The error with the innermost place in the app's own files."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if is_own(Path(frame.filename), root)]
    if isinstance(error, SyntaxError) and error.filename and is_own(Path(error.filename), root):
        where = f"{error.filename}:{error.lineno}"
    elif own:
        where = f"{own[-1].filename}:{own[-1].lineno} in {own[-1].name}: {own[-1].line}"
    else:
        where = str(root / SCRIPT)
    return f"{where}\n  {type(error).__name__}: {error}"


def describe(function: Function, base_url: str, route_prefix: str) -> str:
    """The function's line in the list at start-up: trigger, and URL where it has one."""
    if function.disabled:
        return f"{function.name}: disabled by an app setting"
    if function.kind != "httpTrigger":
        return f"{function.name}: {function.kind}"
    methods = ",".join(str(method) for method in function.trigger.get("methods") or ())
    route = str(function.trigger.get("route") or "").strip("/")
    url = "/".join(part for part in (base_url, route_prefix, route) if part)
    return f"{function.name}: [{methods}] {url}" if methods else f"{function.name}: {url}"
