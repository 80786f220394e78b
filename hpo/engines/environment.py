"""The environment of the processes that train."""

import os

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")

# glibc gives large blocks back to the system at once, and the next step faults every page in again: 5 to 10 % of a step.
# In pages of 2 MB a step takes up to a tenth less again.
KEPT_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(2**30),
    "MALLOC_TRIM_THRESHOLD_": str(2**32),
    "GLIBC_TUNABLES": ":".join(filter(None, [os.environ.get("GLIBC_TUNABLES"), "glibc.malloc.hugetlb=1"])),
}

_SECRETS = ("HPO_STORAGE", "PGPASS", "MYSQL_PWD")
"""Variables whose names begin so are the driver's alone: workers never see the storage."""


def without_secrets() -> dict[str, str]:
    """Our environment, without what leads to the storage or holds its password."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
