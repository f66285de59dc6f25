#include "near.h"
#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 12 };
static const double y[N] = { 1.1, .7, 1.4, .9, 1.2, .5, 1.6, 1.9, 1.3, 2.2, 1.7, 1.5 };
static size_t row[60];
static struct nvc_error err;

#define OK(CALL) assert_int_equal(CALL, 0)

static int number_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < 60; i++)
        row[i] = i;
    return 0;
}

static double welch(const double *v, unsigned cases, size_t n)
{
    double x[2][N];
    size_t k[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++)
        x[cases >> i & 1][k[cases >> i & 1]++] = v[i];
    nvc_sort(x[0], k[0]);
    nvc_sort(x[1], k[1]);
    struct nvc_sample a = nvc_sample_describe(x[1], k[1]), b = nvc_sample_describe(x[0], k[0]);
    return nvc_welch(&a, &b, .95).t;
}

static void two_columns(double *X, unsigned cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        X[i] = 1, X[i + n] = cases >> i & 1;
}

static void enumeration_counts_every_arrangement_of_the_labels(void **state)
{
    (void)state;
    double X[2 * N], reached = 0, all = 0;
    const unsigned cases = 0x1f; /* five of twelve */
    two_columns(X, cases, N);
    struct nvc_permute_outcome u = { N, 2, row, X, y, 1, true, false };
    struct nvc_permute_options o = { .replicates = 100, .seed = 1, .enumerate = 100000, .threads = 2 };
    struct nvc_permute_result r;
    OK(nvc_permute(&u, 1, N, &o, &r, NULL, &err));
    for (unsigned m = 0; m < 1u << N; m++)
        if (__builtin_popcount(m) == 5) {
            all++;
            reached += fabs(welch(y, m, N)) >= fabs(welch(y, cases, N)) * (1 - 1e-9);
        }
    assert_true(r.exact);
    assert_int_equal(r.arrangements, 792);
    assert_near(r.t, welch(y, cases, N), 1e-12);
    assert_near(r.p, reached / all, 1e-15);
    assert_near(r.p_family, reached / all, 1e-15);
}

static void random_permutations_approach_the_exact_p(void **state)
{
    (void)state;
    double X[2 * N];
    two_columns(X, 0xfc0, N);
    struct nvc_permute_outcome u = { N, 2, row, X, y, 1, true, false };
    struct nvc_permute_options o = { .replicates = 40000, .seed = 5, .enumerate = 100000, .threads = 1 };
    struct nvc_permute_result exact, drawn;
    OK(nvc_permute(&u, 1, N, &o, &exact, NULL, &err));
    o.enumerate = 0;
    OK(nvc_permute(&u, 1, N, &o, &drawn, NULL, &err));
    assert_false(drawn.exact);
    assert_near(drawn.p, exact.p, 5 * sqrt(exact.p / 40000));
}

static void permutations_stay_within_blocks(void **state)
{
    (void)state;
    double X[2 * N];
    static const double block[N] = { 3, 3, 3, 3, 1, 1, 1, 1, 1, 1, 2, 2 };
    two_columns(X, 0x4f3, N); /* cases: 2 of 4, 4 of 6, 1 of 2 */
    struct nvc_permute_outcome u = { N, 2, row, X, y, 1, true, false };
    struct nvc_permute_options o = { .replicates = 20000, .seed = 5, .enumerate = 100000, .threads = 1, .block = block };
    struct nvc_permute_result r, drawn;
    OK(nvc_permute(&u, 1, N, &o, &r, NULL, &err));
    assert_int_equal(r.arrangements, 6 * 15 * 2);
    o.enumerate = 0;
    OK(nvc_permute(&u, 1, N, &o, &drawn, NULL, &err));
    assert_near(drawn.p, r.p, .02);
}

