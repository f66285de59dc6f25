/* A look at one series of a fit: whitened residuals, what was fitted, leverage and influence, whiteness, and how
 * the effects of two series covary. */
#ifndef NVC_MODEL_GLM_DETAIL_H
#define NVC_MODEL_GLM_DETAIL_H

#include "math/lsq.h"
#include "model/glm/glm.h"

#include <stdbool.h>

struct nvc_glm_detail {
    size_t n;
    struct nvc_lsq f;      /* of the design as this series' noise whitens it */
    double *filter;        /* n x n_filter, orthonormal: what ar1-reml takes out beside f.Q; NULL: nothing */
    size_t n_filter;
    double *H;             /* f.m x n_effects: weights of the effects in the basis f.Q */
    double *residual;      /* n, whitened: white with variance sigma2 if the model holds */
    double *fitted;        /* n, in units of the signal; drift included */
    double *beta;          /* of the columns of the design; 0 for the filter of ar1-reml */
    const size_t *run_start; /* n_runs + 1, of the model */
    size_t n_runs;
    double sigma2;         /* of the innovations (ARMA, ar1) or of the noise */
};

/* Series v of the fit, y its n values.  With arma11 at the pair of most weight.  NVC_EDATA when the series has
 * no estimate; NVC_ESYS. */
int nvc_glm_detail_init(struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v,
                        const double *y, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_detail_release(struct nvc_glm_detail *d);

/* x (n values) in place as the fit of series v whitens it, and filters it with ar1-reml.  NVC_ESYS. */
int nvc_glm_whiten(const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v, double *x, struct nvc_error *err) NVC_CHECKED;

/* Correlation of effect k between two series of one fit: residual covariance after each one's own whitening times
 * the inner product of the effects' weights, over the standard errors. */
double nvc_glm_correlation(const struct nvc_glm_detail *a, const struct nvc_glm_detail *b, size_t k);

/* What leaving one volume out, as a gap in time, would do, for each of the n volumes of the series that `d` is a detail of.
 * With P = R^-1 - R^-1 X (X'R^-1 X)^-1 X'R^-1: leverage 1 - P_tt / R^-1_tt, and Cook's distance, the move of all estimates
 * in units of their covariance, g^2 (R^-1_tt - P_tt) / (p sigma^2), g = (P y)_t / P_tt; of p columns that are no gap.  Without
 * serial correlation they are the usual ones (Cook 1977, doi:10.2307/1268249); of a volume censored already the leverage is 1,
 * Cook's distance NaN. */
int nvc_glm_influence(const struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v, size_t p,
                      double *leverage, double *cook, struct nvc_error *err) NVC_CHECKED;

/* Ljung-Box Q of the whitened residuals over *lags lags, pairs of volumes that are not censored and of one run (Ljung & Box 1978,
 * doi:10.1093/biomet/65.2.297).  As 3dREMLfit, 2 + p + the lesser of n/8 and 3 ln n lags for p columns that are no gap and n
 * volumes that are not censored (to which `censored`, n values or NULL, points), at most n/2. */
double nvc_glm_ljung_box(const struct nvc_glm_detail *d, const bool *censored, size_t p, size_t *lags);

/* Are the whitened residuals white?  Residuals of a regression are correlated even where the noise is not, and Q does not
 * know: of a design of 17 columns and 156 volumes it rejects a sixth of white noise at 5 %.  Here each autocorrelation is taken
 * from its exact mean under white noise, and all together by their exact covariance (moments of quadratic forms on the sphere of
 * the residuals): chi square of *lags degrees of freedom, less one for each parameter of the noise.  *lags is 10, or n/5 of a
 * short series.  NaN when there are too few residuals; NVC_ESYS. */
int nvc_glm_whiteness(const struct nvc_glm_detail *d, const bool *censored, double *statistic, size_t *lags, struct nvc_error *err)
    NVC_CHECKED;

#endif
