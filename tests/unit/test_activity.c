#include "io/tsv.h"
#include "math/lsq.h"
#include "math/random.h"
#include "model/activity/activity.h"
#include "model/activity/alff.h"
#include "model/activity/centrality.h"
#include "model/design/cleaner.h"
#include "model/activity/reho.h"
#include "model/region/voxel_block.h"

#include <complex.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "reference.h"

enum { N = 150 };

static void noise(double *y, size_t n, uint64_t stream)
{
    struct nvc_rng rng;
    nvc_rng_init(&rng, 11, stream);
    for (size_t t = 0; t < n; t++)
        y[t] = nvc_rng_normal(&rng);
}

/* |F| of bin k of a series padded to `length`, by definition. */
static double magnitude(const double *y, size_t n, size_t length, size_t k)
{
    double c = 0, s = 0;
    for (size_t t = 0; t < n; t++) {
        c += y[t] * cos(2 * M_PI * (double)k * (double)t / (double)length);
        s += y[t] * sin(2 * M_PI * (double)k * (double)t / (double)length);
    }
    return hypot(c, s);
}

static struct nvc_alff_value alff(enum nvc_alff_kind kind, const double *y, size_t n, double mean, const bool *keep, double *band)
{
    struct nvc_alff_spec spec = { .kind = kind, .n = n, .tr_s = 2, .low_hz = 0.01, .high_hz = 0.08, .keep = keep };
    struct nvc_error err = { 0 };
    struct nvc_alff *a;
    assert_int_equal(nvc_alff_new(&a, &spec, &err), 0);
    double *work = calloc(nvc_alff_work(a), sizeof *work);
    struct nvc_alff_value v = nvc_alff_compute(a, y, mean, band, work);
    free(work);
    nvc_alff_free(a);
    return v;
}

static void each_definition_is_the_sum_it_says(void **state)
{
    (void)state;
    double y[N], in = 0, all = 0, squares = 0;
    noise(y, N, 1);
    for (size_t k = 1; k <= N / 2; k++)
        all += magnitude(y, N, N, k);
    for (size_t k = 3; k <= 24; k++) { /* 0.01 .. 0.08 Hz of 300 s */
        in += magnitude(y, N, N, k);
        squares += pow(magnitude(y, N, N, k), 2);
    }
    struct nvc_alff_value v = alff(NVC_ALFF_DENSITY, y, N, 50, NULL, NULL);
    assert_true(fabs(v.alff - 100 / 50.0 * sqrt(2 * 2.0 / N) * in / 22) < 1e-10);
    assert_true(fabs(v.falff - in / all) < 1e-12);
    assert_true(fabs(v.rsfa - 2 * sqrt(2 * squares / (N * (N - 1.0)))) < 1e-10);
    v = alff(NVC_ALFF_AFNI, y, N, 50, NULL, NULL);
    assert_true(fabs(v.alff - 2 * in / sqrt(N)) < 1e-9);
    assert_true(fabs(v.falff - in / (all - magnitude(y, N, N, N / 2))) < 1e-12);
    v = alff(NVC_ALFF_XCPD, y, N, 50, NULL, NULL);
    assert_true(fabs(v.alff - 2 * sqrt(2) * (in - magnitude(y, N, N, 24)) / N / 21) < 1e-10);
    in = 0;
    for (size_t k = 6; k <= 40; k++) /* padded to 256: 1-based ceil(6.12) .. fix(41.96) */
        in += magnitude(y, N, 256, k);
    v = alff(NVC_ALFF_DPABI, y, N, 50, NULL, NULL);
    assert_true(fabs(v.alff - 2 * in / N / 35) < 1e-10);
}

/* The table tests/expect/activity/NAME.tsv. */
static void expected(struct nvc_table *t, const char *name)
{
    struct nvc_error err = { 0 };
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/tests/expect/activity/%s.tsv", SRCDIR, name);
    if (nvc_table_read(t, path, &err))
        fail_msg("%s", err.text);
}

