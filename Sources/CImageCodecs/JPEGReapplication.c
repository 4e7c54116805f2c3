#include "CImageCodecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

enum { Block = 8, Stride = 2 };

/// Where a coordinate lies that runs over the border, mirrored with the border pixel doubled.
static size_t mirrored(ptrdiff_t position, size_t length) {
    const ptrdiff_t period = 2 * (ptrdiff_t)length;
    ptrdiff_t place = position % period;
    if (place < 0) place += period;
    return (size_t)(place < (ptrdiff_t)length ? place : period - 1 - place);
}

/// Codes and decodes `frame` in place.
static bool code_again(tjhandle coder, tjhandle decoder, uint8_t *frame, int width, int height, int channels, int quality) {
    const int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
    unsigned char *file = NULL;
    unsigned long count = 0;
    const bool done =
        tjCompress2(
            coder, frame, width, 0, height, format, &file, &count, channels == 1 ? TJSAMP_GRAY : TJSAMP_444, quality,
            TJFLAG_ACCURATEDCT) == 0
        && tjDecompress2(decoder, file, count, frame, width, 0, height, format, TJFLAG_ACCURATEDCT) == 0;
    tjFree(file);
    return done;
}

bool codec_jpeg_reapply(
    const uint8_t *samples, size_t width, size_t height, size_t channels, int quality, float *mean, char *message) {
    const size_t wide = width + Block, high = height + Block;
    if (wide > 65500 || high > 65500) {
        snprintf(message, CodecMessageSize, "is %zux%zu, larger than a JPEG file can be", height, width);
        return false;
    }
    uint8_t *frame = malloc(wide * high * channels);
    tjhandle coder = tjInitCompress();
    tjhandle decoder = tjInitDecompress();
    bool done = frame != NULL && coder != NULL && decoder != NULL;
    memset(mean, 0, width * height * channels * sizeof *mean);
    const int alignments = (Block / Stride) * (Block / Stride);
    for (int number = 0; done && number < alignments; number++) {
        // The picture's corner lies at (down, across) of the frame.
        const size_t down = (size_t)(number / (Block / Stride) * Stride), across = (size_t)(number % (Block / Stride) * Stride);
        for (size_t row = 0; row < high; row++) {
            const size_t from = mirrored((ptrdiff_t)row - (ptrdiff_t)down, height);
            for (size_t column = 0; column < wide; column++) {
                const size_t place = mirrored((ptrdiff_t)column - (ptrdiff_t)across, width);
                memcpy(&frame[(row * wide + column) * channels], &samples[(from * width + place) * channels], channels);
            }
        }
        done = code_again(coder, decoder, frame, (int)wide, (int)high, (int)channels, quality);
        if (!done) break;
        for (size_t row = 0; row < height; row++) {
            const uint8_t *decoded = &frame[((row + down) * wide + across) * channels];
            for (size_t i = 0; i < width * channels; i++) mean[row * width * channels + i] += (float)decoded[i] / (float)alignments;
        }
    }
    if (!done) snprintf(message, CodecMessageSize, "cannot be coded again as JPEG");
    if (coder != NULL) tjDestroy(coder);
    if (decoder != NULL) tjDestroy(decoder);
    free(frame);
    return done;
}
