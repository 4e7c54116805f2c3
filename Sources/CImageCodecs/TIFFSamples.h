#pragma once

#include "Codec.h"

#include <tiffio.h>

/// How the samples of a TIFF file lie, and what becomes of them.
typedef struct {
    uint16_t samples_in_file; ///< Of one pixel, all channels.
    uint16_t bits_in_file;    ///< Of one sample.
    bool is_float;
    bool is_planar;           ///< Each channel has strips or tiles of its own.
    bool is_inverted;         ///< 0 is white.
    bool is_converted;        ///< libtiff converts the colours; nothing below matters.
    const uint16_t *palette[3]; ///< NULL where there is none.
    unsigned palette_shift;   ///< 0 for the old palettes of 8 bits.

    size_t channels;
    size_t bits;
    bool has_alpha;
    uint16_t alpha;           ///< The sample that is alpha.
    bool is_associated;       ///< Colours are multiplied by alpha.
    unsigned left_out;        ///< Samples that are neither colour nor alpha.
} TIFFLayout;

/// Reads the tags of samples. False with a message, by name, for what is not supported.
bool tiff_layout(TIFF *tiff, uint16_t photometric, TIFFLayout *layout, char *message);

/// Bytes of a row of so many pixels, of one channel where these lie apart.
uint64_t tiff_row_bytes(const TIFFLayout *layout, uint64_t columns);

/// Puts decoded bytes of a row, of channel `plane` where these lie apart, to their place in the picture.
void tiff_place_row(
    const TIFFLayout *layout, CodecPicture *picture, const uint8_t *bytes, uint32_t plane, size_t row, size_t column, size_t columns);

/// Colour / alpha, at most white; colours of transparent pixels stay.
void tiff_divide_by_alpha(CodecPicture *picture);
