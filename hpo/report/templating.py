"""The templates of this folder, with every text that comes from a user escaped."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..findings.wording import number

if TYPE_CHECKING:
    from jinja2 import Environment


def rendered(template: str, **values: Any) -> str:
    """A template filled in. Those whose name has .html in it escape for HTML, those with .md must ask for it with `|md`."""
    return _environment().get_template(template).render(**values)


@lru_cache(maxsize=1)
def _environment() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("hpo.report"), autoescape=lambda name: name is None or ".html" in name,
        finalize=visible, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    made.filters["md"] = markdown_text
    made.filters["p"] = lambda value: "" if value is None else number(value) if value >= 0.001 else "below 0.001"
    return made


def visible(value: Any) -> Any:
    """A text without control characters and others that do not show; what is markup already stays as it is."""
    if type(value) is not str:
        return value
    return "".join(
        letter if letter.isprintable() or letter in "\n\N{NO-BREAK SPACE}" else "\N{REPLACEMENT CHARACTER}" for letter in value
    )


def markdown_text(value: object) -> str:
    """A text as Markdown shows it: on one line, with nothing in it that means anything."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(value))
    # Only within a word does an underscore mean nothing; elsewhere it would be emphasis. Web addresses would become links.
    inline = re.sub(r"([\\`*\[\]<>|~#&$]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=\bwww)\.)", r"\\\1", plain.strip())
    return re.sub(r"^(\d*)([-+.)])(?=\s|$)", r"\1\\\2", inline)  # It would begin a list.
