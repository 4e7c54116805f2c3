/* Reglow restores images with a Glow normalizing flow as the prior: the C interface.
 *
 * The library is libreglow, found by `pkg-config --cflags --libs reglow`; the guide is docs/c.md.
 *
 * Arrays. An image is planar: all rows of its first channel, then of the second, (channels, height, width) in
 * row-major order, as 32 bit floats, black 0 and white 1, not clipped. Images of a batch follow one another,
 * (count, channels, height, width). A latent has as many numbers as its image. The caller owns every array
 * that it passes, and nothing is kept of it after the call unless the function says so.
 *
 * Errors. A function that can fail returns a reglow_status. When that is not REGLOW_OK, reglow_last_error()
 * has a sentence that names what is wrong. Outputs are then left as they were, unless the function says
 * otherwise. No argument ends the process: pointers are checked for NULL, handles for being alive and of the
 * right kind, numbers for their range. That an array has as many numbers as the documentation says is the
 * caller's promise.
 *
 * Handles. What a function with `_new`, `_load` or another maker gives is released by the `_free` of its
 * kind. A handle is a number that is never used again: one that was released is REGLOW_BAD_HANDLE to every
 * later call, and never memory of something else. What another object still needs stays alive within it, so
 * handles may be released in any order, by any thread, also while another thread's call uses them. Releasing
 * NULL does nothing.
 *
 * Strings are UTF-8 and end in a zero byte. A string that a function returns belongs to the library; it lives
 * as long as the handle that it came from, or for ever where it came from none.
 *
 * Structs with a field `size` may become longer in later versions. The caller sets `size` to the sizeof of
 * its own; the `_init` functions do so. Missing fields of a shorter struct have their default. A longer one
 * is refused unless what this version does not know is zero.
 *
 * Threads. Every function may be called by any thread. A point and a restorer are used by one thread at a
 * time: a second one gets REGLOW_BUSY at once. Models, problems and results may be shared. What is computed
 * does not depend on the number of threads, to the last bit.
 */
#ifndef REGLOW_H
#define REGLOW_H

#include <stddef.h>
#include <stdint.h>

/* The version of this header; reglow_version() is that of the library. */
#define REGLOW_VERSION_MAJOR 0
#define REGLOW_VERSION_MINOR 2
#define REGLOW_VERSION_PATCH 0

