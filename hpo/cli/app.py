"""The tree of commands."""

from typing import Annotated

import typer

from . import check, dashboard, data, doctor, plot, storage
from .study import group as study

app = typer.Typer(
    name="hpo",
    help="Hyperparameter studies of small image classifiers: trained in lanes, driven by Optuna, explained.",
    epilog="--debug, anywhere on the line, shows the traceback of an error.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(study, name="study")
app.add_typer(check.group, name="check")
app.add_typer(data.group, name="data")
app.add_typer(storage.group, name="storage")
app.command("plot")(plot.plot)
app.command("dashboard")(dashboard.dashboard)
app.command("doctor")(doctor.doctor)


def _print_version(asked: bool) -> None:
    if asked:
        from .. import __version__
        from .output import write

        write(f"hpo {__version__}")
        raise typer.Exit


Version = Annotated[bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")]


@app.callback()
def hpo(
    version: Version = False,
) -> None:
    """Declare what stands before the command."""
