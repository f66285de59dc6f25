/* What the fit of nvc-glm costs: microseconds per voxel and thread for growing numbers of volumes, columns and contrasts, and
 * how much two threads gain on one.
 *     glm_cost [VOXELS]     (20000) */
#include "math/lsq.h"
#include "math/random.h"
#include "model/glm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct nvc_error err;

static void check(int status)
{
    if (!status)
        return;
    (void)fprintf(stderr, "glm_cost: %s\n", err.text);
    exit(1);
}

static double now(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Least of three runs, seconds. */
static double seconds(enum nvc_noise noise, size_t n, size_t m, size_t contrasts, size_t voxels, const double *Y, int threads,
                      clockid_t clock)
{
    struct nvc_glm *g;
    struct nvc_glm_fit fit;
    double *X = malloc(n * m * sizeof *X), *C = calloc(m * contrasts, sizeof *C), best = INFINITY;
    for (size_t j = 0; j < m; j++)
        for (size_t t = 0; t < n; t++)
            X[t + j * n] = j ? cos(M_PI * ((double)t + .5) * (double)(3 * j) / (double)n) : 1;
    for (size_t k = 0; k < contrasts; k++)
        C[k * m + 1 + k % (m - 1)] = 1;
    for (int repeat = 0; repeat < 3; repeat++) {
        double begin = now(clock);
        check(nvc_glm_new(&g, &(struct nvc_glm_spec){ .X = X, .n = n, .m = m, .C = C, .n_effects = contrasts, .noise = noise,
                                                      .quick_tails = true }, &err));
        check(nvc_glm_fit_init(&fit, g, voxels, &err));
        check(nvc_glm_run(g, &(struct nvc_glm_source){ nvc_glm_load_columns, &(struct nvc_glm_columns){ Y, n, n } }, &fit, threads, &err));
        best = fmin(best, now(clock) - begin);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
    free(X);
    free(C);
    return best;
}

int main(int argc, char **argv)
{
    static const struct { size_t n, m, contrasts; } shapes[] = {
        { 150, 7, 1 }, { 300, 7, 1 }, { 600, 7, 1 }, { 300, 14, 1 }, { 300, 28, 1 }, { 300, 56, 1 }, { 300, 7, 4 }, { 300, 14, 8 } };
    static const enum nvc_noise models[] = { NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_ARMA11, NVC_NOISE_ARMA11_AFNI };
    size_t voxels = argc > 1 ? (size_t)atol(argv[1]) : 20000;
    double *Y = malloc(600 * voxels * sizeof *Y);
    struct nvc_rng r;
    nvc_blas_single_thread();
    nvc_rng_init(&r, 1, 0);
    double e = 0;
    for (size_t k = 0; k < 600 * voxels; k++)
        Y[k] = 1e4 + 100 * (e = .3 * e + nvc_rng_normal(&r));
    (void)puts("volumes\tcolumns\tcontrasts\tols_us\tar1_us\tarma11_us\tafni_us\tarma11_gain_of_2_threads");
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
        size_t n = shapes[s].n, m = shapes[s].m, contrasts = shapes[s].contrasts;
        (void)printf("%zu\t%zu\t%zu", n, m, contrasts);
        for (size_t k = 0; k < sizeof models / sizeof *models; k++) /* of the processor: a busy machine shows less */
            (void)printf("\t%.2f", 1e6 / (double)voxels * seconds(models[k], n, m, contrasts, voxels, Y, 1, CLOCK_PROCESS_CPUTIME_ID));
        (void)printf("\t%.2f\n", seconds(NVC_NOISE_ARMA11, n, m, contrasts, voxels, Y, 1, CLOCK_MONOTONIC) /
                                     seconds(NVC_NOISE_ARMA11, n, m, contrasts, voxels, Y, 2, CLOCK_MONOTONIC));
        (void)fflush(stdout);
    }
    free(Y);
    return 0;
}
