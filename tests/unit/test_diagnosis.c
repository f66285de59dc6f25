/* What a model leaves and hangs on: leverage and Cook's distance against leaving volumes out, whiteness of white noise. */
#include "nvc.h"

#include "math/random.h"
#include "model/glm/diagnosis.h"
#include "model/glm/glm_detail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "near.h"

enum { N = 80, M = 5, BREAK = 47 };

static struct nvc_error err;
static const size_t two_runs[] = { 0, BREAK };

/* A constant, a trend, two waves, and an indicator of volume 30. */
static void make_design(double X[static N * (M + 1)])
{
    for (size_t t = 0; t < N; t++) {
        X[t] = 1;
        X[t + N] = (double)t / N;
        X[t + 2 * N] = sin((double)t * 0.7);
        X[t + 3 * N] = t % 11 < 4;
        X[t + 4 * N] = t == 30;
    }
}

static void make_series(double *y, uint64_t seed)
{
    struct nvc_rng r;
    double e = 0;
    nvc_rng_init(&r, seed, 0);
    for (size_t t = 0; t < N; t++)
        y[t] = 100 + 3 * (t % 11 < 4) + (e = .5 * e + nvc_rng_normal(&r));
}

/* GLS at a pair with m columns, whitened exactly: beta, residual sum of squares; XX (M x M) = X'R^-1 X of the first M. */
static double whiten_and_solve(struct nvc_arma_pair pair, const double *X, size_t m, const double *y, double *beta, double *XX)
{
    static double W[N * (M + 1)], w[N], residual[N];
    struct nvc_lsq f;
    memcpy(W, X, N * m * sizeof *W);
    memcpy(w, y, sizeof w);
    for (size_t j = 0; j < m; j++)
        nvc_arma_whiten(pair, two_runs, 2, N, W + j * N);
    nvc_arma_whiten(pair, two_runs, 2, N, w);
    for (size_t i = 0; i < M; i++)
        for (size_t j = 0; j < M; j++) {
            XX[i + j * M] = 0;
            for (size_t t = 0; t < N; t++)
                XX[i + j * M] += W[t + i * N] * W[t + j * N];
        }
    assert_int_equal(nvc_lsq_init(&f, W, N, m, &err), 0);
    double rss = nvc_lsq_solve(&f, w, beta, residual);
    nvc_lsq_release(&f);
    return rss;
}

static void fit_at(struct nvc_arma_pair pair, enum nvc_noise noise, const double *X, const double *y, struct nvc_glm **g,
                   struct nvc_glm_fit *fit, struct nvc_glm_detail *d)
{
    struct nvc_glm_columns columns = { y, N, N };
    assert_int_equal(nvc_glm_new(g, &(struct nvc_glm_spec){ .X = X, .n = N, .m = M, .run_start = two_runs, .n_runs = 2, .noise = noise,
                                                            .pair = pair }, &err), 0);
    assert_int_equal(nvc_glm_fit_init(fit, *g, 1, &err), 0);
    assert_int_equal(nvc_glm_run(*g, &(struct nvc_glm_source){ nvc_glm_load_columns, &columns }, fit, 1, &err), 0);
    assert_int_equal(nvc_glm_detail_init(d, *g, fit, 0, y, &err), 0);
}

static void influence_is_what_leaving_a_volume_out_does(void **state)
{
    (void)state;
    static const struct nvc_arma_pair pairs[] = { { .6, 0 }, { .8, -.4 }, { 0, 0 } };
    double X[N * (M + 1)], y[N], beta[M + 1], without[M + 1], XX[M * M], leverage[N], cook[N];
    make_design(X);
    make_series(y, 3);
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        struct nvc_glm *g;
        struct nvc_glm_fit fit;
        struct nvc_glm_detail d;
        bool white = pairs[k].a == 0 && pairs[k].b == 0;
        fit_at(pairs[k], white ? NVC_NOISE_OLS : NVC_NOISE_ARMA11_FIXED, X, y, &g, &fit, &d);
        assert_int_equal(nvc_glm_influence(&d, g, &fit, 0, M - 1, leverage, cook, &err), 0);
        double rss = whiten_and_solve(pairs[k], X, M, y, beta, XX), sum = 0;
        for (size_t t = 0; t < N; t++) {
            for (size_t i = 0; i < N; i++)
                X[i + M * N] = i == t;
            sum += leverage[t];
            if (t == 30) {
                assert_near(leverage[t], 1, 1e-9);
                assert_true(isnan(cook[t]));
                continue;
            }
            whiten_and_solve(pairs[k], X, M + 1, y, without, XX);
            double move = 0;
            for (size_t i = 0; i < M; i++)
                for (size_t j = 0; j < M; j++)
                    move += (beta[i] - without[i]) * XX[i + j * M] * (beta[j] - without[j]);
            assert_near(cook[t], move / (M - 1) / (rss / (N - M)), 1e-7 * (1e-3 + cook[t]));
        }
        if (white) /* of ordinary least squares leverages sum to the columns */
            assert_near(sum, M, 1e-9);
        nvc_glm_detail_release(&d);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
}

