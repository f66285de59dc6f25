#include "math/random.h"
#include "model/response/balloon_fit.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SCANS = 200, BINS = 3200, CONFOUNDS = 7, PARAMETERS = 7 };

struct job {
    double y[SCANS], u[BINS], X0[SCANS * CONFOUNDS];
};

/* Column `column` (from 0) of a table of the reference folder; false when it is not there. */
static bool column(const char *name, int at, double *out, int n)
{
    char path[4096], line[8192];
    const char *folder = getenv("NVC_REFERENCE");
    snprintf(path, sizeof path, "%s/reference/spm/%s", folder ? folder : SRCDIR "/../shared", name);
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    assert_non_null(fgets(line, sizeof line, f));
    for (int i = 0; i < n; i++) {
        assert_non_null(fgets(line, sizeof line, f));
        char *cell = line;
        for (int k = 0; k < at; k++)
            cell = strchr(cell, '\t') + 1;
        out[i] = strtod(cell, NULL);
    }
    fclose(f);
    return true;
}

static bool load(struct job *j)
{
    bool good = column("hdm_series.tsv", 2, j->y, SCANS) && column("hdm_microtime_inputs.tsv", 2, j->u, BINS);
    for (int k = 0; good && k < CONFOUNDS; k++)
        good = column("hdm_confounds_X0.tsv", k, j->X0 + SCANS * k, SCANS);
    return good;
}

static struct nvc_balloon_problem problem(const struct job *j, enum nvc_balloon_priors priors)
{
    return (struct nvc_balloon_problem){ .y = j->y, .n_scans = SCANS, .inputs = j->u, .n_bins = BINS, .n_inputs = 1, .dt_s = 0.125,
                                         .bins_per_scan = 16, .first_bin = 15, .confounds = j->X0, .n_confounds = CONFOUNDS,
                                         .constants = nvc_balloon_hdm, .priors = priors };
}

static void posterior_is_that_of_spm_with_the_exact_equation(void **state)
{
    (void)state;
    static struct job j;
    static double mean[3 * PARAMETERS], sd[3 * PARAMETERS], F[3];
    struct nvc_balloon_fit fit;
    struct nvc_error err = { 0 };
    if (!load(&j) || !column("hdm_posterior.tsv", 5, mean, 3 * PARAMETERS) || !column("hdm_posterior.tsv", 6, sd, 3 * PARAMETERS) ||
        !column("hdm_inversion_summary.tsv", 3, F, 3))
        skip();
    struct nvc_balloon_problem p = problem(&j, NVC_PRIORS_SPM);
    assert_int_equal(nvc_balloon_invert(&p, &fit, &err), 0);
    assert_true(fit.converged);
    for (int i = 0; i < PARAMETERS; i++) { /* the third job is the exact equation */
        const double m = mean[2 * PARAMETERS + i], s = sd[2 * PARAMETERS + i];
        assert_true(fabs(fit.mean[i] - m) < 0.05 * s);
        assert_true(fabs(fit.sd[i] / s - 1) < 0.01);
    }
    assert_true(fabs(fit.free_energy - F[2]) < 0.05);
    nvc_balloon_fit_release(&fit);
}

/* A simulated run whose parameters lie inside the wide prior. */
static void wide_priors_let_the_data_speak(void **state)
{
    (void)state;
    static struct job j;
    static double signal[BINS];
    struct nvc_balloon truth = nvc_balloon_hdm;
    struct nvc_balloon_fit fit;
    struct nvc_error err = { 0 };
    truth.decay = 0.8, truth.transit_s = 1.3;
    for (int i = 0; i < BINS; i++)
        j.u[i] = i % 320 < 160 ? 0.2 : 0;
    assert_int_equal(nvc_balloon_integrate(&truth, j.u, BINS, 0.125, signal, &err), 0);
    uint32_t seed = 1;
    for (int i = 0; i < BINS; i++)
        j.u[i] *= 5; /* the input has height 1: the efficacy is 0.2 */
    for (int t = 0; t < SCANS; t++) {
        double noise = -6;
        for (int k = 0; k < 12; k++)
            noise += (double)(seed = seed * 1664525u + 1013904223u) / 4294967296.0;
        j.y[t] = signal[16 * t + 15] + 0.1 * noise;
        j.X0[t] = 1;
    }
    struct nvc_balloon_problem p = problem(&j, NVC_PRIORS_WIDE);
    p.n_confounds = 1;
    assert_int_equal(nvc_balloon_invert(&p, &fit, &err), 0);
    assert_true(fit.converged);
    assert_true(fabs(fit.mean[0] - 0.8) < 3 * fit.sd[0]);
    assert_true(fabs(fit.mean[2] - 1.3) < 3 * fit.sd[2]);
    assert_true(fabs(fit.mean[6] - 0.2) < 3 * fit.sd[6]);
    assert_true(fit.shrinkage[0] > 0.8 && fit.shrinkage[6] > 0.99);
    assert_true(fit.variance_explained > 0.9);
    nvc_balloon_fit_release(&fit);
}

