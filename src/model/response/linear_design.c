/* Columns and curves of the linear models. */
#include "model/response/linear_internal.h"
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/vector.h"

#include <gsl/gsl_spline.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = NVC_LINEAR_SAMPLES, WIDE = NVC_SHAPE_WIDE, INFORMED = 3, FEWEST_EVENTS = 3 };

/* SPM's canonical response with the dispersion of its lobe, at any time. */
static double canonical(double t_s, double dispersion)
{
    if (t_s <= 0)
        return 0;
    const double u = t_s / dispersion;
    return exp(5 * log(u) - u) / (120 * dispersion) - exp(15 * log(t_s) - t_s) / 1307674368000.0 / 6;
}

/* The dispersion derivative beside the two others, as SPM makes it: what is left tells nothing of the latency. */
static void orthogonal_dispersion(double share[2])
{
    double g[2][2] = { { 0 } }, c[2] = { 0 };
    for (double t = 0; t < 32; t += 0.05) {
        const double h = canonical(t, 1), d = h - canonical(t - 1, 1), w = (h - canonical(t, 1.01)) / 0.01;
        g[0][0] += h * h, g[0][1] += h * d, g[1][1] += d * d, c[0] += h * w, c[1] += d * w;
    }
    const double det = g[0][0] * g[1][1] - g[0][1] * g[0][1];
    share[0] = (g[1][1] * c[0] - g[0][1] * c[1]) / det;
    share[1] = (g[0][0] * c[1] - g[0][1] * c[0]) / det;
}

static double informed(double t_s, size_t k, const double share[2])
{
    const double h = canonical(t_s, 1), d = h - canonical(t_s - 1, 1);
    return k == 0 ? h : k == 1 ? d : (h - canonical(t_s, 1.01)) / 0.01 - share[0] * h - share[1] * d;
}

/* Responses since the onsets, read from the curves. */
static void free_columns(const struct nvc_linear *l, const struct nvc_shape_problem *p, double *X)
{
    const double end = 0.05 * (SAMPLES - 1);
    for (size_t e = 0; e < p->n_events; e++)
        for (size_t t = 0; t < p->n; t++) {
            const double since = p->time_s[t] - p->onset_s[e], at = since / 0.05, gain = p->weight ? p->weight[e] : 1;
            if (since < 0 || since >= end)
                continue;
            const size_t i = (size_t)at;
            for (size_t j = 0; j < l->k; j++) {
                const double *h = l->curve + SAMPLES * j + i;
                X[t + p->n * j] += gain * (h[0] + (at - (double)i) * (h[1] - h[0]));
            }
        }
}

static int informed_columns(const struct nvc_shape_problem *p, double *X, struct nvc_error *err)
{
    double (*table)[WIDE] = nvc_array(NVC_SHAPE_SAMPLES, sizeof *table, err), share[2];
    if (!table)
        return NVC_ESYS;
    orthogonal_dispersion(share);
    for (size_t k = 0; k < INFORMED + NVC_SHAPE_TENTS; k++)
        for (size_t i = 0; i + 1 < NVC_SHAPE_SAMPLES; i++) {
            const double t = ((double)i + 0.5) / NVC_SHAPE_PER_S, tent = 1 - fabs(t / 2 - ((double)k - INFORMED + 1));
            table[i + 1][k] = table[i][k] + (k < INFORMED ? informed(t, k, share) : fmax(0, tent)) / NVC_SHAPE_PER_S;
        }
    const int status = nvc_shape_columns(table, INFORMED + NVC_SHAPE_TENTS, p, X, err);
    free(table);
    return status;
}

/* The curve of each coefficient: the response itself, or a cubic spline through the nodes. */
static int draw_curves(const struct nvc_linear *l, size_t first, struct nvc_error *err)
{
    const size_t nodes = first + l->k + 1;
    double *x = nvc_array(2 * nodes, sizeof *x, err), *y = x ? x + nodes : NULL;
    gsl_spline *spline = gsl_spline_alloc(gsl_interp_cspline, nodes < 3 ? 3 : nodes);
    double share[2];
    orthogonal_dispersion(share);
    int status = !x ? NVC_ESYS : !spline ? nvc_fail(err, NVC_ESYS, "out of memory (spline)") : 0;
    for (size_t k = 0; k < l->k && !status; k++) {
        for (size_t i = 0; i < nodes; i++)
            x[i] = (double)i * l->spec.bin_s, y[i] = i == first + k;
        if (l->spec.kind != NVC_LINEAR_INFORMED)
            gsl_spline_init(spline, x, y, nodes);
        for (size_t i = 0; i < SAMPLES; i++) {
            const double t = 0.05 * (double)i;
            l->curve[i + SAMPLES * k] = l->spec.kind == NVC_LINEAR_INFORMED ? informed(t, k, share)
                                        : t <= x[nodes - 1]                 ? gsl_spline_eval(spline, t, NULL) : 0;
        }
    }
    gsl_spline_free(spline);
    free(x);
    return status;
}

