"""Starts the `rasoat` command, so that Ctrl-C while its parts are still being loaded ends it as quietly as later on."""

from __future__ import annotations

import sys


def main() -> None:
    """Load and run `flows.cli`."""
    try:
        from flows import cli
    except KeyboardInterrupt:
        sys.exit(130)
    cli.main()


if __name__ == "__main__":
    main()
