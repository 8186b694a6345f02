"""A part of a problem as a problem of its own: some operations, and what is among them."""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from domain.scheduling.compiled import I32
from domain.scheduling.goals import Goals
from domain.scheduling.problem import NONE, Problem, Tables

Mask = npt.NDArray[np.bool_]

_OF_OPERATIONS = (
    *("release", "opening", "elapsed", "own_setup", "family", "part", "fit"),
    *("crew_size", "pin", "batch_family", "is_shared"),
)
_OF_ALTERNATIVES = ("alt_machine", "alt_run", "alt_first_batch", "alt_last_batch", "alt_load")
_OF_EDGES = ("edge_wait", "edge_overlap", "edge_most")


class Part(NamedTuple):
    """What of a whole problem a part of it holds, by the whole's numbers."""

    ops: I32
    alts: I32


def _first(counts: npt.NDArray[np.integer]) -> I32:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def owners_of(first: I32) -> I32:
    """Whose each item of (first, items) is."""
    return np.repeat(np.arange(len(first) - 1, dtype=np.int32), np.diff(first))


def restricted(whole: Problem, kept: Mask, release: I32, floor: I32) -> tuple[Problem, Part]:
    """The kept operations of a problem, in the same order.

    Args:
        whole: The problem.
        kept: Which operations are kept.
        release: Minute before which each operation's run may not start, in place of the whole's.
        floor: Minute before which each line is not finished, likewise.
    """
    tables = whole.tables
    ops = np.flatnonzero(kept).astype(np.int32)
    number = (np.cumsum(kept) - 1).astype(np.int32)
    alts = np.flatnonzero(kept[tables.alt_op]).astype(np.int32)
    need = kept[owners_of(tables.need_first)]
    arrays: dict[str, I32] = {name: getattr(tables, name)[ops] for name in _OF_OPERATIONS}
    arrays |= {name: getattr(tables, name)[alts] for name in _OF_ALTERNATIVES}
    arrays |= _edges(tables, kept, number, len(ops))
    arrays |= _lines(tables, kept, number)
    part = tables._replace(
        **arrays
        | {
            "release": release[ops],
            "line_floor": floor,
            "need_first": _first(np.diff(tables.need_first)[ops]),
            "need_crew": tables.need_crew[need],
            "need_size": tables.need_size[need],
            "alt_first": _first(np.diff(tables.alt_first)[ops]),
            "alt_op": number[tables.alt_op[alts]],
        }
    )
    found = replace(
        whole,
        tables=part,
        operation_ids=tuple(whole.operation_ids[op] for op in ops),
        owner_ids=tuple(whole.owner_ids[op] for op in ops),
    )
    return found, Part(ops, alts)


def _edges(tables: Tables, kept: Mask, number: I32, count: int) -> dict[str, I32]:
    into, origin = owners_of(tables.edge_first), tables.edge_from
    edges = np.flatnonzero(kept[into] & kept[origin])
    into, origin = number[into[edges]], number[origin[edges]]
    outward = np.argsort(origin, kind="stable")
    limited = tables.edge_most[edges] >= 0
    is_limited = np.zeros(count, np.int32)
    is_limited[into[limited]] = is_limited[origin[limited]] = 1
    return {
        **{name: getattr(tables, name)[edges] for name in _OF_EDGES},
        "edge_first": _first(np.bincount(into, minlength=count)),
        "edge_from": origin,
        "is_limited": is_limited,
        "next_first": _first(np.bincount(origin, minlength=count)),
        "next_op": into[outward],
    }


def _lines(tables: Tables, kept: Mask, number: I32) -> dict[str, I32]:
    line, count = owners_of(tables.line_first), len(tables.line_due)
    at = kept[tables.line_op]
    owner = owners_of(tables.serves_first)
    served = kept[owner]
    return {
        "line_first": _first(np.bincount(line[at], minlength=count)),
        "line_op": number[tables.line_op[at]],
        "serves_first": _first(np.bincount(owner[served], minlength=len(kept))[kept]),
        "serves_line": tables.serves_line[served],
    }


def restricted_goals(whole: Goals, problem: Problem, part: Part) -> Goals:
    """The goals of a whole problem for a part of it."""
    job, owned = whole.job[part.ops], whole.job[part.ops] >= 0
    jobs = np.unique(job[owned])
    place = np.full(len(whole.job_first), NONE, np.int32)
    place[jobs] = np.arange(len(jobs), dtype=np.int32)
    stays = np.isin(owners_of(whole.job_first), jobs)
    gone = int((whole.kept_start >= 0).sum() - (whole.kept_start[part.ops] >= 0).sum())
    alt_place = np.full(len(whole.dislike) + 1, NONE, np.int32)
    alt_place[part.alts] = np.arange(len(part.alts), dtype=np.int32)
    return replace(
        whole,
        problem=problem,
        job=np.where(owned, place[job], NONE).astype(np.int32),
        job_first=_first(np.diff(whole.job_first)[jobs]),
        job_line=whole.job_line[stays],
        dislike=whole.dislike[part.alts],
        kept_start=whole.kept_start[part.ops],
        kept_alternative=alt_place[whole.kept_alternative[part.ops]],
        wish=whole.wish[part.ops],
        left_out=whole.left_out + gone,
        starts=(),
    )
