/* The basis sets of the resting HRF. */
#include "model/rest/rest_internal.h"

#include "base/memory.h"
#include "math/orth.h"
#include "model/design/hrf.h"

#include <gsl/gsl_randist.h>
#include <lapacke.h>
#include <math.h>

static int canonical(struct nvc_rest *r, struct nvc_error *err)
{
    double p[7] = { 6, 16, 1, 1, 6, 0, r->spec.length_s };
    r->n_samples = nvc_hrf_spm_length(r->dt_s, p);
    r->n_basis = 3;
    if (!(r->basis = nvc_array(r->n_samples * 3, sizeof *r->basis, err)))
        return NVC_ESYS;
    double *h = r->basis, *td = h + r->n_samples, *dd = td + r->n_samples;
    nvc_hrf_spm(h, r->dt_s, p);
    p[5] = 1;
    nvc_hrf_spm(td, r->dt_s, p);
    p[5] = 0, p[2] = 1.01;
    nvc_hrf_spm(dd, r->dt_s, p);
    for (size_t i = 0; i < r->n_samples; i++) {
        td[i] = h[i] - td[i];
        dd[i] = (h[i] - dd[i]) / 0.01;
    }
    return 0;
}

/* Gamma: shapes 4, 8, 16 ... of scale 1.  Fourier: a window, then sine and cosine pairs. */
static int functions(struct nvc_rest *r, struct nvc_error *err)
{
    const bool gamma = r->spec.basis == NVC_REST_GAMMA;
    const double L = r->spec.length_s;
    r->n_samples = (size_t)floor(L / r->dt_s + 1e-9) + 1;
    r->n_basis = gamma ? (size_t)r->spec.order : 2 * (size_t)r->spec.order + 1;
    if (!(r->basis = nvc_array(r->n_samples * r->n_basis, sizeof *r->basis, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < r->n_samples; i++) {
        const double t = (double)i * r->dt_s;
        const double window = r->spec.basis == NVC_REST_HANNING ? 0.5 * (1 - cos(2 * M_PI * t / L)) : 1;
        for (size_t j = 0; j < r->n_basis; j++) {
            const double wave = (double)((j + 1) / 2) * 2 * M_PI * t / L;
            r->basis[i + r->n_samples * j] = gamma ? gsl_ran_gamma_pdf(t, pow(2, (double)j + 2), 1)
                                             : window * (j % 2 ? sin(wave) : cos(wave));
        }
    }
    return 0;
}

/* Smooth FIR: the inverse of K_ij = v exp(-(h/2)(i - j)^2) over all bins but the last, h = sqrt(TR/7) (as
 * published; a length of 7 s would need its square), v = 0.1. */
static int smoothness(struct nvc_rest *r, struct nvc_error *err)
{
    const size_t m = r->n_basis + 1, n = r->n_basis - 1;
    const double h = sqrt(r->spec.tr_s / 7);
    if (!(r->penalty = nvc_array(m * m, sizeof *r->penalty, err)))
        return NVC_ESYS;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++) {
            double d = (double)i - (double)j;
            r->penalty[i + m * j] = 0.1 * exp(-h / 2 * d * d);
        }
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', (int)n, r->penalty, (int)m) ||
        LAPACKE_dpotri(LAPACK_COL_MAJOR, 'L', (int)n, r->penalty, (int)m))
        return nvc_fail(err, NVC_EDATA, "the smoothness prior of %zu bins is singular at TR %g s", n, r->spec.tr_s);
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++)
            r->penalty[i + m * j] = r->penalty[j + m * i];
    return 0;
}

int nvc_rest_basis_build(struct nvc_rest *r, struct nvc_error *err)
{
    switch (r->spec.basis) {
    case NVC_REST_CANON2DD:
    case NVC_REST_GAMMA:
    case NVC_REST_FOURIER:
    case NVC_REST_HANNING: {
        int status = r->spec.basis == NVC_REST_CANON2DD ? canonical(r, err) : functions(r, err);
        if (!status)
            nvc_orth(r->basis, r->n_samples, r->n_basis);
        return status;
    }
    case NVC_REST_FIR:
    case NVC_REST_SFIR:
        r->n_basis = r->n_samples = (size_t)floor(r->spec.length_s / r->spec.tr_s + 1e-9);
        return r->spec.basis == NVC_REST_SFIR ? smoothness(r, err) : 0;
    }
    return nvc_fail(err, NVC_EBUG, "unknown resting basis %d", (int)r->spec.basis);
}
