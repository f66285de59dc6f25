/* Estimates and profile intervals from the grid of a design. */
#include "model/shape_internal.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM, GRID = NVC_SHAPE_GRID, RANK = NVC_SHAPE_RANK, SAMPLES = NVC_SHAPE_SAMPLES };
static const double largest_share = 0.5;

struct surface { /* of one series over the grid */
    double gain[GRID];           /* fall of the residual sum of squares; -1 outside the family */
    double amplitude[GRID], share[GRID], norm2[GRID]; /* A, u, |lobe - u under|^2 */
};

/* A and u at one shape: least squares in A and A u, u clamped. */
static void solve(double xx, double xu, double uu, double b, double c, double *amplitude, double *share, double *norm2, double *gain)
{
    const double det = xx * uu - xu * xu, A = (b * uu - c * xu) / det, B = (xu * b - xx * c) / det;
    *share = det > 0 && A != 0 ? fmax(0, fmin(largest_share, B / A)) : 0;
    *norm2 = xx - 2 * *share * xu + *share * *share * uu;
    const double fit = b - *share * c;
    *amplitude = fit / *norm2;
    *gain = fit * *amplitude;
}

static void fill(const struct nvc_shape *s, const double *z, struct surface *f)
{
    const struct nvc_shape_family *family = s->family;
    double along[RANK];
    for (size_t k = 0; k < family->rank; k++)
        along[k] = nvc_dot(s->basis + s->n * k, z, s->n);
    for (size_t i = 0; i < TTP; i++) {
        const double c = nvc_dot(family->under[i], along, family->rank);
        for (size_t g = i; g < GRID; g += TTP) {
            f->gain[g] = -1;
            if (s->lobe2[g] > 0)
                solve(s->lobe2[g], s->cross[g], s->under2[i], nvc_dot(family->lobe[g], along, family->rank), c, f->amplitude + g,
                      f->share + g, f->norm2 + g, f->gain + g);
        }
    }
}

/* Vertex of a parabola through (-1, a), (0, b), (1, c), within half a step; *top its height. */
static double vertex(double a, double b, double c, double *top)
{
    const double bend = a - 2 * b + c;
    *top = b;
    if (!(bend < 0) || a < 0 || c < 0)
        return 0;
    const double at = fmax(-0.5, fmin(0.5, 0.5 * (a - c) / bend));
    *top = b - 0.25 * (a - c) * at;
    return at;
}

static double at_or(const struct surface *f, long i, long j)
{
    return i < 0 || j < 0 || i >= TTP || j >= FWHM ? -1 : f->gain[i + TTP * j];
}

/* Best gain with one parameter held at a grid value, over the other. */
static double profile(const struct surface *f, int hold_ttp, long held)
{
    double best = -1, top;
    const long n = hold_ttp ? FWHM : TTP;
    for (long k = 0; k < n; k++) {
        const long i = hold_ttp ? held : k, j = hold_ttp ? k : held, di = !hold_ttp, dj = hold_ttp;
        const double here = at_or(f, i, j);
        if (here < 0)
            continue;
        vertex(at_or(f, i - di, j - dj), here, at_or(f, i + di, j + dj), &top);
        best = fmax(best, fmax(here, top));
    }
    return best;
}

/* Where the profile deviance passes `limit` on each side of `from` (in steps); its root is near linear. */
static struct nvc_interval interval(const struct surface *f, int hold_ttp, double from, double zz, double best, double dof, double limit)
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
struct candidates { size_t n; double rss[GRID], amplitude[GRID], norm2[GRID], peak[GRID]; };

