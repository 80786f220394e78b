"""The dashboard, served by `hpo` itself."""

import json
import signal
import subprocess
from pathlib import Path
from urllib.request import urlopen

from .conftest import COMMAND, Call


def test_dashboard_serves_the_storage(hpo: Call, folder: Path) -> None:
    """It says where it is, on this machine alone, shows the studies of the storage, and ends on Ctrl-C."""
    assert hpo("study", "create", "cifar-bn").code == 0
    with subprocess.Popen([COMMAND, "dashboard", "--port", "0"], cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        address = said.split()[-3]
        try:
            with urlopen(f"{address}api/studies", timeout=30) as answer:
                studies = json.load(answer)["study_summaries"]
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert process.stderr.read() == "Stopped.\n"
    assert address.startswith("http://127.0.0.1:")
    assert [study["study_name"] for study in studies] == ["cifar-bn"]
