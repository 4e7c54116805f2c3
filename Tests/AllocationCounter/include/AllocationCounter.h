#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A program that links this target has its own malloc, calloc, realloc, posix_memalign, aligned_alloc and memalign, which count
// the calls of every thread and hand them on to glibc. `free` stays glibc's. Shared libraries of the program (the Swift runtime,
// libdispatch, FFTW, OpenBLAS) use these functions too.

/// Heap allocations since the count began, by who called the function.
struct AllocationCounts {
    /// Anybody but the next two.
    int64_t program;
    /// What it takes to wake and to start threads: code of libdispatch itself, not what is run by its threads, and of the
    /// dynamic loader, which lays out the thread-local memory of a new thread.
    int64_t threads;
    /// Code of FFTW.
    int64_t fftw;
};

/// Sets the counts to zero and begins to count.
void startCountingAllocations(void);

/// Ends the count.
struct AllocationCounts stopCountingAllocations(void);

/// Calls each counted function once and frees what it gave: what it must count is `countedFunctions`.
void allocateByEveryFunction(void);
extern const int64_t countedFunctions;
