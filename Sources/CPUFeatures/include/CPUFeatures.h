#pragma once
#include <stdbool.h>
#include <stdint.h>

/// What the processor and the operating system offer, from cpuid and xgetbv.
typedef struct {
    bool avx2;        ///< AVX2, FMA, BMI2 and the ymm state
    bool avx512;      ///< AVX-512 F, BW, DQ, VL, CD and the zmm state (x86-64-v4)
    bool avx512_bf16; ///< AVX-512 BF16 beside `avx512`
} reglow_cpu_features;

/// Features of the processor that runs this.
reglow_cpu_features reglow_detect_cpu_features(void);

/// Vendor, family and model of the processor, as cpuid numbers them with the extended parts; "" and zeros elsewhere.
typedef struct {
    char vendor[13];
    int32_t family, model;
} reglow_cpu_identity;
reglow_cpu_identity reglow_identify_cpu(void);

/// The processor's name as it gives it, or "unknown". `capacity` counts the terminating zero.
void reglow_cpu_name(char *name, int capacity);

/// Cores in the affinity mask of this process, or 0 where it cannot be known.
int reglow_schedulable_cores(void);

/// From now on malloc gives blocks of a megabyte and more back to the system when they are freed.
void reglow_return_large_blocks(void);

/// Makes subnormal operands and results zero on this thread, and returns the control word for `reglow_restore_float_mode`.
uint32_t reglow_flush_subnormals(void);
void reglow_restore_float_mode(uint32_t mode);

/// The file of the program or shared library that this code is linked into, as the dynamic linker names it: of a program it may be relative.
/// NULL where that is not known.
const char *reglow_own_file(void);
