"""Was the machine quiet? Looks at the processor time of everybody else while something is measured (Linux)."""

import os
import resource
import time

# Shares of the machine's processor time. A run of seconds is counted in ticks of 10 ms, so less means nothing.
MOST_BY_OTHERS = 0.05
MOST_STOLEN = 0.02


def ticks() -> tuple[int, int]:
    """(busy, stolen by the host) since the start of the machine, over all processors."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, interrupt, soft_interrupt, stolen, *_ = map(int, file.readline().split()[1:])
    return user + nice + system + interrupt + soft_interrupt, stolen


def own_seconds() -> float:
    """Processor time of this process, and of its children that have ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


class Watch:
    """From its making to `report()`."""

    def __init__(self):
        self.begin, self.own = time.monotonic(), own_seconds()
        self.busy, self.stolen = ticks()

    def report(self) -> dict:
        """Seconds, and the shares of the processors that this program and its children, others, and the host took."""
        seconds = time.monotonic() - self.begin
        busy, stolen = ticks()
        tick = 1 / os.sysconf("SC_CLK_TCK")
        capacity = max(seconds, 1e-9) * os.cpu_count()
        own = own_seconds() - self.own
        others = max(0.0, (busy - self.busy) * tick - own)
        stolen = (stolen - self.stolen) * tick
        return {"seconds": seconds, "own": own / capacity, "others": others / capacity, "stolen": stolen / capacity}


def is_quiet(report: dict) -> bool:
    return report["others"] <= MOST_BY_OTHERS and report["stolen"] <= MOST_STOLEN
