#include "CImageCodecs.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// What the callbacks of libpng share. It outlives the frame that calls setjmp, so its fields keep their values over a jump.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    char *message;
    char warning[CodecMessageSize]; ///< The last one: for a bad header it says what the error leaves out.
} Source;

static void fail(png_structp png, png_const_charp text) {
    Source *source = png_get_error_ptr(png);
    if (source->warning[0] != '\0') {
        snprintf(source->message, CodecMessageSize, "%s: %s", text, source->warning);
    } else {
        snprintf(source->message, CodecMessageSize, "%s", text);
    }
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp text) {
    Source *source = png_get_error_ptr(png);
    snprintf(source->warning, CodecMessageSize, "%s", text);
}

static void take(png_structp png, png_bytep target, size_t length) {
    Source *source = png_get_io_ptr(png);
    if (length > source->count - source->position) {
        source->warning[0] = '\0';
        png_error(png, "the PNG data ends too early");
    }
    memcpy(target, source->bytes + source->position, length);
    source->position += length;
}

/// The steps that may jump. On a jump `picture->samples` is NULL or owned by the caller.
static bool decode(png_structp png, png_infop info, size_t pixel_limit, CodecPicture *picture) {
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    png_read_info(png, info);

    picture->width = png_get_image_width(png, info);
    picture->height = png_get_image_height(png, info);
    if (picture->width > pixel_limit / picture->height) {
        png_error(png, "the PNG has too many pixels");
    }
    picture->alpha_dropped =
        (png_get_color_type(png, info) & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png, info, PNG_INFO_tRNS) != 0;

    png_set_expand(png);
    png_set_strip_alpha(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);

    picture->channels = png_get_channels(png, info);
    picture->bits = png_get_bit_depth(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    if (row_bytes != picture->width * picture->channels * (picture->bits / 8)) {
        png_error(png, "a pixel layout that is not supported");
    }
    picture->samples = malloc(row_bytes * picture->height);
    if (picture->samples == NULL) {
        png_error(png, "not enough memory for the PNG");
    }
    // An interlaced pass fills in its own pixels of a row and leaves the others as the passes before it set them.
    for (int pass = 0; pass < passes; pass++) {
        for (size_t row = 0; row < picture->height; row++) {
            png_read_row(png, (png_bytep)picture->samples + row * row_bytes, NULL);
        }
    }
    png_read_end(png, NULL);
    return true;
}

bool codec_png_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    Source source = {.bytes = bytes, .count = count, .message = message};
    *picture = (CodecPicture){0};
    snprintf(message, CodecMessageSize, "libpng cannot start");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, warn);
    if (png == NULL) {
        return false;
    }
    png_infop info = png_create_info_struct(png);
    bool done = false;
    if (info != NULL) {
        png_set_read_fn(png, &source, take);
        done = decode(png, info, pixel_limit, picture);
    }
    png_destroy_read_struct(&png, &info, NULL);
    if (!done) {
        free(picture->samples);
        picture->samples = NULL;
    }
    return done;
}
