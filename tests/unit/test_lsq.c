#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

enum { MAX_ROWS = 100, MAX_COLS = 11 };

static struct nvc_error err;

static FILE *expect_open(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/expect/nist/%s", SRCDIR, name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    return f;
}

/* A certified value, NaN when NIST gives none. */
static double certified(const char *set, const char *statistic)
{
    char name[32], key[32];
    double value = NAN, v;
    FILE *f = expect_open("certified.tsv");
    while (fscanf(f, "%31s %*s %*s %31s %lf", name, key, &v) > 0)
        if (!strcmp(name, set) && !strcmp(key, statistic))
            value = v;
        else
            fscanf(f, "%*[^\n]");
    fclose(f);
    return value;
}

static double certified_of(const char *set, const char *prefix, size_t k)
{
    char key[32];
    snprintf(key, sizeof key, "%s%zu", prefix, k);
    return certified(set, key);
}

/* Longley has its columns in the file; the others are polynomials of x. */
static void read_set(const char *set, double *X, double *y, size_t *n, size_t *m)
{
    char file[64];
    double x[6];
    size_t n_x = strcmp(set, "Longley") ? 1 : 6, first = isnan(certified_of(set, "B", 0)) ? 1u : 0u;
    snprintf(file, sizeof file, "lls_%s.tsv", set);
    FILE *f = expect_open(file);
    *n = (size_t)certified(set, "n");
    for (*m = 0; !isnan(certified_of(set, "B", first + *m));)
        ++*m;
    fscanf(f, "%*[^\n]");
    for (size_t i = 0; i < *n; i++) {
        assert_int_equal(fscanf(f, "%lf", y + i), 1);
        for (size_t k = 0; k < n_x; k++)
            assert_int_equal(fscanf(f, "%lf", x + k), 1);
        for (size_t j = 0; j < *m; j++)
            X[i + j * *n] = j + first == 0 ? 1 : n_x == 6 ? x[j - 1] : pow(x[0], (double)(j + first));
    }
    fclose(f);
}

static double digits(double got, double want)
{
    double relative = want != 0 ? fabs(got / want - 1) : fabs(got);
    return relative > 0 ? fmin(15, -log10(relative)) : 15;
}

static void nist_sets_are_solved_to_the_digits_of_double_precision(void **state)
{
    static const struct { const char *name; double beta, se; } sets[] = {
        { "Norris", 12, 12 }, { "Pontius", 11, 12 }, { "NoInt1", 14, 14 }, { "NoInt2", 14, 14 }, { "Filip", 7, 7 },
        { "Longley", 10, 10 }, { "Wampler1", 8, 8 }, { "Wampler2", 11, 11 }, { "Wampler3", 8, 11 },
        { "Wampler4", 7, 11 }, { "Wampler5", 6, 11 } };
    static double X[MAX_ROWS * MAX_COLS], y[MAX_ROWS], residual[MAX_ROWS], V[MAX_COLS * MAX_COLS], beta[MAX_COLS];
    (void)state;
    for (size_t s = 0; s < sizeof sets / sizeof *sets; s++) {
        struct nvc_lsq f;
        size_t n, m;
        double worst = 15, worst_se = 15;
        read_set(sets[s].name, X, y, &n, &m);
        assert_int_equal(nvc_lsq_init(&f, X, n, m, &err), 0);
        assert_int_equal(f.rank, m);
        double sd = sqrt(nvc_lsq_solve(&f, y, beta, residual) / (double)(n - m));
        nvc_lsq_covariance(&f, V);
        size_t first = isnan(certified_of(sets[s].name, "B", 0)) ? 1u : 0u;
        for (size_t j = 0; j < m; j++) {
            worst = fmin(worst, digits(beta[j], certified_of(sets[s].name, "B", first + j)));
            worst_se = fmin(worst_se, digits(sd * sqrt(V[j + j * m]), certified_of(sets[s].name, "SE_B", first + j)));
        }
        nvc_lsq_release(&f);
        print_message("# %-8s %4.1f digits of the coefficients, %4.1f of their errors\n", sets[s].name, worst, worst_se);
        assert_true(worst >= sets[s].beta);
        assert_true(worst_se >= sets[s].se);
    }
}

static const char *const names[] = { "face", "house", "constant", "trend" };

/* face, house, face + house (as "constant"), trend. */
static void fill_deficient(double X[static 40])
{
    for (size_t i = 0; i < 10; i++) {
        X[i] = i % 3 == 0;
        X[i + 10] = 3 * (i % 3 == 1);
        X[i + 20] = X[i] + X[i + 10];
        X[i + 30] = (double)i;
    }
}

