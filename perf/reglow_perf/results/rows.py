"""From measurements to the rows of the table: numbers, what limits them, what a peer needs, and whether the goal is met.

A row is a dictionary, as it stands in the JSON report:
    what        words
    unit        of min, median, limit and those of the peers
    min, median of Reglow; median may be missing
    percent_of_peak, limit
    pytorch, jax, pytorch_compiled  {"variant", "min", "median", "ratio"}: ratio is the peer's minimum over Reglow's
    goals       [{"text", "met"}]: met is None where it was not measured
    tasks       keys of the measurements that it is made from
    doubts      why it may not count; empty for a quiet machine
A value that was not measured is missing.
"""

from reglow_perf import watch
from reglow_perf.peers.agreement import AGREEMENT
from reglow_perf.results import plan

# A peak that is this much under the best of the run, on the same threads and in the same precision, is of a busy machine.
MOST_SAG = 0.05
# How far the two times of a bench may be apart.
MOST_CHANGE = 0.10
PEERS = ("pytorch", "jax")


def at_least(value: float | None, bound: float, text: str) -> dict:
    return {"text": text, "met": None if value is None else value >= bound}


def at_most(value: float | None, bound: float, text: str) -> dict:
    return {"text": text, "met": None if value is None else value <= bound}


class Rows:
    """Reads a `Record`; `threads` is how many all but the one-thread rows have."""

    def __init__(self, record, threads: int):
        self.record, self.threads = record, threads
        self.best_peaks = self.find_best_peaks()

    def sections(self) -> list[tuple[str, list[dict]]]:
        made = [
            ("An iteration, each image", self.iterations()),
            ("Memory of the process", self.memory()),
            ("Sizes, shipped prior, fp32", self.sizes()),
            ("Batches, shipped prior, fp32, each image", self.batches()),
            (f"One thread to {self.threads}", self.scaling()),
            ("The parts, shipped prior", self.parts()),
            ("The machine", self.machine()),
        ]
        return [(title, [self.with_doubts(row) for row in rows]) for title, rows in made]

    # Sections.

    def iterations(self) -> list[dict]:
        percent = {("paper", "fp32"): 85, ("paper", "bf16"): 75, ("bootstrap", "fp32"): 75}
        ratio = {("paper", "fp32"): 1.5, ("paper", "bf16"): 2.0, ("bootstrap", "fp32"): 3.0, ("bootstrap", "bf16"): 5.0}
        rows = []
        for model in plan.MODELS:
            for precision in plan.PRECISIONS:
                for batch in (1, model.batch):
                    for threads in dict.fromkeys((self.threads, 1)):
                        bound = percent.get((model.name, precision))
                        least = ratio[model.name, precision] if batch == 1 and threads == self.threads else None
                        rows.append(self.iteration(model, precision, batch, threads, bound, least))
                    if batch == 1:
                        rows.append(self.iteration(model, precision, batch, self.threads, None, None, "synthesis"))
        return rows

    def iteration(self, model, precision, batch, threads, percent, ratio, method="analysis") -> dict:
        plural = f"{threads} threads" if threads > 1 else "1 thread"
        words = f"{model.words}, {precision}, batch {batch}, {plural}" + ("" if method == "analysis" else f", {method}")
        key = plan.bench_key(model, precision, batch, threads)
        row = {"what": words, "unit": "ms", "tasks": [key], "goals": []} | self.timing(key, method)
        if method == "analysis":
            for peer in PEERS:
                self.add_peer(row, peer, plan.peer_key(peer, model, precision, batch, threads), batch)
            if batch == 1 and threads == self.threads:
                self.add_peer(row, "pytorch_compiled", plan.COMPILED_KEY.format(model.name, precision), batch)
            row["doubts"] = self.disagreement(model, precision, batch, threads)
        if percent is not None:
            row["goals"].append(at_least(row.get("percent_of_peak"), percent, f"{percent} % of the peak"))
        if ratio is not None:
            reached = [row[name]["ratio"] for name in ("pytorch", "pytorch_compiled") if "ratio" in row.get(name, {})]
            row["goals"].append(at_least(min(reached, default=None), ratio, f"{ratio:g} times PyTorch"))
        return row

    def disagreement(self, model, precision, batch, threads) -> list[str]:
        """The peers take the gradient at the same point of the same objective, so they must find the same value."""
        reports = [self.record.report(plan.peer_key(peer, model, precision, batch, threads)) for peer in PEERS]
        values = [report["analysis"]["best"]["objective"] for report in reports if report]
        if values and not max(values) - min(values) <= AGREEMENT[precision] * max(map(abs, values)):  # NaN fails
            return [f"the peers disagree in the objective: {values}"]
        return []

    def memory(self) -> list[dict]:
        rows = []
        for precision, bound in (("fp32", 350), ("bf16", 200)):
            report = self.record.report(plan.restore_key(precision))
            weights = 242.5e6 if precision == "fp32" else 121.3e6
            solve = self.megabytes(f"{plan.PAPER.words}, {precision}: a solve", plan.restore_key(precision), report, weights)
            solve["goals"] = [at_most(solve.get("min"), bound, f"under {bound} MB")]
            for peer in PEERS:
                key = plan.peer_key(peer, plan.PAPER, precision, 1, self.threads)
                peer_report = self.record.report(key)
                if peer_report is not None:
                    least = peer_report["analysis"]["least_peak_memory_bytes"] * 1e-6
                    solve[peer] = {"variant": "least of all", "min": least} | self.over(least, solve.get("min"))
                    solve["tasks"].append(key)
            rows.append(solve)
        for model in plan.MODELS:
            for precision in plan.PRECISIONS:
                key = plan.bench_key(model, precision, 1, self.threads)
                words = f"{model.words}, {precision}: bench, which holds analysis and synthesis at once"
                rows.append(self.megabytes(words, key, self.record.report(key)))
        return rows

    def sizes(self) -> list[dict]:
        rows = []
        first = None
        for size in plan.SIZES:
            key = plan.bench_key(plan.BOOTSTRAP, "fp32", 1, self.threads, size)
            pixels = size[0] * size[1]
            row = {"what": f"{size[0]}x{size[1]}, each pixel", "unit": "ns", "tasks": [key], "goals": []}
            row |= self.timing(key, "analysis", scale=1e9 / pixels)
            first = first or row
            if row is not first:
                share = row["min"] / first["min"] if "min" in row and "min" in first else None
                text = "1.1 times 64x64" if share is None else f"1.1 times 64x64, is {share:.2f}"
                row["goals"] = [at_most(share, 1.1, text)]
            rows.append(row)
        key = plan.bench_key(plan.BOOTSTRAP, "fp32", 1, self.threads, plan.LARGE)
        name = f"{plan.LARGE[0]}x{plan.LARGE[1]}"
        row = {"what": f"{name}, the iteration", "unit": "s", "tasks": [key], "goals": []}
        rows.append(row | self.timing(key, "analysis", scale=1))
        large = self.megabytes(f"{name}, memory of bench", key, self.record.report(key))
        large["goals"] = [at_most(large.get("min"), 2000, "under 2000 MB")]
        return [*rows, large]

    def batches(self) -> list[dict]:
        return [
            {"what": f"batch {batch}", "unit": "ms", "tasks": [key], "goals": []} | self.timing(key, "analysis")
            for batch in plan.BATCHES
            for key in [plan.bench_key(plan.BOOTSTRAP, "fp32", batch, self.threads)]
        ]

    def scaling(self) -> list[dict]:
        rows = []
        for model in plan.MODELS if self.threads > 1 else ():
            for precision in plan.PRECISIONS:
                keys = [plan.bench_key(model, precision, 1, threads) for threads in (1, self.threads)]
                one, all_of_them = (self.timing(key, "analysis").get("min") for key in keys)
                row = {"what": f"{model.words}, {precision}, batch 1", "unit": "times", "limit": self.threads, "tasks": keys}
                row |= {"min": one / all_of_them} if one and all_of_them else {}
                bound = 0.95 * self.threads
                rows.append(row | {"goals": [at_least(row.get("min"), bound, f"{bound:g} times")]})
        return rows

    def parts(self) -> list[dict]:
        rows = []
        for precision in plan.PRECISIONS:
            key = plan.parts_key(precision)
            report = self.bench(key) or {}
            for name, cost in report.get("maps", {}).items():
                row = {"what": f"{name}, {precision}", "unit": "passes", "tasks": [key], "min": cost["passes"], "limit": 1}
                goals = [at_most(cost["passes"], 1.05, "1.05 passes")] if name.endswith(("JVP", "VJP")) else []
                rows.append(row | {"goals": goals})
            for name, shares in report.get("around", {}).items():
                worst = 100 * max(shares["analysis"], shares["synthesis"])
                words = f"around the flow, {name.replace('_', ' ')}, {precision}, the larger of both methods"
                row = {"what": words, "unit": "%", "tasks": [key], "min": worst}
                rows.append(row | {"goals": [at_most(worst, 3, "under 3 %")] if precision == "fp32" else []})
            if not report:
                goal = {"text": "1.05 passes for each map, under 3 % around the flow", "met": None}
                words = f"maps, and what is around the flow, {precision}"
                rows.append({"what": words, "unit": "", "tasks": [key], "goals": [goal]})
        return rows

    def machine(self) -> list[dict]:
        report = self.record.report("peak")
        if report is None:
            return [{"what": "peaks and bandwidth", "unit": "", "tasks": ["peak"], "goals": []}]
        rows = []
        for peak in report["peaks"]:
            if peak["isa"] == report["isa"]:
                words = f"arithmetic in registers, {peak['precision']} on {peak['isa']}, threads {peak['threads']}"
                rows.append({"what": words, "unit": "GFLOP/s", "min": peak["gflops"], "tasks": ["peak"], "goals": []})
        for triad in report["triads"]:
            words = f"memory bandwidth, triad, threads {triad['threads']}"
            rows.append({"what": words, "unit": "GB/s", "min": triad["gigabytes_per_second"], "tasks": ["peak"], "goals": []})
        return rows

    # Parts of a row.

    def timing(self, key: str, method: str, scale: float | None = None) -> dict:
        """Times, percent of the peak and limit of a bench, in milliseconds for each image unless `scale` says otherwise."""
        report = self.bench(key)
        if report is None:
            return {}
        scale = scale or 1e3 / report["batch"]
        limit = report["gflop"] / report["peak_gflops"]
        times = report[method]
        return {
            "min": times["min"] * scale,
            "median": times["median"] * scale,
            "limit": limit * scale,
            "percent_of_peak": 100 * limit / times["min"],
        }

    def add_peer(self, row: dict, name: str, key: str, batch: int) -> None:
        """`row[name]`, unless there was nothing to measure."""
        if key in self.record.measurements:
            row["tasks"].append(key)
        report = self.record.report(key)
        if report is not None:
            best = report["analysis"]["best"]
            scale = 1e3 / batch
            times = {"min": best["min"] * scale, "median": best["median"] * scale}
            row[name] = {"variant": best["name"]} | times | self.over(times["min"], row.get("min"))

    @staticmethod
    def over(peer: float, minimum: float | None) -> dict:
        return {} if minimum is None else {"ratio": peer / minimum}

    @staticmethod
    def megabytes(words: str, key: str, report: dict | None, limit: float | None = None) -> dict:
        row = {"what": words, "unit": "MB", "tasks": [key], "goals": []}
        row |= {} if limit is None else {"limit": limit * 1e-6}
        return row if report is None else row | {"min": report["peak_memory_bytes"] * 1e-6}

    def bench(self, key: str) -> dict | None:
        """The report of a bench: the faster of the two, as far as they were measured."""
        reports = [self.record.report(name) for name in (key, key + plan.AGAIN)]
        return min((report for report in reports if report), key=lambda report: report["analysis"]["min"], default=None)

    # Doubts.

    def find_best_peaks(self) -> dict:
        """(precision, threads) -> the largest peak of the run."""
        best = {}
        for measurement in self.record.measurements.values():
            for at, peak in peaks_of(measurement):
                best[at] = max(best.get(at, 0), peak)
        return best

    def with_doubts(self, row: dict) -> dict:
        doubts = row.get("doubts", []) + [doubt for key in row["tasks"] for doubt in self.doubts(key)]
        return row | {"doubts": list(dict.fromkeys(doubts))}

    def doubts(self, key: str) -> list[str]:
        """Of the measurement that counts."""
        both = [self.record.measurements.get(name) for name in (key, key + plan.AGAIN)]
        done = [measurement for measurement in both if measurement and "report" in measurement]
        if not done:
            return [both[0]["error"] if both[0] else "not measured"]
        report = self.bench(key) if "analysis" in done[0]["report"] and "gflop" in done[0]["report"] else done[0]["report"]
        measurement = next(each for each in done if each["report"] is report)
        doubts = [] if watch.is_quiet(measurement["watch"]) else ["the machine was busy"]
        if any(peak < (1 - MOST_SAG) * self.best_peaks[at] for at, peak in peaks_of(measurement)):
            doubts.append("the peak sagged")
        if len(done) == 2:
            times = [each["report"]["analysis"]["min"] for each in done]
            if max(times) > (1 + MOST_CHANGE) * min(times):
                doubts.append(f"{100 * (max(times) / min(times) - 1):.0f} % slower at another time of the run")
        return doubts


def peaks_of(measurement: dict) -> list[tuple[tuple[str, int], float]]:
    """((precision, threads), GFLOP/s) of a bench, or of the one after a peer."""
    reports = [measurement.get("report", {}), measurement.get("peak_after", {})]
    return [((report["precision"], report["threads"]), report["peak_gflops"]) for report in reports if "peak_gflops" in report]
