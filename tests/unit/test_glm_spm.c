/* nvc-glm against SPM12 run in Octave: betas, their variance, ResMS, t, F, degrees of freedom, hyperparameters. */
#include "nvc.h"

#include "model/glm/glm.h"
#include "model/glm/voi.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "reference.h"

enum { N = 200, MAX_M = 24, FILTER = 6, MAX_TESTS = 3, MAX_EFFECTS = 60 };

static struct nvc_error err;


struct job {
    const char *data, *design, *cvi;
    double X[N * MAX_M], C[MAX_M * MAX_EFFECTS];
    size_t m, n_interest, n_effects, n_tests;
    struct nvc_arma_test tests[MAX_TESTS];
    const char *effect_name[MAX_EFFECTS], *test_name[MAX_TESTS];
    bool high_pass[MAX_M], interest[MAX_M];
    struct nvc_glm *g;
    struct nvc_glm_fit fit;
};

static void add_effect(struct job *j, const char *name, size_t plus, long minus)
{
    double *c = j->C + j->m * j->n_effects;
    memset(c, 0, j->m * sizeof *c);
    c[plus] = 1;
    if (minus >= 0)
        c[minus] = -1;
    j->effect_name[j->n_effects++] = name;
}

static void add_test(struct job *j, const char *name, size_t from, size_t to)
{
    j->test_name[j->n_tests] = name;
    j->tests[j->n_tests++] = (struct nvc_arma_test){ j->n_effects, to - from, false };
    for (size_t k = from; k < to; k++)
        add_effect(j, "", k, -1);
}

/* Every column of the design as an effect, then the contrasts that SPM was asked for. */
static void make_job(struct job *j, const char *data, const char *design, const char *cvi)
{
    size_t n, m, f;
    char name[64];
    bool hrf = !strcmp(design, "hrf");
    snprintf(name, sizeof name, "reference/spm/design_main_%s_T08_orth1.tsv", design);
    double *X = reference_matrix(name, &n, &m), *D = reference_matrix("reference/spm/dct_hp128_TR2_N200.tsv", &n, &f);
    assert_int_equal(n, N);
    assert_int_equal(f, FILTER);
    *j = (struct job){ .data = data, .design = design, .cvi = cvi, .m = m + f, .n_interest = m - 1 };
    memcpy(j->X, X, n * m * sizeof *X);
    memcpy(j->X + n * m, D, n * f * sizeof *D);
    free(X);
    free(D);
    for (size_t k = 0; k < j->m; k++) {
        j->interest[k] = k < j->n_interest;
        j->high_pass[k] = k >= m;
        if (k < m)
            add_effect(j, "", k, -1);
    }
    if (hrf) {
        add_effect(j, "A", 0, -1);
        add_effect(j, "Axpm", 1, -1);
        add_effect(j, "B-C", 2, 3);
        add_effect(j, "A>B", 0, 2);
    } else {
        add_effect(j, "A_hrf", 0, -1);
        add_effect(j, "B_hrf-C_hrf", 6, 9);
        add_test(j, "A_basis", 0, 3);
        add_test(j, "B_basis", 6, 9);
    }
    add_test(j, "eoi", 0, j->n_interest);
}

static void run(struct job *j, enum nvc_noise noise)
{
    size_t n, v;
    double *Y = reference_matrix(strcmp(j->data, "series") ? "reference/spm/roi60.tsv" : "reference/spm/series.tsv", &n, &v);
    struct nvc_glm_columns columns = { Y, n, n };
    if (nvc_glm_new(&j->g, &(struct nvc_glm_spec){ .X = j->X, .n = n, .m = j->m, .C = j->C, .n_effects = j->n_effects,
            .tests = j->tests, .n_tests = j->n_tests, .noise = noise, .high_pass = j->high_pass, .interest = j->interest }, &err))
        fail_msg("%s", err.text);
    assert_int_equal(nvc_glm_fit_init(&j->fit, j->g, v, &err), 0);
    if (nvc_glm_run(j->g, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, &j->fit, 1, &err))
        fail_msg("%s", err.text);
    free(Y);
}

static void stop(struct job *j)
{
    nvc_glm_fit_release(&j->fit);
    nvc_glm_free(j->g);
}

/* Estimates are compared on the scale of their standard error where they are near 0. */
static void check_betas(const struct job *j)
{
    struct nvc_table t;
    const char *const keys[] = { j->data, j->design, j->cvi };
    size_t row = 0, n_seen = 0, m = j->m - FILTER;
    reference_table(&t, "reference/spm/glm_betas.tsv");
    for (; reference_find(&t, &row, keys, 3); row++, n_seen++) {
        size_t v = n_seen / m, at = (n_seen % m) * j->fit.n_vox + v;
        double resms = j->fit.sigma[v] * j->fit.sigma[v], want = reference_cell(&t, row, "beta");
        assert_int_equal((size_t)reference_cell(&t, row, "voxel"), v + 1);
        assert_near(j->fit.effect[at], want, 1e-6 * fmax(fabs(want), sqrt(j->fit.variance[at])));
        assert_near(j->fit.variance[at] / resms / reference_cell(&t, row, "Bcov_diag"), 1, 1e-6);
        assert_near(resms / reference_cell(&t, row, "ResMS"), 1, 1e-6);
    }
    assert_int_equal(n_seen, m * j->fit.n_vox);
    nvc_table_release(&t);
}