/* Definition and censoring of one line of the numbers that other code gave. */
static double measured(const char *name, const double *raw, const bool *keep)
{
    static const struct { const char *name; enum nvc_alff_kind kind; int trend; } kinds[] = {
        { "dpabi", NVC_ALFF_DPABI, 1 }, { "afni", NVC_ALFF_AFNI, 2 }, { "xcpd", NVC_ALFF_XCPD, 1 }, { "density", NVC_ALFF_DENSITY, 2 },
        { "lomb", NVC_ALFF_DENSITY, 2 },
    };
    double y[N], work[N], mean = 0, kept = 0;
    struct nvc_error err = { 0 };
    struct nvc_cleaner *c;
    size_t k = 0;
    while (strncmp(name, kinds[k].name, strlen(kinds[k].name)) != 0)
        k++;
    if (strncmp(name, "lomb", 4) != 0)
        keep = NULL;
    for (size_t t = 0; t < N; t++)
        if (!keep || keep[t])
            mean += raw[t], kept++;
    memcpy(y, raw, sizeof y);
    const struct nvc_cleaner_spec spec = { .n = N, .tr_s = 2, .trend = kinds[k].trend, .low_hz = NAN, .high_hz = NAN, .keep = keep };
    assert_int_equal(nvc_cleaner_new(&c, &spec, &err), 0);
    nvc_cleaner_apply(c, y, 1, work);
    nvc_cleaner_free(c);
    const struct nvc_alff_value v = alff(kinds[k].kind, y, N, mean / kept, keep, NULL);
    return strstr(name, "_alff") ? v.alff : strstr(name, "_falff") ? v.falff : v.rsfa;
}

static void amplitudes_are_those_of_other_programs(void **state)
{
    (void)state;
    struct nvc_table series, want;
    double raw[N];
    bool keep[N];
    expected(&series, "series");
    expected(&want, "amplitudes");
    for (size_t t = 0; t < N; t++) {
        raw[t] = reference_cell(&series, t, "signal");
        keep[t] = reference_cell(&series, t, "keep") > 0;
    }
    for (size_t i = 0; i < want.n_rows; i++) {
        const double value = reference_cell(&want, i, "value");
        assert_near(measured(nvc_table_cell(&want, i, 0), raw, keep), value, 1e-9 * value);
    }
    assert_int_equal(want.n_rows, 11);
    nvc_table_release(&series);
    nvc_table_release(&want);
}

static void homogeneity_is_that_of_another_program(void **state)
{
    (void)state;
    enum { n = 20, VOXELS = 27 };
    struct nvc_grid grid = { .dim = { 3, 3, 3 } };
    struct nvc_table want;
    struct nvc_error err = { 0 };
    float Y[VOXELS][n];
    size_t index[VOXELS];
    uint32_t work[4 * n];
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/tests/expect/activity/ranks.tsv", SRCDIR);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    for (size_t v = 0; v < VOXELS; v++) {
        index[v] = v;
        for (size_t t = 0; t < n; t++)
            assert_int_equal(fscanf(f, "%f", &Y[v][t]), 1);
    }
    (void)fclose(f);
    expected(&want, "homogeneity");
    for (size_t i = 0; i < want.n_rows; i++) {
        struct nvc_reho *r;
        const double W = reference_cell(&want, i, "W");
        assert_int_equal(nvc_reho_new(&r, &grid, index, VOXELS, n, (int)reference_cell(&want, i, "neighbours"), &err), 0);
        for (size_t v = 0; v < VOXELS; v++)
            nvc_reho_rank(r, v, Y[v], work);
        assert_near(nvc_reho_compute(r, 13, work).W, W, 1e-9 * W);
        nvc_reho_free(r);
    }
    nvc_table_release(&want);
}

/* White noise of unit variance has the same density whatever the length; 2 |F| / N would fall as 1 / sqrt(N). */
static void density_does_not_depend_on_the_length_or_on_scrubbing(void **state)
{
    (void)state;
    static double y[600];
    static bool keep[600];
    double mean[3] = { 0 };
    for (uint64_t i = 0; i < 60; i++) {
        noise(y, 600, i);
        for (size_t t = 0; t < 600; t++)
            keep[t] = t % 7 != 0 && t % 11 != 3;
        mean[0] += alff(NVC_ALFF_DENSITY, y, 150, 100, NULL, NULL).alff / 60;
        mean[1] += alff(NVC_ALFF_DENSITY, y, 600, 100, NULL, NULL).alff / 60;
        for (size_t t = 0; t < 600; t++)
            y[t] *= keep[t];
        mean[2] += alff(NVC_ALFF_DENSITY, y, 600, 100, keep, NULL).alff / 60;
    }
    const double expected = sqrt(M_PI / 4) * sqrt(2 * 2.0); /* Rayleigh mean of |F|, variance N */
    for (int k = 0; k < 3; k++)
        assert_true(fabs(mean[k] / expected - 1) < 0.03);
}

