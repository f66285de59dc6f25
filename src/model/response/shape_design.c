/* The columns of the family for one design. */
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/vector.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TTP = NVC_SHAPE_TTP, GRID = NVC_SHAPE_GRID, SUPPORT = NVC_SHAPE_SUPPORT, PER_S = NVC_SHAPE_PER_S,
       SAMPLES = NVC_SHAPE_SAMPLES, RANK = NVC_SHAPE_RANK, WIDE = NVC_SHAPE_WIDE };

/* x += gain integral(t), of all functions at once. */
static void add_integrals(const double (*integral)[WIDE], size_t n_functions, double t_s, double gain, double *x)
{
    const double at = fmin(t_s * PER_S, SUPPORT * PER_S);
    if (at <= 0)
        return;
    const size_t i = at < SUPPORT * PER_S ? (size_t)at : SAMPLES - 2;
    const double *below = integral[i], *above = integral[i + 1], share = at - (double)i;
    for (size_t k = 0; k < n_functions; k++)
        x[k] += gain * (below[k] + share * (above[k] - below[k]));
}

/* An event of no duration is an impulse: a box of one sample
 * of the integral around its onset, rescaled. */
int nvc_shape_columns(const double (*integral)[WIDE], size_t n_functions, const struct nvc_shape_problem *p, double *X,
                      struct nvc_error *err)
{
    double *rows = nvc_array(p->n * WIDE, sizeof *rows, err);
    if (!rows)
        return NVC_ESYS;
    for (size_t e = 0; e < p->n_events; e++) {
        const double width = fmax(p->duration_s[e], 1.0 / PER_S);
        const double gain = (p->weight ? p->weight[e] : 1) * (p->duration_s[e] > 0 ? 1 : PER_S);
        const double onset = p->onset_s[e] - (p->duration_s[e] > 0 ? 0 : width / 2);
        size_t t = 0;
        for (size_t high = p->n; t < high;) { /* first volume after the onset */
            const size_t middle = (t + high) / 2;
            *(p->time_s[middle] > onset ? &high : &t) = middle + (p->time_s[middle] <= onset);
        }
        for (double since; t < p->n && (since = p->time_s[t] - onset) - width < SUPPORT; t++) {
            add_integrals(integral, n_functions, since, gain, rows + WIDE * t);
            add_integrals(integral, n_functions, since - width, -gain, rows + WIDE * t);
        }
    }
    for (size_t k = 0; k < n_functions; k++)
        for (size_t t = 0; t < p->n; t++)
            X[t + p->n * k] = rows[k + WIDE * t];
    free(rows);
    return 0;
}

static double read_integral(const double *integral, double t_s)
{
    const double at = fmin(t_s * PER_S, SUPPORT * PER_S);
    if (at <= 0)
        return 0;
    const size_t i = at < SUPPORT * PER_S ? (size_t)at : SAMPLES - 2;
    return integral[i] + (at - (double)i) * (integral[i + 1] - integral[i]);
}

double nvc_shape_event_peak(const double *lobe, const double *under, double share, double duration_s)
{
    const double width = fmax(duration_s, 1.0 / PER_S), coarse = 0.5, fine = 1.0 / PER_S;
    double most = 0, at = 0;
    for (int round = 0; round < 2; round++) {
        const double step = round ? fine : coarse, from = round ? fmax(0, at - coarse) : 0, to = round ? at + coarse : SUPPORT + duration_s;
        for (double t = from; t <= to; t += step) {
            const double y = read_integral(lobe, t) - read_integral(lobe, t - width) -
                             share * (read_integral(under, t) - read_integral(under, t - width));
            if (y > most)
                most = y, at = t;
        }
    }
    return duration_s > 0 ? most : most * PER_S;
}

