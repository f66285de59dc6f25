#include "model/quality/lag.h"

#include "base/memory.h"
#include "math/fft.h"
#include "math/trend.h"

#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double low_hz = 0.01, high_hz = 0.1, per_s = 20, /* steps of the search */
                    chance = 3.3; /* r of two unrelated series has a standard deviation of 1 / sqrt(2 bins), and the search takes the largest */

struct nvc_lag_finder {
    struct nvc_fft *fft;
    size_t n, first, n_bins;   /* bins of the band */
    double bin_hz, most_s, power, slope; /* sum |R|^2, sum w^2 |R|^2 */
    double complex *R;         /* n_bins */
};

void nvc_lag_finder_free(struct nvc_lag_finder *f)
{
    if (!f)
        return;
    nvc_fft_free(f->fft);
    free(f->R);
    free(f);
}

/* The bins of the band of y without its parabola; returns their power. */
static int transform(const struct nvc_lag_finder *f, const double *y, double complex *out, double *power, struct nvc_error *err)
{
    double *left = nvc_array(f->n, sizeof *left, err);
    double complex *spectrum = nvc_array(f->n / 2 + 1, sizeof *spectrum, err);
    int status = left && spectrum ? 0 : NVC_ESYS;
    *power = 0;
    if (!status) {
        memcpy(left, y, f->n * sizeof *left);
        (void)nvc_quadratic_sd(left, f->n);
        nvc_fft_forward(f->fft, left, spectrum);
        for (size_t k = 0; k < f->n_bins; k++) {
            out[k] = spectrum[f->first + k];
            *power += creal(out[k] * conj(out[k]));
        }
    }
    free(left);
    free(spectrum);
    return status;
}

static double omega(const struct nvc_lag_finder *f, size_t k)
{
    return 2 * acos(-1) * f->bin_hz * (double)(f->first + k);
}

int nvc_lag_finder_new(struct nvc_lag_finder **out, const double *reference, size_t n, double tr_s, double most_s, struct nvc_error *err)
{
    struct nvc_lag_finder *f = nvc_array(1, sizeof *f, err);
    *out = NULL;
    if (!f)
        return NVC_ESYS;
    f->n = n, f->most_s = most_s, f->bin_hz = 1 / ((double)n * tr_s);
    f->first = (size_t)fmax(1, ceil(low_hz / f->bin_hz - 1e-9));
    const size_t last = (size_t)fmin(floor(high_hz / f->bin_hz + 1e-9), (double)((n - 1) / 2));
    f->n_bins = tr_s > 0 && last >= f->first ? last - f->first + 1 : 0;
    int status = f->n_bins < 8 ? nvc_fail(err, NVC_EDATA, "%zu volumes every %g s have %zu frequencies between 0.01 and 0.1 Hz, need 8 for a lag", n, tr_s,
                                          f->n_bins) : 0;
    if (!status && !(f->R = nvc_array(f->n_bins, sizeof *f->R, err)))
        status = NVC_ESYS;
    if (!status && !(status = nvc_fft_new(&f->fft, n, err)))
        status = transform(f, reference, f->R, &f->power, err);
    for (size_t k = 0; k < f->n_bins && !status; k++)
        f->slope += pow(omega(f, k), 2) * creal(f->R[k] * conj(f->R[k]));
    if (!status && !(f->power > 0 && isfinite(f->power)))
        status = nvc_fail(err, NVC_EDATA, "the reference of the lags is constant or not finite");
    if (status)
        nvc_lag_finder_free(f);
    else
        *out = f;
    return status;
}

/* C(tau) */
static double shared(const struct nvc_lag_finder *f, const double complex *Y, double tau_s)
{
    double sum = 0;
    for (size_t k = 0; k < f->n_bins; k++)
        sum += creal(conj(f->R[k]) * Y[k] * cexp(I * omega(f, k) * tau_s));
    return sum;
}

int nvc_lag_find(const struct nvc_lag_finder *f, const double *y, struct nvc_lag *out, struct nvc_error *err)
{
    double power, best = 0;
    const long steps = lround(f->most_s * per_s);
    long at = 0;
    *out = (struct nvc_lag){ NAN, NAN, NAN };
    double complex *Y = nvc_array(f->n_bins, sizeof *Y, err);
    int status = Y ? transform(f, y, Y, &power, err) : NVC_ESYS;
    for (long k = -steps; k <= steps && !status && power > 0 && isfinite(power); k++) {
        const double c = shared(f, Y, (double)k / per_s);
        if (c > best)
            best = c, at = k;
    }
    if (!status && best > 0 && labs(at) < steps) {
        const double h = best / f->power, rest = fmax(0, power - h * best) / (double)(f->n_bins - 1);
        out->r = best / sqrt(f->power * power);
        if (out->r > chance / sqrt(2 * (double)f->n_bins))
            out->lag_s = (double)at / per_s, out->se_s = sqrt(rest / (2 * h * h * f->slope));
    }
    free(Y);
    return status;
}
