#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SCANS = 200, BINS = 3200 };

/* Rows of numbers below a header; returns how many rows of n_cols came. */
static size_t read_rows(const char *name, size_t n_cols, size_t max_rows, double *out)
{
    char path[4096], line[4096];
    snprintf(path, sizeof path, "%s/tests/expect/%s", SRCDIR, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    size_t row = 0;
    while (row < max_rows && fgets(line, sizeof line, f)) {
        char *at = line;
        for (size_t k = 0; k < n_cols; k++)
            out[row * n_cols + k] = strtod(at, &at);
        row++;
    }
    fclose(f);
    return row;
}

static void flow_and_signal_agree_with_spm(void **state)
{
    (void)state;
    double rows[25][18];
    assert_int_equal(read_rows("spm_hdm_points.tsv", 18, 25, rows[0]), 25);
    for (int i = 0; i < 25; i++) {
        const double *r = rows[i];
        struct nvc_balloon b = nvc_balloon_hdm;
        b.decay = r[5], b.autoregulation = r[6], b.transit_s = r[7], b.alpha = r[8], b.e0 = r[9];
        b.log_epsilon = r[10], b.te_s = r[12];
        double found[5];
        nvc_balloon_flow(&b, r[11] * r[4], r, found);
        found[4] = nvc_balloon_signal(&b, r);
        for (int k = 0; k < 5; k++)
            assert_true(fabs(found[k] - r[13 + k]) <= 1e-12 + 1e-10 * fabs(r[13 + k]));
    }
}

static double peak_of(const double *y, size_t n)
{
    double peak = 0;
    for (size_t i = 0; i < n; i++)
        peak = fmax(peak, y[i]);
    return peak;
}

static void forward_integration_agrees_with_lsode(void **state)
{
    (void)state;
    static const struct { const char *file; double efficacy; } runs[] = {
        { "spm_hdm_forward_0.1.tsv", 0.1 }, { "spm_hdm_forward_0.5.tsv", 0.5 }
    };
    double box[8][3], wanted[SCANS][2], drive[BINS], y[BINS];
    struct nvc_error err = { 0 };
    assert_int_equal(read_rows("spm_hdm_boxcars.tsv", 3, 8, box[0]), 8);
    for (size_t k = 0; k < 2; k++) {
        assert_int_equal(read_rows(runs[k].file, 2, SCANS, wanted[0]), SCANS);
        memset(drive, 0, sizeof drive);
        for (int e = 0; e < 8; e++)
            for (long i = lround(box[e][0] / 0.125); i < lround((box[e][0] + box[e][1]) / 0.125); i++)
                drive[i] += runs[k].efficacy;
        assert_int_equal(nvc_balloon_integrate(&nvc_balloon_hdm, drive, BINS, 0.125, y, &err), 0);
        double peak = peak_of(y, BINS);
        for (int n = 0; n < SCANS; n++)
            assert_true(fabs(y[16 * n + 15] - wanted[n][1]) <= 1e-5 * peak);
    }
}

/* Exact solution of the DCM parameters for 1 s of weak drive: .37067 % at 4.969 s. */
static void a_weak_pulse_peaks_when_the_exact_solution_does(void **state)
{
    (void)state;
    enum { N = 30000 };
    double *drive = calloc(2 * N, sizeof *drive), *y = drive + N;
    struct nvc_error err = { 0 };
    assert_non_null(drive);
    for (int i = 0; i < 1000; i++)
        drive[i] = 0.1;
    assert_int_equal(nvc_balloon_integrate(&nvc_balloon_dcm, drive, N, 0.001, y, &err), 0);
    double peak = peak_of(y, N);
    int at = 0;
    while (y[at] < peak)
        at++;
    assert_float_equal(peak, 0.37067, 5e-6);
    assert_int_equal(at, 4969);
    free(drive);
}

static void a_drive_beyond_reason_is_refused(void **state)
{
    (void)state;
    double drive[400], y[400];
    struct nvc_error err = { 0 };
    for (int i = 0; i < 400; i++)
        drive[i] = -1e6;
    assert_int_equal(nvc_balloon_integrate(&nvc_balloon_hdm, drive, 400, 0.125, y, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "too strong"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flow_and_signal_agree_with_spm),
        cmocka_unit_test(forward_integration_agrees_with_lsode),
        cmocka_unit_test(a_weak_pulse_peaks_when_the_exact_solution_does),
        cmocka_unit_test(a_drive_beyond_reason_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
