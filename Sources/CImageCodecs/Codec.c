#include "Codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void codec_begin(CodecPicture *picture) {
    *picture = (CodecPicture){.orientation = 1, .srgb_intent = -1};
}

void codec_picture_free(CodecPicture *picture) {
    free(picture->samples);
    free(picture->profile.bytes);
    free(picture->exif.bytes);
    picture->samples = NULL;
    picture->profile = (CodecBytes){0};
    picture->exif = (CodecBytes){0};
}

void codec_warn(CodecPicture *picture, const char *text) {
    char line[CodecMessageSize];
    snprintf(line, sizeof line, "the decoder warns: %s", text);
    codec_tell(picture, line);
}

void codec_tell(CodecPicture *picture, const char *text) {
    char line[CodecMessageSize];
    snprintf(line, sizeof line - 1, "%s", text);
    for (char *place = line; *place != '\0'; place++) {
        if (*place == '\n' || *place == '\r') *place = ' ';
    }
    strcat(line, "\n");
    const size_t used = strlen(picture->notes);
    if (strstr(picture->notes, line) != NULL || used + strlen(line) >= CodecNotesSize) return;
    memcpy(picture->notes + used, line, strlen(line) + 1);
}

CodecBytes codec_copy(const void *bytes, size_t count) {
    if (bytes == NULL || count == 0) return (CodecBytes){0};
    CodecBytes copy = {.bytes = malloc(count), .count = count};
    if (copy.bytes == NULL) return (CodecBytes){0};
    memcpy(copy.bytes, bytes, count);
    return copy;
}

bool codec_check_size(size_t width, size_t height, size_t pixel_limit, const char *format, char *message) {
    if (width < 1 || height < 1) {
        snprintf(message, CodecMessageSize, "the %s has no pixels: %zu x %zu", format, width, height);
        return false;
    }
    if (width > pixel_limit / height) {
        snprintf(message, CodecMessageSize, "the %s has too many pixels: %zu x %zu", format, width, height);
        return false;
    }
    return true;
}

bool codec_allocate(CodecPicture *picture, const char *format, char *message) {
    const size_t samples = picture->channels + (picture->has_alpha ? 1 : 0);
    picture->samples = calloc(picture->width * picture->height, samples * (picture->bits / 8));
    if (picture->samples == NULL) snprintf(message, CodecMessageSize, "not enough memory for the %s", format);
    return picture->samples != NULL;
}

bool codec_reserve(CodecBytes *file, size_t *capacity, size_t count) {
    if (count <= *capacity) return true;
    const size_t wanted = count + *capacity;
    uint8_t *grown = realloc(file->bytes, wanted);
    if (grown == NULL) return false;
    file->bytes = grown;
    *capacity = wanted;
    return true;
}
