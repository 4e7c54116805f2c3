#pragma once
#include "LaneBits.h"

/// Panels transposed, so that their pixels become the depth of a product. As in LaneBits.h, a function takes the instruction
/// set of the module that imports it.

/// out[p * out_stride + r] = in[r * in_stride + p] for 8 rows r and `pixels` pixels p, a multiple of 8; where there are `sums`,
/// sums[r] += the sum of row r.
static inline __attribute__((always_inline)) void reglow_turn_rows8(
    const float *in, long in_stride, float *out, long out_stride, long pixels, float *sums) {
    reglow_float8 total = 0;
    for (long p = 0; p < pixels; p += 8) {
        reglow_float8 r[8], s[8];
        for (int i = 0; i < 8; i++) __builtin_memcpy(&r[i], in + i * in_stride + p, sizeof r[i]);
        for (int i = 0; i < 8; i += 2) {
            s[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
            s[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
        }
        for (int i = 0; i < 8; i += 4) {
            r[i] = __builtin_shufflevector(s[i], s[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 1] = __builtin_shufflevector(s[i], s[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
            r[i + 2] = __builtin_shufflevector(s[i + 1], s[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
            r[i + 3] = __builtin_shufflevector(s[i + 1], s[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
        }
        for (int i = 0; i < 4; i++) {
            s[i] = __builtin_shufflevector(r[i], r[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
            s[i + 4] = __builtin_shufflevector(r[i], r[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
        }
        for (int i = 0; i < 8; i++) __builtin_memcpy(out + (p + i) * out_stride, &s[i], sizeof s[i]);
        if (sums) total += ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));
    }
    if (sums) {
        reglow_float8 former;
        __builtin_memcpy(&former, sums, sizeof former);
        total += former;
        __builtin_memcpy(sums, &total, sizeof total);
    }
}

typedef uint32_t reglow_words8 __attribute__((ext_vector_type(8)));

/// A block of 4 rows of 8 words of bfloat16 pairs: word p of row i holds (2i, p) in its lower and (2i + 1, p) in its upper half, and
/// then word r of row q holds (r, 2q) and (r, 2q + 1).
#if defined(__AVX512BW__)
static inline __attribute__((always_inline)) void reglow_turn_pair_block(reglow_words8 row[4]) {
    typedef uint16_t halves __attribute__((ext_vector_type(32)));
    typedef uint32_t words __attribute__((ext_vector_type(16)));
    const halves a = (halves)__builtin_shufflevector(row[0], row[1], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const halves b = (halves)__builtin_shufflevector(row[2], row[3], 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    // Half 16 q + 2 r + h comes from half 16 (r / 2) + 2 (2q + h) + r mod 2.
    const words upper = (words)__builtin_shufflevector(
        a, b, 0, 2, 1, 3, 16, 18, 17, 19, 32, 34, 33, 35, 48, 50, 49, 51, 4, 6, 5, 7, 20, 22, 21, 23, 36, 38, 37, 39, 52, 54, 53,
        55);
    const words lower = (words)__builtin_shufflevector(
        a, b, 8, 10, 9, 11, 24, 26, 25, 27, 40, 42, 41, 43, 56, 58, 57, 59, 12, 14, 13, 15, 28, 30, 29, 31, 44, 46, 45, 47, 60,
        62, 61, 63);
    row[0] = __builtin_shufflevector(upper, upper, 0, 1, 2, 3, 4, 5, 6, 7);
    row[1] = __builtin_shufflevector(upper, upper, 8, 9, 10, 11, 12, 13, 14, 15);
    row[2] = __builtin_shufflevector(lower, lower, 0, 1, 2, 3, 4, 5, 6, 7);
    row[3] = __builtin_shufflevector(lower, lower, 8, 9, 10, 11, 12, 13, 14, 15);
}
#else
/// As 64-bit blocks of 2 x 2 numbers: block (i, q) goes to (q, i), and inside of a block the two middle numbers change places.
static inline __attribute__((always_inline)) void reglow_turn_pair_block(reglow_words8 row[4]) {
    typedef uint64_t blocks __attribute__((ext_vector_type(4)));
    blocks b[4];
    for (int i = 0; i < 4; i++) {
        const blocks c = (blocks)row[i];
        b[i] = (c & 0xffff00000000ffffu) | ((c >> 16) & 0xffff0000u) | ((c & 0xffff0000u) << 16);
    }
    const blocks e = __builtin_shufflevector(b[0], b[1], 0, 4, 2, 6);
    const blocks f = __builtin_shufflevector(b[0], b[1], 1, 5, 3, 7);
    const blocks g = __builtin_shufflevector(b[2], b[3], 0, 4, 2, 6);
    const blocks h = __builtin_shufflevector(b[2], b[3], 1, 5, 3, 7);
    row[0] = (reglow_words8)__builtin_shufflevector(e, g, 0, 1, 4, 5);
    row[1] = (reglow_words8)__builtin_shufflevector(f, h, 0, 1, 4, 5);
    row[2] = (reglow_words8)__builtin_shufflevector(e, g, 2, 3, 6, 7);
    row[3] = (reglow_words8)__builtin_shufflevector(f, h, 2, 3, 6, 7);
}
#endif

/// As `reglow_turn_rows8`, for bfloat16. Word p of row i of `in`, of 4 rows, holds the rows 2i (lower half) and 2i + 1 (upper half) at
/// pixel p; word r of row q of `out` holds row r at the pixels 2q and 2q + 1.
static inline __attribute__((always_inline)) void reglow_turn_pairs8(
    const float *in, long in_stride, float *out, long out_stride, long pixels, float *sums) {
    reglow_float8 total = 0;
    for (long p = 0; p < pixels; p += 8) {
        reglow_words8 row[4];
        for (int i = 0; i < 4; i++) __builtin_memcpy(&row[i], in + i * in_stride + p, sizeof row[i]);
        reglow_turn_pair_block(row);
        for (int i = 0; i < 4; i++) {
            __builtin_memcpy(out + (p / 2 + i) * out_stride, &row[i], sizeof row[i]);
            if (sums) total += (reglow_float8)(row[i] << 16) + (reglow_float8)(row[i] & 0xffff0000u);
        }
    }
    if (sums) {
        reglow_float8 former;
        __builtin_memcpy(&former, sums, sizeof former);
        total += former;
        __builtin_memcpy(sums, &total, sizeof total);
    }
}