static void undefined_amplitudes_are_refused_or_nan(void **state)
{
    (void)state;
    double y[N] = { 0 };
    bool keep[N] = { false };
    struct nvc_error err = { 0 };
    struct nvc_alff *a;
    struct nvc_alff_value v = alff(NVC_ALFF_DENSITY, y, N, 50, NULL, NULL);
    assert_true(isnan(v.alff) && isnan(v.falff) && isnan(v.rsfa));
    noise(y, N, 1);
    assert_true(isnan(alff(NVC_ALFF_DENSITY, y, N, -1, NULL, NULL).alff));
    struct nvc_alff_spec spec = { .kind = NVC_ALFF_AFNI, .n = N, .tr_s = 2, .low_hz = 0.01, .high_hz = 0.08, .keep = keep };
    for (size_t t = 0; t < N; t++)
        keep[t] = t > 3;
    assert_int_equal(nvc_alff_new(&a, &spec, &err), NVC_EDATA);
    spec.kind = NVC_ALFF_DENSITY, spec.keep = NULL, spec.high_hz = 0.0101;
    spec.low_hz = 0.0102;
    assert_int_equal(nvc_alff_new(&a, &spec, &err), NVC_EDATA);
}

static void jackknife_error_of_the_log_ratio_covers(void **state)
{
    (void)state;
    double y[N], b[64], g[64];
    int covered = 0;
    for (uint64_t i = 0; i < 400; i++) {
        noise(y, N, 2 * i);
        (void)alff(NVC_ALFF_DENSITY, y, N, 100, NULL, b);
        noise(y, N, 2 * i + 1);
        (void)alff(NVC_ALFF_DENSITY, y, N, 100, NULL, g);
        const struct nvc_ln_ratio r = nvc_alff_ln_ratio(b, g, 22);
        assert_int_equal((int)r.dof, 21);
        covered += fabs(r.value) < 2.0796 * r.se;
    }
    assert_true(covered > 364 && covered < 396); /* 95 % of 400 within 4 sd of the count */
}

/* W from midranks by the formula of Friedman's test with ties. */
static double kendall(double (*Y)[20], size_t K, size_t n)
{
    double sums[20] = { 0 }, ties = 0, S = 0;
    for (size_t k = 0; k < K; k++)
        for (size_t t = 0; t < n; t++) {
            double below = 0, same = 0;
            for (size_t u = 0; u < n; u++)
                below += Y[k][u] < Y[k][t], same += Y[k][u] == Y[k][t];
            sums[t] += below + (same + 1) / 2;
            ties += same * same - 1; /* sum over members of a tie of t^2 - 1 = t^3 - t */
        }
    for (size_t t = 0; t < n; t++)
        S += pow(sums[t] - (double)K * ((double)n + 1) / 2, 2);
    const double k = (double)K, m = (double)n;
    return 12 * S / (k * k * (m * m * m - m) - k * ties);
}

static void homogeneity_is_kendalls_W_with_ties(void **state)
{
    (void)state;
    enum { n = 20, VOXELS = 27 };
    struct nvc_grid grid = { .dim = { 3, 3, 3 } };
    static double Y[VOXELS][20];
    static const int faces[] = { 13, 4, 10, 12, 14, 16, 22 };
    double seven[7][20], y[n];
    size_t index[VOXELS];
    struct nvc_error err = { 0 };
    for (size_t v = 0; v < VOXELS; v++) {
        noise(y, n, v);
        for (size_t t = 0; t < n; t++)
            Y[v][t] = round(2 * (y[t] + sin((double)t))); /* rounding makes ties, and minus zero */
        index[v] = v;
    }
    for (int k = 0; k < 7; k++)
        memcpy(seven[k], Y[faces[k]], sizeof seven[k]);
    for (int neighbours = 7; neighbours <= 27; neighbours += 20) {
        struct nvc_reho *r;
        assert_int_equal(nvc_reho_new(&r, &grid, index, VOXELS, n, neighbours, &err), 0);
        uint32_t *work = calloc(nvc_reho_work(r), sizeof *work);
        for (size_t v = 0; v < VOXELS; v++) {
            float f[n];
            for (size_t t = 0; t < n; t++)
                f[t] = (float)Y[v][t];
            nvc_reho_rank(r, v, f, work);
        }
        const struct nvc_reho_value value = nvc_reho_compute(r, 13, work);
        const double W = neighbours == 7 ? kendall(seven, 7, n) : kendall(Y, 27, n), K = neighbours;
        assert_int_equal((int)value.K, neighbours);
        assert_true(fabs(value.W - W) < 1e-12);
        assert_true(fabs(value.rbar - (K * W - 1) / (K - 1)) < 1e-12);
        assert_int_equal((int)nvc_reho_compute(r, 0, work).K, neighbours == 7 ? 4 : 8);
        free(work);
        nvc_reho_free(r);
    }
}

