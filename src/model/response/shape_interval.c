/* Profile-likelihood intervals from the grid of a design. */
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM, GRID = NVC_SHAPE_GRID, PER_S = NVC_SHAPE_PER_S };

/* Best gain with one parameter held at a grid value, over the other. */
static double profile(const struct nvc_shape_surface *f, int hold_ttp, long held)
{
    double best = -1, top;
    const long n = hold_ttp ? FWHM : TTP;
    for (long k = 0; k < n; k++) {
        const long i = hold_ttp ? held : k, j = hold_ttp ? k : held, di = !hold_ttp, dj = hold_ttp;
        const double here = nvc_shape_gain(f, i, j);
        if (here < 0)
            continue;
        nvc_shape_vertex(nvc_shape_gain(f, i - di, j - dj), here, nvc_shape_gain(f, i + di, j + dj), &top);
        best = fmax(best, fmax(here, top));
    }
    return best;
}

/* Where the profile deviance passes `limit` on each side of `from` (in steps); its root is near linear. */
static struct nvc_interval interval(const struct nvc_shape_surface *f, int hold_ttp, double from, double zz, double best, double dof, double limit)
{
    struct nvc_interval ci = { NAN, NAN };
    const long n = hold_ttp ? TTP : FWHM;
    for (int side = -1; side <= 1; side += 2) {
        double at = from, root = 0;
        for (long k = side < 0 ? (long)ceil(from) - 1 : (long)floor(from) + 1; k >= 0 && k < n; k += side) {
            const double gain = profile(f, hold_ttp, k);
            if (gain < 0)
                break;
            const double next = sqrt(fmax(0, dof * log((zz - gain) / (zz - best))));
            if (next > sqrt(limit)) {
                const double x = at + ((double)k - at) * (sqrt(limit) - root) / (next - root);
                *(side < 0 ? &ci.low : &ci.high) = x;
                break;
            }
            at = (double)k, root = next;
        }
    }
    return ci;
}

/* Shapes that the data do not rule out, whatever their height. */
struct candidates { size_t n; size_t at[GRID]; double rss[GRID], amplitude[GRID], norm2[GRID], peak[GRID]; };

static void gather(const struct nvc_shape *s, const struct nvc_shape_surface *f, double zz, double most, struct candidates *c)
{
    const struct nvc_shape_family *family = s->family;
    c->n = 0;
    for (size_t g = 0; g < GRID; g++)
        if (f->gain[g] >= 0 && zz - f->gain[g] <= most) {
            c->at[c->n] = g;
            c->rss[c->n] = zz - f->gain[g], c->amplitude[c->n] = f->amplitude[g], c->norm2[c->n] = f->norm2[g];
            c->peak[c->n++] = nvc_shape_event_peak(family->lobe_integral[g], family->under_integral[g % TTP], f->share[g], s->event_duration_s);
        }
}

/* Whether some shape whose declared event peaks at `height` fits nearly as well as the best. */
static bool possible(const struct candidates *c, double most, double height)
{
    for (size_t k = 0; k < c->n; k++) {
        const double d = c->amplitude[k] - height / c->peak[k];
        if (c->rss[k] + c->norm2[k] * d * d <= most)
            return true;
    }
    return false;
}

static struct nvc_interval height_interval(const struct candidates *c, double most, double height, double se)
{
    struct nvc_interval ci;
    for (int side = -1; side <= 1; side += 2) {
        double in = height, out = height;
        for (double reach = 2 * se; reach < 1e6 * se && possible(c, most, out); reach *= 2)
            out = height + side * reach;
        for (int i = 0; i < 30; i++) {
            const double middle = (in + out) / 2;
            *(possible(c, most, middle) ? &in : &out) = middle;
        }
        *(side < 0 ? &ci.low : &ci.high) = (in + out) / 2;
    }
    return ci;
}

/* Where h(t) lies for some shape and height that fit nearly as well as the best. */
static void fill_band(const struct nvc_shape *s, const struct nvc_shape_surface *f, const struct candidates *c, double most,
                      const struct nvc_shape_fit *fit, struct nvc_shape_band *band)
{
    enum { EVERY = 2 }; /* samples of an integral per point */
    nvc_shape_curve(fit, nvc_shape_step_s, NVC_SHAPE_POINTS, band->value);
    for (size_t t = 0; t < NVC_SHAPE_POINTS; t++)
        band->low[t] = band->high[t] = band->value[t];
    for (size_t k = 0; k < c->n; k++) {
        const double *lobe = s->family->lobe_integral[c->at[k]], *under = s->family->under_integral[c->at[k] % TTP];
        const double share = f->share[c->at[k]], reach = sqrt((most - c->rss[k]) / c->norm2[k]);
        for (size_t t = 1; t < NVC_SHAPE_POINTS; t++) {
            const size_t before = EVERY * t - 1, after = EVERY * t + 1;
            const double h = (lobe[after] - lobe[before] - share * (under[after] - under[before])) * PER_S / 2;
            const double a = (c->amplitude[k] - reach) * h, b = (c->amplitude[k] + reach) * h;
            band->low[t] = fmin(band->low[t], fmin(a, b));
            band->high[t] = fmax(band->high[t], fmax(a, b));
        }
    }
}

/* From steps of the grid to seconds of the curve: the undershoot moves time to peak by an offset and scales the width. */
int nvc_shape_intervals(const struct nvc_shape *s, const struct nvc_shape_work *w, struct nvc_shape_fit *fit, struct nvc_shape_band *band,
                        struct nvc_error *err)
{
    const struct nvc_shape_surface *f = &w->surface;
    const double limit = nvc_f_quantile(0.95, 1, fit->dof), most = (w->zz - w->gain) * exp(limit / fit->dof);
    const double t0 = nvc_shape_ttp(0), dt = nvc_shape_ttp(1) - t0, w0 = nvc_shape_fwhm(0), dw = nvc_shape_fwhm(1) - w0;
    const struct nvc_interval i = interval(f, 1, (fit->lobe_ttp_s - t0) / dt, w->zz, w->gain, fit->dof, limit);
    const struct nvc_interval j = interval(f, 0, (fit->lobe_fwhm_s - w0) / dw, w->zz, w->gain, fit->dof, limit);
    const double offset = fit->curve.ttp_s - fit->lobe_ttp_s, factor = fit->curve.fwhm_s / fit->lobe_fwhm_s;
    struct candidates *c = nvc_array(1, sizeof *c, err);
    if (!c)
        return NVC_ESYS;
    fit->ttp_ci_s = (struct nvc_interval){ t0 + dt * i.low + offset, t0 + dt * i.high + offset };
    fit->fwhm_ci_s = (struct nvc_interval){ factor * (w0 + dw * j.low), factor * (w0 + dw * j.high) };
    gather(s, f, w->zz, most, c);
    fit->height_ci = height_interval(c, most, fit->height, fabs(fit->height / fit->z_fit));
    if (band)
        fill_band(s, f, c, most, fit, band);
    free(c);
    return 0;
}
