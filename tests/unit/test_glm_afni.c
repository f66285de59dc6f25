/* nvc-glm against nilearn and AFNI 3dREMLfit on the real run: regions, and 200 voxels of the whole brain. */
#include "nvc.h"

#include "io/nifti.h"
#include "model/glm/glm.h"
#include "model/glm/glm_detail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"
#include "reference.h"

enum { M = 17, CONDITIONS = 6, EFFECTS = 8, N = 156, VOXELS = 200, FACE = 1, FACE_HOUSE = 6 };

static struct nvc_error err;

/* Numbers of a .1D file, row by row; lines of # are comments. */
static double *read_1d(const char *name, size_t count)
{
    double *out = malloc(count * sizeof *out);
    char line[4096];
    size_t n = 0;
    FILE *f = fopen(reference_path(name), "r");
    if (!f)
        skip();
    while (fgets(line, sizeof line, f)) {
        char *at = line, *end;
        for (double v = strtod(at, &end); *line != '#' && end != at; at = end, v = strtod(at, &end)) {
            assert_true(n < count);
            out[n++] = v;
        }
    }
    (void)fclose(f);
    assert_int_equal(n, count);
    return out;
}

/* The series and design that came with 3dREMLfit's report: six polynomials and BLOCK(4,1). */
struct report {
    enum nvc_noise noise;
    struct nvc_arma_pair pair;
    double sigma, objective, ljung_box, r2, f, beta, t;
};

static void check_report(const struct report *want, const double *X, const double *y)
{
    enum { SCANS = 300, COLUMNS = 7 };
    static const struct nvc_arma_test test = { 0, 1, false };
    static const double C[COLUMNS] = { [COLUMNS - 1] = 1 };
    struct nvc_glm *g;
    struct nvc_glm_fit fit;
    struct nvc_glm_detail detail;
    struct nvc_glm_columns columns = { y, SCANS, SCANS };
    size_t lags;
    assert_int_equal(nvc_glm_new(&g, &(struct nvc_glm_spec){ .X = X, .n = SCANS, .m = COLUMNS, .C = C, .n_effects = 1, .tests = &test,
        .n_tests = 1, .noise = want->noise, .pair = want->pair }, &err), 0);
    assert_int_equal(nvc_glm_fit_init(&fit, g, 1, &err), 0);
    assert_int_equal(nvc_glm_run(g, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, &fit, 1, &err), 0);
    assert_near(fit.effect[0] / want->beta, 1, 1e-5); /* printed with six digits */
    assert_near(fit.effect[0] / sqrt(fit.variance[0]) / want->t, 1, 1e-5);
    assert_near(fit.f[0] / want->f, 1, 1e-4);
    assert_near(fit.f[0] / (fit.f[0] + nvc_glm_dof(g)) / want->r2, 1, 1e-5);
    if (want->noise != NVC_NOISE_OLS) {
        assert_near(fit.ar[0], want->pair.a, 1e-9);
        assert_near(fit.ma[0], want->pair.b, 1e-9);
        assert_near(fit.sigma[0] / want->sigma, 1, 1e-5);
        assert_near(fit.objective[0], want->objective, 0.01);
        assert_int_equal(nvc_glm_detail_init(&detail, g, &fit, 0, y, &err), 0);
        assert_near(nvc_glm_ljung_box(&detail, NULL, COLUMNS, &lags) / want->ljung_box, 1, 1e-3);
        assert_int_equal(lags, 26);
        nvc_glm_detail_release(&detail);
    }
    nvc_glm_fit_release(&fit);
    nvc_glm_free(g);
}

static void a_report_of_3dremlfit_is_repeated(void **state)
{
    (void)state;
    enum { SCANS = 300, COLUMNS = 7 };
    static const struct report reports[] = {
        { NVC_NOISE_ARMA11_AFNI, { 0, .3 }, 14.4344, 3228.43, 35.6569, .736319, 818.19, 91.8212, 28.604 },
        { NVC_NOISE_ARMA11_FIXED, { 0, .325 }, 14.5375, 3228.19, 34.2361, .729976, 792.09, 91.8344, 28.1441 },
        { NVC_NOISE_OLS, { 0, 0 }, NAN, NAN, NAN, .795362, 1138.8, 91.3224, 33.7461 } };
    double *rows = read_1d("reference/afni/X.xmat.1D", SCANS * COLUMNS), *y = read_1d("reference/afni/roi_ts.1D", SCANS),
           X[SCANS * COLUMNS];
    for (size_t t = 0; t < SCANS; t++)
        for (size_t j = 0; j < COLUMNS; j++)
            X[t + j * SCANS] = rows[t * COLUMNS + j];
    for (size_t k = 0; k < sizeof reports / sizeof *reports; k++)
        check_report(&reports[k], X, y);
    free(rows);
    free(y);
}

