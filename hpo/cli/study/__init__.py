"""`hpo study`: one module a command."""

import typer

from . import confirm, create, delete, export, listing, report, run, settle, show, test, trials

group = typer.Typer(help="Make, run, read and delete studies.", no_args_is_help=True)
group.command("create")(create.create)
group.command("run")(run.run)
group.command("list")(listing.list_studies)
group.command("show")(show.show)
group.command("trials")(trials.trials)
group.command("export")(export.export)
group.command("confirm")(confirm.confirm)
group.command("settle")(settle.settle)
group.command("test")(test.final_test)
group.command("report")(report.report)
group.command("delete")(delete.delete)
