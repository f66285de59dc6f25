/* From a series to its point process: band-pass, threshold, peaks. */
#include "model/rest/rest_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Mean and sd (n - 1) over the scans of `keep`, all when NULL. */
static void moments(const double *y, size_t n, const bool *keep, double *mean, double *sd)
{
    double sum = 0, squares = 0;
    size_t count = 0;
    for (size_t t = 0; t < n; t++)
        if (!keep || keep[t])
            sum += y[t], count++;
    *mean = sum / (double)count;
    for (size_t t = 0; t < n; t++)
        if (!keep || keep[t])
            squares += (y[t] - *mean) * (y[t] - *mean);
    *sd = sqrt(squares / ((double)count - 1));
}

int nvc_rest_bandpass(const struct nvc_rest *r, const double *y, double *out, struct nvc_error *err)
{
    const size_t n = r->n_scans, m = 2 * n;
    const double low = r->spec.low_hz * r->spec.tr_s * (double)m, high = r->spec.high_hz * r->spec.tr_s * (double)m;
    double mean, sd;
    double *mirror = nvc_array(m, sizeof *mirror, err);
    double complex *spectrum = nvc_array(n + 1, sizeof *spectrum, err);
    int status = NVC_ESYS;
    if (!mirror || !spectrum)
        goto out;
    moments(y, n, NULL, &mean, &sd);
    if (!isfinite(sd) || !(sd > 1e-12 * fabs(mean))) {
        status = nvc_fail(err, NVC_EDATA, isfinite(sd) ? "the series is constant" : "the series is not finite");
        goto out;
    }
    for (size_t t = 0; t < n; t++)
        mirror[t] = mirror[m - 1 - t] = (y[t] - mean) / sd;
    nvc_fft_forward(r->fft, mirror, spectrum);
    for (size_t k = 0; k <= n; k++)
        if ((double)k < low || (double)k >= high)
            spectrum[k] = 0;
    nvc_fft_inverse(r->fft, spectrum, mirror);
    memcpy(out, mirror, n * sizeof *out);
    status = 0;
out:
    free(mirror);
    free(spectrum);
    return status;
}

size_t nvc_rest_events(const struct nvc_rest *r, const double *y, size_t *events)
{
    const size_t n = r->n_scans, k = (size_t)r->spec.local_k;
    const bool *keep = r->spec.keep;
    size_t count = 0;
    double mean, sd;
    moments(y, n, keep, &mean, &sd);
    for (size_t t = k; t + k < n; t++) {
        bool peak = (!keep || keep[t]) && (y[t] - mean) / sd > r->spec.threshold_sd;
        for (size_t j = 1; peak && j <= k; j++)
            peak = y[t] > y[t - j] && y[t] > y[t + j];
        if (peak)
            events[count++] = t;
    }
    return count;
}
