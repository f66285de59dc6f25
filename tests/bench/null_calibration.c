/* How often nvc-glm finds what is not there: per cent of series without any effect that are significant at 5 %, for
 * every noise model of nvc-glm, over kinds of noise, lengths, designs and repetition times.
 *     null_calibration [SERIES [THREADS]]    (10000 2): a row per cell, contrast and model, then the ranges
 * Conditions A and B: blocks of 18 s that alternate every 30 s, or events 4 to 12 s apart; the canonical response, DCT
 * drift of 128 s, a constant; contrasts A and A - B.  Drift of the series: a line and a sinusoid of 180 to 400 s, half
 * the noise in amplitude. */
#include "math/fft.h"
#include "math/lsq.h"
#include "math/random.h"
#include "model/design/design.h"
#include "model/glm/glm.h"

#include <complex.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum noise { WHITE, AR30, AR60, AR85, ARMA, AR_WHITE, PINK_WHITE, N_NOISE };
static const char *const noise_names[] = { "white", "ar .3", "ar .6", "ar .85", "arma .8,-.5", "ar .9 + white", "1/f + white" };
static const enum nvc_noise models[] = { NVC_NOISE_ARMA11, NVC_NOISE_ARMA11_AFNI, NVC_NOISE_AR1_REML, NVC_NOISE_AR1, NVC_NOISE_OLS };
enum { N_MODELS = sizeof models / sizeof *models, N_CONTRASTS = 2 };

static struct nvc_error err;

static void check(int status)
{
    if (!status)
        return;
    (void)fprintf(stderr, "null_calibration: %s\n", err.text);
    exit(1);
}

struct cell {
    enum noise noise;
    size_t n;
    bool block;
    double tr_s;
};

/* n_t = a n_(t-1) + e_t + b e_(t-1) of unit variance, begun long before. */
static void add_arma(struct nvc_rng *r, double a, double b, double weight, double *y, size_t n)
{
    double x = 0, before = 0, scale = weight / sqrt(nvc_arma_gain((struct nvc_arma_pair){ a, b }));
    for (size_t t = 0; t < n + 200; t++) {
        double e = nvc_rng_normal(r);
        x = a * x + e + b * before;
        before = e;
        if (t >= 200)
            y[t - 200] += scale * x;
    }
}

/* Power falling as 1/f, unit variance: half of a circle of twice the length. */
static void add_pink(struct nvc_rng *r, const struct nvc_fft *fft, double weight, double *y, size_t n)
{
    double complex *spectrum = calloc(n + 1, sizeof *spectrum);
    double *x = malloc(2 * n * sizeof *x), power = 0;
    for (size_t k = 1; k < n; k++) {
        double re = nvc_rng_normal(r), im = nvc_rng_normal(r);
        spectrum[k] = (re + im * I) / sqrt((double)k);
        power += 4 / (double)k;
    }
    nvc_fft_inverse(fft, spectrum, x);
    for (size_t t = 0; t < n; t++)
        y[t] += weight * x[t] * 2 * (double)n / sqrt(power);
    free(spectrum);
    free(x);
}

static void simulate(const struct cell *c, const struct nvc_fft *fft, uint64_t seed, size_t series, double *y)
{
    struct nvc_rng r;
    const double half = sqrt(.5);
    nvc_rng_init(&r, seed, series);
    double period = 180 + 220 * nvc_rng_uniform(&r), phase = 2 * M_PI * nvc_rng_uniform(&r);
    for (size_t t = 0; t < c->n; t++)
        y[t] = 100 + (double)t / (double)c->n + .5 * sin(2 * M_PI * (double)t * c->tr_s / period + phase);
    switch (c->noise) {
    case WHITE: add_arma(&r, 0, 0, 1, y, c->n); break;
    case AR30: add_arma(&r, .3, 0, 1, y, c->n); break;
    case AR60: add_arma(&r, .6, 0, 1, y, c->n); break;
    case AR85: add_arma(&r, .85, 0, 1, y, c->n); break;
    case ARMA: add_arma(&r, .8, -.5, 1, y, c->n); break;
    case AR_WHITE:
        add_arma(&r, .9, 0, half, y, c->n);
        add_arma(&r, 0, 0, half, y, c->n);
        break;
    default:
        add_pink(&r, fft, half, y, c->n);
        add_arma(&r, 0, 0, half, y, c->n);
    }
}

static void make_design(struct nvc_design *d, const struct cell *c)
{
    struct nvc_events e;
    struct nvc_rng r;
    struct nvc_design_spec spec;
    double end = (double)c->n * c->tr_s - 10;
    nvc_rng_init(&r, 1, 0);
    check(nvc_events_init(&e, NULL, &err));
    if (c->block) {
        size_t k = 0;
        for (double t = 6; t < end; t += 30, k++)
            check(nvc_events_add(&e, &(struct nvc_event){ t, 18, 1, k % 2 ? "B" : "A", NULL }, &err));
    } else {
        for (double t = 6; t < end; t += 4 + 8 * nvc_rng_uniform(&r))
            check(nvc_events_add(&e, &(struct nvc_event){ t, 0, 1, nvc_rng_below(&r, 2) ? "B" : "A", NULL }, &err));
    }
    check(nvc_events_finish(&e, &err));
    nvc_design_defaults(&spec);
    spec.n_volumes = c->n;
    spec.tr_s = c->tr_s;
    spec.events = &e;
    check(nvc_design_build(d, &spec, &err));
    nvc_events_release(&e);
}

