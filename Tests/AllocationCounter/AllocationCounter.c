#define _GNU_SOURCE
#include "AllocationCounter.h"

#include <errno.h>
#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// glibc's own functions under the names that a replacement of malloc may use.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_bool counting;
static atomic_int_fast64_t program, threads, byFFTW;

/// A library that is counted apart, and where its code lies.
static struct Library {
    const char *name;
    uintptr_t first, end;
} dispatch = {.name = "libdispatch"}, loader = {.name = "ld-linux"}, fftw = {.name = "libfftw3f"};

static bool holds(const struct Library *library, const void *address) {
    return (uintptr_t)address - library->first < library->end - library->first;
}

static void note(const void *caller) {
    if (!atomic_load_explicit(&counting, memory_order_relaxed)) return;
    bool isThreads = holds(&dispatch, caller) || holds(&loader, caller);
    atomic_fetch_add(isThreads ? &threads : holds(&fftw, caller) ? &byFFTW : &program, 1);
}

#define NOTE_CALLER() note(__builtin_return_address(0))

void *malloc(size_t size) {
    NOTE_CALLER();
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    NOTE_CALLER();
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    NOTE_CALLER();
    return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    NOTE_CALLER();
    return __libc_memalign(alignment, size);
}

void *memalign(size_t alignment, size_t size) {
    NOTE_CALLER();
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size) {
    NOTE_CALLER();
    if (alignment % sizeof(void *) != 0 || alignment == 0 || (alignment & (alignment - 1)) != 0) return EINVAL;
    void *block = __libc_memalign(alignment, size);
    if (block == NULL) return ENOMEM;
    *memory = block;
    return 0;
}

static int locate(struct dl_phdr_info *loaded, size_t size, void *sought) {
    (void)size;
    struct Library *library = sought;
    if (strstr(loaded->dlpi_name, library->name) == NULL) return 0;
    for (int index = 0; index < loaded->dlpi_phnum; index++) {
        const ElfW(Phdr) *segment = &loaded->dlpi_phdr[index];
        if (segment->p_type != PT_LOAD || (segment->p_flags & PF_X) == 0) continue;
        library->first = loaded->dlpi_addr + segment->p_vaddr;
        library->end = library->first + segment->p_memsz;
    }
    return 1;
}

void startCountingAllocations(void) {
    dl_iterate_phdr(locate, &dispatch);
    dl_iterate_phdr(locate, &loader);
    dl_iterate_phdr(locate, &fftw);
    atomic_store(&program, 0);
    atomic_store(&threads, 0);
    atomic_store(&byFFTW, 0);
    atomic_store(&counting, true);
}

struct AllocationCounts stopCountingAllocations(void) {
    atomic_store(&counting, false);
    return (struct AllocationCounts){atomic_load(&program), atomic_load(&threads), atomic_load(&byFFTW)};
}

const int64_t countedFunctions = 6;

void allocateByEveryFunction(void) {
    // Through volatile pointers: a compiler may leave out a pair of malloc and free.
    void *volatile blocks[6];
    void *block = NULL;
    blocks[0] = malloc(100);
    blocks[1] = calloc(10, 10);
    blocks[2] = realloc(NULL, 100);
    blocks[3] = aligned_alloc(64, 128);
    blocks[4] = memalign(64, 128);
    blocks[5] = posix_memalign(&block, 64, 128) == 0 ? block : NULL;
    for (int index = 0; index < 6; index++) free(blocks[index]);
}
