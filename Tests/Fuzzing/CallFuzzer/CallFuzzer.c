#include "CallFuzzer.h"

#include <reglow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "Material.h"

static reglow_fuzz_count counted;

// ---- Answers ----

static void check(reglow_status status) {
    counted.calls++;
    if (status != REGLOW_OK) counted.refused++;
    if ((unsigned)status > REGLOW_FAILED || (status != REGLOW_OK && !reglow_last_error()[0])) {
        fprintf(stderr, "status %d with the text '%s'\n", (int)status, reglow_last_error());
        abort();
    }
}

/// A text that was returned is read to its end.
static void readText(const char *returned) {
    counted.calls++;
    if (returned && strlen(returned) > 100000) abort();
    if (!returned) counted.refused++;
}

// ---- Functions of the caller's ----

static int apply(const float *image, float *measurement, void *context) {
    const reglow_shape *own = (const reglow_shape *)context;
    memcpy(measurement, image, numbers(*own) * sizeof(float));
    return rarely();
}

static int onIterate(const reglow_iterate *iterate, void *context) {
    float image[3 * 16 * 16 * 4];
    (void)context;
    if (rarely()) check(reglow_iterate_image(iterate, image, below(2) ? 192 : number()));
    return rarely();
}

static int onPoll(void *context) {
    if (rarely()) check(reglow_restorer_run((reglow_restorer *)pick(restorer), NULL, (reglow_result **)context));
    return below(32) == 1;
}

static void onNote(size_t image, const char *note, void *context) {
    (void)image;
    (void)context;
    readText(note);
}

// ---- Calls ----

static void callModel(const char *const models[2]) {
    reglow_model *made = NULL;
    reglow_model_facts facts;
    facts.size = structSize(sizeof facts);
    switch (below(8)) {
    case 0:
        check(reglow_model_load(rarely() ? text() : models[below(2)], (reglow_precision)below(3), rarely() ? NULL : &made));
        keep(made, model);
        break;
    case 1: check(reglow_model_describe((reglow_model *)pick(model), rarely() ? NULL : &facts)); break;
    case 2: readText(reglow_model_path((reglow_model *)pick(model))); break;
    case 3: readText(reglow_model_card((reglow_model *)pick(model), text())); break;
    case 4: readText(reglow_model_card_key((reglow_model *)pick(model), number())); break;
    case 5: readText(reglow_prior_name(number())); break;
    case 6: readText(rarely() ? reglow_prior_for_restoring(number(), number()) : reglow_prior_for_size(number(), number())); break;
    case 7: readText(reglow_status_name((reglow_status)byte())); break;
    }
}

static void callPoint(void) {
    reglow_point *made = NULL;
    size_t bytes;
    uint64_t record = rarely() ? byte() : 0;
    reglow_point_facts facts;
    facts.size = structSize(sizeof facts);
    size_t threads = rarely() ? number() : 1 + below(2);
    if (threads > 2 && threads <= 1024) threads = 2;
    void *used = pick(point);
    // What the arrays must hold: the point's own batch.
    reglow_point_facts own;
    own.size = sizeof own;
    own.dimensions = own.capacity = 0;
    if (reglow_point_describe((reglow_point *)used, &own) != REGLOW_OK) own.dimensions = own.capacity = 1;
    const size_t room = own.dimensions * own.capacity;
    size_t count = rarely() ? number() : 1 + below(3);
    switch (below(10)) {
    case 0:
    case 1:
        check(reglow_point_new((reglow_model *)pick(model), number(), number(), number(), threads, rarely() ? NULL : &made));
        keep(made, point);
        break;
    case 2: check(reglow_point_bytes((reglow_model *)pick(model), number(), number(), number(), threads, rarely() ? NULL : &bytes)); break;
    case 3: check(reglow_point_describe((reglow_point *)used, rarely() ? NULL : &facts)); break;
    case 4: check(reglow_forward((reglow_point *)used, floats(room), count, floats(room), doubles(own.capacity), below(2) ? &record : NULL)); break;
    case 5: check(reglow_inverse((reglow_point *)used, floats(room), count, floats(room), doubles(own.capacity), below(2) ? &record : NULL)); break;
    case 6: check(reglow_forward_jvp((reglow_point *)used, record, floats(room), floats(room))); break;
    case 7: check(reglow_forward_vjp((reglow_point *)used, record, floats(room), doubles(own.capacity), floats(room))); break;
    case 8: check(reglow_inverse_jvp((reglow_point *)used, record, floats(room), floats(room))); break;
    case 9: check(reglow_inverse_vjp((reglow_point *)used, record, floats(room), doubles(own.capacity), floats(room))); break;
    }
}

