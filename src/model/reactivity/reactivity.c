#include "model/reactivity/reactivity.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/lsq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct search { /* sums over the lags so far, per series, all relative to the likeliest one */
    size_t n_series, n_lags;
    double *top, *sum, *slope, *square;
    float *log_weight; /* n_lags per series */
    double dof;
};

static int search_init(struct search *s, size_t n_series, size_t n_lags, struct nvc_error *err)
{
    *s = (struct search){ .n_series = n_series, .n_lags = n_lags, .dof = NAN };
    if (!(s->top = nvc_array(4 * n_series, sizeof *s->top, err)) || !(s->log_weight = nvc_array(n_series * n_lags, sizeof *s->log_weight, err)))
        return NVC_ESYS;
    s->sum = s->top + n_series, s->slope = s->sum + n_series, s->square = s->slope + n_series;
    return 0;
}

static void take(struct search *s, size_t lag, const struct nvc_glm_fit *fit)
{
    for (size_t v = 0; v < s->n_series; v++) {
        const double log_weight = -0.5 * fit->objective[v], b = fit->effect[v];
        if (!lag)
            s->top[v] = log_weight;
        s->log_weight[lag + s->n_lags * v] = (float)(log_weight - s->top[v]);
        const double w = exp(log_weight - s->top[v]);
        s->sum[v] += w;
        s->slope[v] += w * b;
        s->square[v] += w * (fit->variance[v] + b * b);
        if (w > 1e100) { /* begin anew from here, so that nothing overflows */
            s->top[v] = log_weight;
            s->sum[v] /= w, s->slope[v] /= w, s->square[v] /= w;
            for (size_t k = 0; k <= lag; k++)
                s->log_weight[k + s->n_lags * v] -= (float)log(w);
        }
    }
}

/* The model at one lag, on an orthonormal basis, so that likelihoods do not depend on the scale of the stimulus at that lag. */
static int fit_lag(struct search *s, size_t lag, const struct nvc_reactivity_spec *spec, const struct nvc_glm_source *source, int n_threads,
                   struct nvc_error *err)
{
    const size_t n = spec->n, m = spec->n_nuisance + 1;
    const double lag_s = spec->lag_low_s + (double)lag * spec->lag_step_s;
    struct nvc_lsq f = { 0 };
    struct nvc_glm *glm = NULL;
    struct nvc_glm_fit fit = { 0 };
    double *X = nvc_array(n * m + m, sizeof *X, err), *C = X ? X + n * m : NULL;
    int status = X ? 0 : NVC_ESYS;
    for (size_t t = 0; t < n && !status; t++)
        X[t] = nvc_trace_at(spec->stimulus, spec->frame_s[t] - lag_s);
    if (!status) {
        memcpy(X + n, spec->nuisance, n * spec->n_nuisance * sizeof *X);
        status = nvc_lsq_init(&f, X, n, m, err);
    }
    if (!status && f.rank < m)
        status = nvc_fail(err, NVC_EDATA, "at a lag of %g s the stimulus cannot be told from trend and confounds in the run", lag_s);
    if (!status) {
        for (size_t j = 0; j < m; j++)
            C[j] = f.T[m * j];
        const struct nvc_glm_spec model = { .X = f.Q, .n = n, .m = m, .C = C, .n_effects = 1, .noise = NVC_NOISE_ARMA11, .quick_tails = true };
        status = nvc_glm_new(&glm, &model, err);
    }
    if (!status && !(status = nvc_glm_fit_init(&fit, glm, s->n_series, err)) &&
        !(status = nvc_glm_run(glm, source, &fit, n_threads, err))) {
        take(s, lag, &fit);
        s->dof = nvc_glm_dof(glm);
    }
    nvc_glm_fit_release(&fit);
    nvc_glm_free(glm);
    nvc_lsq_release(&f);
    free(X);
    return status;
}

/* Where the distribution function of the lags, even within a step about each, reaches p; NaN in the outermost steps. */
static double quantile(const struct nvc_reactivity_spec *spec, const float *log_weight, double top, size_t n, double p)
{
    double all = 0, below = 0;
    for (size_t k = 0; k < n; k++)
        all += exp((double)log_weight[k] - top);
    for (size_t k = 0; k < n; k++) {
        const double share = exp((double)log_weight[k] - top) / all;
        if (below + share >= p) {
            const double at = (double)k + (p - below) / share - 0.5;
            return at < 0 || at > (double)n - 1 ? NAN : spec->lag_low_s + at * spec->lag_step_s;
        }
        below += share;
    }
    return NAN;
}

static struct nvc_reactivity conclude(const struct search *s, const struct nvc_reactivity_spec *spec, size_t v)
{
    const float *w = s->log_weight + s->n_lags * v;
    struct nvc_reactivity r = { NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, false };
    size_t best = 0;
    if (!isfinite(s->slope[v] / s->sum[v]))
        return r;
    for (size_t k = 1; k < s->n_lags; k++)
        if (w[k] > w[best])
            best = k;
    r.slope = s->slope[v] / s->sum[v];
    r.se = sqrt(fmax(0, s->square[v] / s->sum[v] - r.slope * r.slope));
    r.dof = s->dof;
    const double half = nvc_t_critical(0.95, r.dof) * r.se;
    r.ci_low = r.slope - half, r.ci_high = r.slope + half;
    r.lag_s = spec->lag_low_s + (double)best * spec->lag_step_s;
    if (s->n_lags == 1)
        return r;
    r.lag_at_edge = best == 0 || best == s->n_lags - 1;
    if (!r.lag_at_edge) { /* the top of a parabola through three */
        const double a = (double)w[best - 1], b = (double)w[best], c = (double)w[best + 1], bend = a - 2 * b + c;
        r.lag_s += bend < 0 ? spec->lag_step_s * 0.5 * (a - c) / bend : 0;
    }
    r.lag_ci_low_s = quantile(spec, w, (double)w[best], s->n_lags, 0.025);
    r.lag_ci_high_s = quantile(spec, w, (double)w[best], s->n_lags, 0.975);
    return r;
}

int nvc_reactivity_fit(const struct nvc_reactivity_spec *spec, const struct nvc_glm_source *source, size_t n_series, int n_threads,
                       struct nvc_reactivity *out, void (*tick)(void *with, size_t done, size_t of), void *with, struct nvc_error *err)
{
    const size_t n_lags = 1 + (size_t)floor((spec->lag_high_s - spec->lag_low_s) / spec->lag_step_s + 1e-9);
    struct search s;
    int status = search_init(&s, n_series, n_lags, err);
    for (size_t lag = 0; lag < n_lags && !status; lag++) {
        status = fit_lag(&s, lag, spec, source, n_threads, err);
        if (!status && tick)
            tick(with, lag + 1, n_lags);
    }
    for (size_t v = 0; v < n_series && !status; v++)
        out[v] = conclude(&s, spec, v);
    free(s.top);
    free(s.log_weight);
    return status;
}