static void with_covariates_the_statistic_is_the_hc3_t(void **state)
{
    (void)state;
    static const double age[N] = { 31, 44, 29, 52, 38, 47, 35, 41, 28, 50, 33, 46 };
    double X[3 * N], c[3] = { 0, 1, 0 };
    struct nvc_lm lm;
    two_columns(X, 0x3f, N);
    memcpy(X + 2 * N, age, sizeof age);
    OK(nvc_lm_fit(&lm, X, y, N, 3, NULL, &err));
    struct nvc_permute_outcome u = { N, 3, row, X, y, 1, true, false };
    struct nvc_permute_options o = { .replicates = 99, .seed = 1, .enumerate = 100000, .threads = 1 };
    struct nvc_permute_result r;
    OK(nvc_permute(&u, 1, N, &o, &r, NULL, &err));
    assert_near(r.t, nvc_lm_contrast(&lm, c, true, .95).t, 1e-11);
    assert_false(r.exact); /* permuted residuals are not relabellings */
    o.pooled = true;
    OK(nvc_permute(&u, 1, N, &o, &r, NULL, &err));
    assert_near(r.t, nvc_lm_contrast(&lm, c, false, .95).t, 1e-11);
    nvc_lm_release(&lm);
}

static void signs_of_paired_differences_are_enumerated(void **state)
{
    (void)state;
    double d[8], X[8], reached = 0, t0 = 0;
    for (size_t i = 0; i < 8; i++)
        d[i] = y[i] - 1, X[i] = 1;
    for (unsigned m = 0; m < 256; m++) {
        double v[8];
        for (size_t i = 0; i < 8; i++)
            v[i] = m >> i & 1 ? -d[i] : d[i];
        nvc_sort(v, 8);
        struct nvc_sample s = nvc_sample_describe(v, 8);
        double t = fabs(nvc_one_sample(&s, 0, .95).t);
        t0 = m ? t0 : t;
        reached += t >= t0 * (1 - 1e-9);
    }
    struct nvc_permute_outcome u = { 8, 1, row, X, d, 0, true, false };
    struct nvc_permute_options o = { .replicates = 10, .seed = 1, .enumerate = 100000, .threads = 1, .flip = true };
    struct nvc_permute_result r;
    OK(nvc_permute(&u, 1, 8, &o, &r, NULL, &err));
    assert_int_equal(r.arrangements, 256);
    assert_near(fabs(r.t), t0, 1e-12);
    assert_near(r.p, reached / 256, 1e-15);
}

/* 20 outcomes of 60 participants, each with other values missing, two covariates. */
static void run_many(int threads, struct nvc_permute_result *r)
{
    enum { M = 4, K = 20, P = 60 };
    static double X[K][M * P], v[K][P];
    static size_t rows[K][P];
    struct nvc_permute_outcome u[K];
    struct nvc_rng g;
    nvc_rng_init(&g, 3, 0);
    for (size_t k = 0; k < K; k++) {
        size_t n = 0;
        double *x = X[k];
        for (size_t i = 0; i < P; i++)
            if (k < 10 || (i + k) % 7)
                rows[k][n++] = i;
        for (size_t i = 0; i < n; i++) {
            size_t p = rows[k][i];
            x[i] = 1, x[i + n] = p < 25, x[i + 2 * n] = sin((double)p), x[i + 3 * n] = (double)(p % 3);
            v[k][i] = nvc_rng_normal(&g);
        }
        u[k] = (struct nvc_permute_outcome){ n, M, rows[k], x, v[k], 1, true, false };
    }
    struct nvc_permute_options o = { .replicates = 500, .seed = 9, .enumerate = 100000, .threads = threads };
    OK(nvc_permute(u, K, P, &o, r, NULL, &err));
}

static void any_number_of_threads_gives_the_same_numbers(void **state)
{
    (void)state;
    struct nvc_permute_result one[20], many[20];
    run_many(1, one);
    for (int threads = 2; threads <= 5; threads++) {
        run_many(threads, many);
        for (size_t k = 0; k < 20; k++) {
            assert_true(one[k].t == many[k].t && one[k].p == many[k].p && one[k].p_family == many[k].p_family);
            assert_true(one[k].p_family >= one[k].p);
        }
    }
}

