"""What the processor can do, read from what it says of itself: a rule on it gives the same answer every time."""

from pathlib import Path
from typing import Literal

CPU_INFO = Path("/proc/cpuinfo")

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def instruction_sets() -> frozenset[str]:
    """Flags of the first processor, as Linux names them; none where it does not say."""
    if not CPU_INFO.is_file():
        return frozenset()
    for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "flags":
            return frozenset(value.split())
    return frozenset()


def default_precision(device: str) -> Literal["float32", "bfloat16"]:
    """bfloat16 for the large products where the hardware multiplies it, with weights and sums in float32; else float32."""
    return "bfloat16" if device == "cuda" or instruction_sets() & BFLOAT16_FLAGS else "float32"
