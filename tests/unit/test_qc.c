#include "base/memory.h"
#include "math/random.h"
#include "math/trend.h"
#include "model/quality/motion.h"
#include "model/quality/lag.h"
#include "model/quality/qc.h"
#include "model/region/roi_parametric.h"
#include "model/region/tsnr.h"
#include "model/quality/vein.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

static struct nvc_error err;

static void streamed_noise_is_that_of_the_whole_series(void **state)
{
    (void)state;
    enum { VOXELS = 700, VOLUMES = 37 };
    struct nvc_tsnr s;
    struct nvc_rng rng;
    static float y[VOLUMES][VOXELS];
    nvc_rng_init(&rng, 3, 0);
    assert_int_equal(nvc_tsnr_init(&s, VOXELS, VOLUMES, &err), 0);
    for (int t = 0; t < VOLUMES; t++) {
        for (int v = 0; v < VOXELS; v++)
            y[t][v] = (float)(20000 + 3 * t + 0.2 * t * t + 100 * nvc_rng_normal(&rng));
        y[t][7] = t == 20 ? NAN : y[t][7];
        nvc_tsnr_add(&s, y[t]);
    }
    for (size_t v = 0; v < VOXELS; v++) {
        double series[VOLUMES], mean = 0, got_mean, got_sd;
        for (int t = 0; t < VOLUMES; t++) {
            series[t] = (double)y[t][v];
            mean += series[t] / VOLUMES;
        }
        nvc_tsnr_result(&s, v, &got_mean, &got_sd);
        if (v == 7) {
            assert_true(isnan(got_mean) && isnan(got_sd));
            continue;
        }
        assert_near(got_mean, mean, 1e-8);
        assert_near(got_sd, nvc_quadratic_sd(series, VOLUMES), 1e-7);
    }
    assert_true(isnan(s.change[0]));
    for (int t = 1; t < VOLUMES; t++) {
        double sum = 0, n = 0;
        for (int v = 0; v < VOXELS; v++) {
            double step = (double)y[t][v] - (double)y[t - 1][v];
            if (isfinite(step))
                sum += step * step, n++;
        }
        assert_near(s.change[t], sum / n, 1e-6);
    }
    nvc_tsnr_release(&s);
}

static void framewise_displacement_counts_rotations_on_a_sphere(void **state)
{
    (void)state;
    const double P[3 * 6] = { 0, 1, 1, 0, 0, -2, 0, 0, 0, 0, 0.01, 0.01, 0, 0, 0, 0, 0, -0.02 };
    double fd[3];
    nvc_framewise_displacement(P, 3, fd);
    assert_near(fd[0], 0, 0);
    assert_near(fd[1], 1 + 0.5, 1e-12);
    assert_near(fd[2], 2 + 1, 1e-12);
    struct nvc_motion m;
    fd[0] = NAN;
    nvc_motion_summarise(&m, fd, 3, 2);
    assert_near(m.fd_mean_mm, 2.25, 1e-12);
    assert_near(m.fd_max_mm, 3, 1e-12);
    assert_near(m.fd_share, 0.5, 1e-12);
    nvc_motion_summarise(&m, (double[2]){ NAN, NAN }, 2, 2);
    assert_true(isnan(m.fd_mean_mm) && isnan(m.fd_max_mm));
}

static void motion_that_goes_with_the_task_is_found_and_named(void **state)
{
    (void)state;
    enum { N = 120 };
    double P[N * 6] = { 0 }, x[N], nuisance[N * 2];
    struct nvc_rng rng;
    struct nvc_motion m;
    nvc_rng_init(&rng, 5, 0);
    for (int t = 0; t < N; t++) {
        x[t] = t / 10 % 2;
        nuisance[t] = 1;
        nuisance[t + N] = t;
        for (int k = 0; k < 5; k++) /* rot_z does not move */
            P[t + N * k] = nvc_rng_normal(&rng) + 0.5 * t;
        P[t + N * 4] -= 5 * x[t];
    }
    assert_int_equal(nvc_motion_task(&m, P, x, N, nuisance, 2, &err), 0);
    assert_string_equal(m.task_parameter, "rot_y");
    assert_true(m.task_r < -0.85);
    memset(P, 0, sizeof P);
    assert_int_equal(nvc_motion_task(&m, P, x, N, nuisance, 2, &err), 0);
    assert_true(isnan(m.task_r) && !m.task_parameter);
}

