// What calls are made of: numbers, arrays and handles, as bytes say. For CallFuzzer.c alone.
#ifndef MATERIAL_H
#define MATERIAL_H

#include <math.h>
#include <reglow.h>
#include <stdlib.h>
#include <string.h>

// ---- What the bytes say ----

static const uint8_t *rest, *end;

static uint32_t byte(void) { return rest < end ? *rest++ : 0; }
static uint32_t below(uint32_t bound) { return byte() % bound; }
static int rarely(void) { return below(8) == 0; }

/// A side, a count or an index: mostly small.
static size_t number(void) {
    static const size_t odd[] = {0, 3, 5, 7, 13, SIZE_MAX, SIZE_MAX / 2, (size_t)1 << 31, (size_t)1 << 40, ((size_t)1 << 63) + 4, (size_t)1 << 33};
    static const size_t even[] = {1, 2, 4, 8, 12, 16};
    return below(4) == 0 ? odd[below(sizeof odd / sizeof *odd)] : even[below(sizeof even / sizeof *even)];
}

static double real(void) {
    static const double all[] = {0, 0.01, 0.5, 1, -1, -0.5, 2, 255, 1e-30, 1e30, 1e300, -1e300, 0.999};
    uint32_t choice = below(16);
    return choice < 13 ? all[choice] : choice == 13 ? (double)NAN : choice == 14 ? (double)INFINITY : -(double)INFINITY;
}

static const char *text(void) {
    static const char *all[] = {"uniform:3", "gaussian:1", "motion:3@20", "disk:1.5", "airy:1", "mean", "bicubic", "lanczos3", "gaussian:0.5",
                                "uniform:", "gaussian:nan", "disk:1e9", "motion:3@inf", "", "name", "license", "faces46", "\xff\xfe", "a:b@c,d"};
    uint32_t choice = below(sizeof all / sizeof *all + 1);
    return choice < sizeof all / sizeof *all ? all[choice] : NULL;
}

// ---- Arrays of exactly as many numbers as a shape has, so that a sanitizer sees what is beyond ----

enum { most = 1 << 16, mostArrays = 64 };
static void *arrays[mostArrays];
static size_t arrayCount;

static void *take(size_t bytes) {
    void *array = arrayCount < mostArrays ? malloc(bytes ? bytes : 1) : NULL;
    if (array) arrays[arrayCount++] = array;
    return array;
}

/// Floats of a pattern; NULL for some, and for more than `most`.
static float *floats(size_t count) {
    if (count > most || below(16) == 0) return NULL;
    float *array = (float *)take(count * sizeof(float));
    if (!array) return NULL;
    uint32_t pattern = below(8);
    for (size_t i = 0; i < count; i++) array[i] = pattern == 7 ? (float)real() : (float)((i * 37 + pattern * 11) % 101) / 100;
    if (pattern == 6 && count) array[count / 2] = NAN;
    return array;
}

static uint8_t *flags(size_t count) {
    if (count > most || below(8) == 0) return NULL;
    uint8_t *array = (uint8_t *)take(count);
    uint32_t step = 1 + below(5);
    for (size_t i = 0; array && i < count; i++) array[i] = (uint8_t)(i % step);
    return array;
}

static double *doubles(size_t count) {
    if (count > most || below(8) == 0) return NULL;
    double *array = (double *)take(count * sizeof(double));
    for (size_t i = 0; array && i < count; i++) array[i] = real();
    return array;
}

/// a * b, or SIZE_MAX.
static size_t times(size_t a, size_t b) {
    size_t product;
    return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

/// Numbers of a shape, or SIZE_MAX; and whether a call that reads them can be made: they are few, or the shape is refused.
static size_t numbers(reglow_shape shape) { return times(shape.channels, times(shape.height, shape.width)); }
static int isSafe(size_t count) { return count <= most || count > (size_t)1 << 40; }

static reglow_shape shape(void) {
    reglow_shape shape = {below(4) ? 3 : number(), number(), number()};
    return shape;
}

/// A size for a struct: mostly its own. A struct that says more than it has is given room by its place.
static size_t structSize(size_t own) {
    static const size_t odd[] = {0, 1, 8, SIZE_MAX, 4, (size_t)1 << 40};
    return rarely() ? odd[below(6)] : own;
}

// ---- Handles: alive, released, of any kind ----

enum { mostHandles = 24 };
typedef enum kind { model, point, problem, restorer, result, imported, kinds } kind;
static struct {
    void *handle;
    kind kind;
} handles[mostHandles];
static size_t handleCount;

static void release(kind kind, void *handle) {
    switch (kind) {
    case model: reglow_model_free((reglow_model *)handle); break;
    case point: reglow_point_free((reglow_point *)handle); break;
    case problem: reglow_problem_free((reglow_problem *)handle); break;
    case restorer: reglow_restorer_free((reglow_restorer *)handle); break;
    case result: reglow_result_free((reglow_result *)handle); break;
    case imported: reglow_import_free((reglow_import *)handle); break;
    case kinds: break;
    }
}

/// Where all places are taken, an old handle is released, perhaps for the second time.
static void keep(void *handle, kind kind) {
    if (!handle) return;
    size_t place = handleCount < mostHandles ? handleCount++ : below(mostHandles);
    if (handleCount == mostHandles && handles[place].handle) release(handles[place].kind, handles[place].handle);
    handles[place].handle = handle;
    handles[place].kind = kind;
}

/// A handle of this kind, most of the time.
static void *pick(kind wanted) {
    uint32_t choice = below(16);
    if (choice == 0) return NULL;
    if (choice == 1) return (void *)(uintptr_t)(0x5247000000000000u + byte());
    if (choice == 2) return &rest;
    if (choice == 3 && handleCount) return handles[below((uint32_t)handleCount)].handle;
    for (size_t tried = 0, at = handleCount ? below((uint32_t)handleCount) : 0; tried < handleCount; tried++, at = (at + 1) % handleCount)
        if (handles[at].kind == wanted) return handles[at].handle;
    return NULL;
}

// ---- The beginning and the end of an input ----

static void begin(const uint8_t *data, size_t size) {
    rest = data;
    end = data + size;
    handleCount = 0;
    memset(handles, 0, sizeof handles);
}

static void freeArrays(void) {
    while (arrayCount > 0) free(arrays[--arrayCount]);
}

static void freeHandles(void) {
    for (size_t i = 0; i < handleCount; i++) release(handles[i].kind, handles[i].handle);
}

#endif
