/* What the files glm*.c share. */
#ifndef NVC_MODEL_GLM_INTERNAL_H
#define NVC_MODEL_GLM_INTERNAL_H

#include "math/lsq.h"
#include "math/tail.h"
#include "model/glm/glm.h"
#include "model/glm/glm_detail.h"

struct nvc_glm_ar1;  /* glm_ar1.c */
struct nvc_glm_band; /* glm_banded.c */
struct nvc_glm_reml; /* glm_reml.c */

struct nvc_glm {
    size_t n, m, n_effects, n_tests, n_runs;
    size_t *run_start;        /* n_runs + 1: the end, too */
    struct nvc_arma_test *tests;
    enum nvc_want *want;      /* n_effects */
    enum nvc_noise noise;
    struct nvc_lsq f;         /* of X; for ar1-reml of K W X once it has learned */
    double *C;                /* m x n_effects in the columns of f */
    double *H;                /* m x n_effects: C in the basis f.Q */
    double *variance;         /* n_effects: c'(X'X)^-1 c, for ar1-reml c'Bcov c */
    double **covariance;      /* n_tests: H'H of each test */
    double dof, sigma_dof;    /* of t and F; what rss is divided by */
    double *test_dof, *test_scale; /* of the numerator; what its sum of squares is divided by */
    double shared_ar;         /* ar1-reml: correlation at lag 1; else NaN */
    double *W;                /* n x n: applied to a series before f; NULL: identity */
    struct nvc_tail t_tail, *f_tails;
    bool quick_tails;
    struct nvc_arma *arma;    /* NULL unless noise is one of arma11 */
    struct nvc_arma_pair *pairs;
    size_t n_pairs;
    struct nvc_glm_band **bands; /* n_pairs, made on demand; NULL unless 3dREMLfit's */
    struct nvc_glm_ar1 *ar1;
    struct nvc_glm_reml *reml;
    double *pool;
};

/* Scratch of one thread; lanes fastest everywhere. */
struct nvc_glm_work {
    double *Y;                /* n x NVC_LANES: series, then residuals */
    double *Z;                /* n x NVC_LANES: W times series, when there is a W */
    double *theta;            /* m x NVC_LANES: Q'y */
    double rss[NVC_LANES];    /* of ordinary least squares */
    double *lane;             /* m (m + 5): of one series */
    double *test;             /* 2 r (r + 1), r the largest number of rows of a test */
    double *objective;        /* n_pairs: of one series */
    double *series;           /* 2 n: one series by itself */
    struct nvc_arma_work *arma;
    double *ols;              /* n_effects x NVC_VECTOR */
    struct nvc_arma_average average;
};

/* Record effect k of series v; variance 0 or NaN leaves variance and p NaN. */
void nvc_glm_store(const struct nvc_glm *g, struct nvc_glm_fit *fit, size_t v, size_t k, double effect, double variance);
/* Record test k from the effects of series v and their covariance over sigma2. */
void nvc_glm_store_test(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t v, size_t k,
                        const double *covariance, double sigma2);

/* e'C^-1 e for r effects, C (r x r) symmetric and positive.  work holds r (r + 1) values. */
double nvc_glm_quadratic(const double *C, const double *e, size_t r, double *work);

/* H = T'C column by column, and the squared length of each. */
void nvc_glm_weights_in_basis(const struct nvc_lsq *f, const double *C, size_t n_effects, double *H, double *variance);
/* covariance (r x r) = inner products of r columns of m. */
void nvc_glm_inner_products(const double *H, size_t m, size_t r, double *covariance);
/* (re)compute H, variance and covariance from f and C. */
void nvc_glm_project_weights(struct nvc_glm *g);
/* dof and test_dof are known: make the tails. */
int nvc_glm_make_tails(struct nvc_glm *g, struct nvc_error *err) NVC_CHECKED;

/* One lane after ordinary least squares has filled theta, residuals (Y) and rss. */
void nvc_glm_lane_ar1(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v);
/* The vector of `count` lanes from `first` on, series v and after; lanes whose rss is not above 0 are left alone. */
int nvc_glm_vector_arma(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t first, size_t count,
                        size_t v, struct nvc_error *err) NVC_CHECKED;
/* One lane at a pair, 3dREMLfit's way.  Fails when memory is out or the pair is no correlation. */
int nvc_glm_lane_banded(const struct nvc_glm *g, struct nvc_glm_work *w, struct nvc_glm_fit *fit, size_t lane, size_t v,
                        size_t pair, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_band_free(struct nvc_glm_band *b);

int nvc_glm_ar1_new(struct nvc_glm *g, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_ar1_free(struct nvc_glm_ar1 *a);
int nvc_glm_reml_new(struct nvc_glm *g, const struct nvc_glm_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_reml_free(struct nvc_glm_reml *r);
/* Take in the first `count` lanes of a block after ordinary least squares. */
void nvc_glm_reml_gather(struct nvc_glm *g, struct nvc_glm_work *w, size_t count);
/* Residuals, fit and weights of a series after nvc_glm_reml_finish (glm_detail.c). */
int nvc_glm_reml_detail(struct nvc_glm_detail *d, const struct nvc_glm *g, const double *y, struct nvc_error *err) NVC_CHECKED;
/* Estimate the covariance and whiten the design with it. */
int nvc_glm_reml_finish(struct nvc_glm *g, struct nvc_error *err) NVC_CHECKED;

#endif