/* Per cent significant of each contrast. */
static void fit(const struct nvc_design *d, enum nvc_noise model, const double *Y, size_t n_series, int threads,
                double rejected[N_CONTRASTS])
{
    struct nvc_glm *g;
    struct nvc_glm_fit fit;
    bool *drift = calloc(d->n_cols, sizeof *drift), *task = calloc(d->n_cols, sizeof *task);
    double *C = calloc(N_CONTRASTS * d->n_cols, sizeof *C);
    for (size_t j = 0; j < d->n_cols; j++) {
        drift[j] = d->columns[j].role == NVC_ROLE_DRIFT;
        task[j] = d->columns[j].role == NVC_ROLE_TASK;
    }
    C[0] = C[d->n_cols] = 1;
    C[d->n_cols + 1] = -1;
    check(nvc_glm_new(&g, &(struct nvc_glm_spec){ .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = C, .n_effects = N_CONTRASTS,
        .noise = model, .high_pass = drift, .interest = task, .quick_tails = true }, &err));
    check(nvc_glm_fit_init(&fit, g, n_series, &err));
    check(nvc_glm_run(g, &(struct nvc_glm_source){ nvc_glm_load_columns, &(struct nvc_glm_columns){ Y, d->n_rows, d->n_rows } },
                      &fit, threads, &err));
    for (size_t k = 0; k < N_CONTRASTS; k++) {
        size_t count = 0;
        for (size_t v = 0; v < n_series; v++)
            count += fit.p[k * n_series + v] < .05;
        rejected[k] = 100 * (double)count / (double)n_series;
    }
    nvc_glm_fit_release(&fit);
    nvc_glm_free(g);
    free(drift);
    free(task);
    free(C);
}

static double least[2][N_NOISE][N_MODELS], most[2][N_NOISE][N_MODELS];

static void do_cell(const struct cell *c, size_t number, size_t n_series, int threads)
{
    struct nvc_design d;
    struct nvc_fft *fft;
    double *Y = malloc(n_series * c->n * sizeof *Y), rejected[N_CONTRASTS];
    make_design(&d, c);
    check(nvc_fft_new(&fft, 2 * c->n, &err));
    #pragma omp parallel for num_threads(threads)
    for (size_t v = 0; v < n_series; v++)
        simulate(c, fft, number + 1, v, Y + v * c->n);
    for (size_t m = 0; m < N_MODELS; m++) {
        double *low = &least[c->tr_s < 1][c->noise][m], *high = &most[c->tr_s < 1][c->noise][m];
        fit(&d, models[m], Y, n_series, threads, rejected);
        for (size_t k = 0; k < N_CONTRASTS; k++) {
            *low = fmin(*low, rejected[k]);
            *high = fmax(*high, rejected[k]);
            (void)printf("%s\t%zu\t%s\t%g\t%s\t%s\t%.2f\n", noise_names[c->noise], c->n, c->block ? "block" : "event", c->tr_s,
                         k ? "A-B" : "A", nvc_noise_names[models[m]], rejected[k]);
        }
    }
    (void)fflush(stdout);
    nvc_fft_free(fft);
    nvc_design_release(&d);
    free(Y);
}

int main(int argc, char **argv)
{
    size_t n_series = argc > 1 ? (size_t)atol(argv[1]) : 10000, number = 0;
    int threads = argc > 2 ? atoi(argv[2]) : 2;
    nvc_blas_single_thread();
    for (size_t k = 0; k < sizeof least / sizeof(double); k++)
        (&least[0][0][0])[k] = 100;
    (void)puts("noise\tn\tdesign\ttr_s\tcontrast\tmodel\trejected_pct");
    for (int fast = 0; fast < 2; fast++)
        for (int noise = 0; noise < N_NOISE; noise++)
            for (size_t n = 200; n <= 400; n += 200)
                for (int block = 0; block < 2; block++)
                    do_cell(&(struct cell){ (enum noise)noise, n, block, fast ? 0.8 : 2 }, number++, n_series, threads);
    for (int fast = 0; fast < 2; fast++) {
        (void)printf("\nTR %s s, %% of %zu series at 5 %%\t", fast ? ".8" : "2", n_series);
        for (size_t m = 0; m < N_MODELS; m++)
            (void)printf("%s%s", nvc_noise_names[models[m]], m + 1 < N_MODELS ? "\t" : "\n");
        for (int noise = 0; noise < N_NOISE; noise++) {
            (void)printf("%s", noise_names[noise]);
            for (size_t m = 0; m < N_MODELS; m++)
                (void)printf("\t%.1f-%.1f", least[fast][noise][m], most[fast][noise][m]);
            (void)putchar('\n');
        }
    }
    return 0;
}
