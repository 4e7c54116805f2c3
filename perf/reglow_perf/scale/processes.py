"""Processes of `reglow` that run at once, each with its seconds, its processor time and its memory."""

import concurrent.futures
import dataclasses
import os
import pathlib
import subprocess
import sys
import time

from reglow_perf.results.tools import complaint_of


@dataclasses.dataclass(frozen=True)
class Usage:
    """What a process took, from before its start: wall time, processor time, and its largest resident size in bytes."""

    seconds: float
    processor_seconds: float
    memory: int

    def json(self) -> dict:
        return {"seconds": round(self.seconds, 4), "processor": round(self.processor_seconds, 4), "memory": self.memory}


def run_at_once(reglow: pathlib.Path, calls: list[list[str]]) -> list[Usage]:
    """Starts all calls and waits for all. Ends the program with the last words of one that fails."""
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        ended = list(pool.map(lambda call: wait(reglow, call), calls))
    for call, (_, code, complaint) in zip(calls, ended):
        if code != 0:
            sys.exit(f"reglow {call[0]}: {complaint_of(complaint, code)}")
    return [usage for usage, _, _ in ended]


def run(reglow: pathlib.Path, *arguments: str) -> Usage:
    return run_at_once(reglow, [list(arguments)])[0]


def wait(reglow: pathlib.Path, call: list[str]) -> tuple[Usage, int, str]:
    begin = time.monotonic()
    child = subprocess.Popen([str(reglow), *call], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    with child.stderr:
        complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    spent = Usage(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)
    return spent, child.returncode, complaint
