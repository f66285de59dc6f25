#include "model/rest/rest_internal.h"

#include "base/memory.h"
#include "model/response/curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct nvc_rest_spec nvc_rest_defaults(double tr_s)
{
    return (struct nvc_rest_spec){ .basis = NVC_REST_CANON2DD, .tr_s = tr_s, .microtime = 3, .ar_order = 1, .order = 3,
                                   .threshold_sd = 1, .length_s = 24, .min_onset_s = 4, .max_onset_s = 8,
                                   .low_hz = 0.01, .high_hz = 0.08 };
}

void nvc_rest_free(struct nvc_rest *r)
{
    if (!r)
        return;
    nvc_fft_free(r->fft);
    free(r->basis);
    free(r->penalty);
    free(r);
}

static bool is_fir(const struct nvc_rest *r)
{
    return r->spec.basis == NVC_REST_FIR || r->spec.basis == NVC_REST_SFIR;
}

int nvc_rest_new(struct nvc_rest **out, size_t n_scans, const struct nvc_rest_spec *spec, struct nvc_error *err)
{
    struct nvc_rest *r = *out = nvc_array(1, sizeof *r, err);
    int status = NVC_ESYS;
    if (!r)
        return status;
    r->spec = *spec;
    r->n_scans = n_scans;
    if (!r->spec.local_k)
        r->spec.local_k = spec->tr_s <= 2 ? 1 : 2;
    if (is_fir(r))
        r->spec.microtime = 1;
    r->dt_s = spec->tr_s / r->spec.microtime;
    r->first_lag = (size_t)trunc(spec->min_onset_s / r->dt_s);
    r->n_lags = (size_t)trunc(spec->max_onset_s / r->dt_s) - r->first_lag + 1;
    const double shortest = spec->length_s / spec->tr_s + 2 * (r->spec.local_k + 1) + 2 * spec->ar_order;
    if ((double)n_scans < shortest + 10)
        status = nvc_fail(err, NVC_EDATA, "%zu scans are too few for a resting HRF of %g s (need %.0f)", n_scans,
                          spec->length_s, ceil(shortest + 10));
    else if (!(spec->max_onset_s >= spec->min_onset_s) || r->n_lags < 3)
        status = nvc_fail(err, NVC_EDATA, "lags from %g to %g s hold fewer than 3 steps of %g s: widen the range", spec->min_onset_s,
                          spec->max_onset_s, r->dt_s);
    else if (!(spec->low_hz < fmin(spec->high_hz, 0.5 / spec->tr_s)))
        status = nvc_fail(err, NVC_EDATA, "the band %g-%g Hz is empty at TR %g s", spec->low_hz, spec->high_hz, spec->tr_s);
    else if (!(status = nvc_fft_new(&r->fft, 2 * n_scans, err)))
        status = nvc_rest_basis_build(r, err);
    if (status) {
        nvc_rest_free(r);
        *out = NULL;
    }
    return status;
}

void nvc_rest_hrf_release(struct nvc_rest_hrf *h)
{
    free(h->hrf);
    free(h->events);
    free(h->lag_s);
    free(h->residual_variance);
    *h = (struct nvc_rest_hrf){ 0 };
}

void nvc_rest_design(const struct nvc_rest *r, const size_t *events, size_t n_events, size_t bins, double *X)
{
    const size_t n = r->n_scans, m = r->n_basis, T = (size_t)r->spec.microtime;
    memset(X, 0, n * m * sizeof *X);
    for (size_t e = 0; e < n_events; e++) {
        if (events[e] * T < bins)
            continue;
        const size_t onset = events[e] * T - bins, first = (onset + T - 1) / T;
        for (size_t t = first; t < n && t * T - onset < r->n_samples; t++) {
            const size_t i = t * T - onset;
            if (!r->basis)
                X[t + n * i] += 1;
            else
                for (size_t j = 0; j < m; j++)
                    X[t + n * j] += r->basis[i + r->n_samples * j];
        }
    }
    for (size_t t = 0; t < n; t++)
        X[t + n * m] = 1;
}

/* Sum of absolute deviations of y[0..n) from its least-squares line. */
static double line_misfit(const double *y, size_t n)
{
    double mean = 0, slope = 0, spread = 0, misfit = 0;
    const double centre = ((double)n - 1) / 2;
    for (size_t i = 0; i < n; i++)
        mean += y[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        slope += ((double)i - centre) * (y[i] - mean);
        spread += ((double)i - centre) * ((double)i - centre);
    }
    slope = spread > 0 ? slope / spread : 0;
    for (size_t i = 0; i < n; i++)
        misfit += fabs(y[i] - mean - slope * ((double)i - centre));
    return misfit;
}

/* The lag whose residual variance is the knee of the curve, or its minimum where the knee lies in the
 * upper half of the range. */
