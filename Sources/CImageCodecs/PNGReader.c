#include "Codec.h"
#include "Deflate.h"

#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// The longest colour profile that is kept.
enum { MostProfileBytes = 1 << 25 };

/// What the callbacks of libpng share. It outlives the frame that calls setjmp, so its fields keep their values over a jump.
typedef struct {
    const uint8_t *bytes;
    size_t count;
    size_t position;
    char *message;
    CodecPicture *picture;
    char warning[CodecMessageSize]; ///< The last one: for a bad header it says what the error leaves out.
    bool has_all_pixels;
} Source;

static void fail(png_structp png, png_const_charp text) {
    Source *source = png_get_error_ptr(png);
    if (source->warning[0] != '\0' && strncmp(text, "Invalid IHDR", 12) == 0) {
        snprintf(source->message, CodecMessageSize, "%s: %s", text, source->warning);
    } else {
        snprintf(source->message, CodecMessageSize, "%s", text);
    }
    png_longjmp(png, 1);
}

static void warn(png_structp png, png_const_charp text) {
    Source *source = png_get_error_ptr(png);
    snprintf(source->warning, CodecMessageSize, "%s", text);
    codec_warn(source->picture, text);
}

static void take(png_structp png, png_bytep target, size_t length) {
    Source *source = png_get_io_ptr(png);
    if (length > source->count - source->position) png_error(png, "the PNG data ends too early");
    memcpy(target, source->bytes + source->position, length);
    source->position += length;
}

static void take_colour(png_structp png, png_infop info, CodecPicture *picture) {
    int intent;
    if (png_get_sRGB(png, info, &intent) != 0) picture->srgb_intent = intent;
    double gamma;
    if (png_get_gAMA(png, info, &gamma) != 0) picture->gamma = gamma;
    double *xy = picture->chromaticities;
    if (png_get_cHRM(png, info, &xy[0], &xy[1], &xy[2], &xy[3], &xy[4], &xy[5], &xy[6], &xy[7]) == 0) xy[0] = 0;
}

/// The profile in a chunk of a name of up to 79 characters, a zero, the method 0 and a zlib stream. libpng would leave out those that it
/// finds fault with; whoever uses the profile may be less strict.
static void take_profile(const png_unknown_chunk *chunk, CodecPicture *picture) {
    const size_t name = strnlen((const char *)chunk->data, chunk->size < 80 ? chunk->size : 80);
    if (name + 2 < chunk->size && chunk->data[name] == 0 && chunk->data[name + 1] == 0) {
        picture->profile = codec_inflate(chunk->data + name + 2, chunk->size - name - 2, MostProfileBytes);
    }
    if (picture->profile.count == 0) codec_tell(picture, "its colour profile is damaged and left out");
}

/// Tells what words the file holds, which go nowhere.
static void tell_text(png_structp png, png_infop info, CodecPicture *picture) {
    png_textp texts;
    const int count = png_get_text(png, info, &texts, NULL);
    for (int i = 0; i < count; i++) {
        const bool is_xmp = strcmp(texts[i].key, "XML:com.adobe.xmp") == 0;
        codec_tell(picture, is_xmp ? "its XMP data is left out" : "its text is left out");
    }
}

/// Chunks after the pixels count as well: Exif data may stand there.
static void take_rest(png_structp png, png_infop info, CodecPicture *picture) {
    png_uint_32 across, down;
    int unit;
    if (png_get_pHYs(png, info, &across, &down, &unit) != 0 && across > 0 && down > 0) {
        picture->resolution[0] = across;
        picture->resolution[1] = down;
        picture->unit = unit == PNG_RESOLUTION_METER ? CodecUnitMetre : CodecUnitNone;
    }
    png_bytep exif;
    png_uint_32 length;
    if (png_get_eXIf_1(png, info, &length, &exif) != 0) picture->exif = codec_copy(exif, length);
    tell_text(png, info, picture);
    png_unknown_chunkp chunks;
    const int chunk_count = png_get_unknown_chunks(png, info, &chunks);
    for (int i = 0; i < chunk_count; i++) {
        if (memcmp(chunks[i].name, "cICP", 4) == 0 && chunks[i].size == 4) {
            memcpy(picture->cicp, chunks[i].data, 4);
            picture->has_cicp = true;
        }
        if (memcmp(chunks[i].name, "iCCP", 4) == 0 && picture->profile.count == 0) take_profile(&chunks[i], picture);
        if (memcmp(chunks[i].name, "acTL", 4) == 0) picture->has_more_pictures = true;
    }
}

/// The steps that may jump. On a jump `picture` holds what is owned by the caller.
static bool decode(png_structp png, png_infop info, size_t pixel_limit, Source *source) {
    CodecPicture *picture = source->picture;
    if (setjmp(png_jmpbuf(png))) {
        if (!source->has_all_pixels) return false;
        // Only what stands behind the pixels is damaged or missing.
        codec_warn(source->picture, source->message);
        return true;
    }
    png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_WARN_DISCARD);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "cICP\0acTL\0iCCP\0", 3);
    png_read_info(png, info);

    picture->width = png_get_image_width(png, info);
    picture->height = png_get_image_height(png, info);
    if (picture->width > pixel_limit / picture->height) png_error(png, "the PNG has too many pixels");
    // Deflate makes at most 1032 bytes of one.
    if (png_get_rowbytes(png, info) > (1032 * source->count + 4096) / picture->height) {
        png_error(png, "the PNG data ends too early for its size");
    }
    take_colour(png, info, picture);

    png_set_expand(png);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    png_set_swap(png);
#endif
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);

    const size_t samples = png_get_channels(png, info);
    picture->has_alpha = samples % 2 == 0;
    picture->channels = samples - (picture->has_alpha ? 1 : 0);
    picture->bits = png_get_bit_depth(png, info);
    size_t row_bytes = png_get_rowbytes(png, info);
    if (row_bytes != picture->width * samples * (picture->bits / 8)) {
        png_error(png, "a pixel layout that is not supported");
    }
    if (!codec_allocate(picture, "PNG", source->message)) return false;
    // An interlaced pass fills in its own pixels of a row and leaves the others as the passes before it set them.
    for (int pass = 0; pass < passes; pass++) {
        for (size_t row = 0; row < picture->height; row++) {
            png_read_row(png, (png_bytep)picture->samples + row * row_bytes, NULL);
        }
    }
    source->has_all_pixels = true;
    png_read_end(png, info);
    return true;
}

/// The steps after the pixels that may jump, for lack of memory.
static bool describe(png_structp png, png_infop info, CodecPicture *picture) {
    if (setjmp(png_jmpbuf(png))) return false;
    take_rest(png, info, picture);
    return true;
}

bool codec_png_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    codec_begin(picture);
    Source source = {.bytes = bytes, .count = count, .message = message, .picture = picture};
    snprintf(message, CodecMessageSize, "libpng cannot start");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, fail, warn);
    if (png == NULL) {
        return false;
    }
    png_infop info = png_create_info_struct(png);
    bool done = false;
    if (info != NULL) {
        png_set_read_fn(png, &source, take);
        done = decode(png, info, pixel_limit, &source) && describe(png, info, picture);
    }
    png_destroy_read_struct(&png, &info, NULL);
    if (!done) codec_picture_free(picture);
    return done;
}