#ifdef __cplusplus
extern "C" {
#endif

/* --------------------------------------------------------------------------------------------------------
 * Status, version, machine
 * -------------------------------------------------------------------------------------------------------- */

/* What became of a call. */
typedef enum reglow_status {
    REGLOW_OK = 0,
    /* A pointer that must not be NULL, a number out of its range, arrays or shapes that do not fit each
     * other, an unknown choice. */
    REGLOW_BAD_ARGUMENT = 1,
    /* A handle that was released, that is of another kind, or that never was one. */
    REGLOW_BAD_HANDLE = 2,
    /* Another thread uses this point or restorer at the moment, or a callback of the same call did so. */
    REGLOW_BUSY = 3,
    /* The point does not hold the record that was asked for: another forward or inverse came since, or none
     * yet. */
    REGLOW_STALE = 4,
    /* A file that cannot be read or written, or is not what it must be. */
    REGLOW_FILE_ERROR = 5,
    /* There is not enough memory, by what the machine, the cgroup and ulimit leave, or by the limit of the
     * call. */
    REGLOW_OUT_OF_MEMORY = 6,
    /* A function of the caller's asked for the end. */
    REGLOW_CANCELLED = 7,
    /* The caller's operator returned something other than 0. */
    REGLOW_CALLBACK_FAILED = 8,
    /* A solve diverged. Its image is there, and not to be used. */
    REGLOW_DIVERGED = 9,
    /* Anything else; reglow_last_error() says what. */
    REGLOW_FAILED = 10
} reglow_status;

/* Returns what went wrong in the last call of this thread that did not return REGLOW_OK; "" when there was
 * none. The text stays until the next such call of the same thread. Never NULL. */
const char *reglow_last_error(void);

/* Returns the name of a status, such as "bad argument"; "unknown status" for a number that is none. Never
 * NULL. */
const char *reglow_status_name(reglow_status status);

/* Returns the version of the library, such as "0.2.0". Never NULL. */
const char *reglow_version(void);

/* Returns the instruction set that the kernels run on, such as "avx512"; it is the most capable of this
 * processor, or what the environment variable REGLOW_ISA asks for. NULL when REGLOW_ISA asks for one that
 * there is not. */
const char *reglow_instruction_set(void);

/* Returns how many threads this process may use: its cores, cut by the quota of its cgroup. It is what 0
 * threads stands for elsewhere. */
size_t reglow_available_threads(void);

/* The most threads that a call takes. */
#define REGLOW_MOST_THREADS 1024

/* Channels, rows and columns. A measurement that is no image, a row of M numbers, has the shape 1, 1, M. */
typedef struct reglow_shape {
    size_t channels;
    size_t height;
    size_t width;
} reglow_shape;

/* --------------------------------------------------------------------------------------------------------
 * Models
 * -------------------------------------------------------------------------------------------------------- */

/* A trained flow f, which takes an image x to a latent z = f(x) with z ~ N(0, 1) under the model. It never
 * changes once it is loaded. */
typedef struct reglow_model reglow_model;

/* The arithmetic of the flow's coupling networks; all else is in 32 bit floats. */
typedef enum reglow_precision { REGLOW_FP32 = 0, REGLOW_BF16 = 1 } reglow_precision;

/* What a flow step does to half of its channels: adds something to them, or scales them too. The
 * log-determinant of an additive flow is the same for all images, unless the model has a learned prior. */
typedef enum reglow_coupling { REGLOW_ADDITIVE = 0, REGLOW_AFFINE = 1 } reglow_coupling;

/* The most levels of a model. */
#define REGLOW_MOST_LEVELS 8

/* What a model is. */
typedef struct reglow_model_facts {
    size_t size;
    /* Channels of an image: 1 or 3. */
    size_t channels;
    /* Levels of squeeze, flow steps and split, and the steps of each, the finest level first. */
    size_t levels;
    size_t steps[REGLOW_MOST_LEVELS];
    /* Hidden channels of each coupling network. */
    size_t hidden;
    reglow_coupling coupling;
    reglow_precision precision;
    /* The height and the width of what the flow itself takes are multiples of this. Restoration takes any
     * size. */
    size_t size_multiple;
    /* What the flow adds to pixel values inside; images of this interface are always without it. */
    double pixel_shift;
    /* Numbers in the model file. */
    size_t parameters;
    /* Bytes of the weights in memory. */
    size_t weight_bytes;
    /* SHA-256 of the file that was loaded, as 64 hexadecimal digits. */
    char sha256[65];
    /* The only height and width that the flow takes, where its learned prior has a number for each latent
     * value; 0 where it takes all multiples of size_multiple. Restoration then takes no larger size. */
    size_t fixed_height;
    size_t fixed_width;
} reglow_model_facts;

/* Returns how many priors were installed with the library. */
size_t reglow_prior_count(void);

/* Returns the name of an installed prior, in alphabetical order; NULL for an index that is none. */
const char *reglow_prior_name(size_t index);

/* Returns the name of the prior that fits images of this size best: "faces64" for the 64 x 64 pixels of
 * aligned faces, else "photos"; or what the environment variable REGLOW_PRIOR names, a prior or a model file.
 * Whether it is there is another question. */
const char *reglow_prior_for_size(size_t height, size_t width);

/* Returns the name of the prior that restores images of this size best, where nothing but the problem and its
 * noise is given: "noisy-photos" in place of "photos". That is the density of noisy pictures: where every pixel is
 * measured as it is it gives the posterior mean in one evaluation, else a half-quadratic splitting takes 16 or 24.
 * It takes REGLOW_MINIMIZER_AUTO, no log-determinant, no random start and no search for lambda. */
const char *reglow_prior_for_restoring(size_t height, size_t width);

/* Loads a model.
 *
 * name_or_path   the name of an installed prior, or a model file
 * precision      the arithmetic of the networks
 * model          receives the handle
 */
reglow_status reglow_model_load(const char *name_or_path, reglow_precision precision, reglow_model **model);

/* Releases a model. */
reglow_status reglow_model_free(reglow_model *model);

/* Tells what a model is. `facts->size` must be set. */
reglow_status reglow_model_describe(const reglow_model *model, reglow_model_facts *facts);

/* Returns the path of the file that was loaded; NULL for a bad handle. */
const char *reglow_model_path(const reglow_model *model);

/* Returns an entry of the model's card, such as "license", "training_data" or "name"; NULL where there is
 * none. */
const char *reglow_model_card(const reglow_model *model, const char *key);

/* Returns the name of an entry of the model's card, in alphabetical order; NULL for an index that is none. */
const char *reglow_model_card_key(const reglow_model *model, size_t index);

/* --------------------------------------------------------------------------------------------------------
 * The flow and its derivatives
 * -------------------------------------------------------------------------------------------------------- */

/* Memory for batches of one image size, and the record of the point at which derivatives are taken.
 *
 * reglow_forward and reglow_inverse record the images, or latents, that they were given. The four products
 * with the Jacobian are then taken there, as often as they are asked for, until the next forward or inverse
 * of the same point. Each record has a number, from 1 on; a caller who passes it to a product gets
 * REGLOW_STALE where the point holds another one by now. */
typedef struct reglow_point reglow_point;

/* What a point is, and what it holds. */
typedef struct reglow_point_facts {
    size_t size;
    /* Channels, height and width of each image. */
    reglow_shape shape;
    /* Numbers of an image, and of a latent. */
    size_t dimensions;
    /* The most images of a batch. */
    size_t capacity;
    size_t threads;
    /* Bytes of all that it holds. */
    size_t bytes;
    /* The number of the record that it holds, 0 before the first, and how many images that has. */
    uint64_t record;
    size_t count;
} reglow_point_facts;

/* Makes a point.
 *
 * height, width   of each image; multiples of the model's size_multiple
 * capacity        the most images of a batch
 * threads         that work at once; 0 is reglow_available_threads()
 * point           receives the handle
 */
reglow_status reglow_point_new(
    const reglow_model *model, size_t height, size_t width, size_t capacity, size_t threads,
    reglow_point **point);

/* Releases a point. */
reglow_status reglow_point_free(reglow_point *point);

/* Tells what a point is and holds. `facts->size` must be set. It may be called while another thread uses the
 * point. */
reglow_status reglow_point_describe(const reglow_point *point, reglow_point_facts *facts);

/* Says how many bytes a point would take, without making it. */
reglow_status reglow_point_bytes(
    const reglow_model *model, size_t height, size_t width, size_t capacity, size_t threads, size_t *bytes);

/* Computes z = f(x) and log|det dz/dx|, and records the point.
 *
 * images             count * dimensions numbers
 * count              from 1 to the capacity of the point
 * latents            count * dimensions numbers; may be the same array as images
 * log_determinants   count numbers; NULL when they are not wanted
 * record             receives the number of the record; may be NULL
 */
reglow_status reglow_forward(
    reglow_point *point, const float *images, size_t count, float *latents, double *log_determinants,
    uint64_t *record);

/* Computes x = g(z), g = f^-1, and log|det dx/dz|, and records the point. The arguments are as those of
 * reglow_forward. */
reglow_status reglow_inverse(
    reglow_point *point, const float *latents, size_t count, float *images, double *log_determinants,
    uint64_t *record);

/* Computes dz = J_f dx for each image of the recorded batch.
 *
 * record     the number of the record that is meant; 0 is the one that the point holds
 * tangents   as many numbers as the recorded batch has
 * latents    as many; may be the same array
 */
reglow_status reglow_forward_jvp(reglow_point *point, uint64_t record, const float *tangents, float *latents);

/* Computes J_f' w_i + c_i * gradient of log|det J_f| for each image i of the recorded batch: what an
 * automatic differentiation asks for.
 *
 * record                       the number of the record that is meant; 0 is the one that the point holds
 * cotangents                   w, as many numbers as the recorded batch has; NULL stands for zeros
 * log_determinant_cotangents   c, one number for each image; NULL stands for zeros
 * images                       as many numbers as the recorded batch has; may be the same array as cotangents
 *
 * Not both cotangents may be NULL.
 */
reglow_status reglow_forward_vjp(
    reglow_point *point, uint64_t record, const float *cotangents, const double *log_determinant_cotangents,
    float *images);

/* Computes dx = J_g dz for each image of the recorded batch, g = f^-1. The arguments are as those of
 * reglow_forward_jvp. */
reglow_status reglow_inverse_jvp(reglow_point *point, uint64_t record, const float *tangents, float *images);

/* Computes J_g' v_i + c_i * gradient of log|det J_g| in z for each image i of the recorded batch. The
 * arguments are as those of reglow_forward_vjp, with latents for images. Where c is not 0 and the
 * log-determinant depends on the image it takes two passes, otherwise one. */
reglow_status reglow_inverse_vjp(
    reglow_point *point, uint64_t record, const float *cotangents, const double *log_determinant_cotangents,
    float *latents);

/* Draws images from the prior: g(z), z ~ N(0, temperature^2). Image k depends on the seed and k alone.
 *
 * height, width   multiples of the model's size_multiple
 * temperature     0 or more; below 1 images are more typical, with less variety; 0.7 is usual
 * threads         0 is reglow_available_threads()
 * images          count * channels * height * width numbers
 */
reglow_status reglow_sample(
    const reglow_model *model, size_t height, size_t width, size_t count, double temperature, uint64_t seed,
    size_t threads, float *images);

/* Computes log p(x) of each image under the model, in nats: a density over pixel values on the scale from 0
 * to 1.
 *
 * Images of 8 bits are points of a grid, on which a density means little: see reglow_bits_per_dimension.
 *
 * images, count     count * channels * height * width numbers
 * height, width     multiples of the model's size_multiple
 * threads           0 is reglow_available_threads()
 * log_likelihoods   receives count numbers
 */
reglow_status reglow_log_likelihood(
    const reglow_model *model, const float *images, size_t count, size_t height, size_t width, size_t threads,
    double *log_likelihoods);

/* Computes the bits per dimension of each image, as `reglow likelihood` does: noise_bits - log2 p(x + e) /
 * dimensions, with uniform noise e of mean 0 and width 2^-noise_bits. Lower is likelier.
 *
 * noise_bits   from 1 to 8; figures of different ones cannot be compared; the shipped priors were trained
 *              with 5
 * seed         of the noise; the noise of image k depends on the seed and k alone
 * bits         receives count numbers
 *
 * The others are as those of reglow_log_likelihood.
 */
reglow_status reglow_bits_per_dimension(
    const reglow_model *model, const float *images, size_t count, size_t height, size_t width,
    size_t noise_bits, uint64_t seed, size_t threads, double *bits);

/* --------------------------------------------------------------------------------------------------------
 * Problems: y = A x + noise
 * -------------------------------------------------------------------------------------------------------- */

/* An inverse problem: the linear map A, for images of any size unless its maker says otherwise. It never
 * changes. */
typedef struct reglow_problem reglow_problem;

/* What a blur, or a filter wider than its step, takes for the pixels beyond the edge. Shown for a row a b c
 * d. */
typedef enum reglow_border {
    /* ? ? | a b c d | ? ?   Nothing is assumed: as a photograph is, the measurement is a window of a scene. */
    REGLOW_BORDER_UNKNOWN = 0,
    /* c d | a b c d | a b */
    REGLOW_BORDER_PERIODIC = 1,
    /* b a | a b c d | d c */
    REGLOW_BORDER_REFLECT = 2,
    /* a a | a b c d | d d */
    REGLOW_BORDER_REPLICATE = 3,
    /* 0 0 | a b c d | 0 0 */
    REGLOW_BORDER_ZERO = 4
} reglow_border;

/* Which entry of an array of a point spread is its centre. */
typedef enum reglow_centre {
    /* The first entry where the light lies around it and wraps around to the last ones, else the middle. */
    REGLOW_CENTRE_AUTO = 0,
    /* Row height / 2 and column width / 2, rounded down, counted from 0. */
    REGLOW_CENTRE_MIDDLE = 1,
    /* The first entry, as FFT code keeps it (ifftshift, psf2otf). */
    REGLOW_CENTRE_CORNER = 2,
    /* The entry nearest to the centre of mass. */
    REGLOW_CENTRE_MASS = 3
} reglow_centre;

/* Makes the problem A = identity: nothing but noise. */
reglow_status reglow_problem_denoise(reglow_problem **problem);

/* Makes a deblurring problem from the short text of a point spread: "uniform:SIZE", "gaussian:SIGMA",
 * "gaussian:ALONG,ACROSS@DEGREES", "motion:LENGTH@DEGREES", "disk:RADIUS" or "airy:RADIUS". Lengths are in
 * pixels, degrees counter-clockwise from the horizontal. */
reglow_status reglow_problem_deblur(const char *point_spread, reglow_border border, reglow_problem **problem);

/* Makes a deblurring problem from an array of a point spread: what one bright pixel becomes.
 *
 * values          height * width finite numbers, row by row; they are scaled to a sum of 1, and dark rows and
 *                 columns at the rim are cut off
 * height, width   at least 1, and no more than the image has
 *
 * What should be known of the array, reglow_problem_note tells.
 */
reglow_status reglow_problem_deblur_array(
    const float *values, size_t height, size_t width, reglow_centre centre, reglow_border border,
    reglow_problem **problem);

/* Makes a super-resolution problem: the measurement has `scale` times fewer rows and columns.
 *
 * scale    from 1 to 65536
 * filter   what a measured pixel is: "mean", "triangle", "bicubic", "lanczos3" or "gaussian:SIGMA"; NULL is
 *          "mean", the mean over scale x scale pixels
 * border   is looked at for the filters that are wider than their step: all but "mean"
 */
reglow_status reglow_problem_superresolve(
    size_t scale, const char *filter, reglow_border border, reglow_problem **problem);

/* Makes an inpainting problem that lacks this part of the pixels, from 0 to below 1, drawn from the seed. */
reglow_status reglow_problem_inpaint_random(double missing, uint64_t seed, reglow_problem **problem);

/* Makes an inpainting problem that lacks a square of this side in the centre. */
reglow_status reglow_problem_inpaint_hole(size_t side, reglow_problem **problem);

/* Makes an inpainting problem for images of one size that lacks the pixels where `known` is 0.
 *
 * known      channels * height * width bytes
 * channels   1: a pixel is known or missing in all channels; or those of the image: each channel has a mask
 *            of its own
 */
reglow_status reglow_problem_inpaint_mask(
    const uint8_t *known, size_t channels, size_t height, size_t width, reglow_problem **problem);

/* Makes a compressive sensing problem for images of one size: A is a matrix of independent N(0, 1 /
 * measurements) numbers, drawn from the seed. Its measurement has the shape 1, 1, measurements. */
reglow_status reglow_problem_compressive(
    size_t measurements, size_t height, size_t width, uint64_t seed, reglow_problem **problem);

/* A linear map of the caller's own. */
typedef struct reglow_operator {
    size_t size;
    /* Channels, height and width of x, and of y. Images have the channels of the model that they are restored
     * with. */
    reglow_shape image;
    reglow_shape measurement;
    /* Computes y = A x, and x = A' y; <A x, y> = <x, A' y> up to rounding. Each writes every number of its
     * result. 0 is success; anything else ends the call that needed it with REGLOW_CALLBACK_FAILED; before it
     * ends they may be called some times more. */
    int (*apply)(const float *image, float *measurement, void *context);
    int (*adjoint)(const float *measurement, float *image, void *context);
    /* Called once when the problem, and all that uses it, is released, on the thread that does so; may be
     * NULL. */
    void (*release)(void *context);
    void *context;
    /* Whether no entry of the matrix of A is negative: not 0 says so, and lets a solve begin nearer to the
     * solution. */
    int is_nonnegative;
    /* Whether several threads may call the functions at once. With 0 they are called by one thread at a time,
     * which is the one that called the function of this interface. Otherwise images of a batch share the
     * threads. */
    int is_thread_safe;
} reglow_operator;

/* Fills an operator with defaults: all 0 but `size`. `size` is sizeof(reglow_operator). */
reglow_status reglow_operator_init(reglow_operator *description, size_t size);

/* Makes a problem of the caller's own linear map, for images of its shape. The context must live until
 * `release` is called. When this function fails, `release` is not called. */
reglow_status reglow_problem_linear(const reglow_operator *description, reglow_problem **problem);

/* Releases a problem. */
reglow_status reglow_problem_free(reglow_problem *problem);

/* Returns something that should be known of a problem, such as that a point spread was moved to its centre;
 * NULL for an index that is none. */
const char *reglow_problem_note(const reglow_problem *problem, size_t index);

/* What a measurement depends on. Where the border is unknown that is the scene, of which the image that is
 * restored is the middle; elsewhere the scene is the image. */
typedef struct reglow_scene {
    size_t size;
    /* Rows and columns of the scene, which A is applied to. */
    size_t height;
    size_t width;
    /* Where in the scene the restored image begins, and its rows and columns. */
    size_t top;
    size_t left;
    size_t image_height;
    size_t image_width;
} reglow_scene;

/* Tells the scene of a measurement of these rows and columns. `scene->size` must be set. */
reglow_status reglow_problem_scene(
    const reglow_problem *problem, size_t height, size_t width, reglow_scene *scene);

/* Tells the shape of y = A x for an image, or scene, x of this shape. */
reglow_status reglow_problem_measurement_shape(
    const reglow_problem *problem, const reglow_shape *image, reglow_shape *measurement);

/* Computes y = A x for each of `count` images of one shape. Where the border is unknown the images are
 * scenes.
 *
 * images         count * channels * height * width numbers
 * measurements   count times the numbers of reglow_problem_measurement_shape; another array than images
 */
reglow_status reglow_problem_apply(
    const reglow_problem *problem, const reglow_shape *image, const float *images, size_t count,
    float *measurements);

/* Computes x = A' y for each of `count` measurements. `image` is the shape of x; the arrays are as those of
 * reglow_problem_apply. */
reglow_status reglow_problem_adjoint(
    const reglow_problem *problem, const reglow_shape *image, const float *measurements, size_t count,
    float *images);

/* Says which numbers of a measurement are measured: 1, and which a mask removes: 0. */
reglow_status reglow_problem_measured(
    const reglow_problem *problem, const reglow_shape *image, uint8_t *measured);

/* Estimates the largest singular value of A by power iteration: a lower bound that grows with the iterations,
 * of which 30 are usual. */
reglow_status reglow_problem_norm(
    const reglow_problem *problem, const reglow_shape *image, size_t iterations, double *norm);

/* Simulates measurements y = A x + noise e of `count` images, e ~ N(0, 1), as `reglow degrade` does. What a
 * mask removes stays 0. The first image has its noise from `seed`, the next from seed + 1, and so on. The
 * arrays are as those of reglow_problem_apply. */
reglow_status reglow_problem_degrade(
    const reglow_problem *problem, const reglow_shape *image, const float *images, size_t count, double noise,
    uint64_t seed, float *measurements);

/* --------------------------------------------------------------------------------------------------------
 * Restoration: the minimum of 1/2 |A x - y|^2 + lambda/2 |f(x)|^2
 * -------------------------------------------------------------------------------------------------------- */

/* Stands for a sigma that is estimated from each measurement, which must be an image. */
#define REGLOW_NOISE_ESTIMATED (-1.0)

/* How lambda, the weight of the prior, is chosen for each image. */
typedef enum reglow_rule {
    /* The square of sigma, at least that of rounding to 8 bits. */
    REGLOW_RULE_NOISE_VARIANCE = 0,
    /* The option regularization_weight. */
    REGLOW_RULE_FIXED = 1,
    /* The discrepancy principle: the misfit is what sigma lets expect. Up to two and a half solves. */
    REGLOW_RULE_DISCREPANCY = 2,
    /* The misfit looks most like noise; sigma is not asked for. The measurement must be an image. Up to two
     * and a half solves. */
    REGLOW_RULE_WHITENESS = 3
} reglow_rule;

/* What minimizes. */
typedef enum reglow_minimizer {
    /* Preconditioned L-BFGS that begins in the latent: the fewest evaluations. It chooses the formulation
     * itself. */
    REGLOW_MINIMIZER_AUTO = 0,
    REGLOW_MINIMIZER_LBFGS = 1,
    REGLOW_MINIMIZER_ADAM = 2,
    REGLOW_MINIMIZER_GRADIENT_DESCENT = 3,
    /* In the image; one image at a time. */
    REGLOW_MINIMIZER_GAUSS_NEWTON = 4
} reglow_minimizer;

/* The unknown of the plain minimizers. */
typedef enum reglow_formulation {
    /* What is best: analysis, and for REGLOW_MINIMIZER_AUTO both in turn. */
    REGLOW_FORMULATION_AUTO = 0,
    /* The image x. */
    REGLOW_ANALYSIS = 1,
    /* The latent z. */
    REGLOW_SYNTHESIS = 2
} reglow_formulation;

/* The arithmetic of gradients, until its errors hinder a solve. Values, and so results, always have that of
 * the model. */
typedef enum reglow_gradients {
    /* That of the model. */
    REGLOW_GRADIENTS_OF_MODEL = 0,
    /* bf16 for a model in fp32. It takes half of the memory of the weights more. */
    REGLOW_GRADIENTS_BF16 = 1,
    /* bf16 on processors that are known to be faster so, else that of the model. */
    REGLOW_GRADIENTS_AUTO = 2
} reglow_gradients;

/* Where solves begin. */
typedef enum reglow_start {
    /* What is best for the minimizer. */
    REGLOW_START_AUTO = 0,
    /* What is observed, spread back. */
    REGLOW_START_ADJOINT = 1,
    /* Mid-grey in analysis, the latent 0 in synthesis. */
    REGLOW_START_ZERO = 2,
    /* A sample of the prior, drawn from start_seed. */
    REGLOW_START_RANDOM = 3
} reglow_start;

/* Why a solve ended. */
typedef enum reglow_stop {
    /* It did not begin. */
    REGLOW_STOP_NONE = 0,
    /* The gradient is small against that of the start. */
    REGLOW_STOP_GRADIENT = 1,
    /* The objective hardly falls any more. */
    REGLOW_STOP_PROGRESS = 2,
    /* max_evaluations are used up. */
    REGLOW_STOP_BUDGET = 3,
    /* max_seconds are used up. */
    REGLOW_STOP_TIME = 4,
    /* No step lowers the objective: what single precision resolves is reached. */
    REGLOW_STOP_NO_FURTHER_PROGRESS = 5,
    /* The objective is not finite, or has no lower bound. */
    REGLOW_STOP_DIVERGED = 6,
    /* A function of the caller's asked for the end; the image is the best point so far. */
    REGLOW_STOP_CANCELLED = 7,
    /* It is a posterior mean in closed form, by a prior that is a density of noisy pictures. */
    REGLOW_STOP_CLOSED_FORM = 8,
    /* All steps of a half-quadratic splitting were taken, by a prior that is a density of noisy pictures. */
    REGLOW_STOP_SCHEDULE = 9
} reglow_stop;

/* An accepted iterate of a solve. */
typedef struct reglow_iterate {
    size_t size;
    /* Which image of the batch. */
    size_t image;
    /* Evaluations of objective and gradient, and passes of the flow, up to and with this one, over all solves
     * of the image. */
    size_t evaluations;
    size_t passes;
    /* The objective, and its terms 1/2 |A x - y|^2 and lambda/2 |z|^2. */
    double objective;
    double data_fidelity;
    double prior;
    /* The Euclidean norm of the gradient in the unknown, and the factor of the search direction that led
     * here, 0 at a start. */
    double gradient_norm;
    double step;
    /* Wall time since the solves of the image began. */
    double seconds;
    /* What was the unknown: REGLOW_ANALYSIS or REGLOW_SYNTHESIS; and the arithmetic of its gradient. */
    reglow_formulation unknown;
    reglow_precision gradient_precision;
    /* Not 0 in the second solve of a self-ensemble. */
    int is_mirrored;
    /* Which window of how many, for a picture that is restored in windows; 0 of 1 otherwise. */
    size_t window;
    size_t windows;
} reglow_iterate;

/* How images are restored. Set it up with reglow_restore_options_init, and change what is to be otherwise. */
typedef struct reglow_restore_options {
    size_t size;
    /* sigma, the standard deviation of the noise, from 0 to 1; default REGLOW_NOISE_ESTIMATED. A problem
     * whose measurement is no image needs a number. */
    double noise;
    /* How lambda is chosen, and lambda for REGLOW_RULE_FIXED: from 0 to 1e12. */
    reglow_rule rule;
    double regularization_weight;
    reglow_minimizer minimizer;
    reglow_formulation formulation;
    /* The most evaluations of each solve; default 300. */
    size_t max_evaluations;
    /* The most seconds of each solve; 0, the default, is no limit. */
    double max_seconds;
    /* A solve ends when the gradient has shrunk to this part of what it was at the start, from 0 to below 1;
     * default 1e-5. */
    double gradient_tolerance;
    /* A solve ends when the objective fell by no more than this part of itself in ten iterates, from 0 to
     * below 1; a negative number, the default, is what suits the minimizer. The command's --tolerance is
     * both. */
    double progress_tolerance;
    /* Not 0: `ensemble` is at least 2. */
    int self_ensemble;
    /* Not 0: -lambda log|det J_f| is part of the objective: the density of the image is maximized, not that
     * of its latent. */
    int full_map;
    reglow_gradients gradients;
    /* Where solves begin whose measurement brings no start, and the seed of REGLOW_START_RANDOM. */
    reglow_start start;
    uint64_t start_seed;
    /* Threads that work at once; 0, the default, is reglow_available_threads(). */
    size_t threads;
    /* The most images that are solved at once, from 1 to 4096; default 16. */
    size_t max_batch;
    /* The most bytes that the process may take; 0, the default, is what the machine, the cgroup and ulimit
     * leave, with a margin. Images that would need more are restored in overlapping windows, where the
     * problem allows it. */
    size_t memory_limit;
    /* Called on the calling thread for each accepted iterate; `iterate` is valid during the call. Anything
     * but 0 cancels. May be NULL. */
    int (*on_iterate)(const reglow_iterate *iterate, void *context);
    /* Called on the calling thread before each evaluation and between steps of the preparation: where to look
     * whether somebody wants the end. Anything but 0 cancels. May be NULL. */
    int (*on_poll)(void *context);
    /* Called on the calling thread with what should be known, as the command tells it: sentences in English.
     * The result keeps them too. `image` is the index of the image, or SIZE_MAX for all. May be NULL. */
    void (*on_note)(size_t image, const char *text, void *context);
    void *context;
    /* The result is the mean over so many views of the image, from 1, the default, to 16: nearer to the
     * truth. A prior of noisy images takes them in turns and, several at once, in its last steps: denoising
     * takes that many evaluations. A minimizer takes 1 or 2: it solves each measurement a second time, for
     * the mirror image, for about 1.2 times the evaluations. */
    size_t ensemble;
} reglow_restore_options;

/* Fills options with their defaults. `size` is sizeof(reglow_restore_options). */
reglow_status reglow_restore_options_init(reglow_restore_options *options, size_t size);

/* Measurements of one shape that are restored together. Set it up with reglow_measurements_init. */
typedef struct reglow_measurements {
    size_t size;
    /* How many there are, and the shape of each. One channel is restored by a model of three as three equal
     * channels, of which the mean is the result. A vector of M numbers has the shape 1, 1, M. */
    size_t count;
    reglow_shape shape;
    /* count * channels * height * width finite numbers; those that are missing or not trusted may be
     * anything. */
    const float *values;
    /* Which entries are to be trusted: not 0; the others count as not measured, such as dead pixels. NULL
     * trusts all. There are trusted_count masks, 1 for all images or one for each, of trusted_channels
     * planes, 1 for all channels or one for each. */
    const uint8_t *trusted;
    size_t trusted_count;
    size_t trusted_channels;
    /* Values at or above this level have clipped and are not trusted, each channel by itself; 0, the default,
     * is none; 0.99 suits photographs. */
    double saturated;
    /* Images to begin at, in the size of the restored images: count * start_channels * height * width
     * numbers, of 1 channel or those of the model. NULL leaves it to the options. */
    const float *start;
    size_t start_channels;
} reglow_measurements;

/* Fills measurements with defaults: count, trusted_count, trusted_channels and start_channels 1, else 0.
 * `size` is sizeof(reglow_measurements). */
reglow_status reglow_measurements_init(reglow_measurements *measurements, size_t size);

/* A model, a problem and options, for any number of calls. What is learnt of the prior for an image size, and
 * a random operator, serve later calls too; a result is the same to the last bit whatever came before. */
typedef struct reglow_restorer reglow_restorer;

/* Restored images, and how they were found. It never changes. */
typedef struct reglow_result reglow_result;

/* Makes a restorer. `options` may be NULL for the defaults; they are copied, and the context must live as
 * long as the restorer. */
reglow_status reglow_restorer_new(
    const reglow_model *model, const reglow_problem *problem, const reglow_restore_options *options,
    reglow_restorer **restorer);

/* Releases a restorer. */
reglow_status reglow_restorer_free(reglow_restorer *restorer);

/* Restores measurements, each on its own; a batch shares the evaluations of the flow.
 *
 * Returns REGLOW_OK when all were restored. Otherwise it is the status of the first image that was not,
 * REGLOW_CANCELLED when one of the caller's functions asked for the end, or that of an argument at fault.
 *
 * result   receives the handle, also where some images failed, diverged or were cancelled:
 *          reglow_result_describe has the status of each. NULL where the call itself failed, by an argument,
 *          the memory or the caller's operator.
 */
reglow_status reglow_restorer_run(
    reglow_restorer *restorer, const reglow_measurements *measurements, reglow_result **result);

/* Restores measurements in one call: reglow_restorer_new, _run and _free. */
reglow_status reglow_restore(
    const reglow_model *model, const reglow_problem *problem, const reglow_measurements *measurements,
    const reglow_restore_options *options, reglow_result **result);

/* Writes the image of an iterate, as the result would be if the solve ended here, into an array of channels *
 * height * width numbers of the restored image. It takes the iterate that on_iterate was given, during that
 * call. */
reglow_status reglow_iterate_image(const reglow_iterate *iterate, float *image, size_t count);

/* How well an estimated sigma is known. */
typedef enum reglow_certainty {
    /* There was no estimate. */
    REGLOW_NOT_ESTIMATED = 0,
    /* White noise was measured. */
    REGLOW_NOISE_MEASURED = 1,
    /* The noise may be stronger: it is correlated, or cannot be told from texture. */
    REGLOW_NOISE_LOWER_BOUND = 2,
    /* There is no noise above the rounding of the numbers. */
    REGLOW_NOISE_ROUNDING = 3,
    /* There are too few pixels; taken as free of noise but for rounding. */
    REGLOW_NOISE_TOO_FEW_PIXELS = 4
} reglow_certainty;

/* Estimates sigma of one measurement that is an image.
 *
 * measured   height * width bytes, 0 where nothing is measured; NULL where all is
 * noise      receives sigma on the scale from 0 to 1
 * certainty  receives how well it is known; may be NULL
 */
reglow_status reglow_estimate_noise(
    const float *values, const reglow_shape *shape, const uint8_t *measured, double *noise,
    reglow_certainty *certainty);

/* Returns how many images a result has: as many as measurements. 0 for a bad handle. */
size_t reglow_result_count(const reglow_result *result);

/* How one image was restored. */
typedef struct reglow_result_facts {
    size_t size;
    /* REGLOW_OK; REGLOW_CANCELLED, with the best image so far where there is one; REGLOW_DIVERGED, with an
     * image that is not to be used; or why there is none. */
    reglow_status status;
    /* The shape of the image; all 0 where there is none. */
    reglow_shape shape;
    /* The objective at the image and its terms; of the first solve of a self-ensemble. NaN for a picture that
     * was restored in windows. */
    double objective;
    double data_fidelity;
    double prior;
    /* The objective of the second solve of a self-ensemble; NaN without. */
    double mirrored_objective;
    /* lambda, whether the search for it ended where its rule holds (not 0; also where nothing was searched
     * for), and how many lambdas it tried. */
    double regularization_weight;
    int is_regularization_settled;
    size_t path_count;
    /* sigma that the rule took; NaN where it asked for none. */
    double noise;
    /* The estimate of sigma, its standard error over sigma, and how well it is known; NaN where none was
     * made. */
    double estimated_noise;
    double estimate_error;
    reglow_certainty certainty;
    /* Evaluations, those among them with a gradient in bf16, passes of the flow, and seconds, over all
     * solves. */
    size_t evaluations;
    size_t bf16_evaluations;
    size_t passes;
    double seconds;
    reglow_stop stop;
    /* Accepted iterates that reglow_result_iterate has. */
    size_t iterate_count;
    /* How many windows the picture was restored in; 0 for one that was solved whole. */
    size_t windows;
    /* Pixels of the measurement of which something is missing or not trusted, and numbers. */
    size_t missing_pixels;
    size_t missing_values;
} reglow_result_facts;

/* Tells how image `index` was restored. `facts->size` must be set. */
reglow_status reglow_result_describe(const reglow_result *result, size_t index, reglow_result_facts *facts);

/* Returns image `index` itself, not clipped, as long as the result lives; NULL where there is none. */
const float *reglow_result_image(const reglow_result *result, size_t index);

/* Copies image `index` into an array of `count` numbers, which must be as many as the image has. */
reglow_status reglow_result_copy_image(const reglow_result *result, size_t index, float *image, size_t count);

/* Returns why image `index` failed, diverged or ended early, in words; NULL where there is nothing to say. */
const char *reglow_result_message(const reglow_result *result, size_t index);

/* Whether a restored image can be trusted, as far as measurement, prior and solve tell without the truth. */
typedef enum reglow_verdict {
    /* There is no image. */
    REGLOW_NO_VERDICT = 0,
    /* Nothing speaks against the image. */
    REGLOW_TRUST_OK = 1,
    /* Something does; look at it. */
    REGLOW_TRUST_DOUBTFUL = 2,
    /* It is not what the solver was asked for. */
    REGLOW_TRUST_UNUSABLE = 3
} reglow_verdict;

/* Returns what speaks against image `index`, in words; NULL where nothing does, or there is no image.
 *
 * verdict   receives how much that is; may be NULL
 */
const char *reglow_result_trust(const reglow_result *result, size_t index, reglow_verdict *verdict);

/* Tells an accepted iterate of image `index`, the first of which is the start. `iterate->size` must be set.
 * Pictures in windows have none. */
reglow_status reglow_result_iterate(
    const reglow_result *result, size_t index, size_t number, reglow_iterate *iterate);

/* A solve on the way to lambda. */
typedef struct reglow_path_step {
    size_t size;
    double regularization_weight;
    double data_fidelity;
    double prior;
    /* What the rule looks at, and brings to 1. */
    double measure;
    size_t evaluations;
} reglow_path_step;

/* Tells a solve on the way to lambda of image `index`. `step->size` must be set. */
reglow_status reglow_result_path_step(
    const reglow_result *result, size_t index, size_t number, reglow_path_step *step);

/* Returns something that should be known, in the order in which it was told; NULL for an index that is none.
 *
 * image   receives the index of the image that it is about, or SIZE_MAX for all; may be NULL
 */
const char *reglow_result_note(const reglow_result *result, size_t number, size_t *image);

/* Releases a result. */
reglow_status reglow_result_free(reglow_result *result);

/* --------------------------------------------------------------------------------------------------------
 * The posterior
 * -------------------------------------------------------------------------------------------------------- */

/* Most levels of quantiles. */
#define REGLOW_MOST_QUANTILES 32

/* How the posterior of an image is sampled. Set it up with reglow_posterior_options_init. */
typedef struct reglow_posterior_options {
    size_t size;
    /* Draws that are kept of each image, of all chains together, at least 4 for each chain and raised to a
     * multiple of them; default 200. The result holds them all. */
    size_t samples;
    /* Chains of each image, from 1 to 256, which share the evaluations of the flow; default 4. With a
     * self-ensemble half of them see the mirror image, and the count is even. */
    size_t chains;
    /* Draws of each chain that are thrown away first, while its step size is learnt; default 20. */
    size_t burn_in;
    /* Steps between two draws of a chain, each an evaluation; default 64. */
    size_t steps_per_sample;
    /* Levels of the quantiles, each above 0 and below 1, and how many there are; default 0.05, 0.5, 0.95. */
    double quantiles[REGLOW_MOST_QUANTILES];
    size_t quantile_count;
    /* The seed of the chains; default 0. */
    uint64_t seed;
} reglow_posterior_options;

/* Fills options with their defaults. `size` is sizeof(reglow_posterior_options). */
reglow_status reglow_posterior_options_init(reglow_posterior_options *options, size_t size);

/* Restores measurements as reglow_restorer_run does, and then draws images from the posterior of each, by
 * Markov chains that begin near its mode. The image of the result is the posterior mean, that of the draws
 * less what their gradients tell of its error; the facts of the result are those of the mode. With a
 * self-ensemble it is the mean of two posteriors: that of the image, and that of its mirror image. A picture
 * that does not fit the memory whole has no posterior: REGLOW_OUT_OF_MEMORY.
 *
 * options   may be NULL for the defaults
 */
reglow_status reglow_restorer_posterior(
    reglow_restorer *restorer, const reglow_measurements *measurements, const reglow_posterior_options *options,
    reglow_result **result);

/* How well the chains of one image have explored its posterior. */
typedef struct reglow_posterior_facts {
    size_t size;
    /* Draws and quantiles that the result has. */
    size_t samples;
    size_t quantile_count;
    size_t chains;
    /* The mean acceptance of all chains; 0.7 is aimed at. */
    double acceptance;
    /* The largest split R-hat of some numbers of each draw: the logarithm of its density, its means over a
     * grid of 4 x 4 blocks for each channel, and 64 pixels. Above 1.1 the chains do not agree. */
    double r_hat;
    /* The least number of independent draws that would give the mean of one of those numbers as well; and the
     * median of it over the 64 pixels. */
    double effective_samples;
    double median_effective_samples;
    /* Evaluations of all chains, and the seconds they took, without those of the mode. */
    size_t evaluations;
    double seconds;
} reglow_posterior_facts;

/* Tells how well the posterior of image `index` was explored. `facts->size` must be set. Bad arguments are a
 * result without a posterior and an image that failed. */
reglow_status reglow_result_posterior(const reglow_result *result, size_t index, reglow_posterior_facts *facts);

/* Returns the image with the standard deviation at each pixel and channel, the mode, quantile `number` in the
 * order of the options, or draw `number`; of the shape of the result's image, and as long as the result lives.
 * NULL where there is none. */
const float *reglow_result_deviation(const reglow_result *result, size_t index);
const float *reglow_result_mode(const reglow_result *result, size_t index);
const float *reglow_result_quantile(const reglow_result *result, size_t index, size_t number);
const float *reglow_result_sample(const reglow_result *result, size_t index, size_t number);

/* --------------------------------------------------------------------------------------------------------
 * Quality
 * -------------------------------------------------------------------------------------------------------- */

/* Computes the peak signal-to-noise ratio of two images of one shape in dB, for a peak of 1; infinite where
 * they are equal. Neither is clipped. */
reglow_status reglow_psnr(const float *image, const float *truth, const reglow_shape *shape, double *psnr);

/* Computes the mean structural similarity of two images of one shape, of at least 11 x 11 pixels, with the
 * Gaussian window of its authors (Wang et al., 2004). Neither is clipped. */
reglow_status reglow_ssim(const float *image, const float *truth, const reglow_shape *shape, double *ssim);

/* --------------------------------------------------------------------------------------------------------
 * Training
 * -------------------------------------------------------------------------------------------------------- */

/* A record of a training, as its log has it. */
typedef struct reglow_training_record {
    size_t size;
    size_t step;
    size_t images;
    double seconds;
    /* Bits per dimension of the batches since the last record, and of the validation images; NaN where they
     * were not measured. */
    double bits_per_dimension;
    double validation_bits_per_dimension;
    double learning_rate;
    double gradient_norm;
    double images_per_second;
    size_t skipped_steps;
} reglow_training_record;

/* Why a training ended. */
typedef enum reglow_training_ending {
    /* All steps are done. */
    REGLOW_TRAINING_STEPS = 0,
    /* Validation gained no more. */
    REGLOW_TRAINING_PATIENCE = 1,
    /* stop_after_seconds are over. */
    REGLOW_TRAINING_TIME = 2,
    /* on_step asked for the end; a checkpoint was written. */
    REGLOW_TRAINING_INTERRUPTED = 3
} reglow_training_ending;

/* What a training came to. */
typedef struct reglow_training_outcome {
    size_t size;
    reglow_training_ending ending;
    /* Steps done, those of earlier runs included. */
    size_t step;
    /* Of the last record, and the lowest of the validation images, which the model's are; NaN where there is
     * none. */
    double bits_per_dimension;
    double lowest_validation_bits;
} reglow_training_outcome;

/* How a prior is trained: the options of `reglow train`, with its defaults. Set it up with
 * reglow_train_options_init. */
typedef struct reglow_train_options {
    size_t size;
    /* The folder of images, and the model file, NAME.safetensors; NAME.checkpoint, NAME.log.jsonl,
     * NAME.loss.svg and NAME.samples stand beside it. Both must be given. */
    const char *images;
    const char *model;
    /* A model to start from, a name or a path; NULL trains a new one. */
    const char *from;
    /* A folder of images to measure the model on; NULL is none. */
    const char *validation;
    /* Terms of use for the model's card; NULL is none. */
    const char *license;
    /* Not 0 goes on from the checkpoint beside the model. */
    int resume;
    /* The flow: levels, 4; steps of each, 16; hidden channels, 128; coupling, additive. With `from` 0 leaves
     * each as the model has it, and levels and hidden must be 0; the defaults are 0, which stands for these
     * numbers in a new flow. */
    size_t levels;
    size_t steps_per_level;
    size_t hidden;
    reglow_coupling coupling;
    /* Side of the square crops in pixels, 64; crops of a step, 32; whether half of them are mirrored, 1; the
     * largest factor by which they are shrunk, 1; the part that is given fine colour, 0; the quality of the
     * folder's JPEG files whose noise is taken away, 0 for none; bits of the noise that is added, 5; the most
     * crops of the validation images, 300. */
    size_t crop;
    size_t batch;
    int flips;
    double downscale;
    double chroma_detail;
    size_t clean_jpeg;
    size_t noise_bits;
    size_t validation_crops;
    /* Steps of the whole training, 10000; the highest learning rate, 1e-3; steps over which it rises, 500;
     * not 0: it then falls along half a cosine, 1; the norm to which a gradient is cut, 10; the part of the
     * average of the weights that a step keeps, 0.999. */
    size_t steps;
    double learning_rate;
    size_t warm_up;
    int cosine_decay;
    double clip;
    double ema_decay;
    /* Every how many steps there is a record, 100; a measurement on the validation images, 500; a picture of
     * samples, 1000, 0 for none; a checkpoint, 500. */
    size_t report_every;
    size_t validate_every;
    size_t samples_every;
    size_t checkpoint_every;
    /* Measurements in a row without a gain that end the training, and seconds that end the call; 0, the
     * default, for none. */
    size_t patience;
    double stop_after_seconds;
    uint64_t seed;
    reglow_precision precision;
    /* Threads, 0 is reglow_available_threads(); bytes for what a step keeps, 4 GiB, and for decoded images. */
    size_t threads;
    size_t activation_memory;
    size_t image_memory;
    /* Called on the calling thread after each step; anything but 0 ends the call with a checkpoint. May be
     * NULL. */
    int (*on_step)(size_t step, double bits_per_dimension, void *context);
    /* Called on the calling thread for each record, and for each image that is left out, with the reason. May
     * be NULL. */
    void (*on_record)(const reglow_training_record *record, void *context);
    void (*on_note)(const char *text, void *context);
    void *context;
} reglow_train_options;

/* Fills options with their defaults. `size` is sizeof(reglow_train_options). */
reglow_status reglow_train_options_init(reglow_train_options *options, size_t size);

/* Trains a prior on a folder of images.
 *
 * outcome   `outcome->size` must be set; may be NULL
 *
 * Returns REGLOW_OK for every ending of reglow_training_ending.
 */
reglow_status reglow_train(const reglow_train_options *options, reglow_training_outcome *outcome);

/* --------------------------------------------------------------------------------------------------------
 * Checkpoints of PyTorch and TensorFlow
 * -------------------------------------------------------------------------------------------------------- */

/* A trained Glow, read from a checkpoint of one of nine public implementations: what it is, and its weights as
 * a model file has them. Nothing in the checkpoint is run. docs/import.md lists the implementations. */
typedef struct reglow_import reglow_import;

/* How a checkpoint is read: the options of `reglow import`. Set it up with reglow_import_options_init. */
typedef struct reglow_import_options {
    size_t size;
    /* The configuration that the training script wrote, a JSON file; NULL is none. */
    const char *config;
    /* What the file does not say, as `--set` has it, separated by commas: "squeeze=interleaved,last-offset=1".
     * NULL and "" leave it open. */
    const char *settings;
    /* A folder of images that the model was trained on, in the size of the training, which decide what is open;
     * NULL is none. */
    const char *probe;
    /* Bits of the images that the model was trained on, 1 to 8; 0, the default, is what the configuration says,
     * else what the implementation trains with. */
    size_t noise_levels;
    /* 0 is reglow_available_threads(). */
    size_t threads;
    /* Called on the calling thread with what should be known. May be NULL. */
    void (*on_note)(const char *text, void *context);
    void *context;
} reglow_import_options;

/* Fills options with their defaults. `size` is sizeof(reglow_import_options). */
reglow_status reglow_import_options_init(reglow_import_options *options, size_t size);

/* Reads a checkpoint: a file of torch.save, safetensors or an archive of NumPy. What it does not say is taken
 * from the options, or found out by the probe; what stays open is REGLOW_FILE_ERROR, and the error lists the
 * readings.
 *
 * checkpoint   the file
 * options      NULL is all defaults
 * imported     receives the handle
 */
reglow_status reglow_import_checkpoint(
    const char *checkpoint, const reglow_import_options *options, reglow_import **imported);

/* Releases what was read. */
reglow_status reglow_import_free(reglow_import *imported);

/* Returns what was found, as JSON: the object that `reglow import --dry-run --json -` writes, without what it
 * says of the machine. NULL for a bad handle. */
const char *reglow_import_report(const reglow_import *imported);

/* Writes the model file, NAME.safetensors. A file that is there is replaced only when the new one is complete. */
reglow_status reglow_import_write(const reglow_import *imported, const char *model);

/* Writes a model as the state dict of a public implementation in PyTorch.
 *
 * name_or_path   the name of an installed prior, or a model file
 * family         whose names the tensors have: "rosinality"
 * hidden         hidden channels of the networks that its code builds; 0 is 512, or one more than the model's
 *                where that is more
 * output         .pt or .pth, which torch.load reads, or .safetensors
 * built_hidden   receives the hidden channels of what was written; may be NULL
 */
reglow_status reglow_export_model(
    const char *name_or_path, const char *family, size_t hidden, const char *output, size_t *built_hidden);

#ifdef __cplusplus
}
#endif

#endif
