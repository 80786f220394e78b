"""The dependency audit: no version with a known hole is installed by constraints.txt, or allowed by setup.cfg.

A table and not pip-audit, because that asks a service on the network, and the tests run without one. Whoever moves a pin looks
the package up at https://osv.dev and adds what there is to know.
"""

import re
from configparser import ConfigParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]

#: The first version known to be without the hole, and the hole, as advisories have it. Where they differ on the version, as for
#: numpy, the later one stands. A pin without a row: no hole was found, or, for the smaller ones, none was looked for.
AT_LEAST = {
    "bottle": ("0.12.20", "CVE-2022-31799: errors while a request is read are not handled; serves the dashboard"),
    "certifi": ("2024.7.4", "CVE-2024-39689: root certificates that are trusted no more"),
    "filelock": ("4.2.1", "CVE-2026-112934, CVE-2026-112941 and others: links put in a lock's place are written through"),
    "fonttools": ("4.60.2", "CVE-2025-66034: a font's description writes files anywhere"),
    "fsspec": ("2026.6.0", "CVE-2026-104851: a file of references runs code; torch brings it along"),
    "idna": ("3.15", "CVE-2026-45409, CVE-2024-3651: a long host name takes long"),
    "jinja2": ("3.1.6", "CVE-2025-27516: a template gets out of the sandbox"),
    "joblib": ("1.2.0", "CVE-2022-21797: runs what an argument says"),
    "mako": ("1.4.2", "CVE-2026-41205, CVE-2026-102991: a template's name reads any file; Alembic brings it along"),
    "markdown-it-py": ("2.2.0", "CVE-2023-26303: a text ends the process"),
    "msgpack": ("1.2.3", "CVE-2026-114613: bad data fills the memory; Ray brings it along"),
    "numpy": ("1.22.2", "CVE-2021-41496: writes beyond an array; CVE-2021-41495: too little memory ends the process"),
    "pillow": ("13.0.0", "CVE-2026-112403: a JPEG file writes beyond its memory; CVE-2026-25990: so does another image"),
    "protobuf": ("6.33.5", "CVE-2026-0994, CVE-2025-4565: nested messages are followed to any depth; Ray brings it along"),
    "psutil": ("5.6.6", "CVE-2019-18874: memory is given back twice"),
    "pydantic": ("2.4.0", "CVE-2024-3772: an address of mail takes long"),
    "pygments": ("2.20.0", "CVE-2026-4539, CVE-2022-40896: a text takes long"),
    "pymysql": ("1.1.3", "CVE-2024-36039: keys of a dictionary become SQL; without a number: so does a procedure's name"),
    "pytest": ("9.0.3", "CVE-2025-71176: its folder in /tmp can be there before, as another user's"),
    "pyyaml": ("5.4", "CVE-2020-14343: a file runs code"),
    "ray": ("2.56.0", "CVE-2026-57516: an archive runs code; CVE-2025-62593: a web page reaches the cluster's port"),
    "requests": ("2.33.0", "CVE-2026-25645: a file of another user is loaded; CVE-2024-47081: passwords go to another host"),
    "scikit-learn": ("1.5.0", "CVE-2024-5206: words of the training data are kept"),
    "setuptools": ("83.0.0", "CVE-2026-59890: files left out get into an archive; CVE-2025-47273: a package writes anywhere"),
    "sqlalchemy": ("1.3.0", "CVE-2019-7164: what to sort by becomes SQL"),
    "torch": ("2.13.0", "CVE-2026-4538: a .pt2 file runs code; CVE-2026-24747: so does a checkpoint in spite of weights_only"),
    "tqdm": ("4.66.3", "CVE-2024-34062: arguments are run as code"),
    "urllib3": ("2.8.0", "CVE-2026-97687: a proxy's certificate goes unchecked; CVE-2026-97689: a line of any length is kept"),
    "virtualenv": ("21.14.9", "CVE-2026-113716, CVE-2026-113721: links put in an environment's place are written through"),
}


def pins() -> dict[str, Version]:
    """Versions in constraints.txt by name."""
    found = re.findall(r"^([\w.-]+)==([\w.+!]+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def requirements() -> list[Requirement]:
    """What setup.cfg asks for, with and without extras."""
    settings = ConfigParser()
    settings.read(ROOT / "setup.cfg")
    texts = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    return [Requirement(line) for text in texts for line in text.splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("name", AT_LEAST)
def test_no_known_hole_is_installed(name: str) -> None:
    """The pinned version is one without the hole."""
    least, reason = AT_LEAST[name]
    assert pins()[name] >= Version(least), reason


def test_no_known_hole_is_allowed() -> None:
    """A direct requirement takes no version with a hole either."""
    for requirement in requirements():
        least, reason = AT_LEAST.get(canonicalize_name(requirement.name), ("0", ""))
        lowest = [Version(each.version) for each in requirement.specifier if each.operator in (">=", "==", "~=")]
        assert min(lowest, default=Version("0")) >= Version(least), reason