static void callDensity(void) {
    size_t height = number(), width = number(), count = rarely() ? number() : 1 + below(3);
    size_t all = times(count, numbers((reglow_shape){3, height, width}));
    if (!isSafe(all)) return;
    float *images = floats(all > most ? 1 : all);
    double *values = doubles(count > most ? 1 : count);
    reglow_model *used = (reglow_model *)pick(model);
    switch (below(3)) {
    case 0: check(reglow_sample(used, height, width, count, real(), byte(), 1, images)); break;
    case 1: check(reglow_log_likelihood(used, images, count, height, width, 1, values)); break;
    case 2: check(reglow_bits_per_dimension(used, images, count, height, width, number(), byte(), 1, values)); break;
    }
}

static void callMaker(void) {
    static reglow_shape own;
    reglow_problem *made = NULL, **place = rarely() ? NULL : &made;
    size_t channels = below(2) ? 1 : number(), height = number(), width = number();
    size_t all = numbers((reglow_shape){channels, height, width}), plane = times(height, width);
    reglow_border border = (reglow_border)below(6);
    switch (below(9)) {
    case 0: check(reglow_problem_denoise(place)); break;
    case 1: check(reglow_problem_deblur(text(), border, place)); break;
    case 2:
        if (isSafe(plane)) check(reglow_problem_deblur_array(floats(plane > most ? 1 : plane), height, width, (reglow_centre)below(5), border, place));
        break;
    case 3: check(reglow_problem_superresolve(number(), text(), border, place)); break;
    case 4: check(reglow_problem_inpaint_random(real(), byte(), place)); break;
    case 5: check(reglow_problem_inpaint_hole(number(), place)); break;
    case 6:
        if (isSafe(all)) check(reglow_problem_inpaint_mask(flags(all > most ? 1 : all), channels, height, width, place));
        break;
    case 7: check(reglow_problem_compressive(number(), height, width, byte(), place)); break;
    case 8: {
        own = (reglow_shape){3, 8, 8};
        reglow_operator description;
        check(reglow_operator_init(&description, sizeof description));
        description.size = structSize(sizeof description);
        description.image = description.measurement = own;
        if (rarely()) description.measurement.height = SIZE_MAX;
        description.apply = rarely() ? NULL : apply;
        description.adjoint = rarely() ? NULL : apply;
        description.context = &own;
        description.is_nonnegative = below(2);
        check(reglow_problem_linear(rarely() ? NULL : &description, place));
        break;
    }
    }
    keep(made, problem);
}

static void callMap(void) {
    reglow_shape image = shape(), measured = {0, 0, 0};
    reglow_problem *used = (reglow_problem *)pick(problem);
    reglow_scene scene;
    double norm;
    scene.size = structSize(sizeof scene);
    size_t count = rarely() ? number() : 1 + below(2);
    size_t all = times(count, numbers(image));
    if (!isSafe(all)) return;
    if (rarely()) check(reglow_problem_measurement_shape(used, below(2) ? NULL : &image, below(2) ? NULL : &measured));
    // What the arrays must hold.
    check(reglow_problem_measurement_shape(used, &image, &measured));
    size_t given = times(count, numbers(measured));
    if (!isSafe(given)) return;
    float *x = floats(all > most ? 1 : all), *y = floats(given > most ? 1 : given);
    uint8_t *measuredFlags = flags(numbers(measured) > most ? 1 : numbers(measured));
    switch (below(7)) {
    case 0: check(reglow_problem_scene(used, number(), number(), rarely() ? NULL : &scene)); break;
    case 1: check(reglow_problem_apply(used, &image, x, count, y)); break;
    case 2: check(reglow_problem_adjoint(used, &image, y, count, x)); break;
    case 3: check(reglow_problem_measured(used, &image, measuredFlags)); break;
    case 4: check(reglow_problem_norm(used, &image, rarely() ? number() : 2, rarely() ? NULL : &norm)); break;
    case 5: check(reglow_problem_degrade(used, &image, x, count, real(), byte(), y)); break;
    case 6: readText(reglow_problem_note(used, number())); break;
    }
}

static void changeOptions(reglow_restore_options *options, void *context) {
    options->max_evaluations = 1 + below(4);
    options->threads = 1 + below(2);
    options->noise = 0.05;
    if (below(2)) options->on_iterate = onIterate;
    if (below(2)) options->on_poll = onPoll;
    if (below(2)) options->on_note = onNote;
    options->context = context;
    for (uint32_t changes = below(4); changes > 0; changes--) switch (below(17)) {
        case 0: options->noise = real(); break;
        case 1: options->rule = (reglow_rule)below(6); break;
        case 2: options->regularization_weight = real(); break;
        case 3: options->minimizer = (reglow_minimizer)below(7); break;
        case 4: options->formulation = (reglow_formulation)below(4); break;
        case 5: options->max_evaluations = below(2) ? 0 : SIZE_MAX; break;
        case 6: options->max_seconds = real(); break;
        case 7: options->gradient_tolerance = real(); break;
        case 8: options->progress_tolerance = real(); break;
        case 9: options->self_ensemble = (int)byte(); break;
        case 10: options->full_map = (int)byte(); break;
        case 11: options->gradients = (reglow_gradients)below(5); break;
        case 12: options->start = (reglow_start)below(6); break;
        case 13: options->threads = below(2) ? SIZE_MAX : 1025; break;
        case 14: options->max_batch = number(); break;
        case 15: options->memory_limit = number(); break;
        case 16: options->ensemble = number(); break;
        }
    options->size = structSize(sizeof *options);
}

