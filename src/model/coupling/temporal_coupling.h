/* Coupling through time: correlation of the BOLD and the flow series of a region (dual-echo perfusion runs).
 * Tak et al. 2014, doi 10.1016/j.neuroimage.2013.09.057.
 *
 * Neighbouring volumes depend on each other: var(r) = sum_k (N - |k|) rho_x(k) rho_y(k) / N^2 (Bartlett 1935), with sample
 * autocorrelations up to N / 4; n_eff = 1 + 1 / var(r).  A quadratic trend is taken out of both. */
#ifndef NVC_MODEL_TEMPORAL_COUPLING_H
#define NVC_MODEL_TEMPORAL_COUPLING_H

#include "base/status.h"

#include <stddef.h>

struct nvc_temporal_r {
    double r, z, z_se, ci_low, ci_high, n_eff; /* at lag 0; NaN where a series does not vary or n_eff <= 3 */
    double best_r;                 /* the largest |r| of the lags: biased away from 0 */
    long best_lag;                 /* volumes by which BOLD comes after flow */
};
/* flow[n], bold[n]; lags -max_lag..max_lag.  NVC_EDATA: fewer than 20 volumes. */
int nvc_temporal_couple(const double *flow, const double *bold, size_t n, long max_lag, struct nvc_temporal_r *out, struct nvc_error *err) NVC_CHECKED;

#endif
