#include "nvc.h"

#include "model/glm/arma.h"

#include <cblas.h>
#include <lapacke.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

enum { N = 40, M = 4, K = 2, BREAK = 25 };

static struct nvc_error err;
static const size_t two_runs[] = { 0, BREAK };
static const struct nvc_arma_pair pairs[] = { { 0, 0 },     { .3, 0 },   { .5, .01 }, { .95, -.9 }, { .8, -.5 }, { 0, .7 },
                                              { .85, .95 }, { .9, -.95 }, { .2, -.2 }, { .6, -.1 },  { .6, .1 } };
enum { PAIRS = sizeof pairs / sizeof *pairs };

/* Noise covariance in innovation units, entry by entry from the definition. */
static double covariance(struct nvc_arma_pair p, size_t s, size_t t, size_t n_runs)
{
    if (n_runs == 2 && (s < BREAK) != (t < BREAK))
        return 0;
    size_t lag = s > t ? s - t : t - s;
    return nvc_arma_gain(p) * (lag ? nvc_arma_lambda(p) * pow(p.a, (double)lag - 1) : 1);
}

/* GLS by a dense Cholesky factor over the rows that `keep` keeps: objective (with log|X'X| of X), weighted
 * residual sum of squares, beta and its covariance over the variance of innovations. */
