"""Write what is derived from the code, or say what is stale: the API contract and its reference.

The files are contracts/openapi.json, contracts/openapi-v1.json and everything in docs/reference.
"""

import difflib
import importlib
import inspect
import json
import pkgutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import typer

import agentverse
from agentverse.entrypoints import cli
from agentverse.entrypoints.api import contract
from agentverse.llm import door_contract
from agentverse.platform.errors import AgentVerseError
from agentverse.platform.settings import Settings
from agentverse_engine import NeighbourFilter, Rule, rules

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = "docs/reference"
NOTE = "<!-- Written by `make openapi` from the code; edit the code instead. -->\n\n"
METHODS = ("get", "post", "put", "patch", "delete")


def openapi_json() -> str:
    return json.dumps(contract(), indent=1, sort_keys=True) + "\n"


def doors_json() -> str:
    return json.dumps(door_contract.contract(), indent=1, sort_keys=True) + "\n"


def api_page() -> str:
    operations = [
        (operation["tags"][0], path, method, operation)
        for path, methods in contract()["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]
    lines = [
        "# API",
        "",
        "Every operation of `contracts/openapi.json`. Errors are RFC 9457 problem documents; their",
        "codes are listed in [errors.md](errors.md).",
    ]
    context = None
    for tag, path, method, operation in sorted(operations, key=lambda found: found[:3]):
        if tag != context:
            lines += ["", f"## {tag}"]
            context = tag
        lines += ["", f"### `{method.upper()} {path}`", *_operation(operation)]
    return NOTE + "\n".join(lines) + "\n"


def _operation(operation: dict[str, Any]) -> Iterable[str]:
    described = str(operation.get("description") or "").strip()
    if described:
        yield from ("", described)
    yield from ("", f"Operation `{operation['operationId']}`.")
    parameters = operation.get("parameters", [])
    if parameters:
        yield from ("", "| parameter | in | required | |", "|---|---|---|---|")
    for parameter in parameters:
        needed = _yes_no(parameter.get("required", False))
        text = _cell(str(parameter.get("description") or ""))
        yield f"| `{parameter['name']}` | {parameter['in']} | {needed} | {text} |"
    body = _type_name(operation.get("requestBody", {}))
    if body:
        yield from ("", f"Takes {body}.")
    answers = [
        f"{status} {_type_name(response)}".strip()
        for status, response in operation["responses"].items()
        if status.startswith("2")
    ]
    yield from ("", f"Answers {', '.join(answers)}.")


def _type_name(holder: dict[str, Any]) -> str:
    for media, content in holder.get("content", {}).items():
        reference = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        return f"`{reference}` ({media})" if reference else media
    return ""


def command_line_page() -> str:
    root = typer.main.get_command(cli.app)
    where = "After `make demo` or `make setup` the command is `.venv/bin/agentverse`."
    lines = ["# Command line", "", where]
    for names, command in _commands("agentverse", root):
        lines += ["", f"## `{names}`", "", (command.help or "").strip()]
        options = [p for p in command.params if not getattr(p, "hidden", False)]
        if options:
            lines += ["", "| argument or option | default | |", "|---|---|---|"]
        lines += [_option(option) for option in options]
    return NOTE + "\n".join(lines) + "\n"


def _commands(name: str, command: Any) -> Iterable[tuple[str, Any]]:
    if not hasattr(command, "list_commands"):
        yield name, command
        return
    context = typer.Context(command)
    for child in command.list_commands(context):
        yield from _commands(f"{name} {child}", command.get_command(context, child))


def _option(option: Any) -> str:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    default = "" if option.required or option.default in (None, False) else f"`{option.default}`"
    return f"| {names} | {default} | {_cell(getattr(option, 'help', '') or '')} |"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Environment variables, read once at start.",
        "",
        "| variable | default | |",
        "|---|---|---|",
    ]
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias if isinstance(alias, str) else f"AGENTVERSE_{name.upper()}"
        plain = field.default_factory is None and field.default is not None
        default = f"`{field.default}`" if plain else ""
        lines.append(f"| `{variable}` | {default} | {_cell(field.description or '')} |")
    return NOTE + "\n".join(lines) + "\n"


def errors_page() -> str:
    for module in pkgutil.walk_packages(agentverse.__path__, "agentverse."):
        if ".migrations" not in module.name:
            importlib.import_module(module.name)
    lines = [
        "# Errors",
        "",
        "The `code` of a problem document is stable: branch on it, not on the text.",
        "",
        "| code | status | title | try again |",
        "|---|---|---|---|",
    ]
    rows = {
        f"| `{error.code}` | {error.status} | {error.title} | {_yes_no(error.retryable)} |"
        for error in _descendants(AgentVerseError)
        if not inspect.isabstract(error)
    }
    return NOTE + "\n".join([*lines, *sorted(rows)]) + "\n"


def rules_page() -> str:
    lines = [
        "# Rules",
        "",
        "Every rule that ships with the engine, by its name in `agentverse_engine.rules`. In the",
        "equations i is a persona, j an alternative, t a tick. How to write one of your own:",
        "[write a rule](../guides/write-a-rule.md).",
    ]
    for name, rule in _rules():
        lines += ["", f"## `{name}`", "", f"`{rule.name}`: {_means(rule)}", ""]
        lines += [f"    {rule.equation}", "", f"Source: {rule.source}."]
        lines += ["", f"Reads {_names(rule.reads())}."]
    lines += ["", "## Filters of neighbours", "", "| name | reads | source |", "|---|---|---|"]
    for name, item in _filters():
        lines.append(f"| `{name}` | {_names(item.reads())} | {_cell(item.source)} |")
    return NOTE + "\n".join(lines) + "\n"


def _rules() -> list[tuple[str, Rule]]:
    return [(name, rule) for name in rules.__all__ if isinstance(rule := vars(rules)[name], Rule)]


def _filters() -> list[tuple[str, NeighbourFilter]]:
    return [
        (name, item)
        for name in rules.__all__
        if isinstance(item := vars(rules)[name], NeighbourFilter)
    ]


def _means(rule: Rule) -> str:
    does = f"writes {_names(rule.writes)}" if rule.writes else "adds to what later rules read"
    if rule.gate:
        does = "decides who acts in a tick"
    return f"{does}; left out where social rules are off." if rule.social else f"{does}."


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing"


def _descendants(error: type[AgentVerseError]) -> Iterable[type[AgentVerseError]]:
    yield error
    for child in error.__subclasses__():
        yield from _descendants(child)


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


FILES: dict[str, Callable[[], str]] = {
    "contracts/openapi.json": openapi_json,
    "contracts/openapi-v1.json": doors_json,
    f"{REFERENCE}/api.md": api_page,
    f"{REFERENCE}/command-line.md": command_line_page,
    f"{REFERENCE}/settings.md": settings_page,
    f"{REFERENCE}/errors.md": errors_page,
    f"{REFERENCE}/rules.md": rules_page,
}


def write() -> int:
    for name, generate in FILES.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(generate(), "utf-8")
        print(f"  {name}")
    return 0


def check() -> int:
    stale = False
    for name, generate in FILES.items():
        path = ROOT / name
        stored = path.read_text("utf-8") if path.exists() else ""
        difference = list(
            difflib.unified_diff(
                stored.splitlines(), generate().splitlines(), name, f"{name} as it should be", n=1
            )
        )
        if difference:
            stale = True
            print("\n".join(difference[:40]))
    print("stale: run `make openapi`" if stale else "generated files are fresh")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(write() if sys.argv[1:] == ["write"] else check())