/* The six conditions, face - house, face - scramble; all conditions together. */
static struct nvc_glm *make(const double *X, enum nvc_noise noise, struct nvc_arma_pair pair)
{
    static const struct nvc_arma_test test = { 0, CONDITIONS, false };
    double C[M * EFFECTS] = { 0 };
    struct nvc_glm *g;
    for (size_t k = 0; k < CONDITIONS; k++)
        C[k * M + k] = 1;
    C[6 * M + 1] = C[7 * M + 1] = 1;
    C[6 * M + 2] = C[7 * M + 5] = -1;
    if (nvc_glm_new(&g, &(struct nvc_glm_spec){ .X = X, .n = N, .m = M, .C = C, .n_effects = EFFECTS, .tests = &test,
            .n_tests = 1, .noise = noise, .pair = pair }, &err))
        fail_msg("%s", err.text);
    return g;
}

static void run(struct nvc_glm *g, const double *Y, size_t n_vox, struct nvc_glm_fit *fit)
{
    struct nvc_glm_columns columns = { Y, N, N };
    assert_int_equal(nvc_glm_fit_init(fit, g, n_vox, &err), 0);
    if (nvc_glm_run(g, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, fit, 2, &err))
        fail_msg("%s", err.text);
}

static double *design(void)
{
    size_t n, m;
    double *X = reference_matrix("reference/localizer/design.tsv", &n, &m);
    assert_true(n == N && m == M);
    return X;
}

/* Rows of one noise model: effects within `tolerance` standard errors, t within `tolerance` (1 + |t|). */
static void check_regions(const struct nvc_glm_fit *fit, const double *Y, const char *noise, double tolerance)
{
    static const char *const regions[] = { "lAMY_L", "lAMY_R" };
    struct nvc_table t;
    reference_table(&t, "reference/localizer/glm.tsv");
    for (size_t v = 0; v < 2; v++) {
        const char *const keys[] = { regions[v], "*", noise };
        double s0 = 0;
        size_t k = 0;
        for (size_t i = 0; i < N; i++)
            s0 += Y[i + (v + 1) * N] / N;
        for (size_t row = 0; reference_find(&t, &row, keys, 3); row++, k++) {
            double se = sqrt(fit->variance[k * 2 + v]), stat = reference_cell(&t, row, "t");
            assert_near(100 * fit->effect[k * 2 + v] / s0, reference_cell(&t, row, "effect_pct"), tolerance * 100 * se / s0);
            assert_near(100 * se / s0 / reference_cell(&t, row, "se_pct"), 1, tolerance);
            assert_near(fit->effect[k * 2 + v] / se, stat, tolerance * (1 + fabs(stat)));
        }
        assert_int_equal(k, EFFECTS);
    }
    nvc_table_release(&t);
}

