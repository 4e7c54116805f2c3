#include "Codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <webp/decode.h>
#include <webp/demux.h>

static CodecBytes chunk(const WebPDemuxer *container, const char *name) {
    WebPChunkIterator iterator;
    CodecBytes found = {0};
    if (WebPDemuxGetChunk(container, name, 1, &iterator)) found = codec_copy(iterator.chunk.bytes, iterator.chunk.size);
    WebPDemuxReleaseChunkIterator(&iterator);
    return found;
}

/// Drops the words "Exif\0\0" that some programs put before the data, as in JPEG.
static CodecBytes without_words(CodecBytes exif) {
    if (exif.count > 6 && memcmp(exif.bytes, "Exif\0\0", 6) == 0) {
        exif.count -= 6;
        memmove(exif.bytes, exif.bytes + 6, exif.count);
    }
    return exif;
}

/// The first frame of an animation, on its canvas.
static bool decode_animation(const WebPData *data, CodecPicture *picture, char *message) {
    WebPAnimDecoderOptions options;
    if (!WebPAnimDecoderOptionsInit(&options)) return false;
    options.color_mode = MODE_RGBA;
    WebPAnimDecoder *decoder = WebPAnimDecoderNew(data, &options);
    if (decoder == NULL) return false;
    uint8_t *frame = NULL;
    int time = 0;
    bool done = WebPAnimDecoderGetNext(decoder, &frame, &time) != 0;
    if (done) {
        picture->has_alpha = true;
        done = codec_allocate(picture, "WebP", message);
        if (done) memcpy(picture->samples, frame, picture->width * picture->height * 4);
    }
    WebPAnimDecoderDelete(decoder);
    return done;
}

static bool decode(const WebPData *data, const WebPDemuxer *container, size_t pixel_limit, CodecPicture *picture, char *message) {
    WebPBitstreamFeatures features;
    const VP8StatusCode status = WebPGetFeatures(data->bytes, data->size, &features);
    if (status != VP8_STATUS_OK) {
        snprintf(
            message, CodecMessageSize, status == VP8_STATUS_NOT_ENOUGH_DATA ? "the WebP data ends too early" : "the WebP header is damaged");
        return false;
    }
    picture->width = (size_t)features.width;
    picture->height = (size_t)features.height;
    picture->channels = 3;
    picture->bits = 8;
    picture->has_alpha = features.has_alpha != 0;
    if (!codec_check_size(picture->width, picture->height, pixel_limit, "WebP", message)) return false;
    if (container != NULL) {
        const uint32_t flags = WebPDemuxGetI(container, WEBP_FF_FORMAT_FLAGS);
        if (flags & ICCP_FLAG) picture->profile = chunk(container, "ICCP");
        if (flags & XMP_FLAG) codec_tell(picture, "its XMP data is left out");
        if (flags & EXIF_FLAG) picture->exif = without_words(chunk(container, "EXIF"));
    }
    snprintf(message, CodecMessageSize, "the WebP data is damaged or ends too early");
    if (features.has_animation) {
        picture->has_more_pictures = true;
        return decode_animation(data, picture, message);
    }
    if (!codec_allocate(picture, "WebP", message)) return false;
    const size_t stride = picture->width * (picture->has_alpha ? 4 : 3), size = stride * picture->height;
    const uint8_t *decoded =
        picture->has_alpha ? WebPDecodeRGBAInto(data->bytes, data->size, picture->samples, size, (int)stride)
                           : WebPDecodeRGBInto(data->bytes, data->size, picture->samples, size, (int)stride);
    return decoded != NULL;
}

bool codec_webp_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message) {
    codec_begin(picture);
    const WebPData data = {.bytes = bytes, .size = count};
    // Without a container that can be read there may still be a picture, which the decoder judges.
    WebPDemuxer *container = WebPDemux(&data);
    const bool done = decode(&data, container, pixel_limit, picture, message);
    WebPDemuxDelete(container);
    if (!done) codec_picture_free(picture);
    return done;
}
