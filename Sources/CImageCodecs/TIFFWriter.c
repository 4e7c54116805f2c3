#include "TIFFStream.h"

#include <stdio.h>
#include <stdlib.h>

static void describe(TIFF *tiff, const CodecPicture *picture) {
    if (picture->profile.count > 0) {
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, (uint32_t)picture->profile.count, picture->profile.bytes);
    }
    if (picture->resolution[0] <= 0 || picture->resolution[1] <= 0) return;
    // TIFF knows no metre.
    const double scale = picture->unit == CodecUnitMetre ? 0.01 : 1;
    const uint16_t unit = picture->unit == CodecUnitNone ? RESUNIT_NONE
        : picture->unit == CodecUnitInch                 ? RESUNIT_INCH
                                                         : RESUNIT_CENTIMETER;
    TIFFSetField(tiff, TIFFTAG_XRESOLUTION, picture->resolution[0] * scale);
    TIFFSetField(tiff, TIFFTAG_YRESOLUTION, picture->resolution[1] * scale);
    TIFFSetField(tiff, TIFFTAG_RESOLUTIONUNIT, unit);
}

static bool encode(TIFF *tiff, const CodecPicture *picture) {
    const uint16_t samples = (uint16_t)(picture->channels + (picture->has_alpha ? 1 : 0));
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, (uint32_t)picture->width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, (uint32_t)picture->height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, (uint16_t)picture->bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, samples);
    TIFFSetField(tiff, TIFFTAG_SAMPLEFORMAT, picture->bits == 32 ? SAMPLEFORMAT_IEEEFP : SAMPLEFORMAT_UINT);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, picture->channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (picture->has_alpha) {
        const uint16_t kind = EXTRASAMPLE_UNASSALPHA;
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, (uint16_t)1, &kind);
    }
    if (TIFFIsCODECConfigured(COMPRESSION_ADOBE_DEFLATE)) {
        TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
        TIFFSetField(tiff, TIFFTAG_PREDICTOR, picture->bits == 32 ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL);
    }
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, TIFFDefaultStripSize(tiff, 0));
    describe(tiff, picture);
    const size_t row_bytes = picture->width * samples * (picture->bits / 8);
    // A predictor works in the memory of the row that it is given.
    uint8_t *row = malloc(row_bytes);
    bool done = row != NULL;
    for (size_t y = 0; done && y < picture->height; y++) {
        const uint8_t *source = (const uint8_t *)picture->samples + y * row_bytes;
        for (size_t i = 0; i < row_bytes; i++) row[i] = source[i];
        done = TIFFWriteScanline(tiff, row, (uint32_t)y, 0) == 1;
    }
    free(row);
    return done && TIFFWriteDirectory(tiff) == 1;
}

bool codec_tiff_write(CodecPicture *picture, CodecBytes *file, char *message) {
    *file = (CodecBytes){0};
    picture->notes[0] = '\0';
    snprintf(message, CodecMessageSize, "libtiff cannot write it");
    TIFFStream stream = {.file = file, .picture = picture, .message = message};
    const size_t raw = picture->width * picture->height * (picture->channels + 1) * (picture->bits / 8);
    // Offsets of 32 bits reach as far as 4 GiB.
    TIFF *tiff = tiff_open(&stream, raw > (size_t)3 << 30 ? "w8m" : "wm");
    bool done = false;
    if (tiff != NULL) {
        done = encode(tiff, picture) && !stream.has_failed;
        TIFFClose(tiff);
    }
    if (!done) {
        free(file->bytes);
        *file = (CodecBytes){0};
    }
    return done;
}