static struct nvc_grid grid(void)
{
    return (struct nvc_grid){ .dim = { 27, 26, 20 }, .to_mm = { { 3, 0, 0, -39 }, { 0, 3, 0, -57 }, { 0, 0, 3, -42 } }, .space_code = 4 };
}

static void candidates_for_a_vein_are_in_its_boxes_and_no_grey_matter(void **state)
{
    (void)state;
    struct nvc_grid g = grid();
    struct nvc_region l = { 0 }, r = { 0 }, b = { 0 };
    assert_int_equal(nvc_vein_boxes(&l, &g, "L", NULL, &err), 0);
    assert_int_equal(nvc_vein_boxes(&r, &g, "R", NULL, &err), 0);
    assert_int_equal(nvc_vein_boxes(&b, &g, "B", NULL, &err), 0);
    assert_int_equal(b.n, l.n + r.n);
    size_t candidates = 0;
    for (size_t i = 0; i < l.n; i++) {
        double p[3];
        nvc_voxel_mm(&g, l.index[i], p);
        assert_true(p[0] >= -24 && p[0] <= -4 && p[1] >= -40 && p[1] <= 2 && p[2] >= -18 && p[2] <= 4);
        if (l.weight[i] < 1)
            continue;
        candidates++;
        assert_false(nvc_parametric_grey(p));
        p[2] -= 3;
        assert_false(nvc_parametric_grey(p));
    }
    assert_true(candidates > 100 && candidates < l.n);
    nvc_region_release(&l);
    nvc_region_release(&r);
    nvc_region_release(&b);
}

static void vein_voxels_are_the_noisiest_candidates_and_never_fewer_than_five(void **state)
{
    (void)state;
    struct nvc_grid g = grid();
    struct nvc_region r = { 0 };
    assert_int_equal(nvc_vein_boxes(&r, &g, "L", NULL, &err), 0);
    struct nvc_voxel *voxels = nvc_array(r.n, sizeof *voxels, &err);
    size_t *row = nvc_array(r.n, sizeof *row, &err), n;
    bool *vein = nvc_array(r.n, sizeof *vein, &err);
    for (size_t i = 0; i < r.n; i++) {
        row[i] = i;
        voxels[i] = (struct nvc_voxel){ .used = true, .mean = 1000, .sd = 10 + (double)(i * 7919 % 101) };
    }
    assert_int_equal(nvc_vein_choose(vein, &n, &r, &g, row, voxels, &err), 0);
    assert_true(n >= NVC_VEIN_LEAST && n <= r.n / 8);
    for (size_t i = 0; i < r.n; i++)
        assert_true(!vein[i] || (r.weight[i] >= 1 && voxels[i].sd > 80));
    for (size_t i = 0; i < r.n; i++)
        voxels[i].used = i < 6;
    assert_int_equal(nvc_vein_choose(vein, &n, &r, &g, row, voxels, &err), 0);
    assert_int_equal(n, 0);
    free(voxels);
    free(row);
    free(vein);
    nvc_region_release(&r);
}

/* A run of the left BLA (0.5 % of answer) and the vein's boxes, of which the medial third answers `vein` times as much. */
enum { N = 120, M = 2 };
static double leak_per_mm, shared; /* how much more a voxel answers a mm nearer to the vein; blood that fluctuates in both, of their signal */

