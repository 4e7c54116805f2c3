"""Turns what perf or callgrind recorded into folded stacks: `thread;outermost;...;innermost WEIGHT`, one line each.

    python -m reglow_perf stacks perf SCRIPT           SCRIPT: output of `perf script -F pid,tid,period,ip,sym,dso --no-inline`
    python -m reglow_perf stacks callgrind FILE        FILE: what callgrind wrote, with --demangle=no and --separate-callers

Swift's names become `Module.Type.function`, with `closure in` before closures; thunks go. A function that is not Swift is
`function [library]`. WEIGHT is what the recorder counts: nanoseconds, cycles or instructions.
"""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter


def perf_stacks(path):
    """Yields (thread, [(symbol, library)] from the innermost out, weight)."""
    header = re.compile(r"^\s*(\d+)[/ ]\s*(\d+)\s+(\d+):?\s*$")
    frame = re.compile(r"^\s+[0-9a-f]+ (.*) \((.*)\)$")
    thread, weight, frames = None, 0, []
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if start := header.match(line):
                process, task = start[1], start[2]
                thread = "calling thread" if process == task else "other threads"
                weight, frames = int(start[3]), []
            elif entry := frame.match(line):
                frames.append((entry[1], entry[2]))
            elif not line.strip() and thread:
                yield thread, frames, weight
                thread = None
    if thread:
        yield thread, frames, weight


def callgrind_stacks(path):
    """As `perf_stacks`; a function's own instructions only, since its callers are part of its name."""
    names = {}

    def name(text):
        number, _, given = text.partition(" ")
        if given:
            names[number] = given
        return names.get(number, "?")

    library, function, inclusive = "?", "?", False
    totals = Counter()
    with open(path, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            line = line.rstrip("\n")
            key, equals, value = line.partition("=")
            if line[:1].isdigit() or line[:1] in "+-*":
                cost = line.split()
                if not inclusive and len(cost) == 2:
                    totals[library, function] += int(cost[1])
                inclusive = False
            elif equals and key == "ob":
                library = name("ob" + value)
            elif equals and key in ("cob", "fl", "fi", "fe", "cfi", "cfl"):
                name(("ob" if key == "cob" else "fl") + value)
            elif equals and key == "fn":
                function = name("fn" + value)
            elif equals and key == "cfn":
                name("fn" + value)
            elif equals and key == "calls":
                inclusive = True
    for (library, function), weight in totals.items():
        # A number after the name is the depth of a recursion.
        symbols = [symbol for symbol in function.split("'") if not symbol.isdigit()]
        # Callgrind knows the library of the innermost function alone.
        yield "calling thread", [(symbols[0], library)] + [(symbol, "") for symbol in symbols[1:]], weight


def demangled(symbols):
    """{symbol: what `swift demangle` makes of it}, unchanged where it is no Swift symbol or there is no Swift."""
    mangled = sorted({symbol for symbol in symbols if re.match(r"_?\$[sS]", symbol)})
    if not mangled:
        return {}
    try:
        output = subprocess.run(["swift", "demangle", "--compact"], input="\n".join(mangled), capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"stacks: names stay as the linker has them ({error})", file=sys.stderr)
        return {}
    return dict(zip(mangled, output.stdout.splitlines()))


def after_brackets(text):
    """What follows `<...>` at the start of `text`; the > of an arrow closes nothing."""
    depth = 0
    for index, character in enumerate(text):
        if character == "<":
            depth += 1
        elif character == ">" and text[index - 1] != "-":
            depth -= 1
            if depth == 0:
                return text[index + 1 :]
    return text


def readable(name):
    """`Module.Type.function` of a demangled Swift name; "" for a thunk that only passes arguments on."""
    closure, twin = False, name.startswith("merged ")
    while True:
        before = name
        for prefix in ("merged ", "partial apply forwarder for ", "static "):
            name = name.removeprefix(prefix)
        if name.startswith("reabstraction thunk"):
            return ""
        if name.startswith("protocol witness for "):
            return ""
        if special := re.match(r"(?:function signature|generic|generic not re-abstracted) specialization ", name):
            name = re.sub(r"^ of ", "", after_brackets(name[special.end() :]))
        if name.startswith("closure #"):
            closure = True
            name = outer_scope(name)
        elif re.match(r"\w+ #\d+ ", name):
            name = outer_scope(name)
        if name == before:
            break
    name = re.sub(r"\(extension in (\w+)\):", r"\1.", name)
    name = re.sub(r"\((\w+) in _[0-9A-F]+\)", r"\1", name)
    name = re.split(r"[(<]| : | -> | async| throws", name, maxsplit=1)[0].strip()
    # The compiler makes one function of several that differ in a constant, and calls it after one of them.
    suffix = " or its twin" if twin and not closure else ""
    return ("closure in " if closure else "") + name + suffix


def outer_scope(name):
    """`F` of `closure #1 (A) -> B in F`: what follows the first ` in ` outside of all brackets."""
    depth = 0
    for index, character in enumerate(name):
        if character in "(<[":
            depth += 1
        elif character in ")]" or (character == ">" and name[index - 1] != "-"):
            depth -= 1
        elif depth == 0 and name.startswith(" in ", index):
            return name[index + 4 :]
    return name


def frame_name(symbol, library, swift_names):
    """One function of a stack, or "" where it says nothing."""
    if symbol in swift_names:
        return readable(swift_names[symbol])
    symbol = re.sub(r"@@?GLIBC.*|\.(cold|constprop|isra|part)\.\d+|\+0x[0-9a-f]+$", "", symbol)
    base = os.path.basename(library)
    if symbol in ("", "[unknown]", "???") or symbol.startswith("0x"):
        return f"[{base}]" if base and not base.startswith(("[unknown", "???")) else ""
    if base.startswith("[kernel"):
        base = "kernel"
    return f"{symbol} [{base}]".replace(";", ",") if base else symbol.replace(";", ",")


def folded(stacks):
    """Counter of `thread;outermost;...;innermost`."""
    stacks = list(stacks)
    swift_names = demangled(symbol for _, frames, _ in stacks for symbol, _ in frames)
    known = {}
    lines = Counter()
    for thread, frames, weight in stacks:
        path = [thread]
        for frame in reversed(frames):
            if frame not in known:
                known[frame] = frame_name(*frame, swift_names)
            name = known[frame]
            # A closure and the forwarder that calls it are one to a reader.
            if name and name != path[-1]:
                path.append(name)
        lines[";".join(path)] += weight
    return lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recorder", choices=["perf", "callgrind"])
    parser.add_argument("record")
    arguments = parser.parse_args()
    stacks = (perf_stacks if arguments.recorder == "perf" else callgrind_stacks)(arguments.record)
    lines = folded(stacks)
    if not lines:
        sys.exit(f"stacks: {arguments.record} holds no stack")
    for line, weight in sorted(lines.items()):
        print(line, weight)
