/* A look at one series of a fit: whitened residuals, what was fitted, leverage and influence, whiteness, and how
 * the effects of two series covary. */
#ifndef NVC_MODEL_GLM_DETAIL_H
#define NVC_MODEL_GLM_DETAIL_H

#include "math/lsq.h"
#include "model/glm.h"

struct nvc_glm_detail {
    size_t n;
    struct nvc_lsq f;      /* of the design as this series' noise whitens it */
    double *H;             /* f.m x n_effects: weights of the effects in the basis f.Q */
    double *residual;      /* n, whitened: white with variance sigma2 if the model holds */
    double *fitted;        /* n, in units of the signal; drift included */
    double sigma2;         /* of the innovations (ARMA, ar1) or of the noise */
};

/* Series v of the fit, y its n values.  With arma11 at the pair of most weight.  NVC_EDATA when the series has
 * no estimate; NVC_ESYS. */
int nvc_glm_detail_init(struct nvc_glm_detail *d, const struct nvc_glm *g, const struct nvc_glm_fit *fit, size_t v,
                        const double *y, struct nvc_error *err) NVC_CHECKED;
void nvc_glm_detail_release(struct nvc_glm_detail *d);

/* Correlation of effect k between two series of one fit: residual covariance after each one's own whitening times
 * the inner product of the effects' weights, over the standard errors. */
double nvc_glm_correlation(const struct nvc_glm_detail *a, const struct nvc_glm_detail *b, size_t k);

/* Cook's distance of every volume, D[n] (Cook 1977, doi:10.2307/1268249), on the whitened scale. */
void nvc_glm_cook(const struct nvc_glm_detail *d, double *D);

/* Ljung-Box Q of the whitened residuals over *lags lags (1.5 sqrt(n), as 3dREMLfit), to be compared with chi
 * square of *lags - 2 degrees of freedom (Ljung & Box 1978, doi:10.1093/biomet/65.2.297). */
double nvc_glm_ljung_box(const struct nvc_glm_detail *d, size_t *lags);

#endif
