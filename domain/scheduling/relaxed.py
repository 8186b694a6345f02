"""A problem that no choice makes easier: what bounds are looked for in, where there are choices.

Whatever depends on a choice takes no machine, no people and as little time as in any case; what may
not be made at all waits for nothing. Setups are forgotten: an operation that is not there in one
case may be what another one is set up by in the next.
"""

# pyright: reportArgumentType=false, reportReturnType=false
# To numpy's stubs, an element picked by another element may be an array; here all are numbers.

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from domain.scheduling.compiled import I32
from domain.scheduling.problem import NONE, Problem, Tables
from domain.scheduling.restrict import Mask, owners_of


class Loose(NamedTuple):
    """Which operations of a problem depend on a choice, and on which kind."""

    split: Mask
    """It may be cut into parts; nothing else is open."""
    rerouted: Mask
    """Its work order may be made by another routing."""
    gone: Mask
    """Its work order need not be made."""


def relaxed(problem: Problem, loose: Loose, least: I32) -> Problem:
    """The problem with its open choices made harmless.

    Args:
        problem: By main routings, whole, with all work orders.
        loose: What is open.
        least: Of operations that may only be split: the minutes that pass in any case before
            the next may begin.
    """
    tables = problem.tables
    optional = loose.split | loose.rerouted | loose.gone
    is_only_split = loose.split & ~loose.rerouted & ~loose.gone
    arrays = _operations(tables, optional, loose.gone)
    arrays["elapsed"] = np.where(
        optional, np.where(is_only_split, least, 0), tables.elapsed
    ).astype(np.int32)
    found = tables._replace(
        **arrays | _alternatives(tables, optional) | _needs(tables, optional),
        **_edges(tables, loose),
        change_group=np.full_like(tables.change_group, NONE),
    )
    return replace(problem, tables=found)


def _operations(tables: Tables, optional: Mask, gone: Mask) -> dict[str, I32]:
    def chosen(where: Mask, value: int, name: str) -> I32:
        return np.where(where, value, getattr(tables, name)).astype(np.int32)

    return {
        "release": chosen(gone, 0, "release"),
        "opening": chosen(gone, 0, "opening"),
        "own_setup": np.zeros_like(tables.own_setup),
        "fit": chosen(optional, 0, "fit"),
        "crew_size": chosen(optional, 0, "crew_size"),
        "pin": chosen(optional, NONE, "pin"),
        "is_shared": chosen(optional, 0, "is_shared"),
    }


def _first(counts: I32) -> I32:
    return np.concatenate(([0], np.cumsum(counts))).astype(np.int32)


def _alternatives(tables: Tables, optional: Mask) -> dict[str, I32]:
    kept = ~optional[tables.alt_op]
    batches = ("alt_first_batch", "alt_last_batch")
    names = ("alt_op", "alt_machine", "alt_run", *batches, "alt_load")
    counts = np.where(optional, 0, np.diff(tables.alt_first))
    return {name: getattr(tables, name)[kept] for name in names} | {"alt_first": _first(counts)}


def _needs(tables: Tables, optional: Mask) -> dict[str, I32]:
    kept = ~optional[owners_of(tables.need_first)]
    counts = np.where(optional, 0, np.diff(tables.need_first))
    names = ("need_crew", "need_size")
    return {name: getattr(tables, name)[kept] for name in names} | {"need_first": _first(counts)}


def _edges(tables: Tables, loose: Loose) -> dict[str, I32]:
    into, origin = owners_of(tables.edge_first), tables.edge_from
    optional = loose.split | loose.rerouted | loose.gone
    touches = optional[into] | optional[origin]
    # What hands over batches to a part that begins on them has not ended by then.
    is_early = optional[into] & (tables.edge_overlap > 0)
    kept = ~loose.gone[into] & ~is_early
    is_other = loose.rerouted[into] | loose.rerouted[origin] | loose.gone[origin]
    edges = np.flatnonzero(kept)
    count = len(tables.release)
    into, origin, touches = into[edges], origin[edges], touches[edges]
    outward = np.argsort(origin, kind="stable")
    most = np.where(touches, NONE, tables.edge_most[edges]).astype(np.int32)
    is_limited = np.zeros(count, np.int32)
    is_limited[into[most >= 0]] = is_limited[origin[most >= 0]] = 1
    return {
        "edge_first": _first(np.bincount(into, minlength=count)),
        "edge_from": origin,
        "edge_wait": np.where(is_other[edges], 0, tables.edge_wait[edges]).astype(np.int32),
        "edge_overlap": np.where(touches, 0, tables.edge_overlap[edges]).astype(np.int32),
        "edge_most": most,
        "is_limited": is_limited,
        "next_first": _first(np.bincount(origin, minlength=count)),
        "next_op": into[outward],
    }
