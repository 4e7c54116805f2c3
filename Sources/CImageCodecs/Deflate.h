#pragma once

#include "Codec.h"

/// The bytes of a zlib stream, at most `limit`; empty for a damaged or longer one.
CodecBytes codec_inflate(const uint8_t *bytes, size_t count, size_t limit);

/// `head` and then `bytes` as a zlib stream; empty where there is no memory.
CodecBytes codec_deflate(const void *head, size_t head_count, const uint8_t *bytes, size_t count);
