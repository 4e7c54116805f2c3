"""What was measured, kept in a file after every task, so that a run that was cut off can go on."""

import json
import pathlib

from reglow_perf.files import read_json, write


class Record:
    """`header` says what was measured where; `measurements` maps the key of a task to what came of it."""

    def __init__(self, path: pathlib.Path, header: dict):
        self.path, self.header, self.measurements = path, header, {}

    def resume(self) -> None:
        """Takes over the measurements of the file. Ends the program when they are of another build, machine or pace."""
        if not self.path.exists():
            return
        kept = read_json(self.path)
        for name, value in self.header.items():
            if name != "date" and kept["header"].get(name) != value:
                raise SystemExit(f"results: --resume: {name} is {value}, but was {kept['header'].get(name)} in {self.path}: start anew")
        self.header = kept["header"]
        self.measurements = {key: value for key, value in kept["measurements"].items() if "error" not in value}

    def keep(self, key: str, measurement: dict) -> None:
        self.measurements[key] = measurement
        write(self.path, json.dumps({"header": self.header, "measurements": self.measurements}, indent=1) + "\n")

    def report(self, key: str) -> dict | None:
        """What the tool said, or None where that was not measured or failed."""
        return self.measurements.get(key, {}).get("report")