/* Products of the columns of all members, from those of the basis. */
static int products(struct nvc_shape *s, struct nvc_error *err)
{
    const struct nvc_shape_family *f = s->family;
    const int n = (int)s->n, rank = (int)f->rank;
    double *G = s->gram = nvc_array(f->rank * f->rank, sizeof *G, err), under[RANK];
    double *across = nvc_array(f->rank * GRID, sizeof *across, err); /* G times the coordinates of every lobe */
    if (!G || !across) {
        free(across);
        return NVC_ESYS;
    }
    cblas_dgemm(CblasColMajor, CblasTrans, CblasNoTrans, rank, rank, n, 1, s->basis, n, s->basis, n, 0, G, rank);
    cblas_dgemm(CblasColMajor, CblasNoTrans, CblasNoTrans, rank, GRID, rank, 1, G, rank, f->lobe[0], RANK, 0, across, rank);
    for (size_t i = 0; i < TTP; i++) {
        cblas_dgemv(CblasColMajor, CblasNoTrans, rank, rank, 1, G, rank, f->under[i], 1, 0, under, 1);
        s->under2[i] = nvc_dot(under, f->under[i], f->rank);
    }
    for (size_t g = 0; g < GRID; g++)
        if (nvc_shape_member(g % TTP, g / TTP)) {
            s->lobe2[g] = nvc_dot(across + f->rank * g, f->lobe[g], f->rank);
            s->cross[g] = nvc_dot(across + f->rank * g, f->under[g % TTP], f->rank);
        }
    free(across);
    return 0;
}

/* Tents every 2 s beside the nuisance, orthonormal: the space of any shape. */
static void orthonormal_tents(struct nvc_shape *s, const double *X)
{
    s->n_tents = 0;
    for (size_t k = 0; k < NVC_SHAPE_TENTS; k++) {
        double *x = s->tent + s->n * s->n_tents;
        nvc_whitener_apply(&s->whitener, X + s->n * k, x);
        const double before = nvc_dot(x, x, s->n);
        for (int pass = 0; pass < 2; pass++)
            for (size_t l = 0; l < s->n_tents; l++)
                nvc_subtract(x, nvc_dot(s->tent + s->n * l, x, s->n), s->tent + s->n * l, s->n);
        const double after = nvc_dot(x, x, s->n);
        if (!(after > 1e-6 * before))
            continue;
        for (size_t t = 0; t < s->n; t++)
            x[t] /= sqrt(after);
        s->n_tents++;
    }
}

void nvc_shape_free(struct nvc_shape *s)
{
    if (!s)
        return;
    nvc_whitener_release(&s->whitener);
    free(s->basis);
    free(s->gram);
    free(s->lobe2);
    free(s->cross);
    free(s->under2);
    free(s->tent);
    free(s);
}

static int build(struct nvc_shape *s, const struct nvc_shape_problem *p, struct nvc_error *err)
{
    const struct nvc_shape_family *f = s->family;
    double *X = nvc_array(s->n * f->n_functions, sizeof *X, err);
    int status = NVC_ESYS;
    if (!X || !(s->basis = nvc_array(s->n * f->rank, sizeof *s->basis, err)) || !(s->lobe2 = nvc_array(GRID, sizeof *s->lobe2, err)) ||
        !(s->cross = nvc_array(GRID, sizeof *s->cross, err)) || !(s->under2 = nvc_array(TTP, sizeof *s->under2, err)) ||
        !(s->tent = nvc_array(s->n * NVC_SHAPE_TENTS, sizeof *s->tent, err)))
        goto out;
    if ((status = nvc_whitener_init(&s->whitener, p->nuisance, p->n, p->n_nuisance, p->ar, err)) || (status = nvc_shape_columns(f->function, f->n_functions, p, X, err)))
        goto out;
    for (size_t k = 0; k < f->rank; k++)
        nvc_whitener_apply(&s->whitener, X + s->n * k, s->basis + s->n * k);
    orthonormal_tents(s, X + s->n * f->rank);
    status = products(s, err);
out:
    free(X);
    return status;
}

int nvc_shape_new(struct nvc_shape **out, const struct nvc_shape_family *family, const struct nvc_shape_problem *p,
                  struct nvc_error *err)
{
    *out = NULL;
    if (p->n_events < 3)
        return nvc_fail(err, NVC_EDATA, "%zu events are too few for a shape (need 3)", p->n_events);
    if (p->n < p->n_nuisance + NVC_SHAPE_TENTS + 10)
        return nvc_fail(err, NVC_EDATA, "%zu volumes are too few for a shape beside %zu nuisance columns", p->n, p->n_nuisance);
    struct nvc_shape *s = *out = nvc_array(1, sizeof *s, err);
    if (!s)
        return NVC_ESYS;
    s->family = family, s->n = p->n, s->event_duration_s = p->event_duration_s;
    const int status = build(s, p, err);
    if (status) {
        nvc_shape_free(s);
        *out = NULL;
    }
    return status;
}
