#include "base/memory.h"
#include "io/tsv.h"
#include "model/region/brain.h"
#include "model/region/extract.h"

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

/* A mask of one row of voxels; region r takes voxels [from[r], from[r + 1]) with weight w[r]. */
static struct nvc_mask row_of(size_t n, const size_t *from, const double *w, size_t n_regions)
{
    struct nvc_mask m = { .grid = { .dim = { n, 1, 1 }, .to_mm = { { 1, 0, 0, 0 }, { 0, 1, 0, 0 }, { 0, 0, 1, 0 } } } };
    float *volume = nvc_array(n, sizeof *volume, &err);
    for (size_t r = 0; r < n_regions; r++) {
        char name[16];
        struct nvc_region *added;
        (void)snprintf(name, sizeof name, "r%zu", r);
        assert_int_equal(nvc_mask_append(&m, name, "L", &added, &err), 0);
        memset(volume, 0, n * sizeof *volume);
        for (size_t v = from[r]; v < from[r + 1]; v++)
            volume[v] = (float)w[r];
        assert_int_equal(nvc_region_set(added, &m.grid, volume, &err), 0);
    }
    free(volume);
    return m;
}

/* Run a table of values (n volumes of m voxels, volume after volume) through the accumulator. */
static int extracted(struct nvc_series *s, struct nvc_voxel_place **places, const struct nvc_mask *mask,
                     const struct nvc_extract_opts *opts, const double *values, size_t n)
{
    struct nvc_extract *x;
    size_t n_index;
    assert_int_equal(nvc_extract_new(&x, mask, opts, &err), 0);
    const size_t *index = nvc_extract_index(x, &n_index);
    double *taken = nvc_array(n_index, sizeof *taken, &err);
    for (size_t t = 0; t < n; t++) {
        for (size_t i = 0; i < n_index; i++)
            taken[i] = values[t * mask->grid.dim[0] + index[i]];
        assert_int_equal(nvc_extract_add(x, taken, &err), 0);
    }
    int status = nvc_extract_finish(x, 2, 200, s, places, &err);
    free(taken);
    nvc_extract_free(x);
    return status;
}

static void read_columns(const char *name, double **values, size_t *rows, size_t *cols)
{
    struct nvc_table t;
    char path[512];
    (void)snprintf(path, sizeof path, "%s/tests/expect/%s", SRCDIR, name);
    assert_int_equal(nvc_table_read(&t, path, &err), 0);
    *rows = t.n_rows, *cols = t.n_cols;
    *values = nvc_array(t.n_rows * t.n_cols, sizeof **values, &err);
    for (size_t r = 0; r < t.n_rows; r++)
        for (size_t c = 0; c < t.n_cols; c++)
            assert_int_equal(nvc_table_real(&t, r, c, &(*values)[r * t.n_cols + c], &err), 0);
    nvc_table_release(&t);
}

static void eigenvariate_agrees(const char *expected, size_t n)
{
    double *Y, *want;
    size_t rows, cols, want_rows, want_cols;
    read_columns("spm_eigenvariate_voxels.tsv", &Y, &rows, &cols);
    read_columns(expected, &want, &want_rows, &want_cols);
    struct nvc_mask m = row_of(cols, (size_t[]){ 0, cols }, (double[]){ 1 }, 1);
    struct nvc_extract_opts opts = { .summary = NVC_SUMMARY_EIGENVARIATE };
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(want_rows, n);
    assert_int_equal(extracted(&s, &places, &m, &opts, Y, n), 0);
    for (size_t t = 0; t < n; t++)
        assert_near(s.Y[t], want[t * want_cols], 1e-8);
    nvc_series_release(&s);
    nvc_mask_release(&m);
    free(Y);
    free(want);
}

static void eigenvariate_agrees_with_spm(void **state)
{
    (void)state;
    eigenvariate_agrees("spm_eigenvariate.tsv", 200);
}

static void eigenvariate_of_more_voxels_than_scans_agrees_with_an_svd(void **state)
{
    (void)state;
    eigenvariate_agrees("numpy_eigenvariate_40.tsv", 40);
}

/* Eight voxels: good, good, zero, constant, NaN once, negative mean, good but outside the brain, good. */
static const double odd[6][8] = {
    { 10, 20, 0, 5, 1, -3, 9, 30 },  { 12, 21, 0, 5, 2, -4, 8, 31 }, { 11, 25, 0, 5, NAN, -3, 9, 29 },
    { 14, 22, 0, 5, 3, -5, 7, 33 }, { 13, 20, 0, 5, 4, -3, 9, 30 }, { 12, 24, 0, 5, 5, -2, 6, 35 },
};

