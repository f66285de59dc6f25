#include "math/correlation.h"
#include "math/random.h"
#include "model/coupling/flow_line.h"
#include "model/coupling/map_coupling.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { SIDE = 18, POINTS = SIDE * SIDE * SIDE };
static const struct nvc_grid grid = { .dim = { SIDE, SIDE, SIDE },
                                      .to_mm = { { 3, 0, 0, -27 }, { 0, 3, 0, -27 }, { 0, 0, 3, -27 } } };

/* White noise smoothed by a Gaussian of the given width along each axis (periodic). */
static void field(double *f, double fwhm_mm, struct nvc_rng *rng)
{
    static double g[POINTS];
    const double sd = fwhm_mm / 3 / 2.3548;
    double kernel[SIDE] = { 1 };
    for (int d = 0; d < SIDE; d++) {
        const double away = d < SIDE / 2 ? d : SIDE - d;
        kernel[d] = sd > 0 ? exp(-away * away / (2 * sd * sd)) : d == 0;
    }
    for (size_t i = 0; i < POINTS; i++)
        f[i] = nvc_rng_normal(rng);
    for (size_t step = 1; step < POINTS && sd > 0; step *= SIDE) {
        memcpy(g, f, sizeof g);
        for (size_t i = 0; i < POINTS; i++) {
            const size_t at = i / step % SIDE, base = i - at * step;
            f[i] = 0;
            for (size_t d = 0; d < SIDE; d++)
                f[i] += kernel[d] * g[base + (at + d) % SIDE * step];
        }
    }
    double ss = 0;
    for (size_t i = 0; i < POINTS; i++)
        ss += f[i] * f[i] / POINTS;
    for (size_t i = 0; i < POINTS; i++)
        f[i] /= sqrt(ss);
}

static size_t ball(size_t *region, double radius_mm)
{
    size_t n = 0;
    for (size_t i = 0; i < POINTS; i++) {
        const double d[3] = { (double)(i % SIDE) - 8.5, (double)(i / SIDE % SIDE) - 8.5, (double)(i / SIDE / SIDE) - 8.5 };
        if (9 * (d[0] * d[0] + d[1] * d[1] + d[2] * d[2]) <= radius_mm * radius_mm)
            region[n++] = i;
    }
    return n;
}

static struct nvc_map_pair pair_of(const double *x, const double *y, const size_t *region, size_t n, const bool *support)
{
    return (struct nvc_map_pair){ .grid = &grid, .x = x, .y = y, .region = region, .n_region = n, .support = support, .support_mm = 20,
                                  .bootstrap = 100, .seed = 1 };
}

static void intervals_hold_the_truth_at_any_smoothness(void **state)
{
    (void)state;
    static double x[POINTS], y[POINTS], e[POINTS];
    static bool support[POINTS];
    static size_t region[POINTS];
    static const double widths[] = { 0, 4, 8 };
    const size_t n = ball(region, 6.6);
    struct nvc_error err = { 0 };
    memset(support, true, sizeof support);
    for (int w = 0; w < 3; w++) {
        int covered = 0, naive = 0;
        double n_eff = 0;
        for (uint64_t i = 0; i < 150; i++) {
            struct nvc_rng rng;
            struct nvc_map_r r;
            nvc_rng_init(&rng, 40 + (uint64_t)w, i);
            field(x, widths[w], &rng);
            field(e, widths[w], &rng);
            for (size_t k = 0; k < POINTS; k++)
                y[k] = 0.5 * x[k] + sqrt(0.75) * e[k];
            const struct nvc_map_pair p = pair_of(x, y, region, n, support);
            assert_int_equal(nvc_map_couple(&p, &r, &err), 0);
            covered += r.ci_low <= 0.5 && 0.5 <= r.ci_high;
            naive += fabs(r.z - atanh(0.5)) < 1.96 / sqrt((double)n - 3);
            n_eff += r.n_eff / 150;
        }
        assert_true(covered >= 132 && covered <= 150); /* 95 % of 150 less 4 sd */
        if (widths[w] == 0)
            assert_true(fabs(n_eff / (double)n - 1) < 0.1);
        if (widths[w] == 8)
            assert_true(n_eff < 0.5 * (double)n && naive < 120);
    }
}

