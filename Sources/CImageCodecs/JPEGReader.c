#include "Codec.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// jpeglib.h wants FILE and size_t before it.
#include <jerror.h>
#include <jpeglib.h>

/// What the callbacks of libjpeg share; the library hands back the pointers to its members.
typedef struct {
    struct jpeg_error_mgr errors;
    struct jpeg_progress_mgr progress;
    struct jpeg_decompress_struct decoder;
    jmp_buf jump;
    char *message;
    CodecPicture *picture;
    bool ends_early; ///< The end mark is missing.
} Reader;

/// Scans beyond this are an attack: many empty ones make a small file slow.
enum { MostScans = 500 };

/// Stray bytes behind the picture's data that are taken for padding; more of them are data that a damaged picture has left over.
enum { MostStrayBytes = 1024 };

static void fail(j_common_ptr common) {
    Reader *reader = common->client_data;
    char text[JMSG_LENGTH_MAX];
    common->err->format_message(common, text);
    snprintf(reader->message, CodecMessageSize, "%s", text);
    longjmp(reader->jump, 1);
}

/// Sorts libjpeg's warnings into those that invent pixels, which are errors, and those that do no harm.
static void emit(j_common_ptr common, int level) {
    if (level >= 0) return;
    Reader *reader = common->client_data;
    const struct jpeg_error_mgr *errors = common->err;
    bool is_harmless = false;
    switch (errors->msg_code) {
    case JWRN_JPEG_EOF:
        reader->ends_early = true;
        is_harmless = true;
        break;
    case JWRN_EXTRANEOUS_DATA:
        is_harmless = reader->decoder.input_scan_number == 0 || errors->msg_parm.i[0] <= MostStrayBytes;
        break;
    case JWRN_ADOBE_XFORM:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_NOT_SEQUENTIAL:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_ICC: is_harmless = true; break;
    default: break;
    }
    if (!is_harmless) fail(common);
    char text[JMSG_LENGTH_MAX];
    errors->format_message(common, text);
    codec_warn(reader->picture, text);
}

static void watch(j_common_ptr common) {
    Reader *reader = common->client_data;
    if (reader->decoder.input_scan_number > MostScans) {
        snprintf(reader->message, CodecMessageSize, "the JPEG has more than %d scans", MostScans);
        longjmp(reader->jump, 1);
    }
}

/// Whether every bit of every coefficient has come, for a file whose end is missing.
static bool is_complete(struct jpeg_decompress_struct *decoder) {
    if (decoder->coef_bits == NULL) return !jpeg_has_multiple_scans(decoder);
    for (int component = 0; component < decoder->num_components; component++) {
        for (int i = 0; i < DCTSIZE2; i++) {
            if (decoder->coef_bits[component][i] != 0) return false;
        }
    }
    return true;
}

/// Whether the data of a marker begins with this name.
static bool is_named(const struct jpeg_marker_struct *marker, const char *name) {
    return marker->data_length >= strlen(name) && memcmp(marker->data, name, strlen(name)) == 0;
}

static void describe(struct jpeg_decompress_struct *decoder, CodecPicture *picture) {
    JOCTET *profile = NULL;
    unsigned int length = 0;
    if (jpeg_read_icc_profile(decoder, &profile, &length)) picture->profile = (CodecBytes){.bytes = profile, .count = length};
    for (jpeg_saved_marker_ptr marker = decoder->marker_list; marker != NULL; marker = marker->next) {
        const bool is_exif =
            marker->marker == JPEG_APP0 + 1 && marker->data_length > 6 && memcmp(marker->data, "Exif\0\0", 6) == 0;
        if (marker->marker == JPEG_APP0 + 1 && is_named(marker, "http://ns.adobe.com/")) codec_tell(picture, "its XMP data is left out");
        if (marker->marker == JPEG_APP0 + 13 && is_named(marker, "Photoshop 3.0")) {
            codec_tell(picture, "its IPTC and Photoshop data is left out");
        }
        if (marker->marker == JPEG_COM) codec_tell(picture, "its comment is left out");
        if (is_exif && picture->exif.count == 0) picture->exif = codec_copy(marker->data + 6, marker->data_length - 6);
    }
    if (decoder->saw_JFIF_marker && decoder->X_density > 0 && decoder->Y_density > 0) {
        picture->resolution[0] = decoder->X_density;
        picture->resolution[1] = decoder->Y_density;
        picture->unit = decoder->density_unit == 1 ? CodecUnitInch : decoder->density_unit == 2 ? CodecUnitCentimetre : CodecUnitNone;
    }
}