static void dense(struct nvc_arma_pair p, size_t n_runs, const bool *keep, const double *X, size_t m, const double *y,
                  double *objective, double *rss, double *beta, double *V)
{
    static double C[N * N], WX[N * M], wy[N], residual[N];
    size_t row[N], n = 0;
    double log_det = 0;
    struct nvc_lsq f;
    for (size_t t = 0; t < N; t++)
        if (!keep || keep[t])
            row[n++] = t;
    for (size_t i = 0; i < n; i++) {
        wy[i] = y[row[i]];
        for (size_t j = 0; j < n; j++)
            C[i + j * n] = covariance(p, row[i], row[j], n_runs);
        for (size_t j = 0; j < m; j++)
            WX[i + j * n] = X[row[i] + j * N];
    }
    int size = (int)n;
    assert_int_equal(LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', size, C, size), 0);
    cblas_dtrsm(CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, size, (int)m, 1, C, size, WX, size);
    cblas_dtrsv(CblasColMajor, CblasLower, CblasNoTrans, CblasNonUnit, size, C, size, wy, 1);
    for (size_t i = 0; i < n; i++)
        log_det += 2 * log(C[i + i * n]);
    assert_int_equal(nvc_lsq_init(&f, WX, n, m, &err), 0);
    *rss = nvc_lsq_solve(&f, wy, beta, residual);
    nvc_lsq_covariance(&f, V);
    nvc_lsq_release(&f);
    for (size_t j = 0; j < m * m; j++)
        C[j] = V[j];
    assert_int_equal(LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', (int)m, C, (int)m), 0);
    for (size_t j = 0; j < m; j++)
        log_det -= 2 * log(C[j + j * m]);
    *objective = log_det + (double)(n - m) * log(*rss);
}

static double noise(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992. - .5;
}

/* X with a constant, a trend, a wave and (censor) an indicator of one volume. */
static void make_design(double X[static N * M])
{
    for (size_t t = 0; t < N; t++) {
        X[t] = 1;
        X[t + N] = (double)t / N;
        X[t + 2 * N] = sin((double)t);
        X[t + 3 * N] = t == 17;
    }
}

struct engine {
    struct nvc_lsq f;
    double *R, theta[NVC_LANES][M], H[K * M];
    struct nvc_arma *a;
    struct nvc_arma_work *w;
};

/* Effects are the betas of columns 1 and 2. */
static void start(struct engine *e, const double *X, const double *Y, size_t n_runs)
{
    static const struct nvc_arma_test test = { 0, K, false };
    assert_int_equal(nvc_lsq_init(&e->f, X, N, M, &err), 0);
    for (size_t k = 0; k < K; k++)
        for (size_t j = 0; j < M; j++)
            e->H[k * M + j] = e->f.T[(k + 1) + j * M];
    e->R = aligned_alloc(NVC_VECTOR_BYTES, N * NVC_LANES * sizeof(double));
    for (size_t lane = 0; lane < NVC_LANES; lane++) {
        double residual[N];
        nvc_lsq_solve(&e->f, Y + lane * N, e->theta[lane], residual);
        for (size_t t = 0; t < N; t++)
            e->R[t * NVC_LANES + lane] = residual[t];
    }
    assert_int_equal(nvc_arma_new(&e->a, &(struct nvc_arma_spec){ .Q = e->f.Q, .n = N, .m = M, .run_start = two_runs,
        .n_runs = n_runs, .pairs = pairs, .n_pairs = PAIRS, .H = e->H, .n_effects = K, .tests = &test, .n_tests = 1 }, &err), 0);
    e->w = nvc_arma_work_new(e->a, &err);
    assert_non_null(e->w);
    nvc_arma_load(e->a, e->w, e->R);
}

static void stop(struct engine *e)
{
    nvc_arma_work_free(e->w);
    nvc_arma_free(e->a);
    free(e->R);
    nvc_lsq_release(&e->f);
}

static void check_lane(const struct engine *e, size_t lane, size_t first, const double *X, const double *y, size_t n_runs)
{
    double objective, rss, beta[M], V[M * M], XX[M * M], log_xx = 0;
    nvc_lsq_covariance(&e->f, XX);
    assert_int_equal(LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', M, XX, M), 0);
    for (size_t j = 0; j < M; j++)
        log_xx -= 2 * log(XX[j + j * M]);
    for (size_t g = 0; g < PAIRS; g++) {
        dense(pairs[g], n_runs, NULL, X, M, y, &objective, &rss, beta, V);
        assert_near(nvc_arma_rss(e->w, lane - first, g) / rss, 1, 1e-10);
        assert_near(nvc_arma_objective(e->w, lane - first, g) + log_xx, objective, 1e-8);
        for (size_t k = 0; k < K; k++) {
            double se = sqrt(rss * V[(k + 1) * (M + 1)] / (N - M));
            assert_near(e->theta[lane][k + 1] + nvc_arma_shift(e->a, e->w, lane - first, g, k), beta[k + 1], 1e-9 * se);
            assert_near(nvc_arma_variance(e->a, g, k) / V[(k + 1) * (M + 1)], 1, 1e-10);
        }
        assert_near(nvc_arma_test_covariance(e->a, g, 0)[1], V[1 + 2 * M], 1e-10 * sqrt(V[1 + M] * V[2 + 2 * M]));
    }
}

static void every_pair_equals_a_dense_covariance(void **state)
{
    (void)state;
    static double X[N * M], Y[N * NVC_LANES];
    uint64_t seed = 1;
    make_design(X);
    for (size_t k = 0; k < N * NVC_LANES; k++)
        Y[k] = 1e4 + 100 * noise(&seed) + (k % N > 0 ? .5 * (Y[k - 1] - 1e4) : 0);
    for (size_t n_runs = 1; n_runs <= 2; n_runs++) {
        struct engine e;
        start(&e, X, Y, n_runs);
        for (size_t first = 0; first < NVC_LANES; first += NVC_VECTOR) {
            nvc_arma_evaluate(e.a, e.w, first);
            check_lane(&e, first + 3, first, X, Y + (first + 3) * N, n_runs);
        }
        stop(&e);
    }
}

static void a_censoring_column_equals_a_gap_in_time(void **state)
{
    (void)state;
    static double X[N * M], y[N];
    bool keep[N];
    uint64_t seed = 7;
    double with[5], without[5], beta[M], V[M * M], beta_gap[M], V_gap[M * M];
    make_design(X);
    for (size_t t = 0; t < N; t++) {
        y[t] = noise(&seed);
        keep[t] = t != 17;
    }
    for (size_t g = 0; g < PAIRS; g++) {
        dense(pairs[g], 1, NULL, X, M, y, &with[0], &with[1], beta, V);
        dense(pairs[g], 1, keep, X, M - 1, y, &without[0], &without[1], beta_gap, V_gap);
        assert_near(with[0], without[0], 1e-9);
        assert_near(with[1] / without[1], 1, 1e-11);
        for (size_t j = 0; j < M - 1; j++) {
            assert_near(beta[j], beta_gap[j], 1e-10);
            assert_near(V[j + j * M] / V_gap[j + j * (M - 1)], 1, 1e-10);
        }
    }
}

static void exact_whitening_makes_the_covariance_the_identity(void **state)
{
    (void)state;
    static double C[N * N], column[N];
    for (size_t g = 0; g < PAIRS; g++) {
        for (size_t pass = 0; pass < 2; pass++) /* W C, then (W (W C)')' = W C W' */
            for (size_t j = 0; j < N; j++) {
                for (size_t t = 0; t < N; t++)
                    column[t] = pass == 0 ? covariance(pairs[g], t, j, 2) : C[j + t * N];
                nvc_arma_whiten(pairs[g], two_runs, 2, N, column);
                for (size_t t = 0; t < N; t++)
                    if (pass == 0)
                        C[t + j * N] = column[t];
                    else
                        assert_near(column[t], t == j, 1e-9);
            }
    }
}

static void the_grids_hold_what_their_sources_say(void **state)
{
    (void)state;
    struct nvc_arma_pair p[NVC_ARMA_MAX_PAIRS];
    assert_int_equal(nvc_arma_grid_afni(p), 109);
    size_t n = nvc_arma_grid_wide(p), usual = 0, white = 0;
    double least = 1;
    for (size_t g = 0; g < n; g++) {
        least = fmin(least, nvc_arma_lambda(p[g]));
        usual += p[g].a <= .95;
        white += fabs(p[g].a + p[g].b) < 1e-9;
    }
    assert_int_equal(n, 231);
    assert_int_equal(usual, 189);
    assert_int_equal(white, 1);
    assert_true(least >= -0.1 && least < -0.09);
}

int main(void)
{
    nvc_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_equals_a_dense_covariance),
        cmocka_unit_test(a_censoring_column_equals_a_gap_in_time),
        cmocka_unit_test(exact_whitening_makes_the_covariance_the_identity),
        cmocka_unit_test(the_grids_hold_what_their_sources_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
