"""The rows as a Markdown table, and its place in a chapter, between two marks."""

import pathlib

from reglow_perf.files import write
from reglow_perf.results import plan


def marks(name: str) -> tuple[str, str]:
    """What a section that a program writes stands between."""
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


RESULTS = "results"
BEGIN, END = marks(RESULTS)
HEAD = ("", "Reglow", "of the peak", "limit", "PyTorch", "JAX", "goal", "by")
PEER_COLUMNS = ("pytorch", "jax")


def number(value: float, unit: str) -> str:
    """Three digits or so; a time of under 10 and a ratio get two after the point."""
    return f"{value:.0f}" if unit == "MB" or value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}".strip()


def span(numbers: dict, unit: str) -> str:
    """Minimum and median."""
    values = [numbers[name] for name in ("min", "median") if name in numbers]
    return ", ".join(number(value, unit) for value in values)


def peer_cell(peer: dict | None, unit: str) -> str:
    if peer is None:
        return ""
    # Precision and allocator are the same in nearly all variants, and in the JSON report in all.
    words = [word for word in peer["variant"].split() if word not in ("fp32", "bf16", "retain")]
    ratio = f"{peer['ratio']:.2f} x, " if "ratio" in peer else ""
    return f"{span(peer, unit)} ({ratio}{' '.join(words)})"


def goal_cell(goals: list[dict]) -> str:
    verdicts = {True: "yes", False: "**no**", None: "not measured"}
    return "; ".join(f"{goal['text']}: {verdicts[goal['met']]}" for goal in goals)


def row_line(row: dict, commands: dict[str, int]) -> str:
    unit = row["unit"]
    doubts = "; ".join(row["doubts"]).replace("|", "\\|")
    notes = f" ({doubts})" if doubts else ""
    peers = [peer_cell(row.get(name), unit) for name in PEER_COLUMNS]
    if "pytorch_compiled" in row:
        peers[0] += f"; {peer_cell(row['pytorch_compiled'], unit)}"
    cells = [
        row["what"] + notes,
        with_unit(span(row, unit), unit) if "min" in row else "",
        f"{row['percent_of_peak']:.0f} %" if "percent_of_peak" in row else "",
        number(row["limit"], unit) if "limit" in row else "",
        *peers,
        goal_cell(row["goals"]),
        ", ".join(str(commands[key]) for key in row["tasks"] if key in commands),
    ]
    return f"| {' | '.join(cells)} |"


def table(header: dict, sections: list[tuple[str, list[dict]]], measurements: dict) -> str:
    """The table under a line about the machine, and the commands that its last column counts."""
    measured = {key: value for key, value in measurements.items() if "command" in value and not key.endswith(plan.AGAIN)}
    commands = {key: index + 1 for index, key in enumerate(measured)}
    goals = [goal for _, rows in sections for row in rows for goal in row["goals"]]
    met = sum(goal["met"] is True for goal in goals)
    doubtful = sum(1 for _, rows in sections for row in rows if row["doubts"])
    facts = ", ".join(f"{header[name]}" for name in ("processor", "system", "swift", "peers") if header.get(name))
    lines = [
        f"One run on {header['date']}, Reglow {header['commit']}: {facts}. {met} of {len(goals)} goals are met.",
        f"{doubtful} rows are in doubt; why stands behind their names." if doubtful else "The machine was quiet in every row.",
        "",
        f"| {' | '.join(HEAD)} |",
        "|" + "---|" * len(HEAD),
    ]
    for title, rows in sections:
        if rows:
            lines.append(f"| **{title}** |" + " |" * (len(HEAD) - 1))
            lines += [row_line(row, commands) for row in rows]
    lines += ["", "The commands, by number:", ""]
    lines += [f"    {index:3}  {measured[key]['command']}" for key, index in commands.items()]
    return "\n".join(lines) + "\n"


def replace_section(text: str, section: str, name: str = RESULTS) -> str:
    """`text` with what stands between the marks exchanged. Ends the program when they are not there, once and in order."""
    begin, end = marks(name)
    if text.count(begin) != 1 or text.count(end) != 1 or text.index(begin) > text.index(end):
        raise SystemExit(f"{name}: the document must hold {begin} and {end} once each, in this order")
    head, tail = text[: text.index(begin) + len(begin)], text[text.index(end) :]
    return f"{head}\n{section}{tail}"


def publish(document: pathlib.Path, section: str, name: str = RESULTS) -> None:
    write(document, replace_section(document.read_text(), section, name))
