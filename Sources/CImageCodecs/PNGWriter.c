#include "CImageCodecs.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The file as it grows, and where an error goes.
typedef struct {
    CodecBytes *file;
    size_t capacity;
    char *message;
} Sink;

static void fail(png_structp png, png_const_charp text) {
    Sink *sink = png_get_error_ptr(png);
    snprintf(sink->message, CodecMessageSize, "%s", text);
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp text) {
    (void)png;
    (void)text;
}

static void append(png_structp png, png_bytep bytes, size_t length) {
    Sink *sink = png_get_io_ptr(png);
    CodecBytes *file = sink->file;
    if (length > sink->capacity - file->count) {
        size_t capacity = 2 * sink->capacity + length;
        uint8_t *grown = realloc(file->bytes, capacity);
        if (grown == NULL) {
            png_error(png, "not enough memory for the PNG");
        }
        file->bytes = grown;
        sink->capacity = capacity;
    }
    memcpy(file->bytes + file->count, bytes, length);
    file->count += length;
}

static void flush(png_structp png) {
    (void)png;
}

/// The steps that may jump.
static bool encode(png_structp png, png_infop info, const CodecPicture *picture) {
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    if (picture->width > PNG_UINT_31_MAX || picture->height > PNG_UINT_31_MAX) {
        png_error(png, "the picture is too wide or too high for PNG");
    }
    png_set_IHDR(
        png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, (int)picture->bits,
        picture->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    size_t row_bytes = picture->width * picture->channels * (picture->bits / 8);
    for (size_t row = 0; row < picture->height; row++) {
        png_write_row(png, (png_const_bytep)picture->samples + row * row_bytes);
    }
    png_write_end(png, NULL);
    return true;
}

bool codec_png_write(const CodecPicture *picture, CodecBytes *file, char *message) {
    *file = (CodecBytes){0};
    Sink sink = {.file = file, .message = message};
    snprintf(message, CodecMessageSize, "libpng cannot start");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, fail, warn);
    if (png == NULL) {
        return false;
    }
    png_infop info = png_create_info_struct(png);
    bool done = false;
    if (info != NULL) {
        png_set_write_fn(png, &sink, append, flush);
        done = encode(png, info, picture);
    }
    png_destroy_write_struct(&png, &info);
    if (!done) {
        free(file->bytes);
        *file = (CodecBytes){0};
    }
    return done;
}