static void callRestore(void) {
    static reglow_result *nested;
    nested = NULL;
    reglow_restore_options options;
    check(reglow_restore_options_init(&options, rarely() ? structSize(0) : sizeof options));
    check(reglow_restore_options_init(&options, sizeof options));
    changeOptions(&options, &nested);
    reglow_measurements y;
    check(reglow_measurements_init(&y, sizeof y));
    y.shape = below(3) ? (reglow_shape){3, 8, 8} : shape();
    y.count = rarely() ? number() : 1 + below(3);
    size_t each = numbers(y.shape), all = times(y.count, each);
    if (!isSafe(all)) return;
    y.values = floats(all > most ? 1 : all);
    if (below(3) == 0) {
        y.trusted_count = rarely() ? number() : y.count;
        y.trusted_channels = below(2) ? 1 : y.shape.channels;
        y.trusted = flags(all > most ? 1 : all);
    }
    if (rarely()) y.saturated = real();
    if (rarely()) {
        // The largest image that is restored from so few numbers is that of the largest scale.
        y.start_channels = below(2) ? 1 : number();
        y.start = NULL;
    }
    y.size = structSize(sizeof y);
    reglow_restorer *made = NULL;
    reglow_result *found = NULL;
    switch (below(4)) {
    case 0:
        check(reglow_restore((reglow_model *)pick(model), (reglow_problem *)pick(problem), rarely() ? NULL : &y, rarely() ? NULL : &options,
                             rarely() ? NULL : &found));
        break;
    case 1:
        check(reglow_restorer_new((reglow_model *)pick(model), (reglow_problem *)pick(problem), rarely() ? NULL : &options, rarely() ? NULL : &made));
        keep(made, restorer);
        break;
    case 2: check(reglow_restorer_run((reglow_restorer *)pick(restorer), rarely() ? NULL : &y, rarely() ? NULL : &found)); break;
    case 3: {
        reglow_posterior_options posterior = {0};
        check(reglow_posterior_options_init(&posterior, structSize(sizeof posterior)));
        posterior.size = structSize(sizeof posterior);
        posterior.chains = rarely() ? number() : 1 + below(2);
        posterior.samples = rarely() ? number() : 8;
        posterior.burn_in = rarely() ? number() : 1;
        posterior.steps_per_sample = rarely() ? number() : 1;
        posterior.quantile_count = rarely() ? number() : below(4);
        // The defaults would take minutes: they go with no restorer.
        const int hasDefaults = rarely();
        check(reglow_restorer_posterior(hasDefaults ? NULL : (reglow_restorer *)pick(restorer), rarely() ? NULL : &y,
                                        hasDefaults ? NULL : &posterior, rarely() ? NULL : &found));
        break;
    }
    }
    keep(found, result);
    reglow_result_free(nested);
}

static void callResult(void) {
    reglow_result *used = (reglow_result *)pick(result);
    reglow_result_facts facts;
    reglow_iterate iterate;
    reglow_path_step step;
    facts.size = structSize(sizeof facts);
    iterate.size = structSize(sizeof iterate);
    step.size = structSize(sizeof step);
    size_t index = rarely() ? number() : 0, about;
    switch (below(10)) {
    case 9: {
        reglow_posterior_facts posterior;
        posterior.size = structSize(sizeof posterior);
        check(reglow_result_posterior(used, index, rarely() ? NULL : &posterior));
        const float *images[] = {reglow_result_deviation(used, index), reglow_result_mode(used, index),
                                 reglow_result_quantile(used, index, number()), reglow_result_sample(used, index, number())};
        counted.calls += 4;
        for (int each = 0; each < 4; each++) {
            if (images[each] != NULL && images[each][0] == 12345.678f) abort();
        }
        break;
    }
    case 0: check(reglow_result_describe(used, index, rarely() ? NULL : &facts)); break;
    case 1:
        counted.calls++;
        if (reglow_result_count(used) > 100) abort();
        break;
    case 2: {
        const float *image = reglow_result_image(used, index);
        reglow_result_facts own;
        own.size = sizeof own;
        counted.calls++;
        if (!image) break;
        check(reglow_result_describe(used, index, &own));
        float sum = 0; // every number is read
        for (size_t i = 0; i < numbers(own.shape); i++) sum += image[i];
        if (sum == 12345.678f) readText("");
        break;
    }
    case 3: {
        size_t count = below(2) ? 192 : number();
        check(reglow_result_copy_image(used, index, floats(count > most ? 1 : count), count > most ? SIZE_MAX : count));
        break;
    }
    case 4:
        readText(reglow_result_message(used, index));
        readText(reglow_result_trust(used, index, NULL));
        break;
    case 5: check(reglow_result_iterate(used, index, rarely() ? number() : 0, rarely() ? NULL : &iterate)); break;
    case 6: check(reglow_result_path_step(used, index, rarely() ? number() : 0, rarely() ? NULL : &step)); break;
    case 7: readText(reglow_result_note(used, number(), below(2) ? &about : NULL)); break;
    case 8: check(reglow_iterate_image(&iterate, floats(192), 192)); break;
    }
}