/* A response a third of an autocorrelated noise: the posterior knows how large that noise is, and is as wide as its errors. */
static void error_of_a_weak_response_is_honest(void **state)
{
    (void)state;
    enum { RUNS = 8, SHORT = 120 };
    static struct job j;
    static double drive[BINS], signal[BINS];
    const double truth = 0.3, phi = 0.5, sd = 3;
    struct nvc_error err = { 0 };
    double squares = 0;
    for (int i = 0; i < BINS; i++)
        j.u[i] = i % 200 < 16;
    for (int i = 0; i < BINS; i++)
        drive[i] = truth * j.u[i];
    assert_int_equal(nvc_balloon_integrate(&nvc_balloon_hdm, drive, BINS, 0.125, signal, &err), 0);
    for (uint64_t run = 0; run < RUNS; run++) {
        struct nvc_balloon_fit fit;
        struct nvc_rng rng;
        nvc_rng_init(&rng, 6, run);
        double noise = sd * nvc_rng_normal(&rng);
        for (int t = 0; t < SCANS; t++) {
            j.y[t] = signal[16 * t + 15] + noise;
            j.X0[t] = 1;
            noise = phi * noise + sqrt(1 - phi * phi) * sd * nvc_rng_normal(&rng);
        }
        struct nvc_balloon_problem p = problem(&j, NVC_PRIORS_WIDE);
        p.n_confounds = 1, p.n_scans = SHORT, p.n_bins = 16 * SHORT;
        assert_int_equal(nvc_balloon_invert(&p, &fit, &err), 0);
        assert_true(fit.converged && fabs(fit.ar - phi) < 0.3);
        assert_true(fabs(fit.log_precision + log(sd * sd * (1 - phi * phi))) < 0.45);
        squares += pow((fit.mean[6] - truth) / fit.sd[6], 2) / RUNS;
        nvc_balloon_fit_release(&fit);
    }
    assert_true(squares > 0.2 && squares < 2.2);
}

static void kernel_is_the_response_to_a_small_impulse(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    double kernel[1280], peak = 0, at = 0;
    assert_int_equal(nvc_balloon_kernel(&nvc_balloon_dcm, 1, 0.025, 1280, kernel, &err), 0);
    for (int i = 0; i < 1280; i++)
        if (kernel[i] > peak)
            peak = kernel[i], at = i * 0.025;
    assert_true(fabs(at - 4.5) < 0.6); /* a 1-s box of the same model peaks at 4.97 s */
    assert_true(peak > 3 && peak < 5);
}

static void impossible_problems_are_refused(void **state)
{
    (void)state;
    static struct job j;
    struct nvc_balloon_fit fit;
    struct nvc_balloon b = nvc_balloon_hdm;
    struct nvc_error err = { 0 };
    struct nvc_balloon_problem p = problem(&j, NVC_PRIORS_WIDE);
    p.n_scans = 12;
    assert_int_equal(nvc_balloon_invert(&p, &fit, &err), NVC_EDATA);
    assert_int_equal(nvc_balloon_field(2, &b, &err), NVC_EUSAGE);
    assert_int_equal(nvc_balloon_field(2.89, &b, &err), 0);
    assert_true(b.nu0_hz == 80.6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posterior_is_that_of_spm_with_the_exact_equation),
        cmocka_unit_test(wide_priors_let_the_data_speak),
        cmocka_unit_test(error_of_a_weak_response_is_honest),
        cmocka_unit_test(kernel_is_the_response_to_a_small_impulse),
        cmocka_unit_test(impossible_problems_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
