"""Seeds from keys: the same (study seed, purpose, trial number, replicate, ...) gives the same stream anywhere, at any time."""

from hashlib import blake2b


def derive(study_seed: int, purpose: str, *key: int) -> int:
    """A seed in [0, 2^32) that depends on every part of its key and on nothing else.

    32 bits, because that is what the Mersenne twisters of NumPy and PyTorch take in.
    """
    text = "\x1f".join(map(str, (study_seed, purpose, *key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=4).digest(), "little")
