#include "model/rest/rest_hrf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

enum { SCANS = 200, UNITS = 27 };

static FILE *reference(const char *name)
{
    char path[4096];
    const char *at = getenv("NVC_REFERENCE");
    snprintf(path, sizeof path, "%s/reference/rshrf/%s", at ? at : SRCDIR "/../shared", name);
    return fopen(path, "r");
}

static bool read_series(double Y[UNITS][SCANS])
{
    FILE *f = reference("demo27_TR1.txt");
    bool good = f != NULL;
    for (int t = 0; good && t < SCANS; t++)
        for (int u = 0; good && u < UNITS; u++)
            good = fscanf(f, "%lf%*[,\n]", &Y[u][t]) == 1;
    if (f)
        fclose(f);
    return good;
}

static enum nvc_rest_basis basis_named(const char *name)
{
    static const char *const names[] = { "canon2dd", "gamma", "fourier", "hanning", "FIR", "sFIR" };
    for (int i = 0; i < 6; i++)
        if (!strcmp(name, names[i]))
            return (enum nvc_rest_basis)i;
    fail_msg("unknown basis %s", name);
    return NVC_REST_CANON2DD;
}

/* One row in 392 is an exact tie of the lag curve (fourier, unit 13: lags 13 and 14 span the same space at
 * T 3), which the rounding of either program decides. */
static void matches_rshrf_in_compat_mode(void **state)
{
    (void)state;
    static double Y[UNITS][SCANS];
    struct nvc_error err = { 0 };
    FILE *f = reference("params_matlab_octave.tsv");
    if (!f || !read_series(Y))
        skip();
    char line[1024], mode[16], mask[16];
    int rows = 0, ties = 0;
    assert_non_null(fgets(line, sizeof line, f));
    while (fgets(line, sizeof line, f)) {
        int T, ar, unit;
        double height, ttp, fwhm, n_events, lag, baseline;
        assert_int_equal(sscanf(line, "%*s %15s %d %d %*s %*s %*s %*s %*s %*s %15s %d %lf %lf %lf %lf %lf %lf", mode, &T, &ar,
                                mask, &unit, &height, &ttp, &fwhm, &n_events, &lag, &baseline), 11);
        assert_string_equal(mask, "none");
        struct nvc_rest_spec spec = nvc_rest_defaults(1);
        spec.basis = basis_named(mode), spec.microtime = T, spec.ar_order = ar, spec.compat = true;
        struct nvc_rest *r;
        struct nvc_rest_hrf h;
        assert_int_equal(nvc_rest_new(&r, SCANS, &spec, &err), 0);
        assert_int_equal(nvc_rest_fit(r, Y[unit - 1], &h, &err), 0);
        rows++;
        bool tie = !strcmp(mode, "fourier") && unit == 13;
        if (tie)
            ties++;
        else {
            assert_true(fabs(h.height - height) < 1e-8);
            assert_true(fabs(h.ttp_s - ttp) < 1e-8);
            assert_true(fabs(h.fwhm_s - fwhm) < 1e-8);
            assert_true(fabs(h.baseline - baseline) < 1e-8);
        }
        assert_int_equal(h.n_events, (size_t)n_events);
        nvc_rest_hrf_release(&h);
        nvc_rest_free(r);
    }
    fclose(f);
    assert_true(rows > 300);
    assert_int_equal(ties, 1);
}

static void default_reports_true_time_and_the_range_asked_for(void **state)
{
    (void)state;
    static double Y[UNITS][SCANS];
    struct nvc_error err = { 0 };
    if (!read_series(Y))
        skip();
    for (int basis = 0; basis < 6; basis++) {
        struct nvc_rest_spec spec = nvc_rest_defaults(1);
        spec.basis = (enum nvc_rest_basis)basis;
        struct nvc_rest *r;
        struct nvc_rest_hrf h;
        assert_int_equal(nvc_rest_new(&r, SCANS, &spec, &err), 0);
        assert_int_equal(nvc_rest_fit(r, Y[0], &h, &err), 0);
        const size_t peak = (size_t)lround(h.ttp_s / h.dt_s);
        assert_true(fabs(h.hrf[peak]) > 0.9 * fabs(h.height) && fabs(h.hrf[peak]) <= fabs(h.height) + 1e-12);
        assert_true(fabs(h.lag_s[0] - 4) < 1e-9 && fabs(h.lag_s[h.n_lags - 1] - 8) < 1e-9);
        nvc_rest_hrf_release(&h);
        nvc_rest_free(r);
    }
}

static void unusable_series_are_refused(void **state)
{
    (void)state;
    struct nvc_error err = { 0 };
    struct nvc_rest_spec spec = nvc_rest_defaults(2);
    struct nvc_rest *r;
    struct nvc_rest_hrf h;
    double y[SCANS];
    assert_int_equal(nvc_rest_new(&r, 20, &spec, &err), NVC_EDATA);
    spec.high_hz = 0.001;
    assert_int_equal(nvc_rest_new(&r, SCANS, &spec, &err), NVC_EDATA);
    spec = nvc_rest_defaults(2);
    assert_int_equal(nvc_rest_new(&r, SCANS, &spec, &err), 0);
    for (int t = 0; t < SCANS; t++)
        y[t] = 100;
    assert_int_equal(nvc_rest_fit(r, y, &h, &err), NVC_EDATA);
    assert_string_equal(err.text, "the series is constant");
    y[3] = NAN;
    assert_int_equal(nvc_rest_fit(r, y, &h, &err), NVC_EDATA);
    assert_string_equal(err.text, "the series is not finite");
    nvc_rest_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_rshrf_in_compat_mode),
        cmocka_unit_test(default_reports_true_time_and_the_range_asked_for),
        cmocka_unit_test(unusable_series_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
