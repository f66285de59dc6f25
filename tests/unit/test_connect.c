#include "math/lsq.h"
#include "math/random.h"
#include "model/connectivity/connect.h"
#include "model/glm/glm.h"
#include "model/design/hrf.h"
#include "model/connectivity/ppi.h"
#include "model/design/trace.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

enum { N = 200, LAGS = 64 };

/* Two AR(1) series of correlation rho. */
static void couple(double *x, double *y, double ar_x, double ar_y, double rho, uint64_t stream)
{
    struct nvc_rng rng;
    double a = 0, b = 0;
    nvc_rng_init(&rng, 9, stream);
    for (int t = -100; t < N; t++) {
        const double e = nvc_rng_normal(&rng), f = rho * e + sqrt(1 - rho * rho) * nvc_rng_normal(&rng);
        a = ar_x * a + sqrt(1 - ar_x * ar_x) * e;
        b = ar_y * b + sqrt(1 - ar_y * ar_y) * f;
        if (t >= 0)
            x[t] = 100 + a, y[t] = 50 + b;
    }
}

struct setting { const char *name; double low_hz, high_hz, ar_x, ar_y, rho; bool censored, confounds; double least, most; };

static int coverage(const struct setting *s, int runs, double *n_eff)
{
    static double x[N], y[N], rho_x[LAGS], rho_y[LAGS], work[N], confounds[N * 6];
    bool keep[N];
    struct nvc_error err = { 0 };
    struct nvc_connect *c;
    struct nvc_rng rng;
    int covered = 0;
    nvc_rng_init(&rng, 1, 1);
    for (size_t i = 0; i < sizeof confounds / sizeof *confounds; i++)
        confounds[i] = nvc_rng_normal(&rng);
    for (size_t t = 0; t < N; t++)
        keep[t] = !s->censored || t % 19 > 1;
    const struct nvc_cleaner_spec spec = { .n = N, .tr_s = 2, .trend = 2, .low_hz = s->low_hz, .high_hz = s->high_hz, .keep = keep,
                                           .confounds = s->confounds ? confounds : NULL, .n_confounds = s->confounds ? 6 : 0 };
    if (nvc_connect_new(&c, &spec, &err))
        fail_msg("%s", err.text);
    assert_in_range(nvc_connect_lags(c), 20, LAGS);
    *n_eff = 0;
    for (int run = 0; run < runs; run++) {
        couple(x, y, s->ar_x, s->ar_y, s->rho, (uint64_t)run);
        assert_true(nvc_connect_prepare(c, x, rho_x, work));
        assert_true(nvc_connect_prepare(c, y, rho_y, work));
        const struct nvc_connection p = nvc_connect_pair(c, x, rho_x, y, rho_y);
        covered += p.ci_low <= atanh(s->rho) && atanh(s->rho) <= p.ci_high;
        *n_eff += p.n_eff / runs;
    }
    nvc_connect_free(c);
    return covered;
}

static void intervals_cover_through_slowness_band_censoring_and_confounds(void **state)
{
    (void)state;
    static const struct setting settings[] = {
        { "white", NAN, NAN, 0, 0, 0, false, false, 190, 198 }, { "white .5", NAN, NAN, 0, 0, 0.5, false, false, 185, 197 },
        { "AR .7", NAN, NAN, 0.7, 0.7, 0, false, false, 72, 92 }, { "AR .7 .5", NAN, NAN, 0.7, 0.7, 0.5, false, false, 70, 92 },
        { "AR .4 .8", NAN, NAN, 0.4, 0.8, 0, false, false, 105, 130 }, { "band", 0.01, 0.1, 0, 0, 0.5, false, false, 66, 74 },
        { "band AR .7", 0.01, 0.1, 0.7, 0.7, 0.5, false, false, 48, 60 }, { "band AR .7, 6 confounds", 0.01, 0.1, 0.7, 0.7, 0, false, true, 46, 60 },
        { "band AR .7, censored, 6 confounds", 0.01, 0.1, 0.7, 0.7, 0.5, true, true, 32, 46 },
    };
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        double n_eff;
        const int covered = coverage(settings + i, 500, &n_eff);
        if (covered < 455 || covered > 495) /* 95 % of 500 and 4 sd of the count */
            fail_msg("%s: %d of 500 intervals cover", settings[i].name, covered);
        assert_true(n_eff > settings[i].least && n_eff < settings[i].most);
    }
}