static void dependent_columns_are_refused_by_name(void **state)
{
    (void)state;
    double X[40];
    bool involved[4];
    struct nvc_lsq f;
    fill_deficient(X);
    assert_int_equal(nvc_lsq_init(&f, X, 10, 4, &err), 0);
    assert_int_equal(f.rank, 3);
    assert_int_equal(nvc_lsq_involved(&f, 1e12, involved), 3);
    assert_true(involved[0] && involved[1] && involved[2] && !involved[3]);
    assert_int_equal(nvc_lsq_require(&f, 1e7, names, &err), NVC_EDATA);
    assert_string_equal(err.text, "columns 'face', 'house' and 'constant' are linearly dependent (rank 3 of 4); "
                                  "leave one of them out");
    assert_true(nvc_lsq_estimable(&f, (double[]){ 0, 0, 0, 1 }));
    assert_true(nvc_lsq_estimable(&f, (double[]){ 1, 1, 2, 0 }));
    assert_false(nvc_lsq_estimable(&f, (double[]){ 1, 0, 0, 0 }));
    nvc_lsq_release(&f);
}

static void columns_that_can_hardly_be_told_apart_are_refused_by_name(void **state)
{
    (void)state;
    double X[40];
    struct nvc_lsq f;
    fill_deficient(X);
    X[23] += 1e-7;
    assert_int_equal(nvc_lsq_init(&f, X, 10, 4, &err), 0);
    assert_int_equal(f.rank, 4);
    assert_int_equal(nvc_lsq_require(&f, 1e10, names, &err), 0);
    assert_int_equal(nvc_lsq_require(&f, 1e6, names, &err), NVC_EDATA);
    assert_non_null(strstr(err.text, "columns 'face', 'house' and 'constant' can hardly be told apart"));
    nvc_lsq_release(&f);
}

static void a_column_of_zeros_is_refused_alone(void **state)
{
    (void)state;
    double X[20] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    struct nvc_lsq f;
    assert_int_equal(nvc_lsq_init(&f, X, 10, 2, &err), 0);
    assert_int_equal(nvc_lsq_require(&f, 1e7, names, &err), NVC_EDATA);
    assert_string_equal(err.text, "column 'house' is zero; leave it out");
    assert_false(nvc_lsq_estimable(&f, (double[]){ 0, 1 }));
    nvc_lsq_release(&f);
}

static void units_of_a_column_change_nothing_but_its_coefficient(void **state)
{
    (void)state;
    double X[40], y[10], residual[10], beta[4], scaled[4], condition;
    struct nvc_lsq f;
    fill_deficient(X);
    for (size_t i = 0; i < 10; i++) {
        X[i + 20] = 1;
        y[i] = sin((double)i) + X[i + 30];
    }
    X[10] = 7;
    assert_int_equal(nvc_lsq_init(&f, X, 10, 4, &err), 0);
    double rss = nvc_lsq_solve(&f, y, beta, residual);
    condition = f.condition;
    nvc_lsq_release(&f);
    for (size_t i = 0; i < 10; i++)
        X[i + 10] *= 1e-9;
    assert_int_equal(nvc_lsq_init(&f, X, 10, 4, &err), 0);
    assert_near(nvc_lsq_solve(&f, y, scaled, residual), rss, 1e-12);
    assert_near(f.condition, condition, 1e-10 * condition);
    assert_near(scaled[1] * 1e-9, beta[1], 1e-12);
    assert_near(scaled[3], beta[3], 1e-12);
    nvc_lsq_release(&f);
}

static void leverage_sums_to_the_number_of_columns(void **state)
{
    (void)state;
    double X[30], h[10], sum = 0;
    struct nvc_lsq f;
    for (size_t i = 0; i < 30; i++)
        X[i] = cos((double)(i * i));
    X[4] = 1e6;
    assert_int_equal(nvc_lsq_init(&f, X, 10, 3, &err), 0);
    nvc_lsq_leverage(&f, h);
    for (size_t i = 0; i < 10; i++)
        sum += h[i];
    assert_near(sum, 3, 1e-13);
    assert_true(h[4] > 0.999999);
    nvc_lsq_release(&f);
}

static void what_is_no_matrix_is_refused(void **state)
{
    (void)state;
    double X[6] = { 1, 2, 3, 4, NAN, 6 };
    struct nvc_lsq f;
    assert_int_equal(nvc_lsq_init(&f, X, 2, 3, &err), NVC_EDATA);
    assert_string_equal(err.text, "2 rows cannot determine 3 columns");
    assert_int_equal(nvc_lsq_init(&f, X, 3, 2, &err), NVC_EDATA);
    assert_string_equal(err.text, "row 2 of column 2 is not a finite number");
}

int main(void)
{
    nvc_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nist_sets_are_solved_to_the_digits_of_double_precision),
        cmocka_unit_test(dependent_columns_are_refused_by_name),
        cmocka_unit_test(columns_that_can_hardly_be_told_apart_are_refused_by_name),
        cmocka_unit_test(a_column_of_zeros_is_refused_alone),
        cmocka_unit_test(units_of_a_column_change_nothing_but_its_coefficient),
        cmocka_unit_test(leverage_sums_to_the_number_of_columns),
        cmocka_unit_test(what_is_no_matrix_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