static void a_voxel_without_variance_is_no_neighbour(void **state)
{
    (void)state;
    struct nvc_grid grid = { .dim = { 3, 1, 1 } };
    const size_t index[3] = { 0, 1, 2 };
    const float flat[10] = { 0 }, rise[10] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    uint32_t work[40];
    struct nvc_error err = { 0 };
    struct nvc_reho *r;
    assert_int_equal(nvc_reho_new(&r, &grid, index, 3, 10, 27, &err), 0);
    nvc_reho_rank(r, 0, flat, work);
    nvc_reho_rank(r, 1, rise, work);
    nvc_reho_rank(r, 2, rise, work);
    assert_true(isnan(nvc_reho_compute(r, 0, work).W));
    assert_int_equal(nvc_reho_compute(r, 1, work).K, 2);
    assert_true(fabs(nvc_reho_compute(r, 1, work).W - 1) < 1e-12);
    nvc_reho_free(r);
    assert_int_equal(nvc_reho_new(&r, &grid, index, 3, 10, 9, &err), NVC_EUSAGE);
}

static void one_projection_takes_out_trend_confounds_and_band(void **state)
{
    (void)state;
    double y[N], confound[N], work[N * 4];
    struct nvc_error err = { 0 };
    struct nvc_cleaner *c;
    noise(confound, N, 3);
    struct nvc_cleaner_spec spec = { .n = N, .tr_s = 2, .trend = 2, .confounds = confound, .n_confounds = 1, .low_hz = 0.01, .high_hz = 0.08 };
    assert_int_equal(nvc_cleaner_new(&c, &spec, &err), 0);
    noise(y, N, 4);
    for (size_t t = 0; t < N; t++)
        y[t] += 5 + 0.01 * (double)(t * t) + 3 * confound[t];
    nvc_cleaner_apply(c, y, 1, work);
    double with = 0;
    for (size_t t = 0; t < N; t++)
        with += y[t] * confound[t];
    assert_true(fabs(with) < 1e-8);
    for (size_t k = 0; k <= N / 2; k++)
        if (k < 3 || k > 24)
            assert_true(magnitude(y, N, N, k) < 1e-8);
    assert_true(magnitude(y, N, N, 10) > 0.1);
    assert_int_equal((int)nvc_cleaner_dof(c), 44 - 2 - 1); /* 22 bins in band, less what trend and confound take of them */
    nvc_cleaner_free(c);
    spec.n = 30, spec.high_hz = 0.03;
    assert_int_equal(nvc_cleaner_new(&c, &spec, &err), NVC_EDATA);
}

/* The band as a projection on what is in it is the band as a regression on what is out of it, also with gaps and confounds of
 * which one lies out of the band altogether. */