enum { VOLUMES = 240, RUNS = 32, BINS = 16 * VOLUMES };
static const double tr_s = 2, dt_s = 0.125;

/* Blocks of 20 s of a and b in turn, 10 s between. */
static void blocks(struct nvc_events *e)
{
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_events_init(e, NULL, &err), 0);
    for (int i = 0; i < 15; i++) {
        const struct nvc_event one = { 15 + 30.0 * i, 20, 1, i % 2 ? "b" : "a", NULL };
        assert_int_equal(nvc_events_add(e, &one, &err), 0);
    }
    assert_int_equal(nvc_events_finish(e, &err), 0);
}

/* BOLD at the frames of a neural signal. */
static void bold(double *y, const double *x, double noise, struct nvc_rng *rng)
{
    double h[300];
    const size_t n_h = nvc_hrf_spm_length(dt_s, NULL);
    nvc_hrf_spm(h, dt_s, NULL);
    for (size_t t = 0; t < VOLUMES; t++) {
        y[t] = noise * nvc_rng_normal(rng);
        for (size_t k = 0; k < n_h && k <= 16 * t; k++)
            y[t] += h[k] * x[16 * t - k];
    }
}

/* Seed and target; the target follows the neurons of the seed by .5, and by gain more while a lasts. */
static void simulate(double *seed, double *target, double *neural, double gain, const struct nvc_trace *a, const struct nvc_trace *b, uint64_t stream)
{
    static double own[BINS];
    struct nvc_rng rng;
    double level = 0;
    nvc_rng_init(&rng, 21, stream);
    for (size_t i = 0; i < BINS; i++) {
        const double at = (double)i * dt_s, in_a = nvc_trace_at(a, at), in_b = nvc_trace_at(b, at);
        level = 0.95 * level + nvc_rng_normal(&rng);
        neural[i] = level + in_a;
        own[i] = (0.5 + gain * in_a) * neural[i] + 0.5 * in_b;
    }
    bold(seed, neural, 0.15, &rng);
    bold(target, own, 0.4, &rng);
}

/* Mean of the difference of the two interactions, and how many intervals hold `truth`. */
static int interactions(enum nvc_ppi_kind kind, double gain, double truth, double *mean)
{
    static double seed[VOLUMES], target[VOLUMES], neural[BINS], X[VOLUMES * 8], nuisance[VOLUMES * 3];
    struct nvc_events e = { 0 };
    struct nvc_trace a, b;
    struct nvc_error err = { 0 };
    double share;
    int covered = 0;
    blocks(&e);
    assert_int_equal(nvc_trace_of_events(&a, &e, 0, NVC_EVENTS_BOX, 1, 0, 480, dt_s, &err), 0);
    assert_int_equal(nvc_trace_of_events(&b, &e, 1, NVC_EVENTS_BOX, 1, 0, 480, dt_s, &err), 0);
    for (size_t k = 0; k < 3; k++)
        for (size_t t = 0; t < VOLUMES; t++)
            nuisance[t + VOLUMES * k] = pow(2 * (double)t / (VOLUMES - 1) - 1, (double)k);
    *mean = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        const struct nvc_ppi_spec spec = { kind, &e, seed, VOLUMES, tr_s, 0, nuisance, 3 };
        static const double C[8] = { 1, -1 };
        const struct nvc_glm_spec model = { .X = X, .n = VOLUMES, .m = 8, .C = C, .n_effects = 1, .noise = NVC_NOISE_ARMA11 };
        const struct nvc_glm_columns columns = { target, VOLUMES, VOLUMES };
        const struct nvc_glm_source source = { nvc_glm_load_columns, &columns };
        struct nvc_glm *glm;
        struct nvc_glm_fit fit;
        simulate(seed, target, neural, gain, &a, &b, run);
        assert_int_equal(nvc_ppi_columns(&spec, X, &share, &err), 0);
        memcpy(X + VOLUMES * 5, nuisance, sizeof nuisance);
        assert_int_equal(nvc_glm_new(&glm, &model, &err), 0);
        assert_int_equal(nvc_glm_fit_init(&fit, glm, 1, &err), 0);
        assert_int_equal(nvc_glm_run(glm, &source, &fit, 1, &err), 0);
        *mean += fit.effect[0] / RUNS;
        covered += fabs(fit.effect[0] - truth) < 1.97 * sqrt(fit.variance[0]);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(glm);
    }
    nvc_trace_release(&a);
    nvc_trace_release(&b);
    nvc_events_release(&e);
    return covered;
}

