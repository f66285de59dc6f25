/* What the fit of nvc-glm costs: microseconds per voxel and thread for growing numbers of volumes, columns and contrasts, a law
 * fitted to them for the default, and how much two threads gain on one.
 *     glm_cost [VOXELS]     (20000) */
#include "math/lsq.h"
#include "math/random.h"
#include "model/glm/glm.h"

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

static const struct { size_t n, m, contrasts; } shapes[] = {
    { 150, 7, 1 }, { 300, 7, 1 }, { 600, 7, 1 }, { 1200, 7, 1 }, { 300, 14, 1 }, { 600, 28, 1 }, { 300, 28, 1 }, { 300, 56, 1 },
    { 600, 56, 1 }, { 300, 7, 4 }, { 300, 14, 8 }, { 150, 14, 16 } };
enum { SHAPES = sizeof shapes / sizeof *shapes };

/* us = sum of coefficient x term by least squares of relative errors. */
static void print_law(const double us[static SHAPES])
{
    enum { TERMS = 5 };
    static const char *const names[TERMS] = { "1", "volumes", "volumes x columns", "columns^2", "contrasts" };
    double X[SHAPES * TERMS], one[SHAPES], beta[TERMS], residual[SHAPES], worst = 0;
    struct nvc_lsq f;
    for (size_t s = 0; s < SHAPES; s++) {
        double n = (double)shapes[s].n, m = (double)shapes[s].m, terms[TERMS] = { 1, n, n * m, m * m, (double)shapes[s].contrasts };
        for (size_t k = 0; k < TERMS; k++)
            X[s + k * SHAPES] = terms[k] / us[s];
        one[s] = 1;
    }
    check(nvc_lsq_init(&f, X, SHAPES, TERMS, &err));
    (void)nvc_lsq_solve(&f, one, beta, residual);
    nvc_lsq_release(&f);
    (void)printf("arma11_us =");
    for (size_t k = 0; k < TERMS; k++)
        (void)printf(" %+.3g x %s", beta[k], names[k]);
    for (size_t s = 0; s < SHAPES; s++)
        worst = fmax(worst, fabs(residual[s]));
    (void)printf("\t(within %.0f %%)\n", 100 * worst);
}

int main(int argc, char **argv)
{
    static const enum nvc_noise models[] = { NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_ARMA11, NVC_NOISE_ARMA11_AFNI };
    size_t voxels = argc > 1 ? (size_t)atol(argv[1]) : 20000;
    double *Y = malloc(1200 * voxels * sizeof *Y), us[SHAPES] = { 0 };
    struct nvc_rng r;
    nvc_blas_single_thread();
    nvc_rng_init(&r, 1, 0);
    double e = 0;
    for (size_t k = 0; k < 1200 * voxels; k++)
        Y[k] = 1e4 + 100 * (e = .3 * e + nvc_rng_normal(&r));
    (void)puts("volumes\tcolumns\tcontrasts\tols_us\tar1_us\tarma11_us\tafni_us\tarma11_gain_of_2_threads");
    for (size_t s = 0; s < SHAPES; s++) {
        size_t n = shapes[s].n, m = shapes[s].m, contrasts = shapes[s].contrasts;
        (void)printf("%zu\t%zu\t%zu", n, m, contrasts);
        for (size_t k = 0; k < sizeof models / sizeof *models; k++) { /* of the processor: a busy machine shows less */
            double here = 1e6 / (double)voxels * seconds(models[k], n, m, contrasts, voxels, Y, 1, CLOCK_PROCESS_CPUTIME_ID);
            us[s] = models[k] == NVC_NOISE_ARMA11 ? here : us[s];
            (void)printf("\t%.2f", here);
        }
        (void)printf("\t%.2f\n", seconds(NVC_NOISE_ARMA11, n, m, contrasts, voxels, Y, 1, CLOCK_MONOTONIC) /
                                     seconds(NVC_NOISE_ARMA11, n, m, contrasts, voxels, Y, 2, CLOCK_MONOTONIC));
        (void)fflush(stdout);
    }
    print_law(us);
    free(Y);
    return 0;
}
