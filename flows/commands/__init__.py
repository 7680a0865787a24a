"""One module a chapter. Heavy imports stand inside the functions, so that `rasoat --help` answers at once."""

from __future__ import annotations

import typer

from flows.commands import backup, collect, doctor, judge, keep, learn, people, run, subject_requests, watch

ORDER = (
    ("Collect", (collect.crawl, collect.import_, collect.assess, collect.collect)),
    ("Judge", (judge.search, judge.cases, run.review, run.tour)),
    ("Hand over", (judge.dossier, judge.verify, judge.lumen, judge.report)),
    ("Measure", (learn.classify, learn.train, learn.evaluate)),
    ("Keep running", (run.schedule, run.worker, keep.project, watch.metrics, doctor.doctor)),
)


def register(app: typer.Typer) -> None:
    """Add every command in the order in which a newcomer meets them."""
    for panel, functions in ORDER:
        for function in functions:
            app.command(name=function.__name__.rstrip("_"), rich_help_panel=panel)(function)
    for command in (backup.backup, backup.backups, backup.restore):
        keep.db.command(name=command.__name__)(command)
    for name, asked in subject_requests.COMMANDS.items():
        keep.db.command(name=name)(asked)
    keep.db.command(name="add-account")(people.add_account)
    app.add_typer(people.users, name="users", rich_help_panel="Keep running")
    app.add_typer(keep.db, name="db", rich_help_panel="Keep running")
