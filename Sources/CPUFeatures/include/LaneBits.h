#pragma once
#include <stdint.h>

/// One bit per lane, lane 0 lowest: the sign tests that Swift's SIMD types have no word for. A static inline function takes
/// the instruction set of the module that imports it, and leaves no symbol that another module could pick up.

typedef float reglow_float8 __attribute__((ext_vector_type(8)));
typedef int32_t reglow_int8 __attribute__((ext_vector_type(8)));
typedef _Bool reglow_bool8 __attribute__((ext_vector_type(8)));

/// Bit i is set where lane i is greater than zero.
static inline __attribute__((always_inline)) uint8_t reglow_positive8(reglow_float8 v) {
    reglow_bool8 positive = __builtin_convertvector(v > 0, reglow_bool8);
    uint8_t bits;
    __builtin_memcpy(&bits, &positive, 1);
    return bits;
}

/// Lane i of `v` where bit i is set, zero elsewhere.
static inline __attribute__((always_inline)) reglow_float8 reglow_keep8(reglow_float8 v, uint8_t bits) {
    const reglow_int8 lane = {1, 2, 4, 8, 16, 32, 64, 128};
    const reglow_int8 kept = (((reglow_int8)(int32_t)bits) & lane) == lane;
    return (reglow_float8)((reglow_int8)v & kept);
}

#if defined(__AVX512F__)
typedef float reglow_float16 __attribute__((ext_vector_type(16)));
typedef int32_t reglow_int16 __attribute__((ext_vector_type(16)));
typedef _Bool reglow_bool16 __attribute__((ext_vector_type(16)));

static inline __attribute__((always_inline)) uint16_t reglow_positive16(reglow_float16 v) {
    reglow_bool16 positive = __builtin_convertvector(v > 0, reglow_bool16);
    uint16_t bits;
    __builtin_memcpy(&bits, &positive, 2);
    return bits;
}

static inline __attribute__((always_inline)) reglow_float16 reglow_keep16(reglow_float16 v, uint16_t bits) {
    reglow_bool16 kept;
    __builtin_memcpy(&kept, &bits, 2);
    return (reglow_float16)((reglow_int16)v & __builtin_convertvector(kept, reglow_int16) * -1);
}
#endif
