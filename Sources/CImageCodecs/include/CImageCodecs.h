#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// PNG, JPEG, TIFF and WebP, from memory and to memory.
///
/// libpng and libjpeg report an error by longjmp, which Swift cannot catch, so the calls that may jump stay in this module. Every
/// function returns false on an error and writes one line about it, without the name of the file, to `message`,
/// an array of `CodecMessageSize` characters. It then holds no memory.
///
/// No reader takes memory for the pixels that a header declares before the file is known to be long enough for them: each format
/// has a largest ratio of decoded to encoded bytes.

enum { CodecMessageSize = 256, CodecNotesSize = 1024 };

/// Bytes from malloc; the caller frees them.
typedef struct {
    uint8_t *bytes;
    size_t count;
} CodecBytes;

/// What one unit of a resolution is a length of.
typedef enum {
    CodecUnitNone = 0, ///< Only the ratio of the two numbers means something.
    CodecUnitInch = 1,
    CodecUnitCentimetre = 2,
    CodecUnitMetre = 3,
} CodecUnit;

/// A picture: rows from top to bottom, the samples of a pixel side by side (grey or red, green, blue, then alpha), no padding.
typedef struct {
    size_t width;
    size_t height;
    size_t channels;  ///< 1 grey, 3 RGB; alpha is not counted.
    size_t bits;      ///< 8: `samples` are uint8_t. 16: uint16_t in the byte order of the machine. 32: float.
    bool has_alpha;   ///< A last sample of each pixel: 0 transparent, the largest sample (1 for float) opaque.
    void *samples;

    int orientation;         ///< Of TIFF's tag 274, 1 to 8; 1 elsewhere, where Exif data holds it.
    double resolution[2];    ///< Pixels per unit along rows and columns; 0 where the file says nothing.
    CodecUnit unit;
    CodecBytes profile;      ///< An ICC profile; count 0 where there is none.
    CodecBytes exif;         ///< Exif data from its byte order mark on.
    double gamma;            ///< Of PNG's gAMA; 0 where there is none.
    double chromaticities[8]; ///< Of PNG's cHRM: white, red, green and blue, x and y; the first is 0 where there is none.
    int srgb_intent;         ///< Of PNG's sRGB; -1 where there is none.
    uint8_t cicp[4];         ///< Of PNG's cICP.
    bool has_cicp;
    bool has_more_pictures;  ///< This is the first of several pages or frames.
    /// What the user should know: lines, each with its line feed.
    char notes[CodecNotesSize];
} CodecPicture;

/// Frees what a reader gave. It may be called for a picture that was never filled.
void codec_picture_free(CodecPicture *picture);

/// Decodes a PNG file of any colour type, bit depth and interlacing.
///
/// A palette becomes RGB; grey of 1, 2 or 4 bits becomes 8; 16 stays 16; a transparent colour becomes alpha. Samples are as stored:
/// no gamma, no colour profile. Damage outside of the pixels is a warning: a wrong checksum of an ancillary chunk, whose content is
/// then left out, or a missing end. Errors: damaged or missing pixels, a picture of more than `pixel_limit` pixels.
bool codec_png_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);

/// Encodes `picture` (1 or 3 channels, 8 or 16 bits, at least one pixel) as a PNG file that is not interlaced, with all that the
/// picture says about itself. What libpng refuses of that is left out and told in `picture->notes`.
bool codec_png_write(CodecPicture *picture, CodecBytes *file, char *message);

/// Decodes a baseline or progressive JPEG file, grey or colour, to 8 bits.
///
/// Errors: a damaged or truncated file (also where libjpeg only warns and invents pixels), CMYK, more than `pixel_limit` pixels.
/// What does no harm to the pixels is a warning: stray bytes between segments, a missing end mark.
bool codec_jpeg_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);

/// The mean of a picture over 16 alignments of JPEG's 8x8 blocks, two pixels apart, each coded with `quality` (1 to 100, chroma not
/// subsampled) and decoded again. Over the border the picture goes on mirrored.
///
/// `samples` and `mean` hold `height` rows of `width` pixels of `channels` (1 or 3) numbers on the scale from 0 to 255.
bool codec_jpeg_reapply(
    const uint8_t *samples, size_t width, size_t height, size_t channels, int quality, float *mean, char *message);

/// Decodes the first picture of a TIFF or BigTIFF file.
///
/// Grey (white or black is zero), palette and RGB of 1 to 16 bits and of floats of 16, 32 or 64 bits; strips and tiles, samples
/// together or apart, any compression that libtiff was built with. Floats are given as stored. YCbCr and CIE L*a*b* become RGB of 8
/// bits. Colours that were multiplied by alpha are divided by it. Errors, by name: CMYK, signed and 32 bit integers, raw camera data,
/// damaged or missing pixels, more than `pixel_limit` pixels.
bool codec_tiff_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);

/// Encodes `picture` (8, 16 bits or floats) as a TIFF file, compressed without loss, with profile and resolution.
bool codec_tiff_write(CodecPicture *picture, CodecBytes *file, char *message);

/// Decodes a WebP file, with or without loss, to RGB of 8 bits; of an animation its first frame.
bool codec_webp_read(const uint8_t *bytes, size_t count, size_t pixel_limit, CodecPicture *picture, char *message);
