"""`hpo study report`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from .. import options
from ..output import say, write

Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="stdout")]
Format = Annotated[
    Literal["html", "md"] | None,
    typer.Option(
        "--format", help="html: one page with plots that needs no network; md: text.", show_default="by FILE, else html"
    ),
]


def report(
    study: options.AnyStudy, storage: options.Storage = options.DEFAULT_STORAGE, output: Output = None, shape: Format = None
) -> None:
    """Explain a study: the answer, its findings and plots, and how it was done."""
    from ..files import write_file
    from .explaining import any_study, named_storage

    found = any_study(study, storage)
    from ... import report as reports

    shape = shape or ("md" if output is not None and output.suffix.lower() == ".md" else "html")
    explanation = reports.explain(found, named_storage(storage))
    text = (reports.markdown if shape == "md" else reports.html)(explanation, named_storage(storage))
    if output is None:
        write(text.removesuffix("\n"))
    else:
        write_file(output, text)
        say(f"wrote {output}")
