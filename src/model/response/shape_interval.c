/* Profile-likelihood intervals from the grid of a design. */
#include "model/response/shape_internal.h"

#include "math/dist.h"

#include <math.h>
#include <string.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM };

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

/* Open where there may be none, or the largest of the family; the time is that of those that have one. */
static void undershoot_intervals(const struct nvc_shape_candidates *c, struct nvc_shape_fit *fit)
{
    const double found = fit->curve.undershoot, time_s = fit->curve.undershoot_s;
    fit->undershoot_ci.low = c->full_undershoot ? NAN : fmin(c->undershoot.low, found);
    fit->undershoot_ci.high = c->no_undershoot ? NAN : fmax(c->undershoot.high, found);
    if (!isnan(time_s))
        fit->undershoot_time_ci_s = (struct nvc_interval){ fmin(c->undershoot_s.low, time_s), fmax(c->undershoot_s.high, time_s) };
}

/* From steps of the grid to seconds of the curve: the undershoot moves time to peak by an offset and scales the width. */
void nvc_shape_intervals(const struct nvc_shape *s, const struct nvc_shape_work *w, struct nvc_shape_fit *fit, struct nvc_shape_band *band)
{
    const struct nvc_shape_surface *f = &w->surface;
    const double limit = nvc_f_quantile(0.95, 1, fit->dof), most = (w->zz - w->gain) * exp(limit / fit->dof);
    const double t0 = nvc_shape_ttp(0), dt = nvc_shape_ttp(1) - t0, w0 = nvc_shape_fwhm(0), dw = nvc_shape_fwhm(1) - w0;
    const struct nvc_interval i = interval(f, 1, (fit->lobe_ttp_s - t0) / dt, w->zz, w->gain, fit->dof, limit);
    const struct nvc_interval j = interval(f, 0, (fit->lobe_fwhm_s - w0) / dw, w->zz, w->gain, fit->dof, limit);
    const double offset = fit->curve.ttp_s - fit->lobe_ttp_s, factor = fit->curve.fwhm_s / fit->lobe_fwhm_s;
    struct nvc_shape_candidates c;
    if (band) {
        nvc_shape_curve(fit, nvc_shape_step_s, NVC_SHAPE_POINTS, band->value);
        memcpy(band->low, band->value, sizeof band->low);
        memcpy(band->high, band->value, sizeof band->high);
    }
    nvc_shape_gather(s, w, most, i, j, band, &c);
    fit->ttp_ci_s = (struct nvc_interval){ t0 + dt * i.low + offset, t0 + dt * i.high + offset };
    fit->fwhm_ci_s = (struct nvc_interval){ factor * (w0 + dw * j.low), factor * (w0 + dw * j.high) };
    fit->height_ci = (struct nvc_interval){ fmin(c.height.low, fit->height), fmax(c.height.high, fit->height) };
    undershoot_intervals(&c, fit);
}
