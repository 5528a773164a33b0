"""Interleaved rounds: every contestant runs once a round, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import os
import statistics
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Timing:
    """Median seconds of one contestant: on the wall, and of this process's CPU."""

    wall: float
    cpu: float
    rounds: int

    @property
    def shown(self) -> str:
        """The wall time as text, in the unit that suits it."""
        return shown_seconds(self.wall)


@dataclass(frozen=True)
class Contestant:
    """Work to time; `prepare` runs before it in every round, off the clock."""

    work: Callable[[], object]
    prepare: Callable[[], object] = lambda: None


def shown_seconds(seconds: float) -> str:
    """Return 12.3 ms or 1.23 s."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def race(contestants: dict[str, Contestant], *, rounds: int, seconds: float, warm_up: int = 2) -> dict[str, Timing]:
    """Time all contestants in turn for `rounds` rounds or until `seconds` have passed (three rounds at least)."""
    for _number in range(warm_up):
        for contestant in contestants.values():
            _clocked(contestant)
    measured: dict[str, list[tuple[float, float]]] = {name: [] for name in contestants}
    deadline = time.perf_counter() + seconds
    for number in range(rounds):
        if number >= 3 and time.perf_counter() > deadline:
            break
        gc.collect()
        for name, contestant in contestants.items():
            measured[name].append(_clocked(contestant))
    return {name: _timing(rows) for name, rows in measured.items()}


def _clocked(contestant: Contestant) -> tuple[float, float]:
    contestant.prepare()
    wall, cpu = time.perf_counter(), time.process_time()
    contestant.work()
    return time.perf_counter() - wall, time.process_time() - cpu


def clocked_process(command: list[str]) -> Timing:
    """Run a program to its end; its CPU time includes its children. Raises RuntimeError when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _pid, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}")
    return Timing(time.perf_counter() - started, usage.ru_utime + usage.ru_stime, 1)


def median_of(timings: list[Timing]) -> Timing:
    """Return the medians of several timings."""
    return _timing([(row.wall, row.cpu) for row in timings])


def _timing(rows: list[tuple[float, float]]) -> Timing:
    return Timing(statistics.median(row[0] for row in rows), statistics.median(row[1] for row in rows), len(rows))