static void regions_equal_their_references(void **state)
{
    (void)state;
    static const struct { enum nvc_noise noise; const char *name; double tolerance; } models[] = {
        { NVC_NOISE_OLS, "ols", 1e-6 }, { NVC_NOISE_AR1, "ar1_yule_walker", 1e-4 },
        { NVC_NOISE_ARMA11_AFNI, "arma11_reml", 1e-4 } };
    size_t n, m;
    double *X = design(), *Y = reference_matrix("reference/localizer/series_mean.tsv", &n, &m);
    for (size_t k = 0; k < sizeof models / sizeof *models; k++) {
        struct nvc_glm *g = make(X, models[k].noise, (struct nvc_arma_pair){ 0 });
        struct nvc_glm_fit fit;
        run(g, Y + N, 2, &fit);
        check_regions(&fit, Y, models[k].name, models[k].tolerance);
        assert_true(nvc_glm_dof(g) == N - M);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
    free(X);
    free(Y);
}

static void noise_parameters_of_regions_equal_3dremlfit(void **state)
{
    (void)state;
    size_t n, m;
    struct nvc_table t;
    double *X = design(), *Y = reference_matrix("reference/localizer/series_mean.tsv", &n, &m);
    struct nvc_glm *g = make(X, NVC_NOISE_ARMA11_AFNI, (struct nvc_arma_pair){ 0 });
    struct nvc_glm_fit fit;
    for (size_t v = 1; v <= 2; v++) { /* 3dREMLfit was given the series scaled to a mean of 100 */
        double s0 = 0;
        for (size_t i = 0; i < N; i++)
            s0 += Y[i + v * N] / N;
        for (size_t i = 0; i < N; i++)
            Y[i + v * N] *= 100 / s0;
    }
    run(g, Y + N, 2, &fit);
    reference_table(&t, "reference/localizer/arma11.tsv");
    for (size_t v = 0; v < 2; v++) {
        struct nvc_arma_pair pair = { fit.ar[v], fit.ma[v] };
        assert_near(pair.a, reference_cell(&t, v, "a"), 1e-7);
        assert_near(pair.b, reference_cell(&t, v, "b"), 1e-7);
        assert_near(nvc_arma_lambda(pair), reference_cell(&t, v, "lambda"), 1e-6);
        assert_near(fit.sigma[v], reference_cell(&t, v, "sigma"), 1e-6);
        assert_near(fit.objective[v], reference_cell(&t, v, "minus2_log_reml"), 1e-3);
        struct nvc_glm_detail detail;
        size_t lags;
        assert_int_equal(nvc_glm_detail_init(&detail, g, &fit, v, Y + (v + 1) * N, &err), 0);
        assert_near(nvc_glm_ljung_box(&detail, NULL, M, &lags) / reference_cell(&t, v, "ljung_box"), 1, 1e-3);
        nvc_glm_detail_release(&detail);
    }
    nvc_table_release(&t);
    nvc_glm_fit_release(&fit);
    nvc_glm_free(g);
    free(X);
    free(Y);
}

/* Series of the listed voxels of the raw run, column by column. */
static double *read_voxels(const struct nvc_table *t)
{
    static const char bold[] =
        "data/localizer/sub-01/func/sub-01_task-objectcategories_space-MNI152NLin6Asym_desc-preproc_bold.nii.gz";
    struct nvc_nifti *image;
    const void *bytes;
    const char *warning;
    size_t at[VOXELS];
    double *Y = malloc(N * VOXELS * sizeof *Y), volume[VOXELS];
    if (nvc_nifti_open(&image, reference_path(bold), NVC_ORIENT_AUTO, NVC_INFLATE_BEST, &err))
        fail_msg("%s", err.text);
    const size_t *dim = nvc_nifti_header(image)->grid.dim;
    for (size_t v = 0; v < VOXELS; v++)
        at[v] = (size_t)reference_cell(t, v, "i") +
                dim[0] * ((size_t)reference_cell(t, v, "j") + dim[1] * (size_t)reference_cell(t, v, "k"));
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(nvc_nifti_next_raw(image, &bytes, &err), 0);
        nvc_nifti_decode(image, bytes, at, VOXELS, volume);
        for (size_t v = 0; v < VOXELS; v++)
            Y[i + v * N] = volume[v];
    }
    assert_int_equal(nvc_nifti_finish(image, &warning, &err), 0);
    nvc_nifti_close(image);
    return Y;
}

static void check_voxel(const struct nvc_glm_fit *fit, size_t v, const struct nvc_table *t, size_t row)
{
    static const struct { size_t effect; const char *beta, *stat; } columns[] = {
        { FACE, "face_beta_reml", "face_t_reml" }, { FACE_HOUSE, "face_house_beta_reml", "face_house_t_reml" } };
    for (size_t k = 0; k < 2; k++) {
        size_t at = columns[k].effect * fit->n_vox + v;
        double se = sqrt(fit->variance[at]), stat = reference_cell(t, row, columns[k].stat);
        assert_near(fit->effect[at], reference_cell(t, row, columns[k].beta), 1e-4 * se);
        assert_near(fit->effect[at] / se, stat, 1e-4 * (1 + fabs(stat)));
    }
}

