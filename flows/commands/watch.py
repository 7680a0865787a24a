"""`metrics`: what Prometheus reads, for machines on which no review site runs."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.commands._shared import console, runtime


def metrics(
    port: Annotated[
        int | None, typer.Option(help="Serve /metrics on this port until Ctrl-C; without it, print once.", min=1, max=65535)
    ] = None,
    host: Annotated[str, typer.Option(help="Address to serve on; one that others reach needs RASOAT_METRICS_TOKEN_FILE.")] = "127.0.0.1",
) -> None:
    """What Prometheus reads: queues, stages, errors, index lag, health of sources. Counts only."""
    from flows.exporter import meters, serve

    with runtime(service=port is not None) as rt:
        if port is None:
            print(meters(rt).text().decode(), end="")
        else:
            serve(rt, host, port, ready=lambda: console.print(f"Metrics: http://{host}:{port}/metrics", soft_wrap=True))
