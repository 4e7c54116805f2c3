#include "TIFFStream.h"
#include "TIFFSamples.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool refuse(const TIFFStream *stream, const char *text) {
    if (!stream->has_failed) snprintf(stream->message, CodecMessageSize, "%s", text);
    return false;
}

/// Raw files of cameras are TIFF files whose first picture is a small preview, or sensor data.
static bool is_camera_file(TIFF *tiff, const TIFFStream *stream) {
    uint16_t count = 0;
    uint32_t kind = 0;
    void *value = NULL;
    if (stream->count > 10 && memcmp(stream->bytes + 8, "CR", 2) == 0) return true;
    if (TIFFGetField(tiff, TIFFTAG_DNGVERSION, &value)) return true;
    return TIFFGetField(tiff, TIFFTAG_SUBFILETYPE, &kind) && (kind & FILETYPE_REDUCEDIMAGE) != 0
        && TIFFGetField(tiff, TIFFTAG_SUBIFD, &count, &value) && count > 0;
}

static void describe(TIFF *tiff, CodecPicture *picture) {
    uint16_t orientation = 1, unit = RESUNIT_INCH;
    if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation) && orientation >= 1 && orientation <= 8) {
        picture->orientation = orientation;
    }
    float across = 0, down = 0;
    if (TIFFGetField(tiff, TIFFTAG_XRESOLUTION, &across) && TIFFGetField(tiff, TIFFTAG_YRESOLUTION, &down)
        && across > 0 && down > 0 && across < 1e9f && down < 1e9f) {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_RESOLUTIONUNIT, &unit);
        picture->resolution[0] = across;
        picture->resolution[1] = down;
        picture->unit = unit == RESUNIT_CENTIMETER ? CodecUnitCentimetre : unit == RESUNIT_INCH ? CodecUnitInch : CodecUnitNone;
    }
    uint32_t length = 0;
    void *profile = NULL;
    if (TIFFGetField(tiff, TIFFTAG_ICCPROFILE, &length, &profile)) picture->profile = codec_copy(profile, length);
    if (TIFFGetField(tiff, TIFFTAG_XMLPACKET, &length, &profile)) codec_tell(picture, "its XMP data is left out");
    if (TIFFGetField(tiff, TIFFTAG_RICHTIFFIPTC, &length, &profile)) codec_tell(picture, "its IPTC data is left out");
    toff_t exif = 0;
    if (TIFFGetField(tiff, TIFFTAG_EXIFIFD, &exif)) codec_tell(picture, "its Exif data is left out");
    picture->has_more_pictures = !TIFFLastDirectory(tiff);
}

/// The largest ratio of decoded to stored bytes; 0 where it has no useful bound.
static uint64_t largest_ratio(uint16_t compression) {
    switch (compression) {
    case COMPRESSION_NONE: return 1;
    case COMPRESSION_PACKBITS: return 64;
    case COMPRESSION_LZW: return 4096;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE: return 1032;
    case COMPRESSION_JPEG: return 4096;
    default: return 0;
    }
}

/// Colours that libtiff converts itself, to RGB with alpha in 8 bits.
static bool read_converted(TIFF *tiff, TIFFStream *stream) {
    CodecPicture *picture = stream->picture;
    // The caller turns the picture.
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    picture->channels = 3;
    picture->bits = 8;
    if (!codec_allocate(picture, "TIFF", stream->message)) return false;
    const size_t pixels = picture->width * picture->height;
    uint32_t *raster = calloc(pixels, sizeof *raster);
    if (raster == NULL) return refuse(stream, "not enough memory for the TIFF");
    bool done = TIFFReadRGBAImageOriented(
                    tiff, (uint32_t)picture->width, (uint32_t)picture->height, raster, ORIENTATION_TOPLEFT, 1) != 0
        && !stream->has_failed;
    uint8_t *samples = picture->samples;
    for (size_t i = 0; done && i < pixels; i++) {
        samples[3 * i] = TIFFGetR(raster[i]);
        samples[3 * i + 1] = TIFFGetG(raster[i]);
        samples[3 * i + 2] = TIFFGetB(raster[i]);
    }
    free(raster);
    if (done) codec_tell(picture, "its colours were converted to RGB of 8 bits");
    return done || refuse(stream, "the TIFF data is damaged or ends too early");
}

