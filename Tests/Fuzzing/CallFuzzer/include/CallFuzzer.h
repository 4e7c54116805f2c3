#ifndef CALL_FUZZER_H
#define CALL_FUZZER_H

#include <stddef.h>
#include <stdint.h>

/// Makes calls of reglow.h that the bytes describe, most of them bad, and releases what is left: handles that are NULL, released, or of another kind,
/// sizes that overflow, unknown choices, numbers out of range, structs of other versions, NULL for arrays, in any order.
///
/// What the header makes the caller's promise is kept: arrays have as many numbers as their shapes say, strings end. Ends the process where an
/// answer cannot be right.
void reglow_fuzz_calls(const uint8_t *data, size_t size, const char *const models[2]);

/// Calls so far, and those of them that were refused.
typedef struct reglow_fuzz_count {
    size_t calls, refused;
} reglow_fuzz_count;
reglow_fuzz_count reglow_fuzz_counted(void);

#endif