/* Per cent of series of white (a = 0) or AR(1) noise that ordinary least squares finds not white at 5 %. */
static double not_white(double a, double *ljung_box)
{
    enum { SERIES = 2000 };
    double X[N * (M + 1)], y[N], rejected = 0, rejected_by_q = 0;
    bool censored[N] = { [30] = true };
    make_design(X);
    for (uint64_t v = 0; v < SERIES; v++) {
        struct nvc_glm *g;
        struct nvc_glm_fit fit;
        struct nvc_glm_detail d;
        struct nvc_rng r;
        double statistic, e = 0;
        size_t lags;
        nvc_rng_init(&r, 9, v);
        for (size_t t = 0; t < N; t++)
            y[t] = e = a * e + nvc_rng_normal(&r);
        fit_at((struct nvc_arma_pair){ 0 }, NVC_NOISE_OLS, X, y, &g, &fit, &d);
        assert_int_equal(nvc_glm_whiteness(&d, censored, &statistic, &lags, &err), 0);
        assert_int_equal(lags, 10);
        rejected += 100. / SERIES * (nvc_chi2_sf(statistic, (double)lags) < .05);
        double q = nvc_glm_ljung_box(&d, censored, M - 1, &lags);
        rejected_by_q += 100. / SERIES * (nvc_chi2_sf(q, (double)lags) < .05);
        nvc_glm_detail_release(&d);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
    *ljung_box = rejected_by_q;
    return rejected;
}

static void white_noise_is_called_white_and_serial_correlation_is_not(void **state)
{
    (void)state;
    double q, white = not_white(0, &q);
    print_message("# white noise rejected at 5 %%: %.1f %% by whiteness, %.1f %% by Ljung-Box\n", white, q);
    assert_near(white, 5, 1.5); /* binomial sd .5 */
    double correlated = not_white(.4, &q);
    print_message("# AR(1) of .4 rejected at 5 %%: %.1f %%\n", correlated);
    assert_true(correlated > 50);
}

static void a_censored_volume_of_any_value_changes_no_diagnosis(void **state)
{
    (void)state;
    double X[N * (M + 1)], y[N], leverage[2][N], cook[2][N], q[2], statistic[2];
    bool censored[N] = { [30] = true };
    make_design(X);
    make_series(y, 5);
    for (size_t k = 0; k < 2; k++) {
        struct nvc_glm *g;
        struct nvc_glm_fit fit;
        struct nvc_glm_detail d;
        size_t lags;
        y[30] = k ? 1e4 : 100;
        fit_at((struct nvc_arma_pair){ .5, .1 }, NVC_NOISE_ARMA11_FIXED, X, y, &g, &fit, &d);
        assert_int_equal(nvc_glm_influence(&d, g, &fit, 0, M - 1, leverage[k], cook[k], &err), 0);
        q[k] = nvc_glm_ljung_box(&d, censored, M - 1, &lags);
        assert_int_equal(nvc_glm_whiteness(&d, censored, &statistic[k], &lags, &err), 0);
        nvc_glm_detail_release(&d);
        nvc_glm_fit_release(&fit);
        nvc_glm_free(g);
    }
    assert_near(q[0], q[1], 1e-6 * q[0]);
    assert_near(statistic[0], statistic[1], 1e-6 * statistic[0]);
    for (size_t t = 0; t < N; t++)
        assert_true(t == 30 || fabs(cook[0][t] - cook[1][t]) <= 1e-6 * (1e-3 + cook[0][t]));
}

int main(void)
{
    nvc_blas_single_thread();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(influence_is_what_leaving_a_volume_out_does),
        cmocka_unit_test(white_noise_is_called_white_and_serial_correlation_is_not),
        cmocka_unit_test(a_censored_volume_of_any_value_changes_no_diagnosis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
