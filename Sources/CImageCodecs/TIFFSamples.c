#include "TIFFSamples.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool refuse(char *message, const char *text) {
    snprintf(message, CodecMessageSize, "%s", text);
    return false;
}

/// Finds alpha among the samples beyond the colours.
static void find_alpha(TIFF *tiff, TIFFLayout *layout) {
    uint16_t count = 0;
    const uint16_t *kinds = NULL;
    layout->left_out = layout->samples_in_file - (unsigned)layout->channels;
    if (layout->left_out == 0 || !TIFFGetField(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds)) return;
    for (uint16_t i = 0; i < count && i < layout->left_out; i++) {
        if (kinds[i] != EXTRASAMPLE_ASSOCALPHA && kinds[i] != EXTRASAMPLE_UNASSALPHA) continue;
        layout->has_alpha = true;
        layout->is_associated = kinds[i] == EXTRASAMPLE_ASSOCALPHA;
        layout->alpha = (uint16_t)(layout->channels + i);
        layout->left_out -= 1;
        return;
    }
}

static bool find_palette(TIFF *tiff, TIFFLayout *layout, char *message) {
    uint16_t *red = NULL, *green = NULL, *blue = NULL;
    if (layout->bits_in_file > 8 || layout->is_float || layout->samples_in_file != 1
        || !TIFFGetField(tiff, TIFFTAG_COLORMAP, &red, &green, &blue)) {
        return refuse(message, "the TIFF has a palette that is not supported");
    }
    layout->palette[0] = red;
    layout->palette[1] = green;
    layout->palette[2] = blue;
    layout->channels = 3;
    layout->bits = 8;
    // Palettes hold 16 bits; those of some old programs hold 8.
    for (size_t entry = 0; entry < (size_t)1 << layout->bits_in_file; entry++) {
        if (red[entry] > 255 || green[entry] > 255 || blue[entry] > 255) layout->palette_shift = 8;
    }
    return true;
}

bool tiff_layout(TIFF *tiff, uint16_t photometric, TIFFLayout *layout, char *message) {
    *layout = (TIFFLayout){0};
    uint16_t format = SAMPLEFORMAT_UINT, planar = PLANARCONFIG_CONTIG;
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLESPERPIXEL, &layout->samples_in_file);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_BITSPERSAMPLE, &layout->bits_in_file);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planar);
    layout->is_planar = planar == PLANARCONFIG_SEPARATE && layout->samples_in_file > 1;
    switch (format) {
    case SAMPLEFORMAT_UINT:
    case SAMPLEFORMAT_VOID:
        if (layout->bits_in_file > 16) {
            return refuse(message, "the TIFF has integers of more than 16 bits, of which nothing says what is white: save 16 bit or float");
        }
        break;
    case SAMPLEFORMAT_IEEEFP:
        layout->is_float = true;
        if (layout->bits_in_file != 16 && layout->bits_in_file != 32 && layout->bits_in_file != 64) {
            return refuse(message, "the TIFF has floats of a length that is not supported: save float of 32 bits");
        }
        break;
    case SAMPLEFORMAT_INT: return refuse(message, "the TIFF has signed integers, of which nothing says what is white: save unsigned or float");
    default: return refuse(message, "the TIFF has complex or unknown samples, which are no image");
    }
    layout->bits = layout->is_float ? 32 : layout->bits_in_file > 8 ? 16 : 8;
    if (layout->samples_in_file < 1 || layout->samples_in_file > 64 || layout->bits_in_file < 1) {
        return refuse(message, "the TIFF has no samples or too many for each pixel");
    }
    switch (photometric) {
    case PHOTOMETRIC_MINISWHITE: layout->is_inverted = true; layout->channels = 1; break;
    case PHOTOMETRIC_MINISBLACK: layout->channels = 1; break;
    case PHOTOMETRIC_RGB: layout->channels = 3; break;
    case PHOTOMETRIC_PALETTE: return find_palette(tiff, layout, message);
    case PHOTOMETRIC_YCBCR:
    case PHOTOMETRIC_CIELAB:
    case PHOTOMETRIC_ICCLAB:
    case PHOTOMETRIC_LOGL:
    case PHOTOMETRIC_LOGLUV: layout->is_converted = true; return TIFFRGBAImageOK(tiff, message) != 0;
    case PHOTOMETRIC_SEPARATED: return refuse(message, "the TIFF is in CMYK colours, which are not supported: convert it to RGB");
    case PHOTOMETRIC_CFA: return refuse(message, "is raw camera data, which is not read: develop it and save a TIFF, PNG or JPEG file");
    default: return refuse(message, "the TIFF has colours of a kind that is not supported: convert it to RGB or grey");
    }
    if (layout->samples_in_file < layout->channels) return refuse(message, "the TIFF has fewer than three samples for a pixel in RGB");
    find_alpha(tiff, layout);
    return true;
}

