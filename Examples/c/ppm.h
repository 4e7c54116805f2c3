/* Pictures as PPM files (P6, 8 bits), and as the planar floats that Reglow takes. Whatever writes JPEG or PNG writes these too, for example
 * `magick photo.jpg photo.ppm`. */
#ifndef PPM_H
#define PPM_H

#include <stdio.h>
#include <stdlib.h>

typedef struct ppm {
    size_t height, width;
    float *values; /* (3, height, width), black 0 and white 1 */
} ppm;

static void ppm_fail(const char *path, const char *reason) {
    fprintf(stderr, "%s: %s\n", path, reason);
    exit(1);
}

static ppm ppm_new(size_t height, size_t width) {
    ppm picture;
    picture.height = height;
    picture.width = width;
    picture.values = (float *)calloc(3 * height * width, sizeof(float));
    if (!picture.values) ppm_fail("a picture", "out of memory");
    return picture;
}

static ppm ppm_read(const char *path) {
    FILE *file = fopen(path, "rb");
    unsigned long width, height, white;
    if (!file) ppm_fail(path, "cannot be opened");
    if (fscanf(file, "P6 %lu %lu %lu", &width, &height, &white) != 3 || white != 255 || width - 1 > 65535 || height - 1 > 65535)
        ppm_fail(path, "is not a PPM file (P6) of 8 bits, without comments");
    fgetc(file);
    ppm picture = ppm_new(height, width);
    const size_t pixels = picture.height * picture.width;
    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (size_t channel = 0; channel < 3; channel++) {
            int byte = fgetc(file);
            if (byte == EOF) ppm_fail(path, "ends too early");
            picture.values[channel * pixels + pixel] = (float)byte / 255;
        }
    fclose(file);
    return picture;
}

/* Values outside of 0 and 1 are clipped. */
static void ppm_write(const char *path, const float *values, size_t height, size_t width) {
    FILE *file = fopen(path, "wb");
    const size_t pixels = height * width;
    if (!file) ppm_fail(path, "cannot be written");
    fprintf(file, "P6\n%lu %lu\n255\n", (unsigned long)width, (unsigned long)height);
    for (size_t pixel = 0; pixel < pixels; pixel++)
        for (size_t channel = 0; channel < 3; channel++) {
            float value = values[channel * pixels + pixel];
            fputc((int)((value < 0 ? 0 : value > 1 ? 1 : value) * 255 + 0.5f), file);
        }
    if (fclose(file)) ppm_fail(path, "cannot be written");
}

#endif
