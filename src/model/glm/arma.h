/* ARMA(1,1) noise by restricted maximum likelihood on a grid of (a, b), for many series of one design.
 *
 * Noise: n_t = a n_(t-1) + e_t + b e_(t-1), so that its correlation is 1 at lag 0 and lam a^(k-1) at lag k,
 * lam = (a + b)(1 + ab)/(1 + 2ab + b^2) (AFNI 3dREMLfit's parameters); runs are independent; a censored
 * volume is a column of the design that is 1 there and 0 elsewhere, which is algebraically the same as a gap
 * in time.  Objective (Cox & others, 3dREMLfit; Harville 1977, doi:10.1080/01621459.1977.10480998):
 *
 *     log|R| + log|X'R^-1 X| + (n - m) log(y'P y)
 *
 * How it is fast and exact.  With A = I - aL (L: one volume later) and M = I + bL, the noise of innovation
 * variance 1 has the covariance A^-1 (M M' + d e1 e1') A^-T with d = (a + b)^2/(1 - a^2), e1 the first volume
 * of a run.  A and M commute, so every quadratic form at (a, b) is a polynomial in a of three forms in the
 * series u = M^-1 r, plus a rank-one correction per run; and of the three, two follow from the first since
 * M u = r.  One recursion of two flops per volume and value of b, and one inner product per column and value
 * of b, therefore give all pairs: 21 recursions serve a grid of 231.  Voxels lie side by side in vectors.
 * Series are taken as OLS residuals r on an orthonormal basis Q of the design (GLS estimates follow by adding
 * the OLS ones), so that no mean is squared. */
#ifndef NVC_MODEL_ARMA_H
#define NVC_MODEL_ARMA_H

#include "base/status.h"
#include "math/tail.h"
#include "math/vec.h"

#include <stdbool.h>
#include <stddef.h>

/* Series are worked on in blocks of NVC_LANES, vectors of NVC_VECTOR at a time; element (t, lane) of a block is
 * Y[t * NVC_LANES + lane], aligned to NVC_VECTOR_BYTES. */
enum { NVC_LANES = 64 };

struct nvc_arma_pair {
    double a, b;
};
/* Correlation at lag 1, and the ratio of the marginal to the innovation variance. */
double nvc_arma_lambda(struct nvc_arma_pair p);
double nvc_arma_gain(struct nvc_arma_pair p);

/* The grids: 231 pairs, a in 0 .. .985, b in -.95 .. .9, lam >= -.1; and the 109 pairs of 3dREMLfit, a in
 * 0 .. .8, b in -.8 .. .8, lam >= 1e-4; white noise is in both, once.  `pairs` holds NVC_ARMA_MAX_PAIRS;
 * returns how many. */
enum { NVC_ARMA_MAX_PAIRS = 256, NVC_ARMA_MAX_B = 24 };
size_t nvc_arma_grid_wide(struct nvc_arma_pair *pairs);
size_t nvc_arma_grid_afni(struct nvc_arma_pair *pairs);

/* The pair that 3dREMLfit's descent finds among the objectives of its grid: every second value of a and b,
 * then every one within two steps of the best. */
size_t nvc_arma_descend(const struct nvc_arma_pair *pairs, size_t n_pairs, const double *objective);

/* What is asked of every series: weights H (m x n_effects, in the basis Q) of effects, and sets of
 * consecutive effects tested together. */
struct nvc_arma_test {
    size_t first, n_rows;
    bool at_best; /* at the pair of most weight alone, not averaged: for R2 */
};
/* What is worked out for an effect: it is only for a test at the best pair; effect and variance; p as well. */
enum nvc_want { NVC_WANT_AT_BEST, NVC_WANT_VARIANCE, NVC_WANT_P };
struct nvc_arma_spec {
    const double *Q; /* n x m, orthonormal columns */
    size_t n, m;
    const size_t *run_start; /* n_runs first rows, ascending from 0 */
    size_t n_runs;
    const struct nvc_arma_pair *pairs;
    size_t n_pairs;
    const double *H;
    size_t n_effects;
    const enum nvc_want *want; /* n_effects; NULL: all */
    const struct nvc_arma_test *tests;
    size_t n_tests;
};

struct nvc_arma; /* opaque: everything about a design and a grid that no series changes */
int nvc_arma_new(struct nvc_arma **a, const struct nvc_arma_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_arma_free(struct nvc_arma *a);

/* Scratch of one thread. */
struct nvc_arma_work;
struct nvc_arma_work *nvc_arma_work_new(const struct nvc_arma *a, struct nvc_error *err) NVC_CHECKED;
void nvc_arma_work_free(struct nvc_arma_work *w);

/* Take in NVC_LANES series R (n x NVC_LANES, OLS residuals: orthogonal to Q), then evaluate all pairs for
 * NVC_VECTOR of them, from lane `first` on.  What is found stays in w. */
void nvc_arma_load(const struct nvc_arma *a, struct nvc_arma_work *w, const double *R);
void nvc_arma_evaluate(const struct nvc_arma *a, struct nvc_arma_work *w, size_t first);

/* After nvc_arma_evaluate, of lane 0 .. NVC_VECTOR - 1 at pair g: the objective (without log|X'X|), the residual
 * sum of squares in units of innovations, what is to be added to the OLS effect k, its variance, and the
 * covariance of the effects of test k (n_rows x n_rows), both over the noise variance. */
double nvc_arma_objective(const struct nvc_arma_work *w, size_t lane, size_t g);
double nvc_arma_rss(const struct nvc_arma_work *w, size_t lane, size_t g);
double nvc_arma_shift(const struct nvc_arma *a, struct nvc_arma_work *w, size_t lane, size_t g, size_t k);
double nvc_arma_variance(const struct nvc_arma *a, size_t g, size_t k);
const double *nvc_arma_test_covariance(const struct nvc_arma *a, size_t g, size_t k);

/* The posterior of the grid with a flat prior, w_g = exp(-objective/2) over their sum: effect = sum w beta,
 * variance = sum w [v (n-m)/(n-m-2) + (beta - effect)^2], p = 2 min(P, 1-P), P = sum w T(t); F of the averaged
 * effects and their covariance, f_p = sum w P(F > f).  Arrays are n_effects or n_tests x NVC_VECTOR, lanes
 * fastest, aligned; `ols` holds the OLS effects likewise.  A lane of zeros or NaN gives nothing to be read. */
struct nvc_arma_average {
    size_t best[NVC_VECTOR]; /* the pair of most weight */
    double *effect, *variance, *p, *f, *f_p;
};
void nvc_arma_average(const struct nvc_arma *a, struct nvc_arma_work *w, const double *ols, const struct nvc_tail *t_tail,
                      const struct nvc_tail *f_tails, struct nvc_arma_average *out);

/* Whiten x (n volumes) in place, exactly: unit variance when x has innovation variance 1. */
void nvc_arma_whiten(struct nvc_arma_pair p, const size_t *run_start, size_t n_runs, size_t n, double *x);

#endif