static void interactions_find_what_was_planted_and_nothing_else(void **state)
{
    (void)state;
    double mean;
    for (int kind = 0; kind < 2; kind++) {
        assert_in_range(interactions((enum nvc_ppi_kind)kind, 0, 0, &mean), 26, RUNS);
        assert_near(mean, 0, 0.02);
    }
    assert_in_range(interactions(NVC_PPI_NEURAL, 0.4, 0.4, &mean), 26, RUNS);
    assert_near(mean, 0.4, 0.02);
    assert_in_range(interactions(NVC_PPI_BOLD, 0.4, 0.4, &mean), 5, 27); /* the product of slow signals is not the slow product */
    assert_near(mean, 0.355, 0.03);
}

static void deconvolution_undoes_the_response(void **state)
{
    (void)state;
    static double seed[VOLUMES], target[VOLUMES], neural[BINS], nuisance[VOLUMES], x[BINS + 256];
    struct nvc_trace none;
    struct nvc_error err = { 0 };
    double xy = 0, xx = 0, yy = 0, share;
    assert_int_equal(nvc_trace_init(&none, 2, &err), 0);
    none.time_s[1] = 1;
    for (size_t t = 0; t < VOLUMES; t++)
        nuisance[t] = 1;
    const struct nvc_ppi_spec run = { NVC_PPI_NEURAL, NULL, NULL, VOLUMES, tr_s, 0, nuisance, 1 };
    simulate(seed, target, neural, 0, &none, &none, 1);
    assert_int_equal(nvc_deconvolve(seed, &run, 32, dt_s, x, BINS + 256, &share, &err), 0);
    assert_true(share > 0.8 && share < 1);
    for (size_t i = 160; i + 160 < BINS; i++) { /* what is faster than a volume or two cannot come back */
        double slow = 0;
        for (size_t k = 0; k < 32; k++)
            slow += neural[i + k - 16] / 32;
        xy += x[i + 256] * slow, xx += x[i + 256] * x[i + 256], yy += slow * slow;
    }
    assert_true(xy / sqrt(xx * yy) > 0.9);
    nvc_trace_release(&none);
}

/* What a seed without any mark of vessels gives is scaled to the seed all the same: slopes on it stay slopes. */
static void a_white_seed_is_not_shrunk_to_nothing(void **state)
{
    (void)state;
    static double y[VOLUMES], fitted[VOLUMES], nuisance[VOLUMES], x[BINS + 256], h[300];
    struct nvc_error err = { 0 };
    struct nvc_rng rng;
    double share, xy = 0, xx = 0, mean[2] = { 0 };
    const size_t n_h = nvc_hrf_spm_length(dt_s, NULL);
    nvc_hrf_spm(h, dt_s, NULL);
    nvc_rng_init(&rng, 2, 2);
    for (size_t t = 0; t < VOLUMES; t++)
        nuisance[t] = 1, y[t] = nvc_rng_normal(&rng);
    const struct nvc_ppi_spec run = { NVC_PPI_NEURAL, NULL, NULL, VOLUMES, tr_s, 0, nuisance, 1 };
    assert_int_equal(nvc_deconvolve(y, &run, 32, dt_s, x, BINS + 256, &share, &err), 0);
    assert_true(share > 0 && share < 0.5);
    for (size_t t = 0; t < VOLUMES; t++) {
        for (size_t k = 0; k < n_h && k <= 256 + 16 * t; k++)
            fitted[t] += h[k] * x[256 + 16 * t - k];
        mean[0] += y[t] / VOLUMES, mean[1] += fitted[t] / VOLUMES;
    }
    for (size_t t = 0; t < VOLUMES; t++)
        xy += (fitted[t] - mean[1]) * (y[t] - mean[0]), xx += (fitted[t] - mean[1]) * (fitted[t] - mean[1]);
    assert_near(xy / xx, 1, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_cover_through_slowness_band_censoring_and_confounds),
        cmocka_unit_test(interactions_find_what_was_planted_and_nothing_else),
        cmocka_unit_test(deconvolution_undoes_the_response),
        cmocka_unit_test(a_white_seed_is_not_shrunk_to_nothing),
    };
    nvc_blas_single_thread();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
