/* Members of the family that the data do not rule out: on the grid, and between its points where few of those are left. */
#include "model/response/shape_internal.h"

#include "math/vector.h"

#include <cblas.h>
#include <math.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM, GRID = NVC_SHAPE_GRID, PER_S = NVC_SHAPE_PER_S, RANK = NVC_SHAPE_RANK,
       SAMPLES = NVC_SHAPE_SAMPLES, EVERY = 2, POINTS = SAMPLES / EVERY, FEW = 60, LATTICE = 15, SHARES = 3 };

struct place { size_t here, across, up, both, own, beside; double wi, wj; };

/* Neighbours of a point of the grid given in steps; false outside the family. */
static bool place_of(double i, double j, struct place *p)
{
    const size_t a = (size_t)fmin(i, TTP - 1), b = (size_t)fmin(j, FWHM - 1);
    const size_t c = i > (double)a ? a + 1 : a, d = j > (double)b ? b + 1 : b;
    *p = (struct place){ a + TTP * b, c + TTP * b, a + TTP * d, c + TTP * d, a, c, i - (double)a, j - (double)b };
    return nvc_shape_member(a, b) && nvc_shape_member(c, b) && nvc_shape_member(a, d) && nvc_shape_member(c, d);
}

struct products { double xx, xu, uu, b, c; }; /* of lobe, undershoot and series */

static void multiply(const struct nvc_shape *s, const struct nvc_shape_work *w, const struct place *p, struct products *m)
{
    const struct nvc_shape_family *f = s->family;
    const int rank = (int)f->rank;
    double lobe[RANK], under[RANK], along[RANK];
    nvc_shape_blend(f->lobe[p->here], f->lobe[p->across], f->lobe[p->up], f->lobe[p->both], p->wi, p->wj, f->rank, lobe);
    nvc_shape_blend(f->under[p->own], f->under[p->beside], f->under[p->own], f->under[p->beside], p->wi, 0, f->rank, under);
    cblas_dgemv(CblasColMajor, CblasNoTrans, rank, rank, 1, s->gram, rank, lobe, 1, 0, along, 1);
    m->xx = nvc_dot(along, lobe, f->rank), m->xu = nvc_dot(along, under, f->rank);
    cblas_dgemv(CblasColMajor, CblasNoTrans, rank, rank, 1, s->gram, rank, under, 1, 0, along, 1);
    m->uu = nvc_dot(along, under, f->rank);
    m->b = nvc_dot(lobe, w->along, f->rank), m->c = nvc_dot(under, w->along, f->rank);
}

/* Shares around the best one with a gain of at least `gain`: (b - u c)^2 >= gain |lobe - u under|^2. */
static void share_range(const struct products *m, double gain, double best, double *low, double *high)
{
    const double p = m->c * m->c - gain * m->uu, q = m->b * m->c - gain * m->xu, r = m->b * m->b - gain * m->xx, d = q * q - p * r;
    *low = 0, *high = nvc_shape_largest_share;
    for (int side = -1; side <= 1 && d > 0; side += 2) {
        const double root = (q + side * sqrt(d)) / p;
        if (root <= best)
            *low = fmax(*low, root);
        else
            *high = fmin(*high, root);
    }
}

/* Every nvc_shape_step_s, from the integrals around it. */
static void response(const double *lobe, const double *under, double share, double *h)
{
    h[0] = 0;
    for (size_t t = 1; t < POINTS; t++) {
        const size_t before = EVERY * t - 1, after = EVERY * t + 1;
        h[t] = (lobe[after] - lobe[before] - share * (under[after] - under[before])) * PER_S / 2;
    }
}

static void widen(struct nvc_interval *ci, double x)
{
    ci->low = fmin(ci->low, x); /* of NaN and x: x */
    ci->high = fmax(ci->high, x);
}

static void take_undershoot(struct nvc_shape_candidates *c, const double *h, double share)
{
    const struct nvc_curve_shape curve = nvc_curve_measure(h, POINTS, nvc_shape_step_s, 12);
    c->no_undershoot |= share <= 0 || isnan(curve.undershoot);
    c->full_undershoot |= share >= nvc_shape_largest_share;
    widen(&c->undershoot, curve.undershoot);
    widen(&c->undershoot_s, curve.undershoot_s);
}

static void take(const struct nvc_shape *s, const struct nvc_shape_work *w, double i, double j, double most, struct nvc_shape_band *band,
                 struct nvc_shape_candidates *c)
{
    const struct nvc_shape_family *f = s->family;
    double lobe[SAMPLES], under[SAMPLES], h[POINTS], low, high;
    struct place p;
    struct products m;
    if (!place_of(i, j, &p))
        return;
    multiply(s, w, &p, &m);
    const struct nvc_shape_member best = nvc_shape_solve(m.xx, m.xu, m.uu, m.b, m.c);
    if (w->zz - best.gain > most)
        return;
    share_range(&m, w->zz - most, best.share, &low, &high);
    nvc_shape_blend(f->lobe_integral[p.here], f->lobe_integral[p.across], f->lobe_integral[p.up], f->lobe_integral[p.both], p.wi, p.wj, SAMPLES, lobe);
    nvc_shape_blend(f->under_integral[p.own], f->under_integral[p.beside], f->under_integral[p.own], f->under_integral[p.beside], p.wi, 0, SAMPLES, under);
    const double shares[SHARES] = { low, best.share, high };
    for (size_t k = 0; k < SHARES; k++) {
        const double u = shares[k], norm2 = m.xx - 2 * u * m.xu + u * u * m.uu, fit = m.b - u * m.c, rss = w->zz - fit * fit / norm2;
        const double reach = sqrt(fmax(0, most - rss) / norm2), least = fit / norm2 - reach, largest = fit / norm2 + reach;
        const double peak = nvc_shape_event_peak(lobe, under, u, s->event_duration_s);
        widen(&c->height, least * peak);
        widen(&c->height, largest * peak);
        response(lobe, under, u, h);
        take_undershoot(c, h, u);
        for (size_t t = 1; band && t < NVC_SHAPE_POINTS; t++) {
            band->low[t] = fmin(band->low[t], fmin(least * h[t], largest * h[t]));
            band->high[t] = fmax(band->high[t], fmax(least * h[t], largest * h[t]));
        }
    }
    c->n++;
}

void nvc_shape_gather(const struct nvc_shape *s, const struct nvc_shape_work *w, double most, struct nvc_interval i, struct nvc_interval j,
                      struct nvc_shape_band *band, struct nvc_shape_candidates *c)
{
    *c = (struct nvc_shape_candidates){ .height = { NAN, NAN }, .undershoot = { NAN, NAN }, .undershoot_s = { NAN, NAN } };
    for (size_t g = 0; g < GRID; g++)
        if (w->surface.gain[g] >= 0 && w->zz - w->surface.gain[g] <= most)
            take(s, w, (double)(g % TTP), (double)(g / TTP), most, band, c);
    if (c->n >= FEW)
        return;
    const double i0 = isnan(i.low) ? 0 : i.low, i1 = isnan(i.high) ? TTP - 1 : i.high, j0 = isnan(j.low) ? 0 : j.low, j1 = isnan(j.high) ? FWHM - 1 : j.high;
    for (int k = 0; k < LATTICE * LATTICE; k++)
        take(s, w, i0 + (i1 - i0) * (k % LATTICE) / (LATTICE - 1), j0 + (j1 - j0) * (k / LATTICE) / (LATTICE - 1), most, band, c);
}