static void gather(const struct nvc_shape *s, const struct surface *f, double zz, double most, struct candidates *c)
{
    const struct nvc_shape_family *family = s->family;
    c->n = 0;
    for (size_t g = 0; g < GRID; g++)
        if (f->gain[g] >= 0 && zz - f->gain[g] <= most) {
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

/* Tents against nothing, and beside the fitted response x. */
static void tests(const struct nvc_shape *s, const double *z, const double *x, double zz, struct nvc_shape_fit *fit)
{
    const double k = (double)s->n_tents, left = (double)(s->n - s->n_nuisance) - k;
    double explained = 0, xz = nvc_dot(x, z, s->n), xx = nvc_dot(x, x, s->n);
    for (size_t j = 0; j < s->n_tents; j++) {
        const double *q = s->tent + s->n * j, c = nvc_dot(q, z, s->n), d = nvc_dot(q, x, s->n);
        explained += c * c;
        xz -= c * d;
        xx -= d * d;
    }
    fit->F_dof = k;
    fit->F = explained / k / ((zz - explained) / left);
    fit->F_p = nvc_f_sf(fit->F, k, left);
    const double full = zz - explained - (xx > 1e-9 ? xz * xz / xx : 0);
    fit->misfit_dof = k - 3;
    fit->misfit_F = fmax(0, fit->rss - full) / fit->misfit_dof / (full / (left - 1));
    fit->misfit_p = nvc_f_sf(fit->misfit_F, fit->misfit_dof, left - 1);
}

/* Vertex of the paraboloid around grid point (i, j), within half a step each way; along the axes alone where a corner is
 * outside the family or the surface does not bend down. */
static void summit(const struct surface *f, long i, long j, double *di, double *dj)
{
    double top;
    const double here = at_or(f, i, j), left = at_or(f, i - 1, j), right = at_or(f, i + 1, j);
    const double below = at_or(f, i, j - 1), above = at_or(f, i, j + 1);
    const double corner[4] = { at_or(f, i - 1, j - 1), at_or(f, i + 1, j - 1), at_or(f, i - 1, j + 1), at_or(f, i + 1, j + 1) };
    *di = vertex(left, here, right, &top);
    *dj = vertex(below, here, above, &top);
    if (left < 0 || right < 0 || below < 0 || above < 0 || corner[0] < 0 || corner[1] < 0 || corner[2] < 0 || corner[3] < 0)
        return;
    const double a = left - 2 * here + right, b = below - 2 * here + above;
    const double c = (corner[0] - corner[1] - corner[2] + corner[3]) / 4, p = (right - left) / 2, q = (above - below) / 2;
    const double det = a * b - c * c;
    if (a < 0 && det > 0) {
        *di = fmax(-0.5, fmin(0.5, (c * q - b * p) / det));
        *dj = fmax(-0.5, fmin(0.5, (c * p - a * q) / det));
    }
}

/* Bilinear mean of four rows: columns of the grid and their integrals are linear in the lobes. */
static void blend(const double *here, const double *across, const double *up, const double *both, double wi, double wj, size_t n, double *out)
{
    for (size_t k = 0; k < n; k++)
        out[k] = (1 - wj) * ((1 - wi) * here[k] + wi * across[k]) + wj * ((1 - wi) * up[k] + wi * both[k]);
}

static void column_of(const struct nvc_shape *s, const double *coordinate, double *x)
{
    memset(x, 0, s->n * sizeof *x);
    for (size_t k = 0; k < s->family->rank; k++)
        nvc_subtract(x, -coordinate[k], s->basis + s->n * k, s->n);
}

/* The response between grid points, A and u there, and the peak of its declared event. */
static void refine(const struct nvc_shape *s, const double *z, const struct surface *f, size_t g, struct nvc_shape_fit *fit,
                   double *gain, double *norm2, double *x, double *u)
{
    const struct nvc_shape_family *a = s->family;
    const long i = (long)(g % TTP), j = (long)(g / TTP);
    double di, dj, at[RANK], lobe[SAMPLES], under[SAMPLES];
    summit(f, i, j, &di, &dj);
    const long ni = di < 0 ? i - 1 : i + 1, nj = dj < 0 ? j - 1 : j + 1;
    double wi = fabs(di), wj = fabs(dj);
    if (wi > 0 && wj > 0 && at_or(f, ni, nj) < 0)
        wi = wj = 0;
    const size_t here = (size_t)(i + TTP * j), across = wi > 0 ? (size_t)(ni + TTP * j) : here;
    const size_t up = wj > 0 ? (size_t)(i + TTP * nj) : here, both = wi > 0 && wj > 0 ? (size_t)(ni + TTP * nj) : wi > 0 ? across : up;
    const size_t own = (size_t)i, beside = wi > 0 ? (size_t)ni : own;
    blend(a->lobe[here], a->lobe[across], a->lobe[up], a->lobe[both], wi, wj, a->rank, at);
    column_of(s, at, x);
    blend(a->under[own], a->under[beside], a->under[own], a->under[beside], wi, 0, a->rank, at);
    column_of(s, at, u);
    solve(nvc_dot(x, x, s->n), nvc_dot(x, u, s->n), nvc_dot(u, u, s->n), nvc_dot(x, z, s->n), nvc_dot(u, z, s->n), &fit->amplitude,
          &fit->undershoot_share, norm2, gain);
    const double step_i = nvc_shape_ttp(1) - nvc_shape_ttp(0), step_j = nvc_shape_fwhm(1) - nvc_shape_fwhm(0);
    fit->lobe_ttp_s = nvc_shape_ttp((size_t)i) + (di < 0 ? -wi : wi) * step_i;
    fit->lobe_fwhm_s = nvc_shape_fwhm((size_t)j) + (dj < 0 ? -wj : wj) * step_j;
    nvc_subtract(x, fit->undershoot_share, u, s->n);
    blend(a->lobe_integral[here], a->lobe_integral[across], a->lobe_integral[up], a->lobe_integral[both], wi, wj, SAMPLES, lobe);
    blend(a->under_integral[own], a->under_integral[beside], a->under_integral[own], a->under_integral[beside], wi, 0, SAMPLES, under);
    fit->height = fit->amplitude * nvc_shape_event_peak(lobe, under, fit->undershoot_share, s->event_duration_s);
}

/* From steps of the grid to seconds of the curve: the undershoot moves time to peak by an offset and scales the width. */
static void intervals(const struct nvc_shape *s, const struct surface *f, double zz, double gain, struct candidates *c, struct nvc_shape_fit *fit)
{
    const double limit = nvc_f_quantile(0.95, 1, fit->dof);
    const double t0 = nvc_shape_ttp(0), dt = nvc_shape_ttp(1) - t0, w0 = nvc_shape_fwhm(0), dw = nvc_shape_fwhm(1) - w0;
    const struct nvc_interval i = interval(f, 1, (fit->lobe_ttp_s - t0) / dt, zz, gain, fit->dof, limit);
    const struct nvc_interval j = interval(f, 0, (fit->lobe_fwhm_s - w0) / dw, zz, gain, fit->dof, limit);
    const double offset = fit->curve.ttp_s - fit->lobe_ttp_s, factor = fit->curve.fwhm_s / fit->lobe_fwhm_s;
    fit->ttp_ci_s = (struct nvc_interval){ t0 + dt * i.low + offset, t0 + dt * i.high + offset };
    fit->fwhm_ci_s = (struct nvc_interval){ factor * (w0 + dw * j.low), factor * (w0 + dw * j.high) };
    const double most = (zz - gain) * exp(limit / fit->dof);
    gather(s, f, zz, most, c);
    fit->height_ci = height_interval(c, most, fit->height, fabs(fit->height / fit->z_fit));
}

int nvc_shape_estimate(const struct nvc_shape *s, const double *y, struct nvc_shape_fit *fit, struct nvc_error *err)
{
    enum { POINTS = 641 };
    const double dt_s = 0.05;
    struct surface *f = nvc_array(1, sizeof *f, err);
    struct candidates *c = nvc_array(1, sizeof *c, err);
    double *z = nvc_array(3 * s->n + POINTS, sizeof *z, err), yy = 0;
    int status = NVC_ESYS;
    if (!f || !c || !z)
        goto out;
    double *x = z + s->n, *u = x + s->n, *h = u + s->n;
    nvc_shape_clean(s, y, z);
    const double zz = nvc_dot(z, z, s->n);
    for (size_t t = 0; t < s->n; t++)
        yy += y[t] * y[t];
    if (!(zz > 1e-18 * yy)) {
        status = nvc_fail(err, NVC_EDATA, "nothing varies beside the drift and the confounds");
        goto out;
    }
    fill(s, z, f);
    size_t best = 0;
    for (size_t g = 0; g < GRID; g++)
        if (f->gain[g] > f->gain[best])
            best = g;
    double gain, norm2;
    refine(s, z, f, best, fit, &gain, &norm2, x, u);
    gain = fmax(gain, f->gain[best]);
    fit->dof = (double)(s->n - s->n_nuisance) - 4;
    fit->rss = zz - gain;
    fit->sigma = sqrt(fit->rss / fit->dof);
    fit->amplitude_se = fit->sigma / sqrt(norm2);
    fit->z_fit = fit->amplitude / fit->amplitude_se;
    nvc_shape_curve(fit, dt_s, POINTS, h);
    fit->curve = nvc_curve_measure(h, POINTS, dt_s, 12);
    intervals(s, f, zz, gain, c, fit);
    tests(s, z, x, zz, fit);
    status = 0;
out:
    free(f);
    free(c);
    free(z);
    return status;
}
