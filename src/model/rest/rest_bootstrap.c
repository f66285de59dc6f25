/* Intervals of the resting width: simulate what was found, estimate again. */
#include "model/rest/rest_width_internal.h"

#include "base/memory.h"
#include "math/random.h"

#include <gsl/gsl_sort_long.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static int replicate(const struct recipe *r, enum nvc_width_method method, uint64_t stream, double *y, double *clean,
                     double *log_ratio, struct nvc_error *err)
{
    struct nvc_rng rng;
    struct nvc_width one = { 0 };
    struct nvc_sparse found = { 0 };
    nvc_rng_init(&rng, r->f->spec.seed, stream);
    add_noise(r, &rng, y);
    (r->n_events ? simulate_events : simulate_white)(r, &rng, y);
    int status = nvc_width_prepare(r->f, y, clean, err);
    if (!status)
        status = nvc_width_point(r->f, method, clean, &one, &found, err);
    nvc_sparse_release(&found);
    *log_ratio = log(one.scale / r->scale);
    return status;
}

int nvc_width_bootstrap(const struct nvc_width_fit *f, enum nvc_width_method method, const struct nvc_sparse *events,
                        uint64_t stream, struct nvc_width *w, struct nvc_error *err)
{
    const size_t K = events->n_events, B = (size_t)f->spec.bootstrap;
    const double width = nvc_width_canonical_fwhm_s * w->scale;
    double *y = nvc_array(2 * f->n + K + B, sizeof *y, err);
    int status = NVC_ESYS;
    if (!y)
        return status;
    double *clean = y + f->n, *log_ratio = clean + f->n;
    struct recipe r = { .f = f, .scale = w->scale, .ar = w->ar, .n_events = K, .gap_s = log_ratio + B,
                        .amplitude = events->amplitude, .share = w->share };
    /* An event takes two degrees of freedom: its time and its height. */
    r.sigma = K ? sqrt(events->rss / fmax(1, (double)f->n - (double)f->n_drift - 2 * (double)K)) : sqrt((1 - w->share) * (1 - w->ar * w->ar));
    if (K && (status = gaps(f, events, r.gap_s, err)))
        goto out;
    for (size_t b = 0; b < B; b++)
        if ((status = replicate(&r, method, stream * 1000003 + b, y, clean, log_ratio + b, err)))
            goto out;
    double mean = 0, ss = 0;
    for (size_t b = 0; b < B; b++)
        mean += log_ratio[b] / (double)B;
    for (size_t b = 0; b < B; b++)
        ss += (log_ratio[b] - mean) * (log_ratio[b] - mean);
    /* Symmetric on the log scale: reflecting quantiles covers less, since the found events lack the overlaps
     * that cause the bias. */
    const double sd = sqrt(ss / ((double)B - 1));
    w->se_s = width * sd;
    w->ci_low_s = width * exp(-1.96 * sd);
    w->ci_high_s = width * exp(1.96 * sd);
    status = 0;
out:
    free(y);
    return status;
}
