"""What commands tell on standard error: faults of a workbook, findings of a plan."""

from __future__ import annotations

import ctypes
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from app.exchange.faults import fault_line
from app.exchange.reading import Reading
from app.exchange.sheets import SHEETS
from domain.errors import Finding
from widgets.text import finding_text, tr

_MOST_OF_A_KIND = 5


def show_reading(reading: Reading) -> None:
    """What was skipped, and the faults or what each sheet brings."""
    for skipped in reading.skipped:
        kind = "column" if skipped.heading else "sheet"
        text = tr(f"cli.skipped_{kind}", sheet=skipped.sheet, heading=skipped.heading)
        print(text, file=sys.stderr)
    for fault in reading.faults:
        print(fault_line(fault), file=sys.stderr)
    if reading.faults:
        print(tr("cli.faults", count=len(reading.faults)), file=sys.stderr)
        return
    for sheet in SHEETS:
        if count := reading.counts.get(sheet.name):
            print(tr("cli.imported", sheet=sheet, **asdict(count)), file=sys.stderr)


def show_findings(findings: Iterable[Finding]) -> None:
    """A line a finding; of one kind only the first, and how many more there are."""
    shown: Counter[str] = Counter()
    for finding in findings:
        shown[finding.code] += 1
        if shown[finding.code] <= _MOST_OF_A_KIND:
            print(finding_text(finding), file=sys.stderr)
    for code, count in shown.items():
        if count > _MOST_OF_A_KIND:
            print(
                tr("cli.more_findings", count=count - _MOST_OF_A_KIND, code=code), file=sys.stderr
            )


def peak_memory_mb() -> int:
    """Largest memory of this process and its ended children together, in MB."""
    if sys.platform == "win32":
        return _windows_peak_mb()
    import resource

    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return (own + children) // scale


class _MemoryCounters(ctypes.Structure):
    """PROCESS_MEMORY_COUNTERS of the Windows API."""

    _fields_ = (
        ("cb", ctypes.c_ulong),
        ("PageFaultCount", ctypes.c_ulong),
        ("PeakWorkingSetSize", ctypes.c_size_t),
        ("WorkingSetSize", ctypes.c_size_t),
        ("QuotaPeakPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPagedPoolUsage", ctypes.c_size_t),
        ("QuotaPeakNonPagedPoolUsage", ctypes.c_size_t),
        ("QuotaNonPagedPoolUsage", ctypes.c_size_t),
        ("PagefileUsage", ctypes.c_size_t),
        ("PeakPagefileUsage", ctypes.c_size_t),
    )


def _windows_peak_mb() -> int:
    """Of this process alone: Windows does not keep the peaks of ended children."""
    if sys.platform != "win32":
        return 0
    counters = _MemoryCounters(cb=ctypes.sizeof(_MemoryCounters))
    process = ctypes.windll.kernel32.GetCurrentProcess()
    ctypes.windll.psapi.GetProcessMemoryInfo(process, ctypes.byref(counters), counters.cb)
    return counters.PeakWorkingSetSize // (1024 * 1024)