/* y is what the two columns beside the tested one fit (here: nothing but a constant and age) plus residuals. */
struct remade {
    const double *fitted, *residual;
};

static bool make_again(void *with, int thread, const size_t *from, const size_t *to, size_t n, double *const *out)
{
    const struct remade *r = with;
    (void)thread;
    for (size_t i = 0; i < n; i++)
        out[0][to[i]] = r->fitted[to[i]] + r->residual[from[i]];
    return true;
}

static bool make_nothing(void *with, int thread, const size_t *from, const size_t *to, size_t n, double *const *out)
{
    (void)with, (void)thread, (void)from, (void)to, (void)n, (void)out;
    return false;
}

static void outcomes_made_again_give_the_same_p_as_moved_residuals(void **state)
{
    (void)state;
    static const double age[N] = { 31, 44, 29, 52, 38, 47, 35, 41, 28, 50, 33, 46 };
    double X[3 * N], Z[2 * N], fitted[N];
    struct nvc_lm lm;
    struct nvc_permute_result moved, made;
    two_columns(X, 0x3f, N);
    memcpy(X + 2 * N, age, sizeof age);
    memcpy(Z, X, N * sizeof *X);
    memcpy(Z + N, age, sizeof age);
    OK(nvc_lm_fit(&lm, Z, y, N, 2, NULL, &err));
    for (size_t i = 0; i < N; i++)
        fitted[i] = y[i] - lm.residual[i];
    struct remade with = { fitted, lm.residual };
    struct nvc_permute_remake remake = { &with, make_again };
    struct nvc_permute_outcome u = { N, 3, row, X, y, 1, true, false };
    struct nvc_permute_options o = { .replicates = 499, .seed = 4, .threads = 2 };
    OK(nvc_permute(&u, 1, N, &o, &moved, NULL, &err));
    o.remake = &remake;
    OK(nvc_permute(&u, 1, N, &o, &made, NULL, &err));
    assert_true(moved.p == made.p && moved.p_family == made.p_family);
    remake.make = make_nothing; /* what cannot be made speaks against the observed arrangement */
    OK(nvc_permute(&u, 1, N, &o, &made, NULL, &err));
    assert_true(made.p == 1);
    nvc_lm_release(&lm);
}

static void a_constant_outcome_has_no_p(void **state)
{
    (void)state;
    double X[2 * N], flat[N];
    two_columns(X, 0x3f, N);
    for (size_t i = 0; i < N; i++)
        flat[i] = 3.3;
    struct nvc_permute_outcome u[2] = { { N, 2, row, X, flat, 1, true, false }, { N, 2, row, X, y, 1, true, false } };
    struct nvc_permute_options o = { .replicates = 10, .seed = 1, .enumerate = 100000, .threads = 1 };
    struct nvc_permute_result r[2];
    OK(nvc_permute(u, 2, N, &o, r, NULL, &err));
    assert_true(isnan(r[0].p) && isnan(r[0].p_family) && r[1].p > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enumeration_counts_every_arrangement_of_the_labels),
        cmocka_unit_test(random_permutations_approach_the_exact_p),
        cmocka_unit_test(permutations_stay_within_blocks),
        cmocka_unit_test(with_covariates_the_statistic_is_the_hc3_t),
        cmocka_unit_test(signs_of_paired_differences_are_enumerated),
        cmocka_unit_test(any_number_of_threads_gives_the_same_numbers),
        cmocka_unit_test(outcomes_made_again_give_the_same_p_as_moved_residuals),
        cmocka_unit_test(a_constant_outcome_has_no_p),
    };
    return cmocka_run_group_tests(tests, number_rows, NULL);
}
