#include "Codec.h"
#include "Deflate.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The file as it grows, and where an error goes.
typedef struct {
    CodecBytes *file;
    size_t capacity;
    char *message;
    CodecPicture *picture;
    CodecBytes profile; ///< The content of the chunk of the colour profile.
} Sink;

static void fail(png_structp png, png_const_charp text) {
    Sink *sink = png_get_error_ptr(png);
    snprintf(sink->message, CodecMessageSize, "%s", text);
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp text) {
    Sink *sink = png_get_error_ptr(png);
    codec_warn(sink->picture, text);
}

static void append(png_structp png, png_bytep bytes, size_t length) {
    Sink *sink = png_get_io_ptr(png);
    CodecBytes *file = sink->file;
    if (!codec_reserve(file, &sink->capacity, file->count + length)) png_error(png, "not enough memory for the PNG");
    memcpy(file->bytes + file->count, bytes, length);
    file->count += length;
}

static void flush(png_structp png) {
    (void)png;
}

/// Pixels per metre along a side; 0 where the picture says nothing or PNG cannot hold it.
static png_uint_32 density(const CodecPicture *picture, int side) {
    const double scale = picture->unit == CodecUnitInch ? 1 / 0.0254 : picture->unit == CodecUnitCentimetre ? 100 : 1;
    const double value = picture->resolution[side] * scale;
    return value >= 0.5 && value < 2147483647.0 ? (png_uint_32)(value + 0.5) : 0;
}

static void describe(png_structp png, png_infop info, Sink *sink) {
    CodecPicture *picture = sink->picture;
    // A colour description that libpng refuses is left out with a warning, like all that is optional.
    png_set_benign_errors(png, 1);
    const double *xy = picture->chromaticities;
    if (picture->gamma > 0) png_set_gAMA(png, info, picture->gamma);
    if (xy[0] > 0) png_set_cHRM(png, info, xy[0], xy[1], xy[2], xy[3], xy[4], xy[5], xy[6], xy[7]);
    if (picture->srgb_intent >= 0) png_set_sRGB(png, info, picture->srgb_intent);
    const png_uint_32 across = density(picture, 0), down = density(picture, 1);
    if (across > 0 && down > 0) {
        png_set_pHYs(
            png, info, across, down, picture->unit == CodecUnitNone ? PNG_RESOLUTION_UNKNOWN : PNG_RESOLUTION_METER);
    }
    if (picture->exif.count > 0) png_set_eXIf_1(png, info, (png_uint_32)picture->exif.count, picture->exif.bytes);
    // As they are: libpng would judge the profile, and old versions do not know cICP.
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "cICP\0iCCP\0", 2);
    if (picture->has_cicp) {
        png_unknown_chunk chunk = {.name = "cICP", .data = picture->cicp, .size = 4, .location = PNG_HAVE_IHDR};
        png_set_unknown_chunks(png, info, &chunk, 1);
    }
    if (picture->profile.count > 0) {
        static const char head[] = "ICC profile\0";
        sink->profile = codec_deflate(head, sizeof head, picture->profile.bytes, picture->profile.count);
        if (sink->profile.count == 0) png_error(png, "not enough memory for the PNG");
        png_unknown_chunk chunk = {
            .name = "iCCP", .data = sink->profile.bytes, .size = sink->profile.count, .location = PNG_HAVE_IHDR};
        png_set_unknown_chunks(png, info, &chunk, 1);
    }
}

/// The steps that may jump.
static bool encode(png_structp png, png_infop info, Sink *sink) {
    const CodecPicture *picture = sink->picture;
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    if (picture->width > PNG_UINT_31_MAX || picture->height > PNG_UINT_31_MAX) {
        png_error(png, "the picture is too wide or too high for PNG");
    }
    const int colours = picture->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    png_set_IHDR(
        png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, (int)picture->bits,
        picture->has_alpha ? colours | PNG_COLOR_MASK_ALPHA : colours, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
        PNG_FILTER_TYPE_DEFAULT);
    describe(png, info, sink);
    png_write_info(png, info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    size_t row_bytes = picture->width * (picture->channels + (picture->has_alpha ? 1 : 0)) * (picture->bits / 8);
    for (size_t row = 0; row < picture->height; row++) {
        png_write_row(png, (png_const_bytep)picture->samples + row * row_bytes);
    }
    png_write_end(png, NULL);
    return true;
}

bool codec_png_write(CodecPicture *picture, CodecBytes *file, char *message) {
    *file = (CodecBytes){0};
    picture->notes[0] = '\0';
    Sink sink = {.file = file, .message = message, .picture = picture};
    snprintf(message, CodecMessageSize, "libpng cannot start");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &sink, fail, warn);
    if (png == NULL) {
        return false;
    }
    png_infop info = png_create_info_struct(png);
    bool done = false;
    if (info != NULL) {
        png_set_write_fn(png, &sink, append, flush);
        done = encode(png, info, &sink);
    }
    png_destroy_write_struct(&png, &info);
    free(sink.profile.bytes);
    if (!done) {
        free(file->bytes);
        *file = (CodecBytes){0};
    }
    return done;
}