static void only_used_voxels_count_and_the_others_are_counted_by_reason(void **state)
{
    (void)state;
    struct nvc_mask m = row_of(8, (size_t[]){ 0, 7, 8 }, (double[]){ 1, 1 }, 2);
    const bool brain[8] = { true, true, true, true, true, true, false, true };
    struct nvc_extract_opts opts = { .brain = brain };
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &opts, &odd[0][0], 6), 0);
    assert_null(places);
    assert_string_equal(s.summary, "mean");
    const struct nvc_region_facts *f = &s.regions[0];
    assert_near(f->n_vox_mask, 7, 0);
    assert_near(f->n_vox, 2, 0);
    assert_near(f->n_zero, 1, 0);
    assert_near(f->n_constant, 1, 0);
    assert_near(f->n_nonfinite, 1, 0);
    assert_near(f->coverage, 2.0 / 7, 1e-15);
    assert_near(s.Y[2], 18, 1e-12);
    assert_near(f->s0, (12 + 22) / 2.0, 1e-12);
    assert_near(f->dropout, 17.0 / 200, 1e-12);
    assert_near(s.time_s[3], 6, 0);
    assert_near(s.regions[1].coverage, 1, 0);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void tsnr_is_the_median_of_mean_over_detrended_sd(void **state)
{
    (void)state;
    /* y = 100 + 3 t + 2 t^2 + e with e orthogonal to a parabola: its sd over n - 3 is known. */
    static const double e[6] = { 1, -3, 2, 2, -3, 1 }; /* quartic contrast of six points: orthogonal to 1, t, t^2 */
    double y[12], mean = 0, sse = 0;
    for (int t = 0; t < 6; t++) {
        y[2 * t] = 100 + 3.0 * t + 2.0 * t * t + e[t];
        y[2 * t + 1] = 1000 + 7 * e[t];
        mean += y[2 * t] / 6;
        sse += e[t] * e[t];
    }
    struct nvc_mask m = row_of(2, (size_t[]){ 0, 1, 2 }, (double[]){ 1, 1 }, 2);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ 0 }, y, 6), 0);
    assert_near(s.regions[0].tsnr, mean / sqrt(sse / 3), 1e-9);
    assert_near(s.regions[1].tsnr, 1000 / (7 * sqrt(sse / 3)), 1e-9);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void weights_lead_to_a_weighted_mean_unless_told_otherwise(void **state)
{
    (void)state;
    struct nvc_mask m = row_of(8, (size_t[]){ 0, 2 }, (double[]){ 0.25 }, 1);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    m.regions[0].weight[1] = 0.75;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ 0 }, &odd[0][0], 6), 0);
    assert_string_equal(s.summary, "weighted");
    assert_near(s.Y[0], 17.5, 1e-12);
    assert_near(s.regions[0].n_vox, 2, 0);
    nvc_series_release(&s);
    s = (struct nvc_series){ 0 };
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .summary = NVC_SUMMARY_MEAN }, &odd[0][0], 6), 0);
    assert_near(s.Y[0], 20, 1e-12);
    assert_near(s.regions[0].n_vox, 1, 0);
    assert_near(s.regions[0].coverage, 1, 1e-12);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void all_voxels_are_columns_with_places(void **state)
{
    (void)state;
    struct nvc_mask m = row_of(8, (size_t[]){ 0, 7, 8 }, (double[]){ 1, 1 }, 2);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .summary = NVC_SUMMARY_ALL }, &odd[0][0], 6), 0);
    assert_int_equal(s.n_regions, 4);
    assert_string_equal(s.regions[1].column, "r0_L_v0002");
    assert_string_equal(s.regions[2].column, "r0_L_v0007"); /* numbered by its place in the region, used or not */
    assert_int_equal(places[2].index, 6);
    assert_int_equal(places[3].region, 1);
    assert_near(s.Y[6 + 2], 25, 0);
    free(places);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void dummy_scans_stay_in_the_series_but_not_in_its_facts(void **state)
{
    (void)state;
    const double y[6] = { 900, 10, 12, 11, 13, 14 };
    struct nvc_mask m = row_of(1, (size_t[]){ 0, 1 }, (double[]){ 1 }, 1);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .n_dummy = 1 }, y, 6), 0);
    assert_near(s.Y[0], 900, 0);
    assert_near(s.regions[0].s0, 12, 1e-12);
    nvc_series_release(&s);
    s = (struct nvc_series){ 0 };
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .n_dummy = 5 }, y, 6), NVC_EDATA);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