static void keeping_the_band_is_taking_out_the_rest(void **state)
{
    (void)state;
    enum { OUT = N - 1 - 44, COLUMNS = 3 + 3 + OUT };
    static double X[N * COLUMNS], y[N], beta[COLUMNS], residual[N], work[N * 4], confounds[N * 3];
    bool keep[N];
    struct nvc_error err = { 0 };
    struct nvc_cleaner *c;
    struct nvc_lsq f;
    size_t m = 0;
    noise(confounds, N, 21);
    noise(confounds + N, N, 22);
    noise(y, N, 23);
    for (size_t t = 0; t < N; t++) {
        confounds[t + 2 * N] = cos(2 * M_PI * 40 * (double)t / N);
        keep[t] = t % 29 != 7;
        y[t] += 100 + (keep[t] ? 0 : 1e6);
    }
    const struct nvc_cleaner_spec spec = { .n = N, .tr_s = 2, .trend = 2, .confounds = confounds, .n_confounds = 3, .low_hz = 0.01,
                                           .high_hz = 0.08, .keep = keep };
    for (int d = 0; d < 3; d++, m++)
        for (size_t t = 0; t < N; t++)
            X[t + N * m] = keep[t] ? pow((double)t / N, d) : 0;
    for (size_t j = 0; j < 2; j++, m++)
        for (size_t t = 0; t < N; t++)
            X[t + N * m] = keep[t] ? confounds[t + N * j] : 0;
    for (size_t k = 1; k <= N / 2; k++)
        for (int sine = 0; (k < 3 || k > 24) && sine < (k == N / 2 ? 1 : 2); sine++, m++)
            for (size_t t = 0; t < N; t++)
                X[t + N * m] = keep[t] ? sin(2 * M_PI * (double)(k * t) / N + (sine ? 0 : M_PI / 2)) : 0;
    assert_int_equal(m, COLUMNS - 1);
    double z[N];
    for (size_t t = 0; t < N; t++)
        z[t] = keep[t] ? y[t] : 0;
    assert_int_equal(nvc_lsq_init(&f, X, N, m, &err), 0);
    assert_int_equal(f.rank, m);
    (void)nvc_lsq_solve(&f, z, beta, residual);
    nvc_lsq_release(&f);
    assert_int_equal(nvc_cleaner_new(&c, &spec, &err), 0);
    assert_int_equal(nvc_cleaner_dof(c), N - 5 - m);
    float single[N], scratch[N];
    for (size_t t = 0; t < N; t++)
        single[t] = (float)y[t];
    nvc_cleaner_band(c, single, 1, scratch);
    nvc_cleaner_apply(c, y, 1, work);
    for (size_t t = 0; t < N; t++)
        if (keep[t])
            assert_near((double)single[t], y[t], 1e-5);
    nvc_cleaner_free(c);
    for (size_t t = 0; t < N; t++)
        assert_near(y[t], keep[t] ? residual[t] : 0, 1e-9);
}

static void centrality_counts_the_others_only(void **state)
{
    (void)state;
    float Z[4][8] = { { 1, -1, 1, -1, 1, -1, 1, -1 }, { 1, -1, 1, -1, 1, -1, 1, -1 }, { 1, 1, -1, -1, 1, 1, -1, -1 }, { 3, 3, 3, 3, 3, 3, 3, 3 } };
    const size_t all[4] = { 0, 1, 2, 3 };
    struct nvc_centrality_value out[4];
    struct nvc_error err = { 0 };
    for (int v = 0; v < 4; v++)
        nvc_centrality_scale(Z[v], 8);
    assert_int_equal(nvc_centrality(Z[0], 8, all, 4, all, 4, 0.25, out, &err), 0);
    assert_true(fabs(out[0].weighted - 1 / 3.0) < 1e-6 && fabs(out[0].binary - 1 / 3.0) < 1e-12);
    assert_true(out[2].weighted == 0 && out[2].binary == 0);
    assert_true(isnan(out[3].weighted));
}

static void volumes_are_turned_into_series(void **state)
{
    (void)state;
    enum { VOLUMES = 37, VOXELS = 5 };
    static const size_t index[VOXELS] = { 1, 3, 4, 8, 9 };
    struct nvc_voxel_block b;
    struct nvc_error err = { 0 };
    assert_int_equal(nvc_voxel_block_init(&b, VOLUMES, VOXELS, &err), 0);
    for (int t = 0; t < VOLUMES; t++) {
        float volume[10];
        for (int i = 0; i < 10; i++)
            volume[i] = (float)(100 * t + i);
        nvc_voxel_block_add(&b, volume, index);
    }
    assert_int_equal(b.filled, VOLUMES);
    for (size_t v = 0; v < VOXELS; v++)
        for (size_t t = 0; t < VOLUMES; t++)
            assert_true(b.Y[t + VOLUMES * v] == (float)(100 * t + index[v]));
    nvc_voxel_block_release(&b);
}

/* A quadratic trend of the run is one of its half: a half is what a run of those volumes would be, but for confounds, which are those of
 * the run, and the mean. */
