"""`hpo data`: the images on this machine."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import UsageError
from . import options
from .output import say, write_json
from .table import Column, print_table

group = typer.Typer(help="See, fetch and import images.", no_args_is_help=True)

Shape = Annotated[
    str | None,
    typer.Option(metavar="CxHxW", help="Bring the images to a shape such as 3x32x32.", show_default="that of the first image"),
]
Name = Annotated[str | None, typer.Option(metavar="N", help="What to call it.", show_default="after the folder or zip")]

ImagePath = Annotated[
    Path, typer.Argument(metavar="PATH", help="A folder or zip of <split>/<class>/<image>, or of <class>/<image>.")
]


@group.command("list")
def list_sets(as_json: options.Json = False) -> None:
    """List the data sets, and where each would come from."""
    from ..data import library

    found = [_record(line) for line in library.available()]
    if as_json:
        write_json({"data": found})
        return
    columns = [Column("name"), Column("images", number=True), Column("shape", number=True), Column("classes", number=True)]
    columns += [Column("cached", number=True), Column("from")]
    print_table(columns, [_cells(line) for line in found])


@group.command("fetch")
def fetch(name: Annotated[str, typer.Argument(metavar="NAME", help="digits, mnist, fashion-mnist or cifar10.")]) -> None:
    """Get a data set ready, from this machine or the network."""
    from ..data import library

    _report("ready", _record(library.fetch(name, say=say)))


@group.command("import")
def import_files(
    path: ImagePath,
    name: Name = None,
    shape: Shape = None,
) -> None:
    """Copy the images of a folder or zip into the cache, under a name for --data."""
    from ..data import library

    _report("imported", _record(library.import_(path, name or _name_after(path), shape=_shape(shape), say=say)))


def _name_after(path: Path) -> str:
    """A name that a data set may have: the file's or folder's in small letters, with - for what is not allowed."""
    return re.sub(r"[^a-z0-9_]+", "-", path.resolve().stem.lower()).strip("-_")[:64]


def _shape(text: str | None) -> tuple[int, int, int] | None:
    if text is None:
        return None
    sizes = [int(size) for size in text.split("x") if re.fullmatch(r"[0-9]{1,5}", size)]
    if len(sizes) != 3 or text.count("x") != 2 or min(sizes) < 1:
        raise UsageError(f"--shape is channels x height x width, such as 3x32x32, got '{text}'")
    return sizes[0], sizes[1], sizes[2]


def _record(found: Any) -> dict[str, Any]:
    return {
        "name": found.name,
        "kind": found.kind,
        "shape": list(found.shape),
        "classes": list(found.classes),
        "images": found.images,
        "bytes": found.size,
        "from": found.where,
        "folder": None if found.folder is None else str(found.folder),
    }


def _cells(line: dict[str, Any]) -> list[str]:
    images = "" if line["images"] is None else f"{line['images']:,}"
    cached = f"{line['bytes'] / 1e6:,.1f} MB" if line["bytes"] else ""
    return [line["name"], images, "x".join(map(str, line["shape"])), str(len(line["classes"])), cached, line["from"]]


def _report(done: str, line: dict[str, Any]) -> None:
    shape = "x".join(map(str, line["shape"]))
    say(f"{done}: {line['images']:,} images of {shape} in {len(line['classes'])} classes; use them with --data {line['name']}")
