#include "model/rest/rest_width_internal.h"

#include "base/memory.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCALES = NVC_WIDTH_SCALES };
static const double smallest_scale = 0.45, largest_scale = 2.4;

struct nvc_width_spec nvc_width_defaults(double tr_s)
{
    return (struct nvc_width_spec){ .tr_s = tr_s, .high_pass_s = 128, .event_penalty = 6, .low_hz = 0.01, .high_hz = 0.25,
                                    .ar = NAN, .bootstrap = 200, .seed = 1 };
}

void nvc_width_free(struct nvc_width_fit *f)
{
    if (!f)
        return;
    nvc_fft_free(f->fft);
    free(f->drift);
    for (int k = 0; k < SCALES; k++) {
        free(f->scale[k].kernel);
        free(f->scale[k].expected);
    }
    free(f);
}

/* 5.2595 s: at 2.808 and 8.067 s. */
const double nvc_width_canonical_fwhm_s = 5.2595;

double nvc_width_canonical(double t)
{
    const double peak = 0.17544056; /* at 5.00 s */
    return t > 0 ? (exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6) / peak : 0;
}

/* The stretched response on the event grid, and the periodogram that white input through it would give. */
static int build_scale(struct nvc_width_fit *f, struct nvc_width_scale *c, double s, struct nvc_error *err)
{
    const size_t per = f->per_tr;
    c->s = s;
    c->n_kernel = (size_t)ceil(30 * s / f->step_s) + 1;
    double *r = nvc_array(f->n, sizeof *r, err);
    int status = NVC_ESYS;
    if (!r || !(c->kernel = nvc_array(c->n_kernel, sizeof *c->kernel, err)) ||
        !(c->expected = nvc_array(f->n / 2 + 1, sizeof *c->expected, err)))
        goto out;
    for (size_t i = 0; i < c->n_kernel; i++)
        c->kernel[i] = nvc_width_canonical((double)i * f->step_s / s);
    for (size_t k = 0; k < f->n; k++)
        for (size_t i = 0; i + k * per < c->n_kernel; i++)
            r[k] += c->kernel[i] * c->kernel[i + k * per];
    for (size_t k = f->n; k-- > 0;)
        r[k] /= r[0];
    status = nvc_spectral_expected(f->fft, r, f->n, c->expected, err);
out:
    free(r);
    return status;
}

static int build_drift(struct nvc_width_fit *f, struct nvc_error *err)
{
    const double n = (double)f->n, period = f->spec.high_pass_s;
    f->n_drift = isnan(period) ? 1 : (size_t)trunc(2 * n * f->spec.tr_s / period + 1);
    if (!(f->drift = nvc_array(f->n * f->n_drift, sizeof *f->drift, err)))
        return NVC_ESYS;
    for (size_t k = 0; k < f->n_drift; k++)
        for (size_t t = 0; t < f->n; t++)
            f->drift[t + f->n * k] = sqrt((k ? 2 : 1) / n) * cos(M_PI * (2 * (double)t + 1) * (double)k / (2 * n));
    return 0;
}

int nvc_width_new(struct nvc_width_fit **out, size_t n_scans, const struct nvc_width_spec *spec, struct nvc_error *err)
{
    struct nvc_width_fit *f = *out = nvc_array(1, sizeof *f, err);
    int status = NVC_ESYS;
    if (!f)
        return status;
    f->spec = *spec;
    f->n = n_scans;
    f->per_tr = (size_t)fmax(1, round(spec->tr_s));
    f->step_s = spec->tr_s / (double)f->per_tr;
    f->first = -(long)ceil(12 / f->step_s);
    f->n_onsets = (long)(n_scans * f->per_tr) - f->first;
    if (n_scans < 60) {
        status = nvc_fail(err, NVC_EDATA, "%zu scans are too few for the width of a resting HRF (need 60)", n_scans);
        goto out;
    }
    if ((status = nvc_fft_new(&f->fft, n_scans, err)) || (status = build_drift(f, err)))
        goto out;
    for (int k = 0; k < SCALES && !status; k++)
        status = build_scale(f, f->scale + k, smallest_scale * pow(largest_scale / smallest_scale, k / (SCALES - 1.0)), err);
    nvc_width_smoother(f);
out:
    if (status) {
        nvc_width_free(f);
        *out = NULL;
    }
    return status;
}

double nvc_width_minimum(const struct nvc_width_fit *f, const double *criterion, int *at_bound)
{
    int least = 0, from, to;
    for (int k = 1; k < SCALES; k++)
        if (criterion[k] < criterion[least])
            least = k;
    *at_bound = least == 0 ? -1 : least == SCALES - 1 ? 1 : 0;
    from = least < 2 ? 0 : least - 2;
    to = least > SCALES - 3 ? SCALES - 1 : least + 2;
    /* Least-squares parabola over u = log s - log s[least]. */
    double m[5] = { 0 }, b[3] = { 0 };
    for (int k = from; k <= to; k++) {
        const double u = log(f->scale[k].s / f->scale[least].s), v = criterion[k] - criterion[least];
        for (int i = 0; i < 5; i++)
            m[i] += pow(u, i);
        for (int i = 0; i < 3; i++)
            b[i] += v * pow(u, i);
    }
    const double det = m[0] * (m[2] * m[4] - m[3] * m[3]) - m[1] * (m[1] * m[4] - m[2] * m[3]) + m[2] * (m[1] * m[3] - m[2] * m[2]);
    const double slope = (m[0] * (b[1] * m[4] - m[3] * b[2]) - b[0] * (m[1] * m[4] - m[2] * m[3]) + m[2] * (m[1] * b[2] - m[2] * b[1])) / det;
    const double curve = (m[0] * (m[2] * b[2] - m[3] * b[1]) - m[1] * (m[1] * b[2] - m[2] * b[1]) + b[0] * (m[1] * m[3] - m[2] * m[2])) / det;
    double u = curve > 0 ? -slope / (2 * curve) : 0;
    const double reach = 1.5 * log(largest_scale / smallest_scale) / (SCALES - 1);
    u = fmax(-reach, fmin(reach, u));
    return f->scale[least].s * exp(u);
}