/* Voxels 0 and 1 differ by a constant about 0: their mean is known only if both stay. */
static void signed_data_keep_voxels_below_zero(void **state)
{
    (void)state;
    const double y[12] = { 1, -3, 2, -2, 3, -1, 2, -2, 1, -3, 3, -1 };
    struct nvc_mask m = row_of(2, (size_t[]){ 0, 2 }, (double[]){ 1 }, 1);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ 0 }, y, 6), 0);
    assert_near(s.regions[0].n_vox, 1, 0);
    assert_near(s.regions[0].n_negative, 1, 0);
    assert_near(s.regions[0].s0, 2, 1e-12);
    nvc_series_release(&s);
    s = (struct nvc_series){ 0 };
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .signed_data = true }, y, 6), 0);
    assert_near(s.regions[0].n_vox, 2, 0);
    assert_near(s.regions[0].n_negative, 0, 0);
    assert_near(s.Y[0], -1, 1e-12);
    assert_near(s.Y[2], 1, 1e-12);
    assert_true(isnan(s.regions[0].s0) && isnan(s.regions[0].dropout)); /* a mean of 0 is no base of percent */
    nvc_series_release(&s);
    nvc_mask_release(&m);
    m = row_of(2, (size_t[]){ 0, 1 }, (double[]){ 1 }, 1);
    s = (struct nvc_series){ 0 };
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ .signed_data = true }, y, 6), 0);
    assert_near(s.regions[0].s0, 2, 1e-12); /* 2 with a standard error of 0.37 is one */
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void an_empty_region_is_a_column_of_nan_and_none_left_is_refused(void **state)
{
    (void)state;
    struct nvc_mask m = row_of(8, (size_t[]){ 2, 3, 8 }, (double[]){ 1, 1 }, 2);
    struct nvc_series s = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ 0 }, &odd[0][0], 6), 0);
    assert_true(isnan(s.Y[0]) && isnan(s.regions[0].s0) && isnan(s.regions[0].tsnr));
    assert_near(s.regions[0].n_vox, 0, 0);
    assert_string_equal(s.regions[0].note, "empty");
    nvc_series_release(&s);
    nvc_mask_release(&m);
    m = row_of(8, (size_t[]){ 2, 4 }, (double[]){ 1 }, 1);
    s = (struct nvc_series){ 0 };
    assert_int_equal(extracted(&s, &places, &m, &(struct nvc_extract_opts){ 0 }, &odd[0][0], 6), NVC_EDATA);
    nvc_series_release(&s);
    nvc_mask_release(&m);
}

static void the_order_of_regions_is_the_order_of_columns(void **state)
{
    (void)state;
    struct nvc_mask m = row_of(8, (size_t[]){ 0, 1, 2 }, (double[]){ 1, 1 }, 2), turned = row_of(8, (size_t[]){ 0, 1, 2 }, (double[]){ 1, 1 }, 2);
    struct nvc_region swap = turned.regions[0];
    turned.regions[0] = turned.regions[1];
    turned.regions[1] = swap;
    struct nvc_series a = { 0 }, b = { 0 };
    struct nvc_voxel_place *places;
    assert_int_equal(extracted(&a, &places, &m, &(struct nvc_extract_opts){ 0 }, &odd[0][0], 6), 0);
    assert_int_equal(extracted(&b, &places, &turned, &(struct nvc_extract_opts){ 0 }, &odd[0][0], 6), 0);
    assert_memory_equal(a.Y, b.Y + 6, 6 * sizeof *a.Y);
    assert_memory_equal(a.Y + 6, b.Y, 6 * sizeof *a.Y);
    nvc_series_release(&a);
    nvc_series_release(&b);
    nvc_mask_release(&m);
    nvc_mask_release(&turned);
}

static void the_clip_level_separates_brain_from_air(void **state)
{
    (void)state;
    enum { N = 1000 };
    struct nvc_mean_image m;
    float volume[N];
    double level;
    bool brain[N];
    for (int i = 0; i < N; i++) {
        volume[i] = i < 600 ? (float)(i % 7) : 900 + (float)(i % 201); /* air 0..6; brain 900..1100 */
        brain[i] = i >= 900;
    }
    assert_int_equal(nvc_mean_image_init(&m, N, &err), 0);
    nvc_mean_image_add(&m, 0, N, volume);
    m.n_volumes = 1;
    assert_int_equal(nvc_brain_level(&m, NULL, &level, &err), 0);
    assert_near(level, 1000, 5);
    assert_int_equal(nvc_brain_level(&m, brain, &level, &err), 0);
    assert_near(level, 900 + (900 % 201 + 999 % 201) / 2.0, 10);
    memset(m.sum, 0, N * sizeof *m.sum);
    assert_int_equal(nvc_brain_level(&m, NULL, &level, &err), 0);
    assert_true(isnan(level));
    nvc_mean_image_release(&m);
    size_t taken = 0;
    for (size_t t = 0; t < 156; t++)
        taken += nvc_mean_image_wants(t, 156);
    assert_int_equal(taken, 16);
    assert_true(nvc_mean_image_wants(0, 1) && nvc_mean_image_wants(3, 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eigenvariate_agrees_with_spm),
        cmocka_unit_test(eigenvariate_of_more_voxels_than_scans_agrees_with_an_svd),
        cmocka_unit_test(only_used_voxels_count_and_the_others_are_counted_by_reason),
        cmocka_unit_test(tsnr_is_the_median_of_mean_over_detrended_sd),
        cmocka_unit_test(weights_lead_to_a_weighted_mean_unless_told_otherwise),
        cmocka_unit_test(all_voxels_are_columns_with_places),
        cmocka_unit_test(dummy_scans_stay_in_the_series_but_not_in_its_facts),
        cmocka_unit_test(signed_data_keep_voxels_below_zero),
        cmocka_unit_test(an_empty_region_is_a_column_of_nan_and_none_left_is_refused),
        cmocka_unit_test(the_order_of_regions_is_the_order_of_columns),
        cmocka_unit_test(the_clip_level_separates_brain_from_air),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
