"""Starts the `rasoat` command, so that Ctrl-C while its parts are still being loaded ends it as quietly as later on."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Load and run `flows.cli`. A parent may have held SIGINT back until here, where somebody listens to it."""
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        from flows import cli

        cli.main()
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
