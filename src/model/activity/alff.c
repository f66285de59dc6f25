#include "model/activity/alff.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/fft.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>

struct nvc_alff {
    struct nvc_alff_spec spec;
    size_t kept, length;       /* volumes kept; length of the transform */
    size_t low, high;          /* bins low .. high - 1 are in the band */
    size_t last;               /* bins 1 .. last make the denominator of fALFF */
    struct nvc_fft *fft;
    double *pairs;             /* censored: cosine and sine of each bin 1 .. last, orthonormal over kept volumes */
};

static size_t power_of_two(size_t n)
{
    size_t p = 1;
    while (p < n)
        p *= 2;
    return p;
}

static void choose_bins(struct nvc_alff *a)
{
    const struct nvc_alff_spec *s = &a->spec;
    const double span = (double)a->length * s->tr_s;
    const size_t half = a->length / 2;
    a->last = half;
    switch (s->kind) {
    case NVC_ALFF_DPABI: /* 1-based ceil(low P TR + 1) .. fix(high P TR + 1), counted here from 0 */
        a->low = (size_t)ceil(s->low_hz * span);
        a->high = (size_t)trunc(s->high_hz * span) + 1;
        break;
    case NVC_ALFF_AFNI:
        a->low = (size_t)rint(s->low_hz * span);
        a->high = (size_t)rint(s->high_hz * span) + 1;
        a->last = half - 1;
        break;
    case NVC_ALFF_XCPD: /* nearest bin below is left out at the upper end */
        a->low = (size_t)rint(s->low_hz * span);
        a->high = (size_t)rint(s->high_hz * span);
        break;
    case NVC_ALFF_NONE:
    case NVC_ALFF_DENSITY:
        a->low = (size_t)ceil(s->low_hz * span * (1 - 1e-9));
        a->high = (size_t)floor(s->high_hz * span * (1 + 1e-9)) + 1;
        break;
    }
    if (a->low < 1)
        a->low = 1;
    if (a->high > a->last + 1)
        a->high = a->last + 1;
}

/* Least-squares sinusoids over the volumes that are left (Lomb 1976, doi 10.1007/BF00648343). */
static int build_pairs(struct nvc_alff *a, struct nvc_error *err)
{
    const size_t n = a->spec.n;
    if (!(a->pairs = nvc_array(2 * n * a->last, sizeof *a->pairs, err)))
        return NVC_ESYS;
    for (size_t k = 1; k <= a->last; k++) {
        double *c = a->pairs + 2 * n * (k - 1), *s = c + n;
        for (size_t t = 0; t < n; t++)
            if (a->spec.keep[t]) {
                const double phase = 2 * M_PI * (double)(k * t % a->length) / (double)a->length;
                c[t] = cos(phase), s[t] = sin(phase);
            }
        const double length = sqrt(nvc_dot(c, c, n));
        for (size_t t = 0; t < n; t++)
            c[t] /= length;
        nvc_subtract(s, nvc_dot(c, s, n), c, n);
        const double rest = sqrt(nvc_dot(s, s, n));
        for (size_t t = 0; t < n; t++)
            s[t] = rest > 1e-6 ? s[t] / rest : 0;
    }
    return 0;
}

int nvc_alff_new(struct nvc_alff **out, const struct nvc_alff_spec *spec, struct nvc_error *err)
{
    struct nvc_alff *a = *out = nvc_array(1, sizeof *a, err);
    int status;
    if (!a)
        return NVC_ESYS;
    a->spec = *spec;
    a->length = spec->kind == NVC_ALFF_DPABI ? power_of_two(spec->n) : spec->n;
    for (size_t t = 0; t < spec->n; t++)
        a->kept += !spec->keep || spec->keep[t];
    choose_bins(a);
    if (a->kept < spec->n && spec->kind != NVC_ALFF_DENSITY)
        status = nvc_fail(err, NVC_EDATA, "%zu censored volumes: only the density definition has a spectrum for a series with gaps",
                          spec->n - a->kept);
    else if (a->kept < 20)
        status = nvc_fail(err, NVC_EDATA, "%zu volumes are left, an amplitude wants 20", a->kept);
    else if (a->low >= a->high)
        status = nvc_fail(err, NVC_EDATA, "no frequency of %zu volumes at TR %g s lies in %g-%g Hz", a->kept, spec->tr_s,
                          spec->low_hz, spec->high_hz);
    else
        status = a->kept < spec->n ? build_pairs(a, err) : nvc_fft_new(&a->fft, a->length, err);
    if (status) {
        nvc_alff_free(a);
        *out = NULL;
    }
    return status;
}