/// The steps that may jump. On a jump `picture` holds what is owned by the caller.
static bool decode(Reader *reader, const uint8_t *bytes, size_t count, size_t pixel_limit) {
    struct jpeg_decompress_struct *decoder = &reader->decoder;
    CodecPicture *picture = reader->picture;
    if (setjmp(reader->jump)) return false;
    jpeg_create_decompress(decoder);
    decoder->client_data = reader;
    reader->progress.progress_monitor = watch;
    decoder->progress = &reader->progress;
    jpeg_mem_src(decoder, bytes, (unsigned long)count);
    jpeg_save_markers(decoder, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(decoder, JPEG_APP0 + 2, 0xFFFF);
    // Of these only the beginning is looked at.
    jpeg_save_markers(decoder, JPEG_APP0 + 13, 64);
    jpeg_save_markers(decoder, JPEG_COM, 64);
    jpeg_read_header(decoder, TRUE);

    const bool is_grey = decoder->jpeg_color_space == JCS_GRAYSCALE;
    if (decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK) {
        snprintf(reader->message, CodecMessageSize, "the JPEG is in CMYK colours, which are not supported: convert it to RGB");
        return false;
    }
    if (!is_grey && decoder->jpeg_color_space != JCS_RGB && decoder->jpeg_color_space != JCS_YCbCr) {
        snprintf(
            reader->message, CodecMessageSize, "the JPEG has %d components, which are neither grey nor RGB", decoder->num_components);
        return false;
    }
    if (!codec_check_size(decoder->image_width, decoder->image_height, pixel_limit, "JPEG", reader->message)) return false;
    // A block of 64 pixels takes one bit at least.
    if ((size_t)decoder->image_width * decoder->image_height / 512 > count + 4096) {
        snprintf(reader->message, CodecMessageSize, "the JPEG data ends too early for its size");
        return false;
    }
    decoder->out_color_space = is_grey ? JCS_GRAYSCALE : JCS_RGB;
    decoder->dct_method = JDCT_ISLOW;
    picture->width = decoder->image_width;
    picture->height = decoder->image_height;
    picture->channels = is_grey ? 1 : 3;
    picture->bits = 8;
    if (!codec_allocate(picture, "JPEG", reader->message)) return false;
    describe(decoder, picture);
    jpeg_start_decompress(decoder);
    while (decoder->output_scanline < decoder->output_height) {
        JSAMPROW row = (JSAMPROW)picture->samples + (size_t)decoder->output_scanline * picture->width * picture->channels;
        jpeg_read_scanlines(decoder, &row, 1);
    }
    // A file that ends before its end mark has all its pixels where the last scan needed no more.
    const bool has_all_pixels = is_complete(decoder);
    jpeg_finish_decompress(decoder);
    if (reader->ends_early && !has_all_pixels) {
        snprintf(reader->message, CodecMessageSize, "the JPEG data ends too early: parts of the picture are missing");
        return false;
    }
    return true;
}

bool codec_jpeg_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    codec_begin(picture);
    Reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        snprintf(message, CodecMessageSize, "not enough memory for the JPEG");
        return false;
    }
    reader->message = message;
    reader->picture = picture;
    reader->decoder.err = jpeg_std_error(&reader->errors);
    reader->decoder.client_data = reader;
    reader->errors.error_exit = fail;
    reader->errors.emit_message = emit;
    bool done = decode(reader, bytes, count, pixel_limit);
    jpeg_destroy_decompress(&reader->decoder);
    free(reader);
    if (!done) codec_picture_free(picture);
    return done;
}
