/* The resting-state HRF by point-process blind deconvolution: the published estimator.
 *
 * A scan whose band-passed signal exceeds a threshold and both neighbours is taken for the BOLD peak of
 * an event; the events are shifted earlier by each lag of a search range, a basis is fitted at each, and
 * the knee of the residual variance over the lags decides.
 * Wu et al., Med Image Anal 17:365 (2013), doi 10.1016/j.media.2013.01.003; Wu et al., NeuroImage
 * 244:118591 (2021), doi 10.1016/j.neuroimage.2021.118591.
 *
 * What it cannot do: its time to peak and width do not follow the true ones, since events are placed at
 * BOLD peaks (true times to peak of 3.6-7.5 s all come out near 7.4 s).  rest_width.h estimates what the
 * data can identify. */
#ifndef NVC_MODEL_REST_HRF_H
#define NVC_MODEL_REST_HRF_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_rest_basis { NVC_REST_CANON2DD, NVC_REST_GAMMA, NVC_REST_FOURIER, NVC_REST_HANNING, NVC_REST_FIR, NVC_REST_SFIR };

struct nvc_rest_spec {
    enum nvc_rest_basis basis;
    double tr_s;
    int microtime;              /* bins per TR; the FIR bases use 1 */
    int ar_order;               /* Cochrane-Orcutt order; 0: ordinary least squares */
    int order;                  /* of the gamma, Fourier and Hanning sets */
    int local_k;                /* scans on each side that a peak must exceed; 0: 1 when TR <= 2 s, else 2 */
    double threshold_sd;        /* of the band-passed signal */
    double length_s;            /* of the HRF */
    double min_onset_s, max_onset_s; /* range of the lag between event and BOLD peak */
    double low_hz, high_hz;     /* band-pass */
    const bool *keep;           /* per scan; false: cannot be an event; NULL: all may */
    /* As rsHRF (MATLAB v2.5) computes: the lag after the knee, FIR lags counted from one scan, time to peak
     * one bin late, plateau walk-back, FWHM by counting samples. */
    bool compat;
};

/* canon2dd, T 3, AR(1), threshold 1 SD, 24 s, lags 4-8 s, 0.01-0.08 Hz. */
struct nvc_rest_spec nvc_rest_defaults(double tr_s);

struct nvc_rest_hrf {
    size_t n_samples;           /* of the HRF, dt_s apart, from time 0 */
    double dt_s, *hrf;          /* in SD of the band-passed signal */
    size_t n_events, *events;   /* scan indices of the BOLD peaks */
    size_t n_lags, chosen;
    double *lag_s, *residual_variance; /* the lag curve */
    double baseline, height, ttp_s, fwhm_s; /* NaN where undefined */
};
void nvc_rest_hrf_release(struct nvc_rest_hrf *h);

struct nvc_rest; /* plans and basis for series of one length; opaque, read-only while fitting, so shareable */

/* NVC_EDATA: fewer than 2 (local_k + 1) + length scans, band or range empty at this TR. */
int nvc_rest_new(struct nvc_rest **r, size_t n_scans, const struct nvc_rest_spec *spec, struct nvc_error *err) NVC_CHECKED;
void nvc_rest_free(struct nvc_rest *r);

/* y[n_scans]: one series, any unit.  NVC_EDATA: constant or non-finite series, fewer than 2 events. */
int nvc_rest_fit(const struct nvc_rest *r, const double *y, struct nvc_rest_hrf *out, struct nvc_error *err) NVC_CHECKED;

#endif