/// Reads strips or tiles one after the other, each into its place.
static bool read_segments(TIFF *tiff, TIFFStream *stream, const TIFFLayout *layout) {
    const bool is_tiled = TIFFIsTiled(tiff) != 0;
    CodecPicture *picture = stream->picture;
    uint32_t segment_width = (uint32_t)picture->width, segment_height = (uint32_t)picture->height;
    if (is_tiled) {
        TIFFGetField(tiff, TIFFTAG_TILEWIDTH, &segment_width);
        TIFFGetField(tiff, TIFFTAG_TILELENGTH, &segment_height);
    } else {
        TIFFGetFieldDefaulted(tiff, TIFFTAG_ROWSPERSTRIP, &segment_height);
        if (segment_height > picture->height) segment_height = (uint32_t)picture->height;
    }
    const uint64_t size = is_tiled ? TIFFTileSize64(tiff) : TIFFStripSize64(tiff);
    const uint64_t row_bytes = is_tiled ? TIFFTileRowSize64(tiff) : TIFFScanlineSize64(tiff);
    if (segment_width == 0 || segment_height == 0 || size == 0 || row_bytes == 0 || size / row_bytes < segment_height
        || row_bytes < tiff_row_bytes(layout, segment_width)) {
        return refuse(stream, "the TIFF has strips or tiles that do not fit together");
    }
    // A tile may reach beyond the picture, but not by more than the picture and a usual tile hold.
    const uint64_t whole = (uint64_t)picture->width * picture->height * 32 * layout->samples_in_file;
    if (size > whole + (16u << 20)) return refuse(stream, "the TIFF has tiles that are far larger than the picture");
    uint8_t *buffer = calloc(1, size);
    if (buffer == NULL) return refuse(stream, "not enough memory for the TIFF");
    const uint32_t across = (uint32_t)((picture->width - 1) / segment_width + 1);
    const uint32_t down = (uint32_t)((picture->height - 1) / segment_height + 1);
    const uint32_t planes = layout->is_planar ? layout->samples_in_file : 1;
    bool done = true;
    for (uint32_t plane = 0; done && plane < planes; plane++) {
        for (uint32_t number = 0; done && number < across * down; number++) {
            const uint32_t row = number / across * segment_height, column = number % across * segment_width;
            const uint32_t index = plane * across * down + number;
            const size_t rows = picture->height - row < segment_height ? picture->height - row : segment_height;
            const size_t columns = picture->width - column < segment_width ? picture->width - column : segment_width;
            const tmsize_t needed = (tmsize_t)(is_tiled ? size : row_bytes * rows);
            const tmsize_t count = is_tiled ? TIFFReadEncodedTile(tiff, index, buffer, (tmsize_t)size)
                                            : TIFFReadEncodedStrip(tiff, index, buffer, needed);
            done = count >= needed && !stream->has_failed;
            for (size_t y = 0; done && y < rows; y++) {
                tiff_place_row(layout, picture, buffer + y * row_bytes, plane, row + y, column, columns);
            }
        }
    }
    free(buffer);
    return done || refuse(stream, "the TIFF data is damaged or ends too early");
}

static bool decode(TIFF *tiff, TIFFStream *stream, size_t pixel_limit) {
    CodecPicture *picture = stream->picture;
    uint32_t width = 0, height = 0;
    uint16_t photometric = PHOTOMETRIC_MINISBLACK, compression = COMPRESSION_NONE;
    if (is_camera_file(tiff, stream)) {
        return refuse(stream, "is a raw camera file, which is not read: develop it and save a TIFF, PNG or JPEG file");
    }
    if (!TIFFGetField(tiff, TIFFTAG_IMAGEWIDTH, &width) || !TIFFGetField(tiff, TIFFTAG_IMAGELENGTH, &height)) {
        return refuse(stream, "the TIFF does not say how large it is");
    }
    if (!codec_check_size(width, height, pixel_limit, "TIFF", stream->message)) return false;
    picture->width = width;
    picture->height = height;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
    if (!TIFFIsCODECConfigured(compression)) return refuse(stream, "the TIFF has a compression that this libtiff does not read");
    if (!TIFFGetField(tiff, TIFFTAG_PHOTOMETRIC, &photometric)) {
        uint16_t samples = 1;
        TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &samples);
        if (samples >= 3) photometric = PHOTOMETRIC_RGB;
    }
    describe(tiff, picture);

    if (photometric == PHOTOMETRIC_YCBCR && compression == COMPRESSION_JPEG) {
        TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
        photometric = PHOTOMETRIC_RGB;
    }
    TIFFLayout layout;
    if (!tiff_layout(tiff, photometric, &layout, stream->message)) return false;
    const uint64_t ratio = largest_ratio(compression);
    const uint64_t raw = tiff_row_bytes(&layout, width) * height * (layout.is_planar ? layout.samples_in_file : 1);
    // Chroma may be stored for every fourth pixel of every fourth row.
    if (ratio > 0 && raw / ratio / (layout.is_converted ? 4 : 1) > stream->count + (ratio == 1 ? 0 : 4096)) {
        return refuse(stream, "the TIFF data ends too early for its size");
    }
    if (layout.is_converted) return read_converted(tiff, stream);
    picture->channels = layout.channels;
    picture->bits = layout.bits;
    picture->has_alpha = layout.has_alpha;
    if (layout.left_out > 0) codec_tell(picture, "its samples beyond colour and alpha are left out");
    if (!codec_allocate(picture, "TIFF", stream->message)) return false;
    if (!read_segments(tiff, stream, &layout)) return false;
    if (layout.is_associated) {
        tiff_divide_by_alpha(picture);
        codec_tell(picture, "its colours, stored multiplied by alpha, were divided by it");
    }
    return true;
}

bool codec_tiff_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    codec_begin(picture);
    snprintf(message, CodecMessageSize, "libtiff cannot start");
    TIFFStream stream = {.bytes = bytes, .count = count, .picture = picture, .message = message};
    TIFF *tiff = tiff_open(&stream, "rm");
    if (tiff == NULL) return false;
    const bool done = decode(tiff, &stream, pixel_limit);
    TIFFClose(tiff);
    if (!done) codec_picture_free(picture);
    return done;
}