static void halves_are_cut_from_the_cleaned_run(void **state)
{
    (void)state;
    enum { VOXELS = 3, HALF = N / 2 };
    struct nvc_voxel_block whole, part;
    struct nvc_error err = { 0 };
    struct nvc_grid grid = { .dim = { VOXELS, 1, 1 }, .to_mm = { { 3, 0, 0 }, { 0, 3, 0 }, { 0, 0, 3 } } };
    const size_t index[VOXELS] = { 0, 1, 2 };
    double y[VOXELS][N + 1], confound[N + 1];
    bool keep[N + 1];
    for (size_t v = 0; v < VOXELS; v++)
        noise(y[v], N + 1, 40 + v);
    noise(confound, N + 1, 50);
    for (size_t t = 0; t <= N; t++)
        keep[t] = t % 17 != 3;
    for (int half = 0; half < 2; half++)
        for (int censored = 0; censored < 2; censored++) {
            struct nvc_activity_spec spec = { .tr_s = 2, .low_hz = 0.01, .high_hz = 0.08, .alff = censored ? NVC_ALFF_DENSITY : NVC_ALFF_AFNI,
                                              .centrality = NAN, .keep = censored ? keep : NULL };
            struct nvc_activity a, b, c;
            const struct nvc_activity_spec of_half = nvc_activity_half(&spec, N + 1, half);
            assert_true(of_half.to - of_half.from == HALF && of_half.from == (half ? HALF + 1 : 0));
            assert_int_equal(nvc_voxel_block_init(&whole, N + 1, VOXELS, &err), 0);
            assert_int_equal(nvc_voxel_block_init(&part, HALF, VOXELS, &err), 0);
            for (size_t t = 0; t <= N; t++) {
                float volume[VOXELS];
                for (size_t v = 0; v < VOXELS; v++)
                    volume[v] = (float)(1000 + 5 * y[v][t] + 0.1 * (double)t);
                nvc_voxel_block_add(&whole, volume, NULL);
                if (t >= of_half.from && t < of_half.to)
                    nvc_voxel_block_add(&part, volume, NULL);
            }
            assert_int_equal(nvc_activity_compute(&a, &whole, &grid, index, &of_half, &err), 0);
            spec.keep = censored ? keep + of_half.from : NULL;
            assert_int_equal(nvc_activity_compute(&b, &part, &grid, index, &spec, &err), 0);
            assert_int_equal(a.n_bins, b.n_bins);
            for (size_t v = 0; v < VOXELS; v++) /* of percent, the means differ by a hundredth */
                assert_true(fabs((double)a.map[NVC_MAP_ALFF][v] / (double)b.map[NVC_MAP_ALFF][v] - 1) < (censored ? 0.02 : 1e-4) &&
                            fabs((double)a.map[NVC_MAP_FALFF][v] / (double)b.map[NVC_MAP_FALFF][v] - 1) < 1e-4);
            spec.keep = censored ? keep : NULL, spec.confounds = y[1], spec.n_confounds = 1;
            const struct nvc_activity_spec without = nvc_activity_half(&spec, N + 1, half);
            assert_int_equal(nvc_activity_compute(&c, &whole, &grid, index, &without, &err), 0);
            assert_true((double)c.map[NVC_MAP_ALFF][1] < 1e-4 * (double)a.map[NVC_MAP_ALFF][1] && (double)c.map[NVC_MAP_ALFF][0] > 0.5 * (double)a.map[NVC_MAP_ALFF][0]);
            nvc_activity_release(&a);
            nvc_activity_release(&b);
            nvc_activity_release(&c);
            nvc_voxel_block_release(&whole);
            nvc_voxel_block_release(&part);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_definition_is_the_sum_it_says),
        cmocka_unit_test(amplitudes_are_those_of_other_programs),
        cmocka_unit_test(homogeneity_is_that_of_another_program),
        cmocka_unit_test(density_does_not_depend_on_the_length_or_on_scrubbing),
        cmocka_unit_test(undefined_amplitudes_are_refused_or_nan),
        cmocka_unit_test(jackknife_error_of_the_log_ratio_covers),
        cmocka_unit_test(homogeneity_is_kendalls_W_with_ties),
        cmocka_unit_test(a_voxel_without_variance_is_no_neighbour),
        cmocka_unit_test(one_projection_takes_out_trend_confounds_and_band),
        cmocka_unit_test(keeping_the_band_is_taking_out_the_rest),
        cmocka_unit_test(centrality_counts_the_others_only),
        cmocka_unit_test(volumes_are_turned_into_series),
        cmocka_unit_test(halves_are_cut_from_the_cleaned_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