static struct nvc_qc_row judged(double vein, const struct nvc_qc_limits *limits, bool with_design)
{
    struct nvc_mask m = { .grid = grid() };
    struct nvc_region *r;
    struct nvc_rng rng;
    double inside, X[N * M], values[4096];
    size_t n;
    nvc_rng_init(&rng, 11, 0);
    assert_int_equal(nvc_mask_append(&m, "BLA", "L", &r, &err), 0);
    assert_int_equal(nvc_parametric_weights(r, &m.grid, 0, &inside, &err), 0);
    assert_int_equal(nvc_mask_append(&m, "vein", "L", &r, &err), 0);
    assert_int_equal(nvc_vein_boxes(r, &m.grid, "L", NULL, &err), 0);
    struct nvc_extract *x;
    assert_int_equal(nvc_extract_new(&x, &m, &(struct nvc_extract_opts){ .n_dummy = 0 }, &err), 0);
    const size_t *index = nvc_extract_index(x, &n);
    for (int t = 0; t < N; t++) {
        X[t] = sin(2 * M_PI * t / 20) > 0;
        X[t + N] = 1;
        double blood = shared > 0 ? shared * nvc_rng_normal(&rng) : 0;
        for (size_t i = 0; i < n; i++) {
            double p[3];
            nvc_voxel_mm(&m.grid, index[i], p);
            bool medial = p[0] > -14, low = p[2] < -28;
            values[i] = (low ? 100 : 1000) * (1 + 0.005 * X[t] * (p[0] < -20 ? 1 + leak_per_mm * (p[0] + 26) : medial ? vein : 0) + (medial || p[0] < -20 ? blood : 0)) + (medial ? 20 : 10) * nvc_rng_normal(&rng) * (low ? 0.1 : 1);
        }
        assert_int_equal(nvc_extract_add(x, values, &err), 0);
    }
    struct nvc_voxel *voxels;
    assert_int_equal(nvc_extract_judge(x, &voxels, &err), 0);
    struct nvc_qc_model model = { N, M, X, (double[M]){ 1, 0 }, (bool[M]){ false, true } };
    struct nvc_qc_run run = { .x = x, .mask = &m, .voxels = voxels, .brain_level = 1000, .model = with_design ? &model : NULL, .limits = limits };
    struct nvc_qc_row row = { .motion = { NAN, NAN, NAN, NAN, NULL }, .dvars_pct = NAN };
    assert_int_equal(nvc_qc_region(&row, &run, 0, 1, &err), 0);
    free(voxels);
    nvc_extract_free(x);
    nvc_mask_release(&m);
    return row;
}

static const struct nvc_qc_limits limits = NVC_QC_DEFAULT_LIMITS;

static void a_vein_that_outdoes_its_region_is_flagged(void **state)
{
    (void)state;
    struct nvc_qc_row with = judged(4, &limits, true), without = judged(0, &limits, true);
    assert_int_equal(with.v_vein, NVC_VERDICT_FLAG);
    assert_int_equal(without.v_vein, NVC_VERDICT_PASS);
    assert_near(with.effect_pct, 0.5, 4 * with.effect_se);
    assert_near(with.vein_ratio, 4, 1);
    assert_true(with.n_vein >= NVC_VEIN_LEAST && with.vein_distance_mm > 5 && with.vein_distance_mm < 40);
    assert_true(fabs(with.slope_t) < 4); /* every voxel of the region answers alike */
    for (int k = 0; k < NVC_QC_TRIMS; k++)
        assert_near(with.trim_pct[k], with.effect_pct, 0.4);
}

static void an_effect_that_grows_towards_the_vein_has_a_slope(void **state)
{
    (void)state;
    leak_per_mm = 0.2;
    struct nvc_qc_row row = judged(4, &limits, true);
    leak_per_mm = 0;
    assert_true(row.slope_pct_mm < -0.03 && row.slope_t < -3);
    assert_true(row.trim_pct[2] < row.effect_pct - 0.1);
}

static void what_a_vein_shares_with_its_region_goes_with_its_series(void **state)
{
    (void)state;
    shared = 0.02;
    struct nvc_qc_row row = judged(0, &limits, true);
    shared = 0;
    assert_true(row.vein_r > 0.8 && row.effect_partial_se < 0.5 * row.effect_se);
    assert_near(row.effect_partial_pct, 0.5, 4 * row.effect_partial_se);
    struct nvc_qc_row task = judged(4, &limits, true); /* a vein that is all task takes the error of the region's effect with it */
    assert_true(task.effect_partial_se > task.effect_se && isfinite(task.effect_partial_pct));
    assert_true(isnan(judged(4, &limits, false).effect_partial_pct));
}

static void without_a_design_the_vein_is_judged_by_correlation(void **state)
{
    (void)state;
    struct nvc_qc_row row = judged(4, &limits, false);
    assert_true(isnan(row.effect_pct) && isnan(row.vein_t) && isfinite(row.vein_r));
    struct nvc_qc_limits strict = limits;
    strict.vein_r_flag = fabs(row.vein_r) - 0.01;
    assert_int_equal(judged(4, &strict, false).v_vein, NVC_VERDICT_FLAG);
}

