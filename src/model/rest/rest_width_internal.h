/* Shared by the files of rest_width.h only. */
#ifndef NVC_MODEL_REST_WIDTH_INTERNAL_H
#define NVC_MODEL_REST_WIDTH_INTERNAL_H

#include "math/fft.h"
#include "model/rest/rest_width.h"

enum { NVC_WIDTH_SCALES = 17, NVC_WIDTH_FINE = 8 * (NVC_WIDTH_SCALES - 1) + 1 };

struct nvc_width_scale { /* the canonical response stretched by s, peak 1 */
    double s;
    double *kernel;      /* every step_s from the event on */
    size_t n_kernel;
    double *expected;    /* debiased periodogram of white input, bins 0..n/2 */
};

struct nvc_width_fit {
    struct nvc_width_spec spec;
    size_t n;              /* scans */
    size_t per_tr;         /* event grid steps per TR */
    double step_s;
    long first, n_onsets;  /* events may start at (first + j) * step_s, j < n_onsets */
    struct nvc_fft *fft;
    size_t n_drift;
    double *drift;         /* n x n_drift orthonormal cosines, constant first */
    struct nvc_width_scale scale[NVC_WIDTH_SCALES];
    double smooth[NVC_WIDTH_FINE][NVC_WIDTH_SCALES]; /* weights of the criterion in its curve, finely over log s */
};

struct nvc_sparse { /* what the pursuit found at one scale */
    double criterion, rss, scale;
    double ar;             /* lag-one correlation of the noise it leaves */
    size_t n_events;
    long *onset;           /* index on the event grid */
    double *amplitude, *se;
};
void nvc_sparse_release(struct nvc_sparse *s);

/* Pursue at every step-th scale; criterion[NVC_WIDTH_SCALES]; *best holds the events of the best one. */
int nvc_sparse_search(const struct nvc_width_fit *f, const double *y, double ar, int step, double *criterion,
                      struct nvc_sparse *best, struct nvc_error *err) NVC_CHECKED;
/* Expected periodogram, bins 0..n/2, of n samples of a process with autocovariance r[0..n). */
int nvc_spectral_expected(const struct nvc_fft *fft, const double *r, size_t n, double *out, struct nvc_error *err) NVC_CHECKED;

/* -2 log Whittle likelihood, profiled over powers and phi, at every scale; *ar, *share at the best. */
int nvc_spectral_search(const struct nvc_width_fit *f, const double *y, double *criterion, double *ar,
                        double *share, struct nvc_error *err) NVC_CHECKED;

/* Minimum of the criterion by a parabola over log s through the points around the least one. */
double nvc_width_minimum(const struct nvc_width_fit *f, const double *criterion, int *at_bound);

/* SPM's canonical response at any time, peak 1, and its width. */
double nvc_width_canonical(double t_s);
extern const double nvc_width_canonical_fwhm_s;

/* y without drift, mean square 1. */
int nvc_width_prepare(const struct nvc_width_fit *f, const double *y, double *out, struct nvc_error *err) NVC_CHECKED;
/* One estimate of a prepared series, without interval; criterion[NVC_WIDTH_SCALES]. */
int nvc_width_point(const struct nvc_width_fit *f, enum nvc_width_method method, const double *y, double *criterion,
                    struct nvc_width *w, struct nvc_sparse *events, struct nvc_error *err) NVC_CHECKED;

/* The criterion as a curve over log s, above its least: rise[NVC_WIDTH_FINE] at nvc_width_fine_scale(i).  A local parabola
 * smooths over what the greedy search leaves of roughness. */
void nvc_width_smoother(struct nvc_width_fit *f);
void nvc_width_rise(const struct nvc_width_fit *f, const double *criterion, double *rise);
double nvc_width_fine_scale(const struct nvc_width_fit *f, double i);
/* se_s and the interval: the scales at which the criterion lies above its least by no more than, in 95 % of series
 * simulated from what was found, it does at the scale they were made with. */
int nvc_width_bootstrap(const struct nvc_width_fit *f, enum nvc_width_method method, const double *criterion,
                        const struct nvc_sparse *events, uint64_t stream, struct nvc_width *w, struct nvc_error *err) NVC_CHECKED;
double nvc_width_median(double *x, size_t n); /* sorts x; NaN when empty */

#endif