/* Tents, orthonormal beside the columns of the model. */
static void keep_tents(struct nvc_linear *l, const double *X)
{
    for (size_t k = 0; k < NVC_SHAPE_TENTS; k++) {
        double *x = l->tent + l->n * l->n_tents;
        nvc_whitener_apply(&l->whitener, X + l->n * k, x);
        const double before = nvc_dot(x, x, l->n);
        for (int pass = 0; pass < 2; pass++) {
            for (size_t j = 0; j < l->k; j++)
                nvc_subtract(x, nvc_dot(l->f.Q + l->n * j, x, l->n), l->f.Q + l->n * j, l->n);
            for (size_t j = 0; j < l->n_tents; j++)
                nvc_subtract(x, nvc_dot(l->tent + l->n * j, x, l->n), l->tent + l->n * j, l->n);
        }
        const double after = nvc_dot(x, x, l->n);
        if (!(after > 1e-6 * before))
            continue;
        for (size_t t = 0; t < l->n; t++)
            x[t] /= sqrt(after);
        l->n_tents++;
    }
}

static int build(struct nvc_linear *l, const struct nvc_shape_problem *p, struct nvc_error *err)
{
    const bool is_informed = l->spec.kind == NVC_LINEAR_INFORMED;
    const size_t first = l->spec.kind == NVC_LINEAR_SMOOTH, wide = is_informed ? INFORMED + NVC_SHAPE_TENTS : l->k;
    double *X = nvc_array(l->n * wide, sizeof *X, err);
    int status = NVC_ESYS;
    if (!X || !(l->X = nvc_array(l->n * l->k, sizeof *l->X, err)) || !(l->curve = nvc_array(SAMPLES * l->k, sizeof *l->curve, err)) ||
        !(l->tent = nvc_array(l->n * NVC_SHAPE_TENTS, sizeof *l->tent, err)) ||
        (status = nvc_whitener_init(&l->whitener, p->nuisance, p->n, p->n_nuisance, p->ar, err)))
        goto out;
    if ((status = draw_curves(l, first, err)))
        goto out;
    if (is_informed)
        status = informed_columns(p, X, err);
    else
        free_columns(l, p, X);
    for (size_t k = 0; k < l->k && !status; k++)
        nvc_whitener_apply(&l->whitener, X + l->n * k, l->X + l->n * k);
    if (status || (status = nvc_lsq_init(&l->f, l->X, l->n, l->k, err)))
        goto out;
    if (l->f.rank < l->k)
        status = is_informed ? nvc_fail(err, NVC_EDATA, "the events do not tell the canonical response from its derivatives")
                             : nvc_fail(err, NVC_EDATA, "the events cannot tell %zu bins of %g s apart (%zu can be): widen --bin or "
                                        "shorten --length", l->k, l->spec.bin_s, l->f.rank);
    if (!status && is_informed)
        keep_tents(l, X + l->n * INFORMED);
out:
    free(X);
    return status;
}

void nvc_linear_free(struct nvc_linear *l)
{
    if (!l)
        return;
    nvc_whitener_release(&l->whitener);
    nvc_lsq_release(&l->f);
    free(l->X);
    free(l->curve);
    free(l->tent);
    free(l);
}

int nvc_linear_new(struct nvc_linear **out, const struct nvc_linear_spec *spec, const struct nvc_shape_problem *p, struct nvc_error *err)
{
    enum { MOST_BINS = 200 };
    const double bins = spec->kind == NVC_LINEAR_INFORMED ? INFORMED : floor(spec->length_s / spec->bin_s + 1e-9);
    *out = NULL;
    if (p->n_events < FEWEST_EVENTS)
        return nvc_fail(err, NVC_EDATA, "%zu events are too few for a shape (need %d)", p->n_events, FEWEST_EVENTS);
    if (!(bins >= 3) || bins > MOST_BINS)
        return nvc_fail(err, NVC_EDATA, "%g bins of %g s (--length / --bin): 3 to %d can be fitted", bins, spec->bin_s, MOST_BINS);
    struct nvc_linear *l = *out = nvc_array(1, sizeof *l, err);
    if (!l)
        return NVC_ESYS;
    l->spec = *spec, l->n = p->n, l->event_duration_s = p->event_duration_s;
    l->k = (size_t)bins - (spec->kind == NVC_LINEAR_SMOOTH);
    const int status = p->n < p->n_nuisance + l->k + 10
                           ? nvc_fail(err, NVC_EDATA, "%zu volumes are too few for %zu coefficients of the shape beside %zu nuisance columns",
                                      p->n, l->k, p->n_nuisance)
                           : build(l, p, err);
    if (status) {
        nvc_linear_free(l);
        *out = NULL;
    }
    return status;
}
