"""Reference pages made from the program itself: commands, settings, harms, routes. `--check` fails when one is out of date."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import typer
from pydantic import SecretStr
from typer._click.core import Command, Context

from flows.cli import app
from flows.runtime import open_runtime
from flows.site import app_for
from rasoat.harms import Harm
from rasoat.policy import Policy
from rasoat.settings import ROOT, Settings
from review_ui import access

MADE = "<!-- Made by scripts/docs.py: change the program, not this page. -->\n\n"
WIDTH = 100


def commands() -> str:
    """Every command with its arguments and options, as `--help` has them."""
    root = typer.main.get_command(app)
    codes = (
        "0 done; 1 done, and something is wrong with what was looked at; 64 wrong use; 65 a file is wrong; "
        "70 refused, or a fault of the program; 74 a file or folder cannot be read or written; 75 try again"
    )
    parts = [f"# Commands\n\nExit codes: {codes}.\n"]
    for name, command in _walk(root, "rasoat"):
        parts.append(f"## `{name}`\n\n{(command.help or '').strip()}\n\n```\n{_usage(name, command)}\n```\n")
    return MADE + "\n".join(parts)


def _walk(command: Command, name: str) -> Iterator[tuple[str, Command]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield name, command
        return
    for key, child in inner.items():
        yield from _walk(child, f"{name} {key}")


def _usage(name: str, command: Command) -> str:
    context = Context(command, info_name=name, max_content_width=WIDTH, terminal_width=WIDTH)
    lines = [" ".join([name, *command.collect_usage_pieces(context)])]
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    width = max((len(left) for left, _ in records), default=0)
    lines += [f"  {left:<{width}}  {right}".rstrip() for left, right in records if left != "--help"]
    return "\n".join(lines)


def settings() -> str:
    """Every setting with its default."""
    rows = ["# Settings\n\nOne environment variable each; an unknown `RASOAT_*` variable is an error.\n"]
    for name, field in Settings.model_fields.items():
        default = field.default
        shown = f"`{default.relative_to(ROOT)}/` in the checkout" if isinstance(default, Path) and default.is_absolute() else f"`{default}`"
        shown = "nothing" if default in (None, "") or isinstance(default, SecretStr) else shown
        rows.append(f"## `RASOAT_{name.upper()}`\n\n{field.description}. Default: {shown}.\n")
    return MADE + "\n".join(rows)


def harms() -> str:
    """The closed list, from the policy files."""
    policy = Policy.load(ROOT / "data")
    parts = ["# The fourteen harms\n"]
    for code in Harm:
        harm = policy.harm(code)
        parts.append(
            f"## {code} — {harm.name.vi} · {harm.name.en}\n\n{harm.definition.vi}\n\n{harm.definition.en}\n\n"
            f"*Severity* S{harm.severity.value} · *least restrictive measure to start from* `{harm.default_measure}` · "
            f"*queue threshold* {harm.queue_threshold}\n\n{harm.rights_note.vi}\n\n{harm.rights_note.en}\n"
        )
    return MADE + "\n".join(parts)


def routes() -> str:
    """Every route of the review site with who may reach it, from the table that the site itself obeys."""
    with tempfile.TemporaryDirectory() as home, open_runtime(Settings(home=Path(home))) as rt:
        described = {
            (method.upper(), path): operation.get("description", "").splitlines()[:1]
            for path, operations in app_for(rt).openapi()["paths"].items()
            for method, operation in operations.items()
        }
    parts = [
        "# Routes of the review site\n\nEach page has its JSON: the same address with `.json`, or `Accept: application/json`. "
        "A JSON write sends the token of `/session.json` as `X-CSRF-Token`. The OpenAPI document is at `/openapi.json`. "
        "A route that is not in this table is closed to everybody.\n"
    ]
    for method, table in (("GET", {**access.PAGES, **access.FILES}), ("POST", access.ACTS)):
        for path, who in sorted(table.items()):
            about = " ".join(described.get((method, path), []))
            allowed = who.value if isinstance(who, access.Gate) else ", ".join(sorted(role.value for role in who))
            parts.append(f"## `{method} {path}`\n\n{about + ' ' if about else ''}For: {allowed}.\n")
    return MADE + "\n".join(parts)


PAGES = {"commands.md": commands, "settings.md": settings, "harms.md": harms, "routes.md": routes}


def main() -> int:
    """Write the pages, or with `--check` say which are out of date."""
    stale = []
    for name, make in PAGES.items():
        path, text = ROOT / "docs" / name, make().rstrip() + "\n"
        if not path.exists() or path.read_text("utf-8") != text:
            stale.append(name)
            if "--check" not in sys.argv:
                path.write_text(text, "utf-8")
    for name in stale:
        print(f"docs/{name} {'is out of date: run python scripts/docs.py' if '--check' in sys.argv else 'written'}")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
