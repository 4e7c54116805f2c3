#pragma once
#include <stdint.h>

/// Pairs of bfloat16 in words of 32 bits. As in LaneBits.h, a function takes the instruction set of the module that imports it.

/// Transposes a tile of 8 x 8 bfloat16: word p * 8 + r of `tile` holds the elements (r, 2p) and (r, 2p + 1), word p * 8 + r of
/// `transposed` the elements (2p, r) and (2p + 1, r).
#if defined(__AVX512BW__)
static inline __attribute__((always_inline)) void reglow_transpose_pairs(const float *tile, float *transposed) {
    typedef uint16_t halves __attribute__((ext_vector_type(32)));
    halves a, b;
    __builtin_memcpy(&a, tile, sizeof a);
    __builtin_memcpy(&b, tile + 16, sizeof b);
    // Half 16 p + 2 r + h comes from half 16 (r / 2) + 2 (2p + h) + r mod 2: one permutation of two registers each.
    const halves first = __builtin_shufflevector(
        a, b, 0, 2, 1, 3, 16, 18, 17, 19, 32, 34, 33, 35, 48, 50, 49, 51, 4, 6, 5, 7, 20, 22, 21, 23, 36, 38, 37, 39, 52, 54, 53,
        55);
    const halves second = __builtin_shufflevector(
        a, b, 8, 10, 9, 11, 24, 26, 25, 27, 40, 42, 41, 43, 56, 58, 57, 59, 12, 14, 13, 15, 28, 30, 29, 31, 44, 46, 45, 47, 60,
        62, 61, 63);
    __builtin_memcpy(transposed, &first, sizeof first);
    __builtin_memcpy(transposed + 16, &second, sizeof second);
}
#else
typedef uint64_t reglow_blocks4 __attribute__((ext_vector_type(4)));

/// Read as 64-bit blocks of 2 x 2 elements, block (p, q) goes to (q, p), and inside of a block the two middle elements change
/// places.
static inline __attribute__((always_inline)) void reglow_transpose_pairs(const float *tile, float *transposed) {
    reglow_blocks4 row[4];
    for (int p = 0; p < 4; p++) {
        reglow_blocks4 b;
        __builtin_memcpy(&b, tile + 8 * p, sizeof b);
        row[p] = (b & 0xffff00000000ffffu) | ((b >> 16) & 0xffff0000u) | ((b & 0xffff0000u) << 16);
    }
    const reglow_blocks4 a = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
    const reglow_blocks4 b = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
    const reglow_blocks4 c = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
    const reglow_blocks4 d = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
    row[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
    row[1] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
    row[2] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
    row[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
    for (int p = 0; p < 4; p++) __builtin_memcpy(transposed + 8 * p, &row[p], sizeof row[p]);
}
#endif

#if defined(__AVX512BF16__)
#include <immintrin.h>

typedef float reglow_sums16 __attribute__((ext_vector_type(16)));
typedef uint32_t reglow_pairs16 __attribute__((ext_vector_type(16)));

/// sum + w.upper * x.upper + w.lower * x.lower in each lane, by the processor's instruction.
static inline __attribute__((always_inline)) reglow_sums16
reglow_dot_pairs16(reglow_sums16 sum, reglow_pairs16 w, reglow_pairs16 x) {
    return (reglow_sums16)_mm512_dpbf16_ps((__m512)sum, (__m512bh)w, (__m512bh)x);
}

/// Both vectors rounded to bfloat16, those of `even` in the lower halves of the words.
static inline __attribute__((always_inline)) reglow_pairs16 reglow_pack_pairs16(reglow_sums16 even, reglow_sums16 odd) {
    typedef uint16_t halves __attribute__((ext_vector_type(32)));
    const halves h = (halves)_mm512_cvtne2ps_pbh((__m512)odd, (__m512)even);
    return (reglow_pairs16)__builtin_shufflevector(
        h, h, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15,
        31);
}
#endif
