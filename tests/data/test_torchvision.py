"""The import of torchvision beside a CPU-only torch."""

import subprocess
import sys


def test_torchvisions_data_sets_can_be_imported_without_warning() -> None:
    """Also where torchvision's operators cannot be loaded, and twice."""
    program = "from hpo.data.torchvision import datasets; assert datasets() is datasets(); print(datasets().CIFAR10.__name__)"
    result = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False)
    assert (result.stdout, result.stderr) == ("CIFAR10\n", "")


def test_other_errors_of_the_import_are_not_hidden() -> None:
    """Only the missing operators are mended: a torchvision that is broken otherwise says so."""
    program = """
import sys, types
class Broken:
    def find_spec(self, name, path=None, target=None):
        if name == "torchvision":
            raise RuntimeError("something else")
sys.meta_path.insert(0, Broken())
from hpo.data.torchvision import datasets
datasets()
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert result.stderr.endswith("RuntimeError: something else\n")