static void voxels_of_little_signal_lower_the_signal_coverage_only(void **state)
{
    (void)state;
    struct nvc_qc_row row = judged(0, &limits, true);
    assert_near(row.coverage, 1, 1e-12);
    assert_true(row.n_low > 3 && row.signal_coverage < 0.95 && row.signal_coverage > 0.6);
    assert_int_equal(row.n_vox, row.n_vox_mask);
}

static void verdicts_follow_their_limits_and_the_worst_is_last(void **state)
{
    (void)state;
    struct nvc_qc_row row = { .signal_coverage = 0.95, .tsnr_median = 50, .dropout = 0.9, .motion = { 0.1, 0.2, 0, NAN, NULL }, .vein_t = NAN };
    nvc_qc_judge(&row, &limits, true);
    assert_int_equal(row.verdict, NVC_VERDICT_PASS);
    assert_int_equal(row.v_vein, NVC_VERDICT_NA);
    row.motion.fd_share = 0.3;
    nvc_qc_judge(&row, &limits, true);
    assert_int_equal(row.v_motion, NVC_VERDICT_FLAG);
    row.tsnr_median = 39;
    row.signal_coverage = 0.4;
    row.motion.task_r = -0.5;
    nvc_qc_judge(&row, &limits, true);
    assert_int_equal(row.v_tsnr, NVC_VERDICT_FLAG);
    assert_int_equal(row.v_task_motion, NVC_VERDICT_FLAG);
    assert_int_equal(row.v_coverage, NVC_VERDICT_FAIL);
    assert_int_equal(row.verdict, NVC_VERDICT_FAIL);
}

/* A slow reference (0.01 to 0.1 Hz and beyond) and the same later, with noise of its own. */
static void lags_are_those_that_were_planted_and_intervals_hold_them(void **state)
{
    (void)state;
    enum { LENGTH = 240, BINS = 90, RUNS = 400 };
    const double tr_s = 2, truth_s[] = { -1.3, 0, 2.4 };
    double a[BINS], b[BINS], x[LENGTH], y[LENGTH];
    for (int k = 0; k < 3; k++) {
        double sum = 0, held = 0;
        for (uint64_t run = 0; run < RUNS; run++) {
            struct nvc_lag_finder *f;
            struct nvc_lag lag;
            struct nvc_rng rng;
            nvc_rng_init(&rng, 31 + (uint64_t)k, run);
            for (int i = 0; i < BINS; i++)
                a[i] = nvc_rng_normal(&rng), b[i] = nvc_rng_normal(&rng);
            for (int t = 0; t < LENGTH; t++) {
                x[t] = 1000 + 0.1 * t, y[t] = 800 + 6 * nvc_rng_normal(&rng);
                for (int i = 0; i < BINS; i++) {
                    const double w = 2 * M_PI * (i + 1.5) / (LENGTH * tr_s); /* not periodic in the run */
                    x[t] += a[i] * cos(w * t * tr_s) + b[i] * sin(w * t * tr_s);
                    y[t] += 0.8 * (a[i] * cos(w * (t * tr_s - truth_s[k])) + b[i] * sin(w * (t * tr_s - truth_s[k])));
                }
            }
            assert_int_equal(nvc_lag_finder_new(&f, x, LENGTH, tr_s, 6, &err), 0);
            assert_int_equal(nvc_lag_find(f, y, &lag, &err), 0);
            assert_true(lag.r > 0.5 && lag.se_s > 0);
            sum += lag.lag_s;
            held += fabs(lag.lag_s - truth_s[k]) < 1.98 * lag.se_s;
            nvc_lag_finder_free(f);
        }
        assert_near(sum / RUNS, truth_s[k], 0.05);
        assert_near(held / RUNS, 0.95, 0.035);
    }
}

static void unrelated_series_have_no_lag(void **state)
{
    (void)state;
    enum { LENGTH = 240, RUNS = 1000 };
    double x[LENGTH], y[LENGTH];
    int found = 0;
    for (uint64_t run = 0; run < RUNS; run++) {
        struct nvc_lag_finder *f;
        struct nvc_lag lag;
        struct nvc_rng rng;
        nvc_rng_init(&rng, 77, run);
        for (int t = 0; t < LENGTH; t++)
            x[t] = nvc_rng_normal(&rng), y[t] = nvc_rng_normal(&rng);
        assert_int_equal(nvc_lag_finder_new(&f, x, LENGTH, 2, 6, &err), 0);
        assert_int_equal(nvc_lag_find(f, y, &lag, &err), 0);
        found += isfinite(lag.lag_s);
        nvc_lag_finder_free(f);
    }
    assert_true(found < RUNS / 100);
}

