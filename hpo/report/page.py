"""A report as one HTML file that needs nothing but a browser."""

from importlib import resources

from markupsafe import Markup

from .contents import contents
from .explanation import Explanation
from .figures import Figure, figures
from .left_out import left_out
from .templating import rendered


def html(explanation: Explanation, storage: str | None = None) -> str:
    """The report; `storage` is the URL to name in commands, where it is not the default one."""
    parts = contents(explanation, storage)
    drawn, reasons = figures(explanation, linked=parts.all_trials is not None)
    return rendered(
        "report.html.j2",
        report=parts,
        overview=next((figure for figure in _marked(drawn) if figure.kind == "overview"), None),
        figures=[figure for figure in _marked(drawn) if figure.kind != "overview"],
        left_out=left_out(explanation, reasons),
        css=Markup(_part("report.css")),
        script=Markup(_part("report.js")),
    )


def _marked(drawn: list[Figure]) -> list[Figure]:
    return [one._replace(svg=Markup(one.svg), narrow=one.narrow and Markup(one.narrow)) for one in drawn]


def _part(name: str) -> str:
    return (resources.files("hpo.report") / "templates" / name).read_text(encoding="utf-8")