uint64_t tiff_row_bytes(const TIFFLayout *layout, uint64_t columns) {
    const uint64_t samples = layout->is_planar ? 1 : layout->samples_in_file;
    return (columns * samples * layout->bits_in_file + 7) / 8;
}

static float half(uint16_t bits) {
    const int exponent = bits >> 10 & 31;
    const float fraction = (float)(bits & 1023);
    const float value = exponent == 31 ? (fraction == 0 ? INFINITY : NAN)
        : exponent == 0                ? ldexpf(fraction, -24)
                                       : ldexpf(fraction + 1024, exponent - 25);
    return bits >> 15 ? -value : value;
}

static float float_sample(const TIFFLayout *layout, const uint8_t *bytes, size_t index) {
    if (layout->bits_in_file == 16) {
        uint16_t value;
        memcpy(&value, bytes + 2 * index, sizeof value);
        return half(value);
    }
    if (layout->bits_in_file == 32) {
        float value;
        memcpy(&value, bytes + 4 * index, sizeof value);
        return value;
    }
    double value;
    memcpy(&value, bytes + 8 * index, sizeof value);
    return (float)value;
}

static unsigned integer_sample(const TIFFLayout *layout, const uint8_t *bytes, size_t index) {
    const unsigned bits = layout->bits_in_file;
    if (bits == 8) return bytes[index];
    if (bits == 16) {
        uint16_t value;
        memcpy(&value, bytes + 2 * index, sizeof value);
        return value;
    }
    unsigned value = 0;
    for (size_t bit = index * bits; bit < (index + 1) * bits; bit++) value = value << 1 | (bytes[bit / 8] >> (7 - bit % 8) & 1u);
    return value;
}

/// From the largest number of the file's bits to the largest of the picture's.
static unsigned scaled(const TIFFLayout *layout, unsigned value) {
    if (layout->bits_in_file == layout->bits) return value;
    const unsigned from = (1u << layout->bits_in_file) - 1, to = (1u << layout->bits) - 1;
    return (unsigned)(((uint64_t)value * to + from / 2) / from);
}

static void set(CodecPicture *picture, size_t place, unsigned value) {
    if (picture->bits == 8) {
        ((uint8_t *)picture->samples)[place] = (uint8_t)value;
    } else {
        ((uint16_t *)picture->samples)[place] = (uint16_t)value;
    }
}

void tiff_place_row(
    const TIFFLayout *layout, CodecPicture *picture, const uint8_t *bytes, uint32_t plane, size_t row, size_t column, size_t columns) {
    const size_t out_samples = picture->channels + (picture->has_alpha ? 1 : 0);
    const uint16_t stride = layout->is_planar ? 1 : layout->samples_in_file;
    const unsigned largest = (1u << layout->bits_in_file % 32) - 1;
    for (size_t x = 0; x < columns; x++) {
        const size_t pixel = (row * picture->width + column + x) * out_samples;
        if (layout->palette[0] != NULL) {
            const unsigned entry = integer_sample(layout, bytes, x);
            for (size_t channel = 0; channel < 3; channel++) {
                set(picture, pixel + channel, layout->palette[channel][entry] >> layout->palette_shift & 255u);
            }
            continue;
        }
        for (uint16_t i = 0; i < stride; i++) {
            const uint16_t sample = layout->is_planar ? (uint16_t)plane : i;
            size_t place = sample;
            if (sample >= layout->channels) {
                if (!layout->has_alpha || sample != layout->alpha) continue;
                place = layout->channels;
            }
            const size_t index = x * stride + i;
            const bool is_inverted = layout->is_inverted && place < layout->channels;
            if (layout->is_float) {
                const float value = float_sample(layout, bytes, index);
                ((float *)picture->samples)[pixel + place] = is_inverted ? 1 - value : value;
            } else {
                const unsigned value = integer_sample(layout, bytes, index);
                set(picture, pixel + place, scaled(layout, is_inverted ? largest - value : value));
            }
        }
    }
}

static unsigned divided(unsigned colour, unsigned alpha, unsigned largest) {
    if (alpha == 0) return colour;
    const uint64_t value = ((uint64_t)colour * largest + alpha / 2) / alpha;
    return value > largest ? largest : (unsigned)value;
}

void tiff_divide_by_alpha(CodecPicture *picture) {
    const size_t samples = picture->channels + 1;
    for (size_t pixel = 0; pixel < picture->width * picture->height; pixel++) {
        const size_t alpha = pixel * samples + picture->channels;
        for (size_t place = pixel * samples; place < alpha; place++) {
            if (picture->bits == 8) {
                uint8_t *values = picture->samples;
                values[place] = (uint8_t)divided(values[place], values[alpha], 255);
            } else if (picture->bits == 16) {
                uint16_t *values = picture->samples;
                values[place] = (uint16_t)divided(values[place], values[alpha], 65535);
            } else {
                float *values = picture->samples;
                if (values[alpha] > 0) values[place] /= values[alpha];
            }
        }
    }
}