static void a_lag_needs_a_run_of_length_and_a_shared_part(void **state)
{
    (void)state;
    double x[60] = { 0 }, y[60] = { 0 };
    struct nvc_lag_finder *f;
    struct nvc_lag lag;
    for (int t = 0; t < 60; t++)
        x[t] = sin(0.3 * t) + sin(0.11 * t) + (t % 7);
    assert_int_equal(nvc_lag_finder_new(&f, x, 20, 2, 6, &err), NVC_EDATA);
    assert_int_equal(nvc_lag_finder_new(&f, x, 60, NAN, 6, &err), NVC_EDATA);
    assert_int_equal(nvc_lag_finder_new(&f, y, 60, 2, 6, &err), NVC_EDATA);
    assert_int_equal(nvc_lag_finder_new(&f, x, 60, 2, 6, &err), 0);
    assert_int_equal(nvc_lag_find(f, y, &lag, &err), 0);
    assert_true(isnan(lag.lag_s) && isnan(lag.r));
    assert_int_equal(nvc_lag_find(f, x, &lag, &err), 0);
    assert_true(lag.lag_s == 0 && lag.r > 0.9999);
    x[5] = NAN;
    assert_int_equal(nvc_lag_find(f, x, &lag, &err), 0);
    assert_true(isnan(lag.lag_s));
    nvc_lag_finder_free(f);
}

static void a_positive_control_that_fails_or_is_unknown_flags_the_run(void **state)
{
    (void)state;
    struct nvc_qc_row row = { .signal_coverage = 1, .tsnr_median = 50, .dropout = 0.9, .motion = { 0.1, 0.2, 0, NAN, NULL }, .vein_t = NAN };
    const struct { struct nvc_qc_positive p; enum nvc_verdict want; } cases[] = {
        { { false, false, NAN, NAN }, NVC_VERDICT_NA }, { { true, false, 3.2, NAN }, NVC_VERDICT_PASS }, { { true, false, 3, NAN }, NVC_VERDICT_FLAG },
        { { true, false, -5, NAN }, NVC_VERDICT_FLAG }, { { true, false, NAN, NAN }, NVC_VERDICT_FLAG }, { { false, true, NAN, 55 }, NVC_VERDICT_PASS },
        { { false, true, NAN, 39 }, NVC_VERDICT_FLAG }, { { true, true, 9, 81 }, NVC_VERDICT_FLAG }, { { true, true, 9, 80 }, NVC_VERDICT_PASS },
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        row.positive = cases[k].p;
        nvc_qc_judge(&row, &limits, true);
        assert_int_equal(row.v_positive, cases[k].want);
        assert_int_equal(row.verdict, cases[k].want == NVC_VERDICT_FLAG ? NVC_VERDICT_FLAG : NVC_VERDICT_PASS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streamed_noise_is_that_of_the_whole_series),
        cmocka_unit_test(framewise_displacement_counts_rotations_on_a_sphere),
        cmocka_unit_test(motion_that_goes_with_the_task_is_found_and_named),
        cmocka_unit_test(candidates_for_a_vein_are_in_its_boxes_and_no_grey_matter),
        cmocka_unit_test(vein_voxels_are_the_noisiest_candidates_and_never_fewer_than_five),
        cmocka_unit_test(a_vein_that_outdoes_its_region_is_flagged),
        cmocka_unit_test(an_effect_that_grows_towards_the_vein_has_a_slope),
        cmocka_unit_test(what_a_vein_shares_with_its_region_goes_with_its_series),
        cmocka_unit_test(without_a_design_the_vein_is_judged_by_correlation),
        cmocka_unit_test(voxels_of_little_signal_lower_the_signal_coverage_only),
        cmocka_unit_test(lags_are_those_that_were_planted_and_intervals_hold_them),
        cmocka_unit_test(unrelated_series_have_no_lag),
        cmocka_unit_test(a_lag_needs_a_run_of_length_and_a_shared_part),
        cmocka_unit_test(a_positive_control_that_fails_or_is_unknown_flags_the_run),
        cmocka_unit_test(verdicts_follow_their_limits_and_the_worst_is_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
