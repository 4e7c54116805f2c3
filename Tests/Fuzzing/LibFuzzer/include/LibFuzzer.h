#pragma once

#include <stddef.h>
#include <stdint.h>

/// The loop of libFuzzer, which the sanitizer's runtime holds; it takes its options from the arguments.
int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *bytes, size_t count));
