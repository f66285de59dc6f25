/* AR(1) whitening and the removal of nuisance columns, of any series in one way. */
#ifndef NVC_MODEL_WHITENER_H
#define NVC_MODEL_WHITENER_H

#include "base/status.h"

#include <stddef.h>

struct nvc_whitener {
    size_t n, n_nuisance;  /* volumes; rank of the nuisance */
    double ar;
    double *nuisance;      /* whitened, orthonormal, n x n_nuisance */
};
/* nuisance: n x m, of any rank.  NVC_EDATA: fewer rows than columns, a value that is not finite; NVC_ESYS. */
int nvc_whitener_init(struct nvc_whitener *w, const double *nuisance, size_t n, size_t m, double ar, struct nvc_error *err) NVC_CHECKED;
void nvc_whitener_release(struct nvc_whitener *w);
/* y[n] whitened, without the nuisance, to out[n] (another array). */
void nvc_whitener_apply(const struct nvc_whitener *w, const double *y, double *out);

#endif
