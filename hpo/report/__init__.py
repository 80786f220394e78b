"""What a study has found, for people: three sentences, a page that stands by itself, and what the dashboard shows."""

from .answer import answer
from .best import spoken
from .bringing import wanted
from .explanation import Explanation, explain, tables
from .leaving import forget, leave
from .page import html
from .plain import plain
from .text import markdown

__all__ = ["Explanation", "answer", "explain", "forget", "html", "leave", "markdown", "plain", "spoken", "tables", "wanted"]
