/* Shared by the files of rest_hrf.h only. */
#ifndef NVC_MODEL_REST_INTERNAL_H
#define NVC_MODEL_REST_INTERNAL_H

#include "math/fft.h"
#include "model/rest/rest_hrf.h"

struct nvc_rest {
    struct nvc_rest_spec spec;
    size_t n_scans;
    struct nvc_fft *fft;        /* of the mirrored series, 2 n_scans */
    size_t n_basis, n_samples;  /* the FIR bases are the identity: n_basis = n_samples */
    double dt_s, *basis;        /* column-major n_samples x n_basis */
    double *penalty;            /* sFIR: (n_basis + 1)^2, the constant included; NULL otherwise */
    size_t n_lags, first_lag;   /* in bins of dt_s */
};

/* Columns of the basis set, serially orthogonalised.  Sets basis, n_basis, n_samples, dt_s, penalty. */
int nvc_rest_basis_build(struct nvc_rest *r, struct nvc_error *err) NVC_CHECKED;

/* z-scored, band-passed copy of y; NVC_EDATA when y is constant or not finite. */
int nvc_rest_bandpass(const struct nvc_rest *r, const double *y, double *out, struct nvc_error *err) NVC_CHECKED;
/* Scans that are events; events has room for n_scans. */
size_t nvc_rest_events(const struct nvc_rest *r, const double *y, size_t *events);

/* The design of one lag: n_scans x (n_basis + 1), constant last.  bins: the events come this much earlier. */
void nvc_rest_design(const struct nvc_rest *r, const size_t *events, size_t n_events, size_t bins, double *X);
/* Cochrane-Orcutt regression: beta[m]; returns through *variance that of the untransformed residuals.
 * penalty: m x m or NULL.  work: nvc_rest_regress_work(n, m, p) doubles. */
int nvc_rest_regress(const double *X, const double *y, size_t n, size_t m, int p, const double *penalty,
                     double *beta, double *variance, double *work, struct nvc_error *err) NVC_CHECKED;
size_t nvc_rest_regress_work(size_t n, size_t m, int p);

#endif