void nvc_alff_free(struct nvc_alff *a)
{
    if (!a)
        return;
    nvc_fft_free(a->fft);
    free(a->pairs);
    free(a);
}

size_t nvc_alff_bins(const struct nvc_alff *a) { return a->high - a->low; }

size_t nvc_alff_work(const struct nvc_alff *a) { return a->length + 2 * (a->length / 2 + 1) + a->last + 1; }

/* |F| of bins 0 .. last, as if nothing were missing. */
static void magnitudes(const struct nvc_alff *a, const double *y, double *size, double *work)
{
    const size_t n = a->spec.n;
    if (a->pairs) {
        size[0] = 0;
        for (size_t k = 1; k <= a->last; k++) {
            const double *c = a->pairs + 2 * n * (k - 1);
            /* of an orthonormal pair; at Nyquist of the one cosine */
            size[k] = sqrt((double)a->kept / (2 * k == a->length ? 1 : 2)) * hypot(nvc_dot(c, y, n), nvc_dot(c + n, y, n));
        }
        return;
    }
    double complex *F = (double complex *)(void *)work;
    double *padded = work + 2 * (a->length / 2 + 1);
    if (a->length > n) {
        for (size_t t = 0; t < a->length; t++)
            padded[t] = t < n ? y[t] : 0;
        y = padded;
    }
    nvc_fft_forward(a->fft, y, F);
    for (size_t k = 0; k <= a->last; k++)
        size[k] = sqrt(creal(F[k]) * creal(F[k]) + cimag(F[k]) * cimag(F[k]));
}

struct nvc_alff_value nvc_alff_compute(const struct nvc_alff *a, const double *y, double mean, double *band, double *work)
{
    const struct nvc_alff_spec *s = &a->spec;
    const double N = (double)a->kept, bins = (double)(a->high - a->low);
    double *size = work + a->length + 2 * (a->length / 2 + 1);
    double in = 0, all = 0, squares = 0, unit = 1;
    struct nvc_alff_value v = { NAN, NAN, NAN };
    magnitudes(a, y, size, work);
    for (size_t k = 1; k <= a->last; k++)
        all += size[k];
    for (size_t k = a->low; k < a->high; k++) {
        in += size[k];
        squares += size[k] * size[k];
    }
    if (s->kind == NVC_ALFF_DENSITY)
        unit = mean > 0 ? 100 / mean : NAN;
    const double per_bin = unit * sqrt(2 * s->tr_s / N);
    if (band)
        for (size_t k = a->low; k < a->high; k++)
            band[k - a->low] = per_bin * size[k];
    if (!(all > 0) || isnan(unit))
        return v;
    v.falff = in / all;
    v.rsfa = unit * sqrt(2 * squares / (N * (N - 1)));
    switch (s->kind) {
    case NVC_ALFF_DENSITY: v.alff = per_bin * in / bins; break;
    case NVC_ALFF_DPABI: v.alff = 2 * in / N / bins; break;
    case NVC_ALFF_AFNI: v.alff = 2 * in / sqrt(N); break;
    case NVC_ALFF_XCPD: v.alff = 2 * sqrt(2) * in / N / bins; break; /* the sd cancels */
    case NVC_ALFF_NONE: break;
    }
    return v;
}

struct nvc_ln_ratio nvc_alff_ln_ratio(const double *band, const double *reference, size_t n_bins)
{
    const double M = (double)n_bins;
    double b = 0, g = 0, mean = 0, ss = 0;
    for (size_t k = 0; k < n_bins; k++)
        b += band[k], g += reference[k];
    for (size_t k = 0; k < n_bins; k++)
        mean += log((b - band[k]) / (g - reference[k])) / M;
    for (size_t k = 0; k < n_bins; k++) {
        const double d = log((b - band[k]) / (g - reference[k])) - mean;
        ss += d * d;
    }
    if (n_bins < 3)
        return (struct nvc_ln_ratio){ log(b / g), NAN, NAN, NAN, NAN };
    const double se = sqrt((M - 1) / M * ss), half = nvc_t_critical(0.95, M - 1) * se;
    return (struct nvc_ln_ratio){ log(b / g), se, M - 1, log(b / g) - half, log(b / g) + half };
}
