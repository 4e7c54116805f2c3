#pragma once

#include "CImageCodecs.h"

/// Empties a picture to what a reader starts with.
void codec_begin(CodecPicture *picture);

/// Adds a line to the notes, once for the same text; what does not fit is left out.
void codec_tell(CodecPicture *picture, const char *text);

/// Adds what the library said that is no error.
void codec_warn(CodecPicture *picture, const char *text);

/// A copy of bytes from malloc; empty where there is no memory or nothing to copy.
CodecBytes codec_copy(const void *bytes, size_t count);

/// Memory for `picture->samples` as the picture's other fields say. False with a message where there is none.
bool codec_allocate(CodecPicture *picture, const char *format, char *message);

/// Whether a picture of this size is allowed; a message where it is not.
bool codec_check_size(size_t width, size_t height, size_t pixel_limit, const char *format, char *message);

/// Makes room for `count` bytes in all. False where there is no memory.
bool codec_reserve(CodecBytes *file, size_t *capacity, size_t count);
