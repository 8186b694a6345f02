"""Seeded random numbers for compiled loops, the same on every platform and in every thread."""

import numpy as np

from domain.scheduling.compiled import U64, lean


def new_random(seed: int) -> U64:
    """A generator's state."""
    mixed = (seed * 0x9E3779B97F4A7C15 + 0xD1B54A32D192ED03) & 0xFFFFFFFFFFFFFFFF
    return np.array([mixed or 1], np.uint64)


@lean
def uniform(random: U64) -> float:
    """A number in [0, 1) (xorshift, Marsaglia 2003)."""
    state = random[0]
    state ^= state << np.uint64(13)
    state ^= state >> np.uint64(7)
    state ^= state << np.uint64(17)
    random[0] = state
    return np.float64(state >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@lean
def draw(random: U64, limit: int) -> int:
    """A whole number in [0, limit)."""
    return int(uniform(random) * limit)
