"""A queue of operations by minute, for compiled loops; room and size belong to the caller."""

import numpy as np

from domain.scheduling.compiled import I64, lean

_OP_BITS = 20
_OP_MASK = (1 << _OP_BITS) - 1

MOST_OPERATIONS = 1 << _OP_BITS


@lean
def op_at(heap: I64, place: int) -> int:
    """The operation at a place of the heap."""
    return heap[place] & _OP_MASK


@lean
def push(heap: I64, size: I64, minute: int, op: int) -> None:
    """Queue an operation; equal minutes come by number."""
    key = (np.int64(minute) << _OP_BITS) | op
    at = size[0]
    size[0] += 1
    while at > 0:
        parent = (at - 1) >> 1
        if heap[parent] <= key:
            break
        heap[at] = heap[parent]
        at = parent
    heap[at] = key


@lean
def pop(heap: I64, size: I64) -> int:
    """Take the operation with the earliest minute."""
    op = heap[0] & _OP_MASK
    size[0] -= 1
    count = size[0]
    key, at = heap[count], 0
    while True:
        child = 2 * at + 1
        if child >= count:
            break
        if child + 1 < count and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[at] = heap[child]
        at = child
    heap[at] = key
    return op
