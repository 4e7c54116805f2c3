#include "TIFFStream.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void note_error(TIFFStream *stream, const char *format, va_list arguments) {
    // The first error is the cause of those that follow.
    if (!stream->has_failed) vsnprintf(stream->message, CodecMessageSize, format, arguments);
    stream->has_failed = true;
}

static void note_warning(TIFFStream *stream, const char *format, va_list arguments) {
    char text[CodecMessageSize];
    vsnprintf(text, sizeof text, format, arguments);
    // Private tags are common and say nothing about the pixels.
    if (strstr(text, "Unknown field with tag") == NULL) codec_warn(stream->picture, text);
}

#ifdef TIFFLIB_MAJOR_VERSION
#define HAS_OPEN_OPTIONS 1
#elif TIFFLIB_VERSION >= 20221213
#define HAS_OPEN_OPTIONS 1
#else
#define HAS_OPEN_OPTIONS 0
#endif

#if HAS_OPEN_OPTIONS
static int handle_error(TIFF *tiff, void *stream, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    (void)module;
    note_error(stream, format, arguments);
    return 1;
}

static int handle_warning(TIFF *tiff, void *stream, const char *module, const char *format, va_list arguments) {
    (void)tiff;
    (void)module;
    note_warning(stream, format, arguments);
    return 1;
}
#else
// Older versions have one handler for all files of a process, which is told whose stream it is.
static void handle_error(thandle_t stream, const char *module, const char *format, va_list arguments) {
    (void)module;
    if (stream != NULL) note_error(stream, format, arguments);
}

static void handle_warning(thandle_t stream, const char *module, const char *format, va_list arguments) {
    (void)module;
    if (stream != NULL) note_warning(stream, format, arguments);
}

static void install_handlers(void) {
    TIFFSetErrorHandler(NULL);
    TIFFSetWarningHandler(NULL);
    TIFFSetErrorHandlerExt(handle_error);
    TIFFSetWarningHandlerExt(handle_warning);
}
#endif

static tmsize_t take(thandle_t handle, void *target, tmsize_t length) {
    TIFFStream *stream = handle;
    const uint8_t *bytes = stream->file != NULL ? stream->file->bytes : stream->bytes;
    if (stream->position >= stream->count || length <= 0) return 0;
    const size_t rest = stream->count - stream->position;
    const size_t taken = (size_t)length < rest ? (size_t)length : rest;
    memcpy(target, bytes + stream->position, taken);
    stream->position += taken;
    return (tmsize_t)taken;
}

static tmsize_t append(thandle_t handle, void *bytes, tmsize_t length) {
    TIFFStream *stream = handle;
    if (stream->file == NULL || length < 0) return 0;
    const size_t end = stream->position + (size_t)length;
    if (!codec_reserve(stream->file, &stream->capacity, end)) return 0;
    if (stream->position > stream->count) memset(stream->file->bytes + stream->count, 0, stream->position - stream->count);
    memcpy(stream->file->bytes + stream->position, bytes, (size_t)length);
    stream->position = end;
    if (end > stream->count) stream->count = stream->file->count = end;
    return length;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
    TIFFStream *stream = handle;
    toff_t position = offset;
    if (origin == SEEK_CUR) position += stream->position;
    if (origin == SEEK_END) position += stream->count;
    // No file in memory is larger: a writer that would seek beyond gets an error from `append`.
    if (position > (toff_t)1 << 40) return (toff_t)-1;
    stream->position = (size_t)position;
    return position;
}

static int finish(thandle_t stream) {
    (void)stream;
    return 0;
}

static toff_t size(thandle_t handle) {
    const TIFFStream *stream = handle;
    return stream->count;
}

TIFF *tiff_open(TIFFStream *stream, const char *mode) {
#if HAS_OPEN_OPTIONS
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (options == NULL) return NULL;
    TIFFOpenOptionsSetErrorHandlerExtR(options, handle_error, stream);
    TIFFOpenOptionsSetWarningHandlerExtR(options, handle_warning, stream);
    TIFF *tiff = TIFFClientOpenExt("", mode, stream, take, append, seek, finish, size, NULL, NULL, options);
    TIFFOpenOptionsFree(options);
    return tiff;
#else
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handlers);
    return TIFFClientOpen("", mode, stream, take, append, seek, finish, size, NULL, NULL);
#endif
}