/* A region of 42 voxels with r = -0.875 in a volume of zeros: correlating the volume gives about +0.92. */
static void zeros_outside_the_region_do_not_count(void **state)
{
    (void)state;
    static double x[POINTS], y[POINTS];
    static bool support[POINTS];
    static size_t region[POINTS];
    struct nvc_rng rng;
    struct nvc_map_r r;
    struct nvc_error err = { 0 };
    const size_t n = ball(region, 6.6);
    nvc_rng_init(&rng, 5, 0);
    for (size_t i = 0; i < n; i++) {
        const double a = nvc_rng_normal(&rng);
        x[region[i]] = 50 + a;
        y[region[i]] = 10 - 0.2 * a + 0.11 * nvc_rng_normal(&rng);
        support[region[i]] = true;
    }
    const struct nvc_map_pair p = pair_of(x, y, region, n, support);
    assert_int_equal(nvc_map_couple(&p, &r, &err), 0);
    assert_true(r.r < -0.7 && r.few_support);
    assert_true(nvc_pearson(x, y, POINTS) > 0.9);
}

static void covariates_are_held_constant(void **state)
{
    (void)state;
    static double x[POINTS], y[POINTS], shared[POINTS];
    static bool support[POINTS];
    static size_t region[POINTS];
    const double *covariates[1] = { shared };
    struct nvc_rng rng;
    struct nvc_map_r r;
    struct nvc_error err = { 0 };
    const size_t n = ball(region, 9);
    memset(support, true, sizeof support);
    nvc_rng_init(&rng, 6, 0);
    for (size_t i = 0; i < POINTS; i++) {
        shared[i] = nvc_rng_normal(&rng);
        x[i] = 2 * shared[i] + nvc_rng_normal(&rng);
        y[i] = 2 * shared[i] + nvc_rng_normal(&rng);
    }
    struct nvc_map_pair p = pair_of(x, y, region, n, support);
    p.covariates = covariates, p.n_covariates = 1;
    assert_int_equal(nvc_map_couple(&p, &r, &err), 0);
    assert_true(r.r > 0.65 && fabs(r.partial_r) < 3 * r.partial_z_se);
}

static void maps_without_enough_voxels_are_refused(void **state)
{
    (void)state;
    static double x[POINTS], y[POINTS];
    static bool support[POINTS];
    const size_t region[5] = { 1, 2, 3, 4, 5 };
    struct nvc_map_r r;
    struct nvc_error err = { 0 };
    for (size_t i = 0; i < 3; i++)
        x[region[i]] = y[region[i]] = 1 + (double)i;
    memset(support, true, sizeof support);
    struct nvc_map_pair p = pair_of(x, y, region, 5, support);
    assert_int_equal(nvc_map_couple(&p, &r, &err), NVC_EDATA);
    for (size_t i = 0; i < POINTS; i++)
        x[i] = 2, y[i] = (double)i + 1;
    assert_int_equal(nvc_map_couple(&p, &r, &err), NVC_EDATA);
}

static void noise_in_the_maps_is_undone(void **state)
{
    (void)state;
    assert_true(fabs(nvc_disattenuate(0.3, 1 / 3.0, 1 / 3.0) - 0.6) < 1e-12);
    assert_true(isnan(nvc_disattenuate(0.3, 0.1, 0.9)));
}