double nvc_width_median(double *x, size_t n)
{
    gsl_sort(x, 1, n);
    return n ? (x[(n - 1) / 2] + x[n / 2]) / 2 : NAN;
}

/* Sparse: the noise of a coarse search gives phi for the full one. */
static int estimate_sparse(const struct nvc_width_fit *f, const double *y, double *criterion, double *ar,
                           struct nvc_sparse *events, struct nvc_error *err)
{
    int status = 0;
    *ar = f->spec.ar;
    if (isnan(*ar)) {
        if (!(status = nvc_sparse_search(f, y, 0.3, 4, criterion, events, err)))
            *ar = events->ar;
        nvc_sparse_release(events);
    }
    return status ? status : nvc_sparse_search(f, y, *ar, 1, criterion, events, err);
}

/* One estimate without interval. */
int nvc_width_point(const struct nvc_width_fit *f, enum nvc_width_method method, const double *y, double *criterion,
                    struct nvc_width *w, struct nvc_sparse *events, struct nvc_error *err)
{
    int status = method == NVC_WIDTH_SPARSE ? estimate_sparse(f, y, criterion, &w->ar, events, err)
                                            : nvc_spectral_search(f, y, criterion, &w->ar, &w->share, err);
    if (status)
        return status;
    w->scale = nvc_width_minimum(f, criterion, &w->at_bound);
    w->fwhm_s = w->at_bound ? NAN : nvc_width_canonical_fwhm_s * w->scale;
    return 0;
}

/* y without drift, unit variance. */
int nvc_width_prepare(const struct nvc_width_fit *f, const double *y, double *out, struct nvc_error *err)
{
    double ss = 0, raw = 0;
    for (size_t t = 0; t < f->n; t++) {
        if (!isfinite(y[t]))
            return nvc_fail(err, NVC_EDATA, "the series is not finite");
        raw += y[t] * y[t];
    }
    memcpy(out, y, f->n * sizeof *out);
    for (size_t k = 0; k < f->n_drift; k++) {
        const double *q = f->drift + f->n * k;
        double c = 0;
        for (size_t t = 0; t < f->n; t++)
            c += q[t] * out[t];
        for (size_t t = 0; t < f->n; t++)
            out[t] -= c * q[t];
    }
    for (size_t t = 0; t < f->n; t++)
        ss += out[t] * out[t];
    if (!(ss > 1e-20 * raw))
        return nvc_fail(err, NVC_EDATA, "the series is constant");
    for (size_t t = 0; t < f->n; t++)
        out[t] /= sqrt(ss / (double)f->n);
    return 0;
}

static int describe_events(const struct nvc_width_fit *f, const struct nvc_sparse *events, struct nvc_width *w,
                           struct nvc_error *err)
{
    const size_t K = events->n_events;
    double *a = nvc_array(2 * K, sizeof *a, err), *z = a ? a + K : NULL;
    if (!a)
        return NVC_ESYS;
    for (size_t i = 0; i < K; i++) {
        a[i] = events->amplitude[i];
        z[i] = events->amplitude[i] / events->se[i];
    }
    const double sd = sqrt(events->rss / fmax(1, (double)(f->n - f->n_drift - K)) / (1 - w->ar * w->ar));
    w->n_events = K;
    w->events_per_min = 60 * (double)K / ((double)f->n * f->spec.tr_s);
    w->snr = nvc_width_median(a, K) / sd;
    w->z_event = nvc_width_median(z, K);
    free(a);
    return 0;
}

int nvc_width_estimate(const struct nvc_width_fit *f, enum nvc_width_method method, const double *y, uint64_t stream,
                       struct nvc_width *w, struct nvc_error *err)
{
    struct nvc_sparse events = { 0 };
    double criterion[SCALES];
    double *clean = nvc_array(f->n, sizeof *clean, err);
    int status = clean ? 0 : NVC_ESYS;
    *w = (struct nvc_width){ .fwhm_s = NAN, .se_s = NAN, .ci_low_s = NAN, .ci_high_s = NAN, .snr = NAN, .z_event = NAN };
    if (status || (status = nvc_width_prepare(f, y, clean, err)) || (status = nvc_width_point(f, method, clean, criterion, w, &events, err)))
        goto out;
    if (method == NVC_WIDTH_SPARSE && (status = describe_events(f, &events, w, err)))
        goto out;
    if (method == NVC_WIDTH_SPARSE && events.n_events < NVC_WIDTH_EVENTS)
        w->fwhm_s = NAN;
    else if (f->spec.bootstrap >= 20)
        status = nvc_width_bootstrap(f, method, criterion, &events, stream, w, err);
out:
    nvc_sparse_release(&events);
    free(clean);
    return status;
}
