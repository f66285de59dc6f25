#include "model/design/hrf_afni.h"

#include "base/memory.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>

static double gam(double t, double p, double q) { return pow(t / (p * q), p) * exp(p - t / q); }

/* Integral of t^k e^-t / (k^k e^-k) over [0, t]. */
static double block_integral(double t, int k)
{
    return t > 0 ? gsl_cdf_gamma_P(t, k + 1, 1) * gsl_sf_fact((unsigned)k) * exp(k) / gsl_pow_int(k, k) : 0;
}

static double block(double t, double d, double peak, int k)
{
    double at = d / (1 - exp(-d / k));
    double scale = peak > 0 ? peak / (block_integral(at, k) - block_integral(at - d, k)) : 1;
    return scale * (block_integral(t, k) - block_integral(t - d, k));
}

static double spmg(double t, size_t j)
{
    const double a1 = .0083333333, a2 = 1.274527e-13; /* 3dDeconvolve's digits of 1/5! and 1/(6 15!) */
    if (j == 1)
        return exp(-t) * (a1 * gsl_pow_4(t) * (5 - t) - a2 * gsl_pow_int(t, 14) * (15 - t));
    double h = exp(-t) * (a1 * gsl_pow_5(t) - a2 * gsl_pow_int(t, 15));
    double wider = .00869011 * pow(t, 4.94057) * exp(-t / 1.01) - a2 * gsl_pow_int(t, 15) * exp(-t);
    return j == 0 ? h : 100 * (h - wider);
}

double nvc_afni_length(const struct nvc_hrf *hrf)
{
    switch (hrf->kind) {
    case NVC_HRF_GAM:
        if (hrf->d > 0)
            return hrf->a * hrf->b + 5 * sqrt(hrf->a) * hrf->b;
        return hrf->a == 8.6 && hrf->b == .547 ? 11.1 : hrf->a * hrf->b + 9.9 * sqrt(hrf->a) * hrf->b;
    case NVC_HRF_BLOCK:
    case NVC_HRF_BLOCK5:
        return hrf->d + 15;
    default:
        return 25;
    }
}

double nvc_afni_response(const struct nvc_hrf *hrf, size_t j, double t)
{
    double end = nvc_afni_length(hrf);
    if (!(t > 0) || t > end || (t == end && hrf->kind != NVC_HRF_GAM))
        return 0;
    switch (hrf->kind) {
    case NVC_HRF_GAM:
        return gam(t, hrf->a, hrf->b);
    case NVC_HRF_BLOCK:
        return block(t, hrf->d, hrf->a, 4);
    case NVC_HRF_BLOCK5:
        return block(t, hrf->d, hrf->a, 5);
    default:
        return spmg(t, j);
    }
}

int nvc_afni_tabulate(struct nvc_basis *b, const struct nvc_hrf *hrf, struct nvc_error *err)
{
    size_t box = 1 + (size_t)lround(hrf->d / .01), kernel = 1 + (size_t)floor(nvc_afni_length(hrf) / .01);
    b->dt_s = .01;
    b->n = kernel + box - 1;
    if (!(b->B = nvc_array(b->n * b->n_functions, sizeof *b->B, err)))
        return (int)err->status;
    for (size_t j = 0; j < b->n_functions; j++) {
        double *B = b->B + b->n * j, largest = 0, sum = 0;
        for (size_t k = 0; k < b->n; k++) { /* a running sum: what enters the box less what leaves it */
            sum += k < kernel ? nvc_afni_response(hrf, j, (double)k * .01) : 0;
            sum -= k >= box ? nvc_afni_response(hrf, j, (double)(k - box) * .01) : 0;
            B[k] = sum;
            largest = fmax(largest, fabs(sum));
        }
        for (size_t k = 0; k < b->n && largest > 0; k++)
            B[k] /= largest;
    }
    return 0;
}
