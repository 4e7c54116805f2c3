#define _GNU_SOURCE
#include "CPUFeatures.h"

#include <dlfcn.h>
#include <string.h>

#if defined(__linux__)
#include <sched.h>

int reglow_schedulable_cores(void) {
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
}
#else
int reglow_schedulable_cores(void) { return 0; }
#endif

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

static uint64_t extended_control_register(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return ((uint64_t)high << 32) | low;
}

reglow_cpu_features reglow_detect_cpu_features(void) {
    reglow_cpu_features found = {false, false, false};
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
    const bool fma = c & (1u << 12), f16c = c & (1u << 29), osxsave = c & (1u << 27), movbe = c & (1u << 22);
    if (!osxsave) return found;
    const uint64_t state = extended_control_register();
    const bool ymm = (state & 0x6) == 0x6, zmm = (state & 0xe6) == 0xe6;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return found;
    const bool avx2 = b & (1u << 5), bmi1 = b & (1u << 3), bmi2 = b & (1u << 8);
    const uint32_t v4 = (1u << 16) | (1u << 17) | (1u << 28) | (1u << 30) | (1u << 31); /* F DQ CD BW VL */
    const bool avx512 = (b & v4) == v4;
    found.avx2 = avx2 && bmi1 && bmi2 && fma && f16c && movbe && ymm;
    found.avx512 = found.avx2 && avx512 && zmm;
    if (__get_cpuid_count(7, 1, &a, &b, &c, &d)) found.avx512_bf16 = found.avx512 && (a & (1u << 5));
    return found;
}

reglow_cpu_identity reglow_identify_cpu(void) {
    reglow_cpu_identity found = {"", 0, 0};
    uint32_t a, b, c, d;
    if (!__get_cpuid(0, &a, &b, &c, &d)) return found;
    const uint32_t words[3] = {b, d, c};
    memcpy(found.vendor, words, sizeof words);
    if (!__get_cpuid(1, &a, &b, &c, &d)) return found;
    const int32_t family = (a >> 8) & 15, model = (a >> 4) & 15;
    found.family = family == 15 ? family + (int32_t)((a >> 20) & 255) : family;
    found.model = family == 6 || family == 15 ? model + (int32_t)(((a >> 16) & 15) << 4) : model;
    return found;
}

void reglow_cpu_name(char *name, int capacity) {
    uint32_t words[13] = {0};
    if (capacity <= 0) return;
    strncpy(name, "unknown", (size_t)capacity - 1);
    name[capacity - 1] = 0;
    if (__get_cpuid_max(0x80000000u, 0) < 0x80000004u) return;
    for (uint32_t leaf = 0; leaf < 3; leaf++) {
        uint32_t *w = words + 4 * leaf;
        __get_cpuid(0x80000002u + leaf, w, w + 1, w + 2, w + 3);
    }
    const char *text = (const char *)words;
    while (*text == ' ') text++;
    strncpy(name, text, (size_t)capacity - 1);
    name[capacity - 1] = 0;
    for (size_t end = strlen(name); end > 0 && name[end - 1] == ' '; end--) name[end - 1] = 0;
}

uint32_t reglow_flush_subnormals(void) {
    const uint32_t mode = _mm_getcsr();
    _mm_setcsr(mode | 0x8040); /* flush to zero, denormals are zero */
    return mode;
}

void reglow_restore_float_mode(uint32_t mode) { _mm_setcsr(mode); }

#else

reglow_cpu_features reglow_detect_cpu_features(void) {
    return (reglow_cpu_features){false, false, false};
}

reglow_cpu_identity reglow_identify_cpu(void) { return (reglow_cpu_identity){"", 0, 0}; }

void reglow_cpu_name(char *name, int capacity) {
    if (capacity <= 0) return;
    strncpy(name, "unknown", (size_t)capacity - 1);
    name[capacity - 1] = 0;
}

uint32_t reglow_flush_subnormals(void) { return 0; }
void reglow_restore_float_mode(uint32_t mode) { (void)mode; }

#endif

#ifdef __linux__
#include <malloc.h>

/* Small blocks at the top of the heap stay: what is given back is cleared and mapped anew for the next. */
void reglow_return_large_blocks(void) {
    mallopt(M_MMAP_THRESHOLD, 1 << 20);
    mallopt(M_TRIM_THRESHOLD, 4 << 20);
}
#else
void reglow_return_large_blocks(void) {}
#endif

const char *reglow_own_file(void) {
    static const char anchor;
    Dl_info object;
    return dladdr(&anchor, &object) ? object.dli_fname : NULL;
}