static void check_contrasts(const struct job *j)
{
    struct nvc_table t;
    const char *const keys[] = { j->data, j->design, j->cvi };
    size_t n_seen = 0;
    reference_table(&t, "reference/spm/glm_contrasts.tsv");
    for (size_t row = 0; reference_find(&t, &row, keys, 3); row++, n_seen++) {
        size_t v = (size_t)reference_cell(&t, row, "voxel") - 1, k = 0;
        const char *name = nvc_table_cell(&t, row, 4);
        double stat = reference_cell(&t, row, "stat"), p = reference_cell(&t, row, "p_unc");
        assert_near(nvc_glm_dof(j->g) / reference_cell(&t, row, "df2"), 1, 1e-6);
        if (!strcmp(nvc_table_cell(&t, row, 5), "F")) {
            while (strcmp(j->test_name[k], name))
                k++;
            assert_near(j->fit.f[k * j->fit.n_vox + v] / stat, 1, 1e-6);
            assert_near(nvc_glm_test_dof(j->g, k) / reference_cell(&t, row, "df1"), 1, 1e-6);
            if (p > 1e-12)
                assert_near(j->fit.f_p[k * j->fit.n_vox + v] / p, 1, 1e-4);
            continue;
        }
        while (strcmp(j->effect_name[k], name))
            k++;
        size_t at = k * j->fit.n_vox + v;
        assert_near(j->fit.effect[at] / sqrt(j->fit.variance[at]), stat, 1e-6 * fmax(1, fabs(stat)));
        if (p > 1e-12) /* SPM's is one-sided, by 1 - cdf */
            assert_near((stat > 0 ? j->fit.p[at] / 2 : 1 - j->fit.p[at] / 2) / p, 1, 1e-4);
    }
    assert_true(n_seen > 0);
    nvc_table_release(&t);
}

static void check(const char *data, const char *design, enum nvc_noise noise)
{
    struct job *j = malloc(sizeof *j);
    make_job(j, data, design, noise == NVC_NOISE_OLS ? "none" : "AR(1)");
    run(j, noise);
    check_betas(j);
    check_contrasts(j);
    if (noise == NVC_NOISE_AR1_REML) {
        struct nvc_table t;
        size_t row = 0, n_h;
        const double *h = nvc_glm_hyperparameters(j->g, &n_h);
        const char *const keys[] = { data, design, "AR(1)" };
        assert_int_equal(n_h, 2);
        assert_int_equal(nvc_glm_responding(j->g), j->fit.n_vox);
        reference_table(&t, "reference/spm/reml_hyperparameters.tsv");
        for (size_t k = 0; k < 2; k++, row++) {
            assert_true(reference_find(&t, &row, keys, 3));
            assert_near(h[k], reference_cell(&t, row, "h"), 1e-5);
        }
        nvc_table_release(&t);
    }
    stop(j);
    free(j);
}

static void ordinary_least_squares_equal_spm(void **state)
{
    (void)state;
    check("series", "hrf", NVC_NOISE_OLS);
    check("roi60", "hrf", NVC_NOISE_OLS);
    check("series", "informed", NVC_NOISE_OLS);
    check("roi60", "informed", NVC_NOISE_OLS);
}

static void pooled_ar1_by_reml_equals_spm(void **state)
{
    (void)state;
    check("series", "hrf", NVC_NOISE_AR1_REML);
    check("roi60", "hrf", NVC_NOISE_AR1_REML);
    check("series", "informed", NVC_NOISE_AR1_REML);
    check("roi60", "informed", NVC_NOISE_AR1_REML);
}

/* 60 voxels of one region, adjusted for the effects of interest. */
static void the_adjusted_eigenvariate_equals_spm(void **state)
{
    (void)state;
    size_t n, n_vox, m;
    struct job *j = malloc(sizeof *j);
    make_job(j, "roi60", "hrf", "AR(1)");
    run(j, NVC_NOISE_AR1_REML);
    double *want = reference_matrix("reference/spm/eigenvariate_hrf_adj-eoi.tsv", &n, &m);
    double *Y = reference_matrix("reference/spm/roi60.tsv", &n, &n_vox), time_s[N] = { 0 };
    struct nvc_regressor columns[MAX_M] = { 0 };
    struct nvc_region_facts *regions = calloc(n_vox, sizeof *regions);
    struct nvc_series voi, voxels = { .n_volumes = n, .n_regions = n_vox, .Y = Y, .time_s = time_s, .tr_s = 2, .regions = regions };
    char name[] = "x";
    for (size_t k = 0; k < j->m; k++)
        columns[k] = (struct nvc_regressor){ .name = name, .role = j->interest[k] ? NVC_ROLE_TASK : j->high_pass[k] ? NVC_ROLE_DRIFT
                                                                   : NVC_ROLE_CONSTANT };
    for (size_t v = 0; v < n_vox; v++)
        regions[v] = (struct nvc_region_facts){ .region = "roi", .side = "L", .atlas = "n/a" };
    struct nvc_design design = { .n_rows = n, .n_cols = j->m, .X = j->X, .columns = columns, .tr_s = 2 };
    assert_int_equal(nvc_voi_series(&voi, &(struct nvc_diagnosis_of){ &design, &voxels, j->g, &j->fit, NVC_NOISE_AR1_REML, 1 }, &err), 0);
    assert_int_equal(voi.n_regions, 1);
    assert_string_equal(voi.regions[0].column, "roi_L");
    double worst = 0;
    for (size_t t = 0; t < n; t++) {
        worst = fmax(worst, fabs(voi.Y[t] - want[t]));
        assert_near(voi.Y[t], want[t], 1e-8 * fmax(1, fabs(want[t])));
    }
    print_message("# largest difference %.1e\n", worst);
    nvc_series_release(&voi);
    free(regions);
    free(Y);
    free(want);
    stop(j);
    free(j);
}

int main(void)
{
    nvc_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_least_squares_equal_spm),
        cmocka_unit_test(pooled_ar1_by_reml_equals_spm),
        cmocka_unit_test(the_adjusted_eigenvariate_equals_spm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
