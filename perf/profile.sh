#!/usr/bin/env bash
# Usage: perf/profile.sh [ARGS of reglow bench]
#
# Records iterations of `reglow bench ARGS`, prints the time by kernel and writes a flame graph for speedscope.
#
#   PROFILE_TOOL=perf|callgrind   the recorder; default perf where it may record, else callgrind
#   PROFILE_OUTPUT=FOLDER         default .build/profile: stacks.folded, kernels.txt, flames.speedscope.json and the raw record
#   REGLOW_ISA=...                as everywhere; callgrind cannot run AVX-512 and takes avx2
#
# See perf/docs/profiles.md for what the output means.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
output=${PROFILE_OUTPUT:-$root/.build/profile}
command=$root/.build/release/reglow

fail() { echo "profile: $1" >&2; exit 1; }
# given OPTION: whether the caller of this script chose it.
given() {
    local argument
    for argument in "${arguments[@]+"${arguments[@]}"}"; do
        case $argument in "$1" | "$1"=*) return 0 ;; esac
    done
    return 1
}

# event: what perf can count here: cycles of the processor, else a clock, else nothing.
event() {
    local name
    command -v perf >/dev/null 2>&1 || return 1
    for name in cycles cpu-clock; do
        # "123456,,cycles,..." or "0.71,msec,cpu-clock,..." where it counts, "<not supported>,,cycles,..." where it does not.
        if perf stat -x, -e "$name" true 2>&1 | grep -qE '^[0-9.]+,' &&
            perf record -q -e "$name" -o "$output/perf.data" true >/dev/null 2>&1; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

record_with_perf() {
    local frequency=1999
    rm -f "$output"/perf.data*
    perf record -q -e "$1" -F "$frequency" --call-graph fp -o "$output/perf.data" \
        "$command" bench "${arguments[@]+"${arguments[@]}"}" || fail "perf record failed"
    perf script -i "$output/perf.data" -F pid,tid,period,ip,sym,dso --no-inline >"$output/perf.txt" 2>"$output/perf.log" ||
        { cat "$output/perf.log" >&2; fail "perf script failed"; }
    "$root/perf/python" -m reglow_perf stacks perf "$output/perf.txt" >"$output/stacks.folded"
    rm "$output/perf.txt"
    case $1 in
        cycles) unit=cycles; how="processor cycles" ;;
        *) unit=ns; how="samples of CPU time, $frequency a second (this machine does not let perf count cycles)" ;;
    esac
}

record_with_callgrind() {
    command -v valgrind >/dev/null 2>&1 || fail "neither perf nor valgrind can record here: install linux-perf or valgrind"
    # It runs one thread at a time, so waiting threads would fill the record, and it is slow.
    given --threads || arguments+=(--threads 1)
    given --repeats || arguments+=(--repeats 1)
    if [ "${REGLOW_ISA:-}" != portable ]; then
        export REGLOW_ISA=avx2
        echo "profile: callgrind cannot run AVX-512: these are the AVX2 kernels"
    fi
    # Valgrind 3.19 stops at the debug information that Swift writes; the symbols are enough.
    objcopy --strip-debug "$command" "$output/reglow"
    rm -f "$output"/callgrind.out*
    valgrind --quiet --tool=callgrind --demangle=no --separate-callers=10 --callgrind-out-file="$output/callgrind.out" \
        "$output/reglow" bench "${arguments[@]}" 2>"$output/callgrind.log" ||
        { cat "$output/callgrind.log" >&2; fail "callgrind failed"; }
    "$root/perf/python" -m reglow_perf stacks callgrind "$output/callgrind.out" >"$output/stacks.folded"
    unit=instructions
    how="instructions (not time) counted by callgrind, ${REGLOW_ISA} kernels"
}

arguments=("$@")
case " $* " in *" --help "* | *" -h "*) sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"; exit 0 ;; esac
"${SWIFT:-swift}" build -c release --product reglow --package-path "$root" >&2
mkdir -p "$output"

tool=${PROFILE_TOOL:-}
counted=$(event) || counted=
case $tool in
    "") [ -n "$counted" ] && tool=perf || tool=callgrind ;;
    perf) [ -n "$counted" ] || fail "perf cannot record here (see /proc/sys/kernel/perf_event_paranoid)" ;;
    callgrind) ;;
    *) fail "PROFILE_TOOL is $tool, must be perf or callgrind" ;;
esac
if [ "$tool" = perf ]; then record_with_perf "$counted"; else record_with_callgrind; fi

title="reglow bench${arguments[*]:+ ${arguments[*]}}"
{
    echo
    echo "$title"
    echo "$how"
    echo
    "$root/perf/python" -m reglow_perf kernels "$output/stacks.folded" --unit "$unit" --iterations "$output/iterations.folded"
} | tee "$output/kernels.txt"
flames=$output/flames.speedscope.json
"$root/perf/python" -m reglow_perf speedscope "$output/iterations.folded" --title "$title" --unit "$unit" --output "$flames"
echo
echo "flame graph: open $flames at https://www.speedscope.app, which uploads nothing, or by npx speedscope"
