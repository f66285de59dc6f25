/* Intervals of the resting width: how far the criterion rises at the true scale, in series like the one found. */
#include "model/rest/rest_width_internal.h"

#include "base/memory.h"
#include "math/random.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_sort_long.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAST = NVC_WIDTH_FINE - 1 };

struct recipe { /* how to make a series like the one found */
    const struct nvc_width_fit *f;
    double scale, ar, sigma; /* sigma: of the innovations */
    size_t n_events;         /* 0: Gaussian white input of the given share */
    double *gap_s;
    const double *amplitude;
    double share;
};

static void add_noise(const struct recipe *r, struct nvc_rng *rng, double *y)
{
    double noise = r->sigma / sqrt(1 - r->ar * r->ar) * nvc_rng_normal(rng);
    for (size_t t = 0; t < r->f->n; t++) {
        y[t] = noise;
        noise = r->ar * noise + r->sigma * nvc_rng_normal(rng);
    }
}

static void add_response(const struct recipe *r, double at_s, double amplitude, double *y)
{
    const double tr = r->f->spec.tr_s;
    for (size_t t = at_s < 0 ? 0 : (size_t)(at_s / tr); t < r->f->n && (double)t * tr - at_s < 30 * r->scale; t++)
        y[t] += amplitude * nvc_width_canonical(((double)t * tr - at_s) / r->scale);
}

/* The gaps between events shuffled, their amplitudes drawn anew. */
static void simulate_events(const struct recipe *r, struct nvc_rng *rng, double *y)
{
    const double end = (double)r->f->n * r->f->spec.tr_s;
    double at = -12 + nvc_rng_uniform(rng) * r->gap_s[nvc_rng_below(rng, r->n_events)];
    for (; at < end; at += r->gap_s[nvc_rng_below(rng, r->n_events)])
        add_response(r, at, r->amplitude[nvc_rng_below(rng, r->n_events)], y);
}

/* An impulse of random height every event step: variance of the response is share, of the noise the rest. */
static void simulate_white(const struct recipe *r, struct nvc_rng *rng, double *y)
{
    double power = 0;
    for (double t = 0; t < 30 * r->scale; t += r->f->step_s) {
        const double h = nvc_width_canonical(t / r->scale);
        power += h * h;
    }
    for (long j = r->f->first; j < (long)(r->f->n * r->f->per_tr); j++)
        add_response(r, (double)j * r->f->step_s, sqrt(r->share / power) * nvc_rng_normal(rng), y);
}

static int gaps(const struct nvc_width_fit *f, const struct nvc_sparse *events, double *gap_s, struct nvc_error *err)
{
    const size_t K = events->n_events;
    long *onset = nvc_array(K, sizeof *onset, err);
    if (!onset)
        return NVC_ESYS;
    memcpy(onset, events->onset, K * sizeof *onset);
    gsl_sort_long(onset, 1, K);
    for (size_t i = 0; i < K; i++) /* the last gap closes the circle */
        gap_s[i] = (double)(i + 1 < K ? onset[i + 1] - onset[i] : f->n_onsets - onset[K - 1] + onset[0]) * f->step_s;
    free(onset);
    return 0;
}

static size_t nearest(const struct nvc_width_fit *f, double scale)
{
    const double at = LAST * log(scale / f->scale[0].s) / log(f->scale[NVC_WIDTH_SCALES - 1].s / f->scale[0].s);
    return (size_t)fmax(0, fmin(LAST, round(at)));
}

/* *rise: of the criterion at the scale that the series was made with. */
static int replicate(const struct recipe *r, enum nvc_width_method method, uint64_t stream, double *y, double *rise, struct nvc_error *err)
{
    struct nvc_rng rng;
    struct nvc_width one = { 0 };
    struct nvc_sparse found = { 0 };
    double *clean = y + r->f->n, criterion[NVC_WIDTH_SCALES], curve[NVC_WIDTH_FINE];
    nvc_rng_init(&rng, r->f->spec.seed, stream);
    add_noise(r, &rng, y);
    (r->n_events ? simulate_events : simulate_white)(r, &rng, y);
    int status = nvc_width_prepare(r->f, y, clean, err);
    if (!status && !(status = nvc_width_point(r->f, method, clean, criterion, &one, &found, err))) {
        nvc_width_rise(r->f, criterion, curve);
        *rise = curve[nearest(r->f, r->scale)];
    }
    nvc_sparse_release(&found);
    return status;
}

/* Scales at which the curve lies no higher than limit; NaN on a side where that still holds at the end of the search. */
static void accept(const struct nvc_width_fit *f, const double *rise, double limit, struct nvc_width *w)
{
    size_t low = 0, high = LAST;
    while (rise[low] > limit)
        low++;
    while (rise[high] > limit)
        high--;
    const double below = low ? (rise[low - 1] - limit) / (rise[low - 1] - rise[low]) : NAN;
    const double above = high < LAST ? (rise[high + 1] - limit) / (rise[high + 1] - rise[high]) : NAN;
    w->ci_low_s = nvc_width_canonical_fwhm_s * fmin(w->scale, nvc_width_fine_scale(f, (double)low - 1 + below));
    w->ci_high_s = nvc_width_canonical_fwhm_s * fmax(w->scale, nvc_width_fine_scale(f, (double)high + 1 - above));
    if (isnan(below))
        w->ci_low_s = NAN;
    if (isnan(above))
        w->ci_high_s = NAN;
    w->has_interval = true;
    w->se_s = (w->ci_high_s - w->ci_low_s) / (2 * 1.959963984540054);
}

int nvc_width_bootstrap(const struct nvc_width_fit *f, enum nvc_width_method method, const double *criterion,
                        const struct nvc_sparse *events, uint64_t stream, struct nvc_width *w, struct nvc_error *err)
{
    const size_t K = events->n_events, B = (size_t)f->spec.bootstrap;
    double *y = nvc_array(2 * f->n + K + B, sizeof *y, err), rise[NVC_WIDTH_FINE];
    int status = NVC_ESYS;
    if (!y)
        return status;
    double *high = y + 2 * f->n;
    struct recipe r = { .f = f, .scale = w->scale, .ar = w->ar, .n_events = K, .gap_s = high + B,
                        .amplitude = events->amplitude, .share = w->share };
    /* An event takes two degrees of freedom: its time and its height. */
    r.sigma = K ? sqrt(events->rss / fmax(1, (double)f->n - (double)f->n_drift - 2 * (double)K)) : sqrt((1 - w->share) * (1 - w->ar * w->ar));
    if (K && (status = gaps(f, events, r.gap_s, err)))
        goto out;
    for (size_t b = 0; b < B; b++)
        if ((status = replicate(&r, method, stream * 1000003 + b, y, high + b, err)))
            goto out;
    gsl_sort(high, 1, B);
    nvc_width_rise(f, criterion, rise);
    accept(f, rise, high[(size_t)ceil(0.95 * ((double)B + 1)) - 1], w);
    status = 0;
out:
    free(y);
    return status;
}
