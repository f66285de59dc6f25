/* The general linear model of many series of one design, with a model of their serial correlation.
 *
 * ols         ordinary least squares.
 * ar1         AR(1) by one Yule-Walker step from the OLS residuals, sum r_t r_(t-1)/(N-1) over sum r_t^2/N, the
 *             first row kept: nilearn's estimator, biased by the design.  Per series.
 * ar1-reml    SPM12's: one correlation for all series together, by restricted maximum likelihood of two
 *             covariance components over the series that respond (p < .001), whitened by V^-1/2, high pass
 *             columns taken out after whitening, Satterthwaite degrees of freedom (Friston and others 2002,
 *             doi:10.1006/nimg.2002.1091; Glaser & Friston, spm_reml.m).
 * arma11      ARMA(1,1) by REML on a grid (model/glm/arma.h), estimates and p averaged over the posterior of the
 *             grid with a flat prior: effect = sum w beta, variance = sum w [v (N-m)/(N-m-2) + (beta - effect)^2],
 *             p = 2 min(P, 1-P), P = sum w T(t).
 * arma11-afni 3dREMLfit's: its grid, the one pair that its descent finds, its banded correlation.
 * arma11-fixed 3dREMLfit's at a pair that is given.
 *
 * Effects are weighted sums C'beta; an F test takes consecutive effects together.  Columns of C are weights,
 * column-major like X. */
#ifndef NVC_MODEL_GLM_H
#define NVC_MODEL_GLM_H

#include "base/status.h"
#include "model/glm/arma.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_noise {
    NVC_NOISE_OLS, NVC_NOISE_AR1, NVC_NOISE_AR1_REML, NVC_NOISE_ARMA11, NVC_NOISE_ARMA11_AFNI, NVC_NOISE_ARMA11_FIXED
};
extern const char *const nvc_noise_names[]; /* as above, ends with NULL */

struct nvc_glm_spec {
    const double *X;         /* n x m, of full rank (nvc_lsq_require) */
    size_t n, m;
    const size_t *run_start; /* first row of each of n_runs runs, ascending from 0; NULL: one run */
    size_t n_runs;
    const double *C;         /* m x n_effects */
    size_t n_effects;
    const enum nvc_want *want; /* n_effects: what is worked out, where it costs; NULL: all */
    const struct nvc_arma_test *tests; /* F tests over consecutive effects */
    size_t n_tests;
    enum nvc_noise noise;
    struct nvc_arma_pair pair; /* of arma11-fixed */
    const bool *high_pass;   /* ar1-reml: columns of the high pass filter, m; NULL: none */
    const bool *interest;    /* ar1-reml: columns whose F selects the series that respond, m */
    bool quick_tails;        /* p from a table, to 1e-9 of itself: for images */
};

struct nvc_glm; /* opaque; const after nvc_glm_new and, for ar1-reml, nvc_glm_learn */
/* NVC_EDATA: X of deficient rank, fewer rows than columns + 3, or weights of a filtered column; NVC_ESYS. */
int nvc_glm_new(struct nvc_glm **g, const struct nvc_glm_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_free(struct nvc_glm *g);

/* What was estimated; arrays of n_vox values per effect or test (effect k of series v at [k * n_vox + v]).  NaN
 * where a series holds one, is constant or, for variance and p, is fitted without residual. */
struct nvc_glm_fit {
    size_t n_vox, n_effects, n_tests;
    double *effect, *variance, *p; /* n_effects; p two-sided; t = effect / sqrt(variance) */
    double *f, *f_p;               /* n_tests */
    double *ar, *ma, *sigma;       /* one each; sigma: sd of the noise; ma NaN without one */
    double *rss;                   /* whitened residual sum of squares = sigma^2 (n - m); for ar1-reml over trRV */
    double *objective;             /* -2 log REML up to a constant, as 3dREMLfit prints it; arma11 only */
    double *pool;
};
int nvc_glm_fit_init(struct nvc_glm_fit *fit, const struct nvc_glm *g, size_t n_vox, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_fit_release(struct nvc_glm_fit *fit);

/* Where series come from: fill Y (n x NVC_LANES, see model/glm/arma.h) with series first .. first + count - 1;
 * other lanes are zeroed already.  Called from several threads at once. */
struct nvc_glm_source {
    void (*load)(const void *with, size_t first, size_t count, double *Y);
    const void *with;
};
/* Series that stand in memory column by column. */
struct nvc_glm_columns {
    const double *Y;
    size_t n, ld;            /* rows, and distance of columns */
};
void nvc_glm_load_columns(const void *columns, size_t first, size_t count, double *Y);

/* Fit all series of the source; ar1-reml first learns from them unless it has learned.  The result does not depend
 * on n_threads. */
int nvc_glm_learn(struct nvc_glm *g, const struct nvc_glm_source *source, size_t n_vox, struct nvc_error *err) NVC_CHECKED;
int nvc_glm_run(struct nvc_glm *g, const struct nvc_glm_source *source, struct nvc_glm_fit *fit, int n_threads,
                struct nvc_error *err) NVC_CHECKED;

/* Two-sided p and z of t, from t itself, so that z stays finite where p underflows; and the z of a p. */
double nvc_glm_p(double t, double dof);
double nvc_glm_z(double t, double dof);
double nvc_glm_z_of_p(double p, double sign);

/* Degrees of freedom: of the noise, and of the numerator of test k (fractional for ar1-reml). */
double nvc_glm_dof(const struct nvc_glm *g);
double nvc_glm_test_dof(const struct nvc_glm *g, size_t k);


/* What ar1-reml estimated: two hyperparameters per run, *n in all; NULL with other models. */
const double *nvc_glm_hyperparameters(const struct nvc_glm *g, size_t *n);
/* How many series responded and were pooled by ar1-reml; 0: none did, all were pooled, the caller warns. */
size_t nvc_glm_responding(const struct nvc_glm *g);

#endif