static void callOther(void) {
    reglow_shape image = shape();
    size_t all = numbers(image);
    double value;
    reglow_certainty certainty;
    if (!isSafe(all)) return;
    float *x = floats(all > most ? 1 : all), *y = floats(all > most ? 1 : all);
    switch (below(5)) {
    case 0: check(reglow_psnr(x, y, &image, rarely() ? NULL : &value)); break;
    case 1: check(reglow_ssim(x, y, rarely() ? NULL : &image, &value)); break;
    case 2: check(reglow_estimate_noise(x, &image, flags(times(image.height, image.width) > most ? 1 : times(image.height, image.width)), &value, &certainty)); break;
    case 3: {
        reglow_train_options options;
        check(reglow_train_options_init(&options, sizeof options));
        options.images = below(2) ? "/nowhere" : NULL;
        options.model = rarely() ? text() : "/nowhere/else.safetensors";
        options.from = rarely() ? text() : NULL;
        options.levels = number();
        options.crop = number();
        options.learning_rate = real();
        options.steps = number();
        options.size = structSize(sizeof options);
        check(reglow_train(rarely() ? NULL : &options, NULL));
        break;
    }
    case 4: {
        kind kind = (enum kind)below(kinds);
        void *released = pick((enum kind)below(kinds));
        counted.calls++;
        release(kind, released);
        break;
    }
    }
}

static void onText(const char *note, void *context) {
    (void)context;
    readText(note);
}

static void callCheckpoint(const char *const models[2]) {
    reglow_import *made = NULL;
    reglow_import_options options;
    size_t built;
    switch (below(5)) {
    case 0:
    case 1: {
        static const char *settings[] = {"", "squeeze=contiguous", "squeeze=contiguous,last-offset=0", ",", "=", "class=1e9", "a=b"};
        check(reglow_import_options_init(&options, sizeof options));
        options.size = structSize(sizeof options);
        options.config = rarely() ? text() : NULL;
        options.settings = rarely() ? text() : settings[below(7)];
        options.probe = rarely() ? "/nowhere" : NULL;
        options.noise_levels = rarely() ? number() : 0;
        options.threads = rarely() ? number() : 1;
        options.on_note = onText;
        options.context = NULL;
        const char *file = rarely() ? text() : models[below(2)];
        check(reglow_import_checkpoint(file, rarely() ? NULL : &options, rarely() ? NULL : &made));
        keep(made, imported);
        break;
    }
    case 2: readText(reglow_import_report((reglow_import *)pick(imported))); break;
    case 3: check(reglow_import_write((reglow_import *)pick(imported), rarely() ? text() : "/nowhere/else.safetensors")); break;
    case 4:
        check(reglow_export_model(
            rarely() ? text() : models[below(2)], rarely() ? text() : "rosinality", number(), rarely() ? text() : "/nowhere/else.pt",
            below(2) ? &built : NULL));
        break;
    }
}

void reglow_fuzz_calls(const uint8_t *data, size_t size, const char *const models[2]) {
    begin(data, size);
    // Something to work with.
    reglow_model *first = NULL;
    reglow_point *own = NULL;
    check(reglow_model_load(models[below(2)], REGLOW_FP32, &first));
    keep(first, model);
    check(reglow_point_new(first, 8, 8, 3, 1, &own));
    keep(own, point);
    for (int calls = 0; calls < 64 && rest < end; calls++) {
        switch (below(11)) {
        case 0: callModel(models); break;
        case 1:
        case 2: callPoint(); break;
        case 3: callDensity(); break;
        case 4: callMaker(); break;
        case 5:
        case 6: callMap(); break;
        case 7: callRestore(); break;
        case 8: callResult(); break;
        case 9: callOther(); break;
        case 10: callCheckpoint(models); break;
        }
        freeArrays();
    }
    freeHandles();
}

reglow_fuzz_count reglow_fuzz_counted(void) { return counted; }
