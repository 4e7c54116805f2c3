#include "CImageCodecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <turbojpeg.h>

static bool decode(
    tjhandle decoder, const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    int width = 0, height = 0, subsampling = 0, colour_space = 0;
    if (tjDecompressHeader3(decoder, bytes, count, &width, &height, &subsampling, &colour_space) != 0) {
        snprintf(message, CodecMessageSize, "%s", tjGetErrorStr2(decoder));
        return false;
    }
    if (colour_space == TJCS_CMYK || colour_space == TJCS_YCCK) {
        snprintf(message, CodecMessageSize, "the JPEG is in CMYK colours, which are not supported: convert it to RGB");
        return false;
    }
    if (width < 1 || height < 1 || (size_t)width > pixel_limit / (size_t)height) {
        snprintf(message, CodecMessageSize, "the JPEG has no pixels or too many: %d x %d", width, height);
        return false;
    }
    bool grey = colour_space == TJCS_GRAY;
    *picture = (CodecPicture){
        .width = (size_t)width, .height = (size_t)height, .channels = grey ? 1 : 3, .bits = 8};
    picture->samples = malloc(picture->width * picture->height * picture->channels);
    if (picture->samples == NULL) {
        snprintf(message, CodecMessageSize, "not enough memory for the JPEG");
        return false;
    }
    // A truncated file is only a warning to libjpeg, which invents the missing rows. Many empty scans are a known attack.
    int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
    if (tjDecompress2(
            decoder, bytes, count, picture->samples, width, 0, height, grey ? TJPF_GRAY : TJPF_RGB, flags) != 0) {
        snprintf(message, CodecMessageSize, "%s", tjGetErrorStr2(decoder));
        return false;
    }
    return true;
}

bool codec_jpeg_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    *picture = (CodecPicture){0};
    tjhandle decoder = tjInitDecompress();
    if (decoder == NULL) {
        snprintf(message, CodecMessageSize, "TurboJPEG cannot start");
        return false;
    }
    bool done = decode(decoder, bytes, count, pixel_limit, picture, message);
    tjDestroy(decoder);
    if (!done) {
        free(picture->samples);
        picture->samples = NULL;
    }
    return done;
}
