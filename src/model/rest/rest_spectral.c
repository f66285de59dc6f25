/* Debiased Whittle fit of |H_s|^2 times white input plus AR(1) noise. */
#include "model/rest/rest_width_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Expected periodogram, bins 0..n/2, of a process with autocovariance r[0..n): the Fourier transform of the
 * autocovariance times the triangle (1 - k/n). */
static void expected_periodogram(const struct nvc_fft *fft, const double *r, size_t n, double *mirror,
                                 double complex *spectrum, double *out)
{
    for (size_t k = 0; k < n; k++) {
        const double here = r[k] * (1 - (double)k / (double)n);
        const double there = k ? r[n - k] * ((double)k / (double)n) : 0;
        mirror[k] = here + there;
    }
    nvc_fft_forward(fft, mirror, spectrum);
    for (size_t k = 0; k <= n / 2; k++)
        out[k] = creal(spectrum[k]);
}

int nvc_spectral_expected(const struct nvc_fft *fft, const double *r, size_t n, double *out, struct nvc_error *err)
{
    double *mirror = nvc_array(n, sizeof *mirror, err);
    double complex *spectrum = nvc_array(n / 2 + 1, sizeof *spectrum, err);
    int status = mirror && spectrum ? 0 : NVC_ESYS;
    if (!status)
        expected_periodogram(fft, r, n, mirror, spectrum, out);
    free(mirror);
    free(spectrum);
    return status;
}

/* -2 log likelihood, scale profiled out, of power[k] ~ exponential with mean sigma2 ((1 - w) noise + w event).
 * Logarithms are taken of products of eight: all terms are within a few decades of 1. */
static double whittle(const double *power, const double *noise, const double *event, double w, size_t low, size_t high)
{
    double logs = 0, ratio = 0, product = 1;
    const double m = (double)(high - low);
    for (size_t k = low; k < high; k++) {
        const double e = (1 - w) * noise[k] + w * event[k];
        product *= e;
        ratio += power[k] / e;
        if ((k - low) % 8 == 7 || k + 1 == high) {
            logs += log(product);
            product = 1;
        }
    }
    return 2 * (logs + m * log(ratio / m));
}

/* The share w in [0, 1] that is most likely: a coarse look, then golden section. */
static double best_share(const double *power, const double *noise, const double *event, size_t low, size_t high, double *least)
{
    enum { LOOKS = 12 };
    const double golden = 0.6180339887498949;
    double at = 0;
    *least = INFINITY;
    for (int i = 0; i <= LOOKS; i++) {
        const double w = (double)i / LOOKS, v = whittle(power, noise, event, w, low, high);
        if (v < *least)
            *least = v, at = w;
    }
    double a = fmax(0, at - 1.0 / LOOKS), b = fmin(1, at + 1.0 / LOOKS);
    for (int i = 0; i < 14; i++) {
        const double c = b - golden * (b - a), d = a + golden * (b - a);
        if (whittle(power, noise, event, c, low, high) < whittle(power, noise, event, d, low, high))
            b = d;
        else
            a = c;
    }
    const double middle = (a + b) / 2, v = whittle(power, noise, event, middle, low, high);
    if (v < *least)
        *least = v, at = middle;
    return at;
}

int nvc_spectral_search(const struct nvc_width_fit *f, const double *y, double *criterion, double *ar, double *share,
                        struct nvc_error *err)
{
    enum { PHIS = 19 };
    const size_t n = f->n, bins = n / 2 + 1;
    const double df = 1 / ((double)n * f->spec.tr_s);
    const size_t low = (size_t)fmax(1, ceil(f->spec.low_hz / df - 1e-9));
    const size_t high = (size_t)fmin((double)bins, floor(f->spec.high_hz / df + 1e-9) + 1);
    double *power = nvc_array(bins, sizeof *power, err), *noise = nvc_array(bins * PHIS, sizeof *noise, err);
    double *r = nvc_array(n, sizeof *r, err);
    double complex *spectrum = nvc_array(bins, sizeof *spectrum, err);
    double least = INFINITY;
    int status = NVC_ESYS;
    if (!power || !noise || !r || !spectrum)
        goto out;
    nvc_fft_forward(f->fft, y, spectrum);
    for (size_t k = 0; k < bins; k++)
        power[k] = (creal(spectrum[k]) * creal(spectrum[k]) + cimag(spectrum[k]) * cimag(spectrum[k])) / (double)n;
    for (size_t i = 0; i < PHIS; i++) {
        const double phi = 0.05 * (double)i;
        for (size_t k = 0; k < n; k++)
            r[k] = pow(phi, (double)k);
        if ((status = nvc_spectral_expected(f->fft, r, n, noise + bins * i, err)))
            goto out;
    }
    size_t at = PHIS / 3; /* the best phi moves little from scale to scale: walk downhill from the last one */
    for (size_t k = 0; k < NVC_WIDTH_SCALES; k++) {
        double value[PHIS], w[PHIS];
        bool known[PHIS] = { false }, moved = true;
        while (moved) {
            const size_t from = at ? at - 1 : 0, to = at + 1 < PHIS ? at + 1 : at;
            moved = false;
            for (size_t i = from; i <= to; i++)
                if (!known[i]) {
                    w[i] = best_share(power, noise + bins * i, f->scale[k].expected, low, high, value + i);
                    known[i] = true;
                }
            for (size_t i = from; i <= to; i++)
                if (value[i] < value[at])
                    at = i, moved = true;
        }
        criterion[k] = value[at];
        if (value[at] < least)
            least = value[at], *ar = 0.05 * (double)at, *share = w[at];
    }
    status = 0;
out:
    free(power);
    free(noise);
    free(r);
    free(spectrum);
    return status;
}
