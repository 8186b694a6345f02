"""How the hot loops of this package are compiled."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
import numpy.typing as npt
from numba import njit

I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
U64 = npt.NDArray[np.uint64]

_LEAN: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """Compile on first call, keep the machine code on disk, release the interpreter lock."""
    return cast("Kernel", njit(nogil=True, cache=True)(function))


def lean(function: Kernel) -> Kernel:
    """Compile a loop that creates no array, without reference counting.

    Handing on a tuple of many arrays otherwise counts every one of them at every call, which cost
    these loops twenty times their own work.
    """
    return cast("Kernel", njit(**_LEAN)(function))


def inlined(function: Kernel) -> Kernel:
    """The same as a part of whatever calls it.

    A call copies every array's seven words of all its tuples; where that happens for each operation
    that a move shifts, it costs more than the work itself.
    """
    return cast("Kernel", njit(**_LEAN, forceinline=True)(function))