static size_t choose_lag(const double *e, size_t n, bool compat)
{
    size_t knee = 1, least = 0;
    double best = INFINITY, most = e[0];
    for (size_t k = 1; k + 1 < n; k++) {
        const double cost = line_misfit(e, k + 1) + line_misfit(e + k, n - k);
        if (cost < best)
            best = cost, knee = k;
    }
    for (size_t k = 0; k < n; k++) {
        if (e[k] < e[least])
            least = k;
        most = fmax(most, e[k]);
    }
    if (fabs(e[knee] - e[least]) > 0.5 * (most - e[least]))
        knee = least;
    if (!compat)
        return knee;
    return (knee == n - 1 ? knee - 1 : knee) + 1; /* rsHRF takes the lag after the one it found */
}

/* Height, time to peak and width in true time. */
static void shape(struct nvc_rest_hrf *h)
{
    const struct nvc_curve_shape s = nvc_curve_measure(h->hrf, h->n_samples, h->dt_s, 0.8 * (double)h->n_samples * h->dt_s);
    h->height = s.height, h->ttp_s = s.ttp_s, h->fwhm_s = s.fwhm_s;
}

/* The same as rsHRF reads them. */
static void shape_compat(struct nvc_rest_hrf *h)
{
    const size_t n = h->n_samples, window = (size_t)(0.8 * (double)n);
    size_t peak = 0, fall = 0, count = 0;
    int steepest = 2;
    for (size_t i = 1; i < window; i++)
        if (fabs(h->hrf[i]) > fabs(h->hrf[peak]))
            peak = i;
    while (peak > 0 && fabs(h->hrf[peak] - h->hrf[peak - 1]) < 0.001)
        peak--;
    h->height = h->hrf[peak];
    h->ttp_s = (double)(peak + 1) * h->dt_s;
    const double sign = h->height > 0 ? 1 : -1;
    for (size_t i = 0; i + 1 < n; i++) {
        const int now = sign * h->hrf[i] >= sign * h->height / 2, next = sign * h->hrf[i + 1] >= sign * h->height / 2;
        if (next - now < steepest)
            steepest = next - now, fall = i;
    }
    for (size_t i = 0; i <= fall; i++)
        count += sign * h->hrf[i] >= sign * h->height / 2;
    h->fwhm_s = (double)count * h->dt_s;
}

/* Fit every lag, keep the coefficients of the chosen one. */
static int search(const struct nvc_rest *r, const double *y, struct nvc_rest_hrf *out, double *X, double *beta,
                  double *work, struct nvc_error *err)
{
    const size_t n = r->n_scans, m = r->n_basis + 1;
    const bool early = r->spec.compat && is_fir(r); /* rsHRF shifts FIR events by 1, 2, ... scans */
    for (size_t k = 0; k < r->n_lags; k++) {
        const size_t bins = early ? k + 1 : r->first_lag + k;
        out->lag_s[k] = (double)(r->first_lag + k) * r->dt_s;
        nvc_rest_design(r, out->events, out->n_events, bins, X);
        int status = nvc_rest_regress(X, y, n, m, r->spec.ar_order, r->penalty, beta + m * k,
                                      out->residual_variance + k, work, err);
        if (status)
            return nvc_fail_in(err, "lag %g s", out->lag_s[k]);
    }
    out->chosen = choose_lag(out->residual_variance, r->n_lags, r->spec.compat);
    const double *b = beta + m * out->chosen;
    out->baseline = b[r->n_basis];
    for (size_t i = 0; i < r->n_samples; i++) {
        out->hrf[i] = r->basis ? 0 : b[i];
        for (size_t j = 0; r->basis && j < r->n_basis; j++)
            out->hrf[i] += r->basis[i + r->n_samples * j] * b[j];
    }
    return 0;
}

int nvc_rest_fit(const struct nvc_rest *r, const double *y, struct nvc_rest_hrf *out, struct nvc_error *err)
{
    const size_t n = r->n_scans, m = r->n_basis + 1;
    const size_t n_work = n + n * m + m * r->n_lags + nvc_rest_regress_work(n, m, r->spec.ar_order);
    double *filtered = nvc_array(n_work, sizeof *filtered, err);
    int status = NVC_ESYS;
    *out = (struct nvc_rest_hrf){ .n_samples = r->n_samples, .dt_s = r->dt_s, .n_lags = r->n_lags };
    if (!filtered || !(out->hrf = nvc_array(r->n_samples, sizeof *out->hrf, err)) ||
        !(out->events = nvc_array(n, sizeof *out->events, err)) ||
        !(out->lag_s = nvc_array(r->n_lags, sizeof *out->lag_s, err)) ||
        !(out->residual_variance = nvc_array(r->n_lags, sizeof *out->residual_variance, err)))
        goto out;
    double *X = filtered + n, *beta = X + n * m, *work = beta + m * r->n_lags;
    if ((status = nvc_rest_bandpass(r, y, filtered, err)))
        goto out;
    out->n_events = nvc_rest_events(r, filtered, out->events);
    if (out->n_events < 2) {
        status = nvc_fail(err, NVC_EDATA, "%zu peaks exceed %g SD, need 2: too few events for a resting HRF",
                          out->n_events, r->spec.threshold_sd);
        goto out;
    }
    if ((status = search(r, filtered, out, X, beta, work, err)))
        goto out;
    (r->spec.compat ? shape_compat : shape)(out);
out:
    free(filtered);
    if (status)
        nvc_rest_hrf_release(out);
    return status;
}
