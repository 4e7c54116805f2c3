/* Restores what an operator of one's own has measured: here a camera that reads every second row only.
 *
 *     cc -std=c99 -O2 operator.c -o operator $(pkg-config --cflags --libs reglow)
 *     ./operator face.ppm rows.ppm restored.ppm
 *
 * It takes a picture, leaves out every second row, adds noise, and finds the picture again. */
#include <reglow.h>
#include <stdio.h>
#include <string.h>

#include "ppm.h"

/* What the two functions need to know. */
typedef struct camera {
    size_t channels, height, width;
} camera;

/* y = A x: rows 0, 2, 4, ... of each channel. */
static int read_rows(const float *image, float *measurement, void *context) {
    const camera *c = (const camera *)context;
    for (size_t row = 0; row < c->channels * c->height; row += 2)
        memcpy(measurement + row / 2 * c->width, image + row * c->width, c->width * sizeof(float));
    return 0;
}

/* x = A' y: the rows back in their places, and 0 between them. */
static int put_rows(const float *measurement, float *image, void *context) {
    const camera *c = (const camera *)context;
    memset(image, 0, c->channels * c->height * c->width * sizeof(float));
    for (size_t row = 0; row < c->channels * c->height; row += 2)
        memcpy(image + row * c->width, measurement + row / 2 * c->width, c->width * sizeof(float));
    return 0;
}

static void require(reglow_status status) {
    if (status == REGLOW_OK) return;
    fprintf(stderr, "%s: %s\n", reglow_status_name(status), reglow_last_error());
    exit(1);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: operator PICTURE.ppm ROWS.ppm RESTORED.ppm\n");
        return 64;
    }
    ppm truth = ppm_read(arguments[1]);
    if (truth.height % 2 != 0) ppm_fail(arguments[1], "has an odd number of rows");
    camera c = {3, truth.height, truth.width};
    const double noise = 0.01;

    reglow_operator description;
    require(reglow_operator_init(&description, sizeof description));
    description.image.channels = description.measurement.channels = 3;
    description.image.height = truth.height;
    description.measurement.height = truth.height / 2;
    description.image.width = description.measurement.width = truth.width;
    description.apply = read_rows;
    description.adjoint = put_rows;
    description.context = &c;
    description.is_nonnegative = 1; /* its matrix has ones and zeros only */
    reglow_problem *problem = NULL;
    require(reglow_problem_linear(&description, &problem));

    ppm rows = ppm_new(truth.height / 2, truth.width);
    require(reglow_problem_degrade(problem, &description.image, truth.values, 1, noise, 1, rows.values));
    ppm_write(arguments[2], rows.values, rows.height, rows.width);

    reglow_model *model = NULL;
    require(reglow_model_load(reglow_prior_for_size(truth.height, truth.width), REGLOW_FP32, &model));
    reglow_measurements measurement;
    require(reglow_measurements_init(&measurement, sizeof measurement));
    measurement.shape = description.measurement;
    measurement.values = rows.values;
    reglow_restore_options options;
    require(reglow_restore_options_init(&options, sizeof options));
    options.noise = noise;
    reglow_result *result = NULL;
    require(reglow_restore(model, problem, &measurement, &options, &result));

    const float *image = reglow_result_image(result, 0);
    ppm_write(arguments[3], image, truth.height, truth.width);
    double psnr;
    require(reglow_psnr(image, truth.values, &description.image, &psnr));
    printf("PSNR %.2f dB\n", psnr);

    reglow_result_free(result);
    reglow_model_free(model);
    reglow_problem_free(problem);
    free(rows.values);
    free(truth.values);
    return 0;
}
