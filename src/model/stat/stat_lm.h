/* Ordinary least squares with what a table prints of it: contrasts with model-based or HC3 errors, F tests
 * of terms, leverage. */
#ifndef NVC_MODEL_STAT_LM_H
#define NVC_MODEL_STAT_LM_H

#include "base/status.h"
#include "math/lsq.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_lm { /* zero it before use */
    size_t n, m;
    double *beta;           /* m */
    double *V;              /* m x m: (X'X)^-1 */
    double *residual;       /* n */
    double *leverage;       /* n */
    double rss, dof, sigma; /* sigma: residual sd; NaN when dof is 0 */
    struct nvc_lsq basis;   /* of X */
};
/* Fit y[n] on X (n x m, column-major).  NVC_EDATA: rank-deficient (columns named), no more rows than
 * columns; NVC_ESYS. */
int nvc_lm_fit(struct nvc_lm *lm, const double *X, const double *y, size_t n, size_t m, const char *const *names,
               struct nvc_error *err) NVC_CHECKED;
void nvc_lm_release(struct nvc_lm *lm);

struct nvc_estimate {
    double estimate, se, ci_low, ci_high, t, dof, p;
};
/* c'beta, c[m]; `robust` takes the heteroscedasticity-consistent variance HC3 (MacKinnon & White 1985,
 * doi:10.1016/0304-4076(85)90158-7), all NaN but the estimate where a row has leverage 1. */
struct nvc_estimate nvc_lm_contrast(const struct nvc_lm *lm, const double *c, bool robust, double level);

struct nvc_lm_f {
    double f, dof1, dof2, p, partial_eta2;
};
/* That the coefficients of the k columns cols[] are all 0: the F of leaving them out, which is the type II
 * test of a term that is in no interaction.  NVC_ESYS, NVC_EBUG. */
int nvc_lm_drop(const struct nvc_lm *lm, const size_t *cols, size_t k, struct nvc_lm_f *out,
                struct nvc_error *err) NVC_CHECKED;

#endif
