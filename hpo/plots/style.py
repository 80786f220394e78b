"""How plots look, and how they are written: the same numbers give the same bytes."""

import io
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .kind import WIDTH, Layout
from .palette import GREY, INK, PALE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUFFIXES = (".png", ".svg", ".pdf")
DOTS = 200
"""Per inch, in PNG: sharp in print, and 1,600 pixels wide."""

STYLE: Mapping[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that a plot looks the same everywhere
    "font.size": 11.0, "axes.labelsize": 11.0, "xtick.labelsize": 10.0, "ytick.labelsize": 10.0, "legend.fontsize": 9.5,
    "axes.titlesize": 11.0, "axes.titlelocation": "left", "figure.titlesize": 13.0, "figure.titleweight": "bold",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": GREY, "axes.labelcolor": INK, "text.color": INK,
    "xtick.color": INK, "ytick.color": INK, "axes.grid": True, "grid.color": PALE, "grid.linewidth": 0.6, "axes.axisbelow": True,
    "axes.formatter.useoffset": False, "axes.formatter.use_mathtext": False, "axes.unicode_minus": True,
    "legend.frameon": True, "legend.framealpha": 0.85, "legend.edgecolor": PALE, "legend.borderpad": 0.3,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "svg.hashsalt": "hpo", "pdf.fonttype": 42, "figure.dpi": 100.0, "savefig.dpi": DOTS, "path.simplify": True,
    "figure.constrained_layout.w_pad": 0.06, "figure.constrained_layout.h_pad": 0.06,
}  # fmt: skip

#: No dates and no versions: a picture depends on its numbers alone.
_METADATA: Mapping[str, Mapping[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@contextmanager
def styled(**changes: Any) -> Iterator[None]:
    """Draw and write in here."""
    import matplotlib as mpl

    with mpl.rc_context(), warnings.catch_warnings():
        mpl.rcdefaults()  # whatever the user's own settings are
        settings: dict[Any, Any] = {**STYLE, **changes}
        mpl.rcParams.update(settings)
        # A name in a script that the font lacks shows as boxes; the caption and the tables have it whole.
        warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
        yield


def new_figure(layout: Layout, width: float = WIDTH) -> "tuple[Figure, list[Axes]]":
    """An empty figure with its axes, outside of pyplot's global state."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, layout.height), layout="constrained")
    axes = figure.subplot_mosaic([list(row) for row in layout.rows])
    return figure, [axes[letter] for letter in sorted(axes)]


def rendered(figure: "Figure", suffix: str) -> bytes:
    """A figure as the content of a file with one of SUFFIXES. Marks lead nowhere outside of a report."""
    from matplotlib.collections import Collection

    for drawn in figure.findobj(Collection):
        drawn.set_urls([None])
    file = io.BytesIO()
    figure.savefig(file, format=suffix[1:], metadata=dict(_METADATA[suffix]))
    return file.getvalue()


def svg(figure: "Figure") -> str:
    """A figure for a page: its marks lead to trials."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = io.StringIO()
    # Figure.savefig would draw twice.
    FigureCanvasSVG(figure).print_svg(file, metadata=dict(_METADATA[".svg"]))  # type: ignore[no-untyped-call]
    return file.getvalue()
