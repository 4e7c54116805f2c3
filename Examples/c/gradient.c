/* The gradient of log p(x), for a loop of one's own: a picture becomes likelier to the prior, step by step.
 *
 *     cc -std=c99 -O2 gradient.c -o gradient $(pkg-config --cflags --libs reglow) -lm
 *     ./gradient face.ppm likelier.ppm
 *
 *     log p(x) = -|z|^2 / 2 + log|det dz/dx| + constant,    z = f(x)
 *     gradient = J' (-z) + gradient of log|det J|,          J = dz/dx
 *
 * which is one call: reglow_forward_vjp takes a cotangent for the latent and one for the log-determinant of each image. */
#include <math.h>
#include <reglow.h>
#include <stdio.h>

#include "ppm.h"

static void require(reglow_status status) {
    if (status == REGLOW_OK) return;
    fprintf(stderr, "%s: %s\n", reglow_status_name(status), reglow_last_error());
    exit(1);
}

/* log p(x) without its constant, and its gradient. */
static double log_density(reglow_point *point, size_t n, const float *image, float *latent, float *gradient) {
    double log_determinant, energy = 0;
    const double one = 1;
    uint64_t record;
    require(reglow_forward(point, image, 1, latent, &log_determinant, &record));
    for (size_t i = 0; i < n; i++) {
        energy += (double)latent[i] * latent[i] / 2;
        latent[i] = -latent[i];
    }
    /* The record's number makes sure that the derivative is taken where forward was. */
    require(reglow_forward_vjp(point, record, latent, &one, gradient));
    return log_determinant - energy;
}

int main(int count, char **arguments) {
    if (count != 3) {
        fprintf(stderr, "usage: gradient PICTURE.ppm LIKELIER.ppm; the sides in multiples of 16\n");
        return 64;
    }
    ppm picture = ppm_read(arguments[1]);
    const size_t n = 3 * picture.height * picture.width;
    ppm latent = ppm_new(picture.height, picture.width), gradient = ppm_new(picture.height, picture.width);

    reglow_model *model = NULL;
    reglow_point *point = NULL;
    require(reglow_model_load(reglow_prior_for_size(picture.height, picture.width), REGLOW_FP32, &model));
    require(reglow_point_new(model, picture.height, picture.width, 1, 0, &point));

    double first = 0, last = 0;
    for (int step = 0; step < 20; step++) {
        last = log_density(point, n, picture.values, latent.values, gradient.values);
        if (step == 0) first = last;
        double length = 0;
        for (size_t i = 0; i < n; i++) length += (double)gradient.values[i] * gradient.values[i];
        for (size_t i = 0; i < n; i++) picture.values[i] += (float)(0.02 / sqrt(length)) * gradient.values[i];
    }
    printf("log p(x) + constant: %.1f, and after 20 steps %.1f\n", first, last);
    ppm_write(arguments[2], picture.values, picture.height, picture.width);

    reglow_point_free(point);
    reglow_model_free(model);
    free(picture.values);
    free(latent.values);
    free(gradient.values);
    return last > first ? 0 : 1;
}
