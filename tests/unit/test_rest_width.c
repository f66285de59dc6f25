#include "math/random.h"
#include "model/rest/rest_width.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SCANS = 240, RUNS = 12 };

static double canonical(double t)
{
    return t > 0 ? (exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6) / 0.17544056 : 0;
}

/* Events with a dead time of 12 s, mean gap 27 s, responses of peak 5 stretched by s, AR(1) noise of sd 1; TR 2 s. */
static void simulate(double *y, double s, uint64_t run)
{
    struct nvc_rng rng;
    double noise, at = -60;
    nvc_rng_init(&rng, 21, run);
    noise = nvc_rng_normal(&rng);
    for (int t = 0; t < SCANS; t++) {
        y[t] = 1000 + noise;
        noise = 0.4 * noise + sqrt(0.84) * nvc_rng_normal(&rng);
    }
    while ((at += 12 + 15 * nvc_rng_exponential(&rng)) < 2 * SCANS)
        for (int t = 0; t < SCANS; t++)
            if (2 * t > at && 2 * t - at < 32 * s)
                y[t] += 5 * canonical((2 * t - at) / s);
}

static double mean_width(enum nvc_width_method method, double s)
{
    struct nvc_width_spec spec = nvc_width_defaults(2);
    struct nvc_width_fit *f;
    struct nvc_error err = { 0 };
    double sum = 0, y[SCANS];
    spec.bootstrap = 0;
    assert_int_equal(nvc_width_new(&f, SCANS, &spec, &err), 0);
    for (uint64_t run = 0; run < RUNS; run++) {
        struct nvc_width w;
        simulate(y, s, run);
        assert_int_equal(nvc_width_estimate(f, method, y, run, &w, &err), 0);
        sum += 5.2595 * w.scale / RUNS;
    }
    nvc_width_free(f);
    return sum;
}

static void sparse_width_follows_the_truth(void **state)
{
    (void)state;
    const double narrow = mean_width(NVC_WIDTH_SPARSE, 0.7), wide = mean_width(NVC_WIDTH_SPARSE, 1.5);
    assert_true(fabs(narrow - 5.2595 * 0.7) < 0.4);
    assert_true(fabs(wide - 5.2595 * 1.5) < 0.6);
    assert_true(fabs((wide - narrow) / (5.2595 * 0.8) - 1) < 0.15);
}

static void spectral_width_grows_with_the_truth(void **state)
{
    (void)state;
    assert_true(mean_width(NVC_WIDTH_SPECTRAL, 1.5) > mean_width(NVC_WIDTH_SPECTRAL, 0.7) + 1);
}

static void interval_surrounds_the_estimate_and_repeats(void **state)
{
    (void)state;
    struct nvc_width_spec spec = nvc_width_defaults(2);
    struct nvc_width_fit *f;
    struct nvc_width a, b;
    struct nvc_error err = { 0 };
    double y[SCANS];
    spec.bootstrap = 20;
    assert_int_equal(nvc_width_new(&f, SCANS, &spec, &err), 0);
    simulate(y, 1, 3);
    assert_int_equal(nvc_width_estimate(f, NVC_WIDTH_SPARSE, y, 5, &a, &err), 0);
    for (int t = 0; t < SCANS; t++)
        y[t] = 3 * y[t] - 500; /* unit and level do not matter */
    assert_int_equal(nvc_width_estimate(f, NVC_WIDTH_SPARSE, y, 5, &b, &err), 0);
    assert_true(a.ci_low_s < a.fwhm_s && a.fwhm_s < a.ci_high_s && a.se_s > 0);
    assert_true(a.n_events > 8 && a.z_event > 3 && a.events_per_min > 1);
    assert_true(fabs(a.fwhm_s / b.fwhm_s - 1) < 1e-6 && fabs(a.se_s / b.se_s - 1) < 1e-4);
    nvc_width_free(f);
}

/* No response: nothing is said of its width. */
static void noise_alone_leaves_the_width_open(void **state)
{
    (void)state;
    struct nvc_width_spec spec = nvc_width_defaults(2);
    struct nvc_width_fit *f;
    struct nvc_error err = { 0 };
    int closed = 0;
    double y[SCANS];
    spec.bootstrap = 39;
    assert_int_equal(nvc_width_new(&f, SCANS, &spec, &err), 0);
    for (uint64_t run = 0; run < RUNS; run++)
        for (int method = 0; method < 2; method++) {
            struct nvc_rng rng;
            struct nvc_width w;
            nvc_rng_init(&rng, 8, run);
            for (int t = 0; t < SCANS; t++)
                y[t] = nvc_rng_normal(&rng);
            assert_int_equal(nvc_width_estimate(f, method ? NVC_WIDTH_SPECTRAL : NVC_WIDTH_SPARSE, y, run, &w, &err), 0);
            closed += !isnan(w.ci_low_s) && !isnan(w.ci_high_s);
        }
    assert_true(closed <= RUNS / 4);
    nvc_width_free(f);
}

static void unusable_series_are_refused(void **state)
{
    (void)state;
    struct nvc_width_spec spec = nvc_width_defaults(2);
    struct nvc_width_fit *f;
    struct nvc_width w;
    struct nvc_error err = { 0 };
    double y[SCANS];
    assert_int_equal(nvc_width_new(&f, 40, &spec, &err), NVC_EDATA);
    assert_int_equal(nvc_width_new(&f, SCANS, &spec, &err), 0);
    for (int t = 0; t < SCANS; t++)
        y[t] = 7;
    assert_int_equal(nvc_width_estimate(f, NVC_WIDTH_SPARSE, y, 0, &w, &err), NVC_EDATA);
    y[9] = NAN;
    assert_int_equal(nvc_width_estimate(f, NVC_WIDTH_SPECTRAL, y, 0, &w, &err), NVC_EDATA);
    nvc_width_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sparse_width_follows_the_truth),
        cmocka_unit_test(spectral_width_grows_with_the_truth),
        cmocka_unit_test(interval_surrounds_the_estimate_and_repeats),
        cmocka_unit_test(noise_alone_leaves_the_width_open),
        cmocka_unit_test(unusable_series_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
