/* Takes the blur off a picture.
 *
 *     cc -std=c99 -O2 restore.c -o restore $(pkg-config --cflags --libs reglow)
 *     ./restore blurred.ppm sharp.ppm gaussian:1.5
 *
 * The prior follows the size of the picture, the noise is estimated, what lies outside of the picture is unknown. Control-C ends the work and
 * writes the best picture so far. */
#include <reglow.h>
#include <signal.h>
#include <stdio.h>

#include "ppm.h"

static volatile sig_atomic_t interrupted;

static void interrupt(int number) {
    (void)number;
    interrupted = 1;
}

/* Called before each evaluation: anything but 0 ends the work. */
static int poll(void *context) {
    (void)context;
    return interrupted;
}

static int show(const reglow_iterate *iterate, void *context) {
    (void)context;
    fprintf(stderr, "\revaluation %4lu  objective %.6g ", (unsigned long)iterate->evaluations, iterate->objective);
    return 0;
}

static void tell(size_t image, const char *text, void *context) {
    (void)image;
    (void)context;
    fprintf(stderr, "\rnote: %s\n", text);
}

static void require(reglow_status status) {
    if (status == REGLOW_OK) return;
    fprintf(stderr, "\r%s: %s\n", reglow_status_name(status), reglow_last_error());
    exit(1);
}

int main(int count, char **arguments) {
    if (count != 4) {
        fprintf(stderr, "usage: restore BLURRED.ppm SHARP.ppm POINT-SPREAD, such as uniform:5, gaussian:1.5, motion:9@30 or disk:3\n");
        return 64;
    }
    ppm blurred = ppm_read(arguments[1]);
    signal(SIGINT, interrupt);

    reglow_model *model = NULL;
    reglow_problem *problem = NULL;
    require(reglow_model_load(reglow_prior_for_size(blurred.height, blurred.width), REGLOW_FP32, &model));
    require(reglow_problem_deblur(arguments[3], REGLOW_BORDER_UNKNOWN, &problem));

    reglow_measurements measurement;
    require(reglow_measurements_init(&measurement, sizeof measurement));
    measurement.shape.channels = 3;
    measurement.shape.height = blurred.height;
    measurement.shape.width = blurred.width;
    measurement.values = blurred.values;

    reglow_restore_options options;
    require(reglow_restore_options_init(&options, sizeof options));
    options.on_poll = poll;
    options.on_iterate = show;
    options.on_note = tell;

    reglow_result *result = NULL;
    reglow_status status = reglow_restore(model, problem, &measurement, &options, &result);
    if (status != REGLOW_CANCELLED) require(status);

    const float *image = reglow_result_image(result, 0);
    if (image) ppm_write(arguments[2], image, blurred.height, blurred.width);

    reglow_result_facts facts;
    facts.size = sizeof facts;
    require(reglow_result_describe(result, 0, &facts));
    fprintf(stderr, "\r%lu evaluations in %.1f s, sigma %.4f\n", (unsigned long)facts.evaluations, facts.seconds, facts.noise);

    reglow_result_free(result);
    reglow_problem_free(problem);
    reglow_model_free(model);
    free(blurred.values);
    return status == REGLOW_OK ? 0 : 130;
}
