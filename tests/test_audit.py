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

#: The first version known to be without the hole, and the hole. The advisories of torch, Pillow and urllib3 were read for this;
#: the other rows are as remembered, and want reading before anything rests on them.
AT_LEAST = {
    "bottle": ("0.12.20", "CVE-2022-31799: errors while a request is read are not handled; serves the dashboard"),
    "certifi": ("2024.7.4", "CVE-2024-39689: root certificates that are trusted no more"),
    "filelock": ("3.20.3", "CVE-2025-68146, CVE-2026-22701: a link put in a lock's place is followed"),
    "fonttools": ("4.60.2", "CVE-2025-66034: a font's description writes files anywhere"),
    "idna": ("3.7", "CVE-2024-3651: a long host name takes hours"),
    "jinja2": ("3.1.6", "CVE-2025-27516: a template gets out of the sandbox"),
    "joblib": ("1.2.0", "CVE-2022-21797: runs what an argument says"),
    "mako": ("1.2.2", "CVE-2022-40023: a template takes hours; Alembic brings it along"),
    "numpy": ("1.22.0", "CVE-2021-41495 and others: writes beyond an array"),
    "pillow": ("12.2.0", "CVE-2026-25990: an image writes beyond its memory; CVE-2026-42308: so does a font"),
    "protobuf": ("6.31.1", "CVE-2025-4565: nested messages end the process; Ray brings it along"),
    "psutil": ("5.6.7", "CVE-2019-18874: memory is given back twice"),
    "pydantic": ("2.4.0", "CVE-2024-3772: an address of mail takes hours"),
    "pygments": ("2.15.0", "CVE-2022-40896: a text takes hours"),
    "pymysql": ("1.1.1", "CVE-2024-36039: keys of a dictionary become SQL"),
    "pyyaml": ("5.4", "CVE-2020-14343: a file runs code"),
    "ray": ("2.52.0", "CVE-2025-62593: a web page reaches the cluster's port; tokens came with it"),
    "requests": ("2.32.4", "CVE-2024-47081: passwords go to another host"),
    "scikit-learn": ("1.5.0", "CVE-2024-5206: words of the training data are kept"),
    "setuptools": ("78.1.1", "CVE-2025-47273: a package writes files anywhere"),
    "torch": ("2.10.0", "CVE-2026-24747, CVE-2025-32434: a checkpoint runs code in spite of weights_only"),
    "tqdm": ("4.66.3", "CVE-2024-34062: arguments are run as code"),
    "urllib3": ("2.6.3", "CVE-2026-21441, CVE-2025-66471: small answers unpack to any size"),
    "virtualenv": ("20.36.1", "CVE-2026-22702: a link put in a folder's place is followed"),
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
