/* Correlation of two series of a run, with the degrees of freedom that filtering, nuisance and their own slowness leave.
 *
 * Nuisance, trend and band are taken out in one projection (model/design/cleaner.h).  Neighbouring volumes are not independent, least of
 * all after a band-pass: with sample autocorrelations rho_x, rho_y the correlation of two unrelated series has the variance of
 * n / sum_k rho_x(k) rho_y(k) independent samples (Bartlett 1935, doi 10.2307/2342284; Quenouille 1947).  White noise through the same
 * projection has dof of them exactly, which gives the scale:
 *     n_eff = dof sum_k w^2 rho_0(k)^2 / sum_k w^2 rho_x(k) rho_y(k), at most dof,
 * rho_0 that of filtered white noise, w Tukey's window to 2 sqrt(n) lags, and se of z = atanh(r) is 1 / sqrt(n_eff - 2). */
#ifndef NVC_MODEL_CONNECT_H
#define NVC_MODEL_CONNECT_H

#include "base/status.h"
#include "model/design/cleaner.h"

#include <stdbool.h>

#include <stddef.h>

struct nvc_connect; /* read-only while computing */
/* As nvc_cleaner_new. */
int nvc_connect_new(struct nvc_connect **c, const struct nvc_cleaner_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_connect_free(struct nvc_connect *c);
size_t nvc_connect_lags(const struct nvc_connect *c);
size_t nvc_connect_work(const struct nvc_connect *c); /* doubles of scratch for a series */

/* Clean y[n] in place to unit length and take its autocorrelation at lags 0 .. nvc_connect_lags - 1; false: nothing is left of it. */
bool nvc_connect_prepare(const struct nvc_connect *c, double *y, double *rho, double *work);

struct nvc_connection {
    double r, z, se, n_eff, ci_low, ci_high; /* se and interval of z; NaN where n_eff <= 2 */
};
/* Two prepared series. */
struct nvc_connection nvc_connect_pair(const struct nvc_connect *c, const double *x, const double *rho_x, const double *y, const double *rho_y);

#endif
