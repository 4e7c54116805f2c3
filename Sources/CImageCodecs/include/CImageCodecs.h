#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// PNG and JPEG, from memory and to memory.
///
/// libpng reports an error by longjmp, which Swift cannot catch, so the calls that may jump stay in this module. Every
/// function returns false on an error and writes one line about it, without the name of the file, to `message`,
/// an array of `CodecMessageSize` characters. It then holds no memory.

enum { CodecMessageSize = 256 };

/// A decoded picture: rows from top to bottom, the channels of a pixel side by side, no padding.
typedef struct {
    size_t width;
    size_t height;
    size_t channels;   ///< 1 grey, 3 RGB.
    size_t bits;       ///< 8: `samples` are uint8_t. 16: uint16_t in the byte order of the machine.
    bool alpha_dropped; ///< The file has an alpha channel or a transparent colour, which is not in `samples`.
    void *samples;     ///< From malloc; the caller frees it.
} CodecPicture;

/// An encoded file.
typedef struct {
    uint8_t *bytes; ///< From malloc; the caller frees it.
    size_t count;
} CodecBytes;

/// Decodes a PNG file of any colour type, bit depth and interlacing.
///
/// A palette becomes RGB; grey of 1, 2 or 4 bits becomes 8; 16 stays 16. Samples are as stored: no gamma, no colour profile.
/// Errors: a damaged or truncated file, a wrong checksum in any chunk, a picture of more than `pixel_limit` pixels.
bool codec_png_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);

/// Encodes `picture` (1 or 3 channels, 8 or 16 bits, at least one pixel) as a PNG file that is not interlaced.
bool codec_png_write(const CodecPicture *picture, CodecBytes *file, char *message);

/// Decodes a baseline or progressive JPEG file, grey or colour, to 8 bits.
///
/// Errors: a damaged or truncated file (also where libjpeg only warns), CMYK, more than `pixel_limit` pixels.
bool codec_jpeg_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);

/// The mean of a picture over 16 alignments of JPEG's 8x8 blocks, two pixels apart, each coded with `quality` (1 to 100, chroma not
/// subsampled) and decoded again. Over the border the picture goes on mirrored.
///
/// `samples` and `mean` hold `height` rows of `width` pixels of `channels` (1 or 3) numbers on the scale from 0 to 255.
bool codec_jpeg_reapply(
    const uint8_t *samples, size_t width, size_t height, size_t channels, int quality, float *mean, char *message);
