#include "Deflate.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

CodecBytes codec_inflate(const uint8_t *bytes, size_t count, size_t limit) {
    z_stream stream = {.next_in = (Bytef *)bytes, .avail_in = (uInt)count};
    CodecBytes file = {0};
    if (count > UINT32_MAX || inflateInit(&stream) != Z_OK) return file;
    size_t capacity = 0;
    int state = Z_OK;
    while (state == Z_OK && file.count < limit) {
        uint8_t part[16384];
        stream.next_out = part;
        stream.avail_out = sizeof part;
        state = inflate(&stream, Z_NO_FLUSH);
        const size_t made = sizeof part - stream.avail_out;
        if (!codec_reserve(&file, &capacity, file.count + made)) break;
        memcpy(file.bytes + file.count, part, made);
        file.count += made;
        if (made == 0 && state == Z_OK) break;
    }
    inflateEnd(&stream);
    if (state == Z_STREAM_END) return file;
    free(file.bytes);
    return (CodecBytes){0};
}

CodecBytes codec_deflate(const void *head, size_t head_count, const uint8_t *bytes, size_t count) {
    uLongf length = compressBound(count);
    CodecBytes file = {.bytes = malloc(head_count + length)};
    if (file.bytes == NULL) return file;
    memcpy(file.bytes, head, head_count);
    if (compress2(file.bytes + head_count, &length, bytes, count, Z_BEST_COMPRESSION) != Z_OK) {
        free(file.bytes);
        return (CodecBytes){0};
    }
    file.count = head_count + length;
    return file;
}