/* Patients' flow 20 % lower ON the subject's line of slope .4: the residual does not differ, the log-ratio does. */
static void flow_line_separates_decoupling_from_low_flow(void **state)
{
    (void)state;
    enum { P = 100, SUBJECTS = 300 };
    double residual[2] = { 0 }, ratio[2] = { 0 }, slope = 0;
    struct nvc_error err = { 0 };
    for (int patient = 0; patient < 2; patient++)
        for (uint64_t i = 0; i < SUBJECTS; i++) {
            struct nvc_flow_line_point parcels[P], region;
            struct nvc_flow_line line;
            struct nvc_rng rng;
            double mean = 0;
            nvc_rng_init(&rng, 7 + (uint64_t)patient, i);
            for (int k = 0; k <= P; k++) {
                struct nvc_flow_line_point *p = k < P ? parcels + k : &region;
                const double flow = (k < P ? 0.25 * nvc_rng_normal(&rng) : 0.1) + (k == P && patient ? log(0.8) : 0);
                p->ln_alff = 0.4 * flow + 0.1 * nvc_rng_normal(&rng);
                p->ln_cbf = 4 + flow + 0.12 * nvc_rng_normal(&rng);
                p->ln_cbf_se = 0.12, p->ln_alff_se = NAN;
                mean += k < P ? (p->ln_cbf - p->ln_alff) / P : 0;
            }
            assert_int_equal(nvc_flow_line_fit(parcels, P, &region, &line, &err), 0);
            residual[patient] += line.residual / SUBJECTS;
            ratio[patient] += (region.ln_cbf - region.ln_alff - mean) / SUBJECTS;
            slope += line.slope / (2 * SUBJECTS);
        }
    assert_true(fabs(slope - 0.4) < 0.02);
    assert_true(fabs(residual[1] - residual[0]) < 0.03);
    assert_true(fabs(ratio[1] - ratio[0]) > 0.1);
}

static void flow_line_refuses_what_it_cannot_fit(void **state)
{
    (void)state;
    struct nvc_flow_line_point parcels[60], region = { 4, 0.1, 0, 0.1 };
    struct nvc_flow_line line;
    struct nvc_error err = { 0 };
    for (int k = 0; k < 60; k++)
        parcels[k] = (struct nvc_flow_line_point){ 4 + 0.01 * (k % 7), 0.5, 0.01 * k, 0 };
    assert_int_equal(nvc_flow_line_fit(parcels, 49, &region, &line, &err), NVC_EDATA);
    assert_int_equal(nvc_flow_line_fit(parcels, 60, &region, &line, &err), NVC_EDATA);
    region.ln_cbf_se = 0.5;
    assert_int_equal(nvc_flow_line_fit(parcels, 60, &region, &line, &err), NVC_EDATA);
}

static void deming_slope_is_not_attenuated(void **state)
{
    (void)state;
    enum { n = 20000 };
    static double x[n], y[n];
    struct nvc_rng rng;
    double r2;
    nvc_rng_init(&rng, 8, 0);
    for (int i = 0; i < n; i++) {
        const double t = nvc_rng_normal(&rng);
        x[i] = t + 0.5 * nvc_rng_normal(&rng);
        y[i] = 2 * t + 0.5 * nvc_rng_normal(&rng);
    }
    assert_true(fabs(nvc_deming_slope(x, y, NULL, n, 1, &r2) - 2) < 0.03);
    assert_true(r2 > 0.7 && r2 < 0.8);
    assert_true(isnan(nvc_deming_slope(x, y, NULL, 1, 1, &r2)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intervals_hold_the_truth_at_any_smoothness),
        cmocka_unit_test(zeros_outside_the_region_do_not_count),
        cmocka_unit_test(covariates_are_held_constant),
        cmocka_unit_test(maps_without_enough_voxels_are_refused),
        cmocka_unit_test(noise_in_the_maps_is_undone),
        cmocka_unit_test(flow_line_separates_decoupling_from_low_flow),
        cmocka_unit_test(flow_line_refuses_what_it_cannot_fit),
        cmocka_unit_test(deming_slope_is_not_attenuated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