static void voxels_equal_3dremlfit_by_its_own_recipe(void **state)
{
    (void)state;
    struct nvc_table t;
    struct nvc_glm_fit fit;
    reference_table(&t, "reference/localizer/voxels_reml.tsv");
    assert_int_equal(t.n_rows, VOXELS);
    double *X = design(), *Y = read_voxels(&t);
    struct nvc_glm *g = make(X, NVC_NOISE_ARMA11_AFNI, (struct nvc_arma_pair){ 0 });
    run(g, Y, VOXELS, &fit);
    for (size_t v = 0; v < VOXELS; v++) {
        assert_near(fit.ar[v], reference_cell(&t, v, "arma_a"), 1e-6);
        assert_near(fit.ma[v], reference_cell(&t, v, "arma_b"), 1e-6);
        assert_near(fit.sigma[v] / reference_cell(&t, v, "sigma"), 1, 1e-6);
        check_voxel(&fit, v, &t, v);
    }
    nvc_glm_fit_release(&fit);
    nvc_glm_free(g);
    for (size_t v = 0; v < VOXELS; v++) { /* --arma A,B */
        g = make(X, NVC_NOISE_ARMA11_FIXED, (struct nvc_arma_pair){ round(reference_cell(&t, v, "arma_a") * 10) / 10,
                                                                    round(reference_cell(&t, v, "arma_b") * 10) / 10 });
        run(g, Y + v * N, 1, &fit);
        check_voxel(&fit, 0, &t, v);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
    nvc_table_release(&t);
    free(X);
    free(Y);
}

static void no_pair_of_the_grid_has_a_better_objective_than_ours(void **state)
{
    (void)state;
    struct nvc_table t;
    struct nvc_lsq f;
    struct nvc_arma *a;
    struct nvc_arma_pair pairs[NVC_ARMA_MAX_PAIRS];
    size_t n_pairs = nvc_arma_grid_afni(pairs), better = 0;
    reference_table(&t, "reference/localizer/voxels_reml.tsv");
    double *X = design(), *Y = read_voxels(&t), *R = aligned_alloc(NVC_VECTOR_BYTES, N * NVC_LANES * sizeof *R), beta[M], residual[N];
    assert_int_equal(nvc_lsq_init(&f, X, N, M, &err), 0);
    assert_int_equal(nvc_arma_new(&a, &(struct nvc_arma_spec){ .Q = f.Q, .n = N, .m = M, .run_start = &(size_t){ 0 },
        .n_runs = 1, .pairs = pairs, .n_pairs = n_pairs }, &err), 0);
    struct nvc_arma_work *w = nvc_arma_work_new(a, &err);
    for (size_t v = 0; v < VOXELS; v++) {
        nvc_lsq_solve(&f, Y + v * N, beta, residual);
        for (size_t k = 0; k < N * NVC_LANES; k++)
            R[k] = residual[k / NVC_LANES];
        nvc_arma_load(a, w, R);
        nvc_arma_evaluate(a, w, 0);
        double objective[NVC_ARMA_MAX_PAIRS];
        for (size_t g = 0; g < n_pairs; g++)
            objective[g] = nvc_arma_objective(w, 0, g);
        size_t ours = 0, theirs = 0;
        for (size_t g = 0; g < n_pairs; g++) {
            ours = objective[g] < objective[ours] ? g : ours;
            theirs = fabs(pairs[g].a - reference_cell(&t, v, "arma_a")) + fabs(pairs[g].b - reference_cell(&t, v, "arma_b")) < 1e-6
                     ? g : theirs;
        }
        assert_true(objective[ours] <= objective[theirs] + 1e-6);
        better += ours != theirs;
        assert_int_equal(nvc_arma_descend(pairs, n_pairs, objective), theirs);
    }
    assert_true(better >= 12); /* where 3dREMLfit's descent stops short */
    nvc_arma_work_free(w);
    nvc_arma_free(a);
    nvc_lsq_release(&f);
    nvc_table_release(&t);
    free(R);
    free(X);
    free(Y);
}

int main(void)
{
    nvc_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_report_of_3dremlfit_is_repeated),
        cmocka_unit_test(regions_equal_their_references),
        cmocka_unit_test(noise_parameters_of_regions_equal_3dremlfit),
        cmocka_unit_test(voxels_equal_3dremlfit_by_its_own_recipe),
        cmocka_unit_test(no_pair_of_the_grid_has_a_better_objective_than_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
