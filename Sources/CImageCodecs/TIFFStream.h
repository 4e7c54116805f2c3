#pragma once

#include "Codec.h"

#include <tiffio.h>

/// A TIFF file in memory: read from `bytes`, or written to `file`.
typedef struct {
    const uint8_t *bytes;
    CodecBytes *file; ///< NULL for reading.
    size_t count;
    size_t capacity;
    size_t position;
    CodecPicture *picture; ///< Takes the warnings.
    char *message;         ///< Takes the first error.
    bool has_failed;
} TIFFStream;

/// Opens the stream with libtiff's errors going into it. NULL with a message where it is no TIFF file.
TIFF *tiff_open(TIFFStream *stream, const char *mode);
