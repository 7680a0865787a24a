"""The `rasoat` command. `rasoat --help` reads like a table of contents; each entry lives in `flows.commands`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer._click.exceptions import ClickException  # typer carries its own click; the pin holds this import
from typer.rich_utils import rich_format_error

from flows import commands
from rasoat import __version__
from rasoat.errors import DISK_FULL, RasoatError

app = typer.Typer(
    name="rasoat",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Find harmful public items in Vietnamese, let people judge them, seal dossiers that anyone can check.",
)
commands.register(app)

WRONG_USE = 64
"""sysexits' EX_USAGE, because `rasoat verify` needs 0, 1 and 2 for its three answers."""


NO_FILE = 74
"""EX_IOERR: a file or folder cannot be read or written."""
TRY_AGAIN = 75
"""EX_TEMPFAIL, as `RetryLater` has it."""
OUR_FAULT = 70
"""EX_SOFTWARE. An error that nobody foresaw must not look like the verdict `broken`, which is 1."""


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"rasoat {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")] = False,
) -> None: ...


def _file_problem(error: OSError) -> str:
    hint = "free some space and run the same command again" if error.errno in DISK_FULL else "name another place, or make this one writable"
    where = f"cannot use {error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error} (hint: {hint})"


def main() -> None:
    """Run; an error that we raise on purpose becomes one clear line on stderr and its own exit code."""
    command = typer.main.get_command(app)
    try:
        code = command(standalone_mode=False)
    except typer.Abort:
        code = 130
    except ClickException as error:
        rich_format_error(error)
        code = WRONG_USE
    except RasoatError as error:
        typer.secho(f"rasoat: {error}", err=True, fg="red")
        code = error.exit_code
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        code = 141
    except OSError as error:
        typer.secho(f"rasoat: {_file_problem(error)}", err=True, fg="red")
        code = TRY_AGAIN if error.errno in DISK_FULL else NO_FILE
    except Exception:  # noqa: BLE001  (the run boundary: the trace is for whoever mends it, the code for the script that called)
        sys.excepthook(*sys.exc_info())
        typer.secho("rasoat: a fault of the program; nothing half-written stays, the same command may be run again", err=True, fg="red")
        code = OUR_FAULT
    sys.exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
