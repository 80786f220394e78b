"""A report as Markdown: all but the pictures."""

from .contents import contents
from .explanation import Explanation
from .left_out import left_out
from .templating import rendered


def markdown(explanation: Explanation, storage: str | None = None) -> str:
    """The report; `storage` is the URL to name in commands, where it is not the default one."""
    return rendered("report.md.j2", report=contents(explanation, storage), left_out=left_out(explanation, ()))


def note(explanation: Explanation, picture: str | None = None) -> str:
    """The answer and the verdicts, for the dashboard; `picture`: the address of the overview within it."""
    return rendered("note.md.j2", report=contents(explanation), picture=picture)
