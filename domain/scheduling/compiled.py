"""How the hot loops of this package are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from numba import njit  # pyright: ignore[reportUnknownVariableType, reportMissingTypeStubs]

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
U64 = npt.NDArray[np.uint64]

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile on first call, keep the machine code on disk, release the interpreter lock."""
    return njit(nogil=True, cache=True)(function)  # pyright: ignore[reportUnknownVariableType]
