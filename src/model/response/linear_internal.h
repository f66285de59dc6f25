/* Shared by the files of linear_shape.h only. */
#ifndef NVC_MODEL_LINEAR_INTERNAL_H
#define NVC_MODEL_LINEAR_INTERNAL_H

#include "math/lsq.h"
#include "model/response/linear_shape.h"
#include "model/glm/whitener.h"

enum { NVC_LINEAR_SAMPLES = 641 }; /* of a curve, every 0.05 s */

struct nvc_linear {
    struct nvc_linear_spec spec;
    size_t n, k;               /* volumes, coefficients */
    double event_duration_s;
    struct nvc_whitener whitener;
    double *X;                 /* n x k, whitened, nuisance taken out */
    struct nvc_lsq f;          /* of X */
    double *curve;             /* NVC_LINEAR_SAMPLES x k: the response is curve times the coefficients */
    double *tent;              /* informed: n x n_tents, orthonormal beside X */
    size_t n_tents;
};

struct nvc_linear_posterior {  /* of the coefficients: mean, and a root of the covariance (k x k) */
    double *beta, *root, sigma, dof;
};
/* smooth: by REML from a cleaned series z with z'z = zz. */
int nvc_linear_smooth(const struct nvc_linear *l, const double *z, double zz, struct nvc_linear_posterior *p,
                      struct nvc_error *err) NVC_CHECKED;

#endif
