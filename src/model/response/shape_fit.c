/* The best member of the family for one series. */
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/vector.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM, GRID = NVC_SHAPE_GRID, RANK = NVC_SHAPE_RANK, SAMPLES = NVC_SHAPE_SAMPLES };
const double nvc_shape_largest_share = 0.5;

struct nvc_shape_member nvc_shape_solve(double xx, double xu, double uu, double b, double c)
{
    const double det = xx * uu - xu * xu, A = (b * uu - c * xu) / det, B = (xu * b - xx * c) / det;
    struct nvc_shape_member m = { .share = det > 0 && A != 0 ? fmax(0, fmin(nvc_shape_largest_share, B / A)) : 0 };
    m.norm2 = xx - 2 * m.share * xu + m.share * m.share * uu;
    const double fit = b - m.share * c;
    m.amplitude = fit / m.norm2;
    m.gain = fit * m.amplitude;
    return m;
}

static void fill(const struct nvc_shape *s, struct nvc_shape_work *w)
{
    const struct nvc_shape_family *family = s->family;
    struct nvc_shape_surface *f = &w->surface;
    for (size_t k = 0; k < family->rank; k++)
        w->along[k] = nvc_dot(s->basis + s->n * k, w->z, s->n);
    for (size_t i = 0; i < TTP; i++) {
        const double c = nvc_dot(family->under[i], w->along, family->rank);
        for (size_t g = i; g < GRID; g += TTP) {
            f->gain[g] = -1;
            if (!(s->lobe2[g] > 0))
                continue;
            const struct nvc_shape_member m = nvc_shape_solve(s->lobe2[g], s->cross[g], s->under2[i],
                                                              nvc_dot(family->lobe[g], w->along, family->rank), c);
            f->amplitude[g] = m.amplitude, f->share[g] = m.share, f->norm2[g] = m.norm2, f->gain[g] = m.gain;
        }
    }
}

double nvc_shape_vertex(double a, double b, double c, double *top)
{
    const double bend = a - 2 * b + c;
    *top = b;
    if (!(bend < 0) || a < 0 || c < 0)
        return 0;
    const double at = fmax(-0.5, fmin(0.5, 0.5 * (a - c) / bend));
    *top = b - 0.25 * (a - c) * at;
    return at;
}

double nvc_shape_gain(const struct nvc_shape_surface *f, long i, long j)
{
    return i < 0 || j < 0 || i >= TTP || j >= FWHM ? -1 : f->gain[i + TTP * j];
}

/* Vertex of the paraboloid around grid point (i, j), within half a step each way; along the axes alone where a corner is
 * outside the family or the surface does not bend down. */
static void summit(const struct nvc_shape_surface *f, long i, long j, double *di, double *dj)
{
    double top;
    const double here = nvc_shape_gain(f, i, j), left = nvc_shape_gain(f, i - 1, j), right = nvc_shape_gain(f, i + 1, j);
    const double below = nvc_shape_gain(f, i, j - 1), above = nvc_shape_gain(f, i, j + 1);
    const double corner[4] = { nvc_shape_gain(f, i - 1, j - 1), nvc_shape_gain(f, i + 1, j - 1), nvc_shape_gain(f, i - 1, j + 1), nvc_shape_gain(f, i + 1, j + 1) };
    *di = nvc_shape_vertex(left, here, right, &top);
    *dj = nvc_shape_vertex(below, here, above, &top);
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

void nvc_shape_blend(const double *here, const double *across, const double *up, const double *both, double wi, double wj, size_t n, double *out)
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
static void refine(const struct nvc_shape *s, struct nvc_shape_work *w, size_t g, struct nvc_shape_fit *fit)
{
    const struct nvc_shape_surface *f = &w->surface;
    double *x = w->x, *u = w->u, *z = w->z;
    const struct nvc_shape_family *a = s->family;
    const long i = (long)(g % TTP), j = (long)(g / TTP);
    double di, dj, at[RANK], lobe[SAMPLES], under[SAMPLES];
    summit(f, i, j, &di, &dj);
    const long ni = di < 0 ? i - 1 : i + 1, nj = dj < 0 ? j - 1 : j + 1;
    double wi = fabs(di), wj = fabs(dj);
    if (wi > 0 && wj > 0 && nvc_shape_gain(f, ni, nj) < 0)
        wi = wj = 0;
    const size_t here = (size_t)(i + TTP * j), across = wi > 0 ? (size_t)(ni + TTP * j) : here;
    const size_t up = wj > 0 ? (size_t)(i + TTP * nj) : here, both = wi > 0 && wj > 0 ? (size_t)(ni + TTP * nj) : wi > 0 ? across : up;
    const size_t own = (size_t)i, beside = wi > 0 ? (size_t)ni : own;
    nvc_shape_blend(a->lobe[here], a->lobe[across], a->lobe[up], a->lobe[both], wi, wj, a->rank, at);
    column_of(s, at, x);
    nvc_shape_blend(a->under[own], a->under[beside], a->under[own], a->under[beside], wi, 0, a->rank, at);
    column_of(s, at, u);
    const struct nvc_shape_member m = nvc_shape_solve(nvc_dot(x, x, s->n), nvc_dot(x, u, s->n), nvc_dot(u, u, s->n), nvc_dot(x, z, s->n),
                                                      nvc_dot(u, z, s->n));
    fit->amplitude = m.amplitude, fit->undershoot_share = m.share, w->norm2 = m.norm2, w->gain = m.gain;
    const double step_i = nvc_shape_ttp(1) - nvc_shape_ttp(0), step_j = nvc_shape_fwhm(1) - nvc_shape_fwhm(0);
    fit->lobe_ttp_s = nvc_shape_ttp((size_t)i) + (di < 0 ? -wi : wi) * step_i;
    fit->lobe_fwhm_s = nvc_shape_fwhm((size_t)j) + (dj < 0 ? -wj : wj) * step_j;
    nvc_subtract(x, fit->undershoot_share, u, s->n);
    nvc_shape_blend(a->lobe_integral[here], a->lobe_integral[across], a->lobe_integral[up], a->lobe_integral[both], wi, wj, SAMPLES, lobe);
    nvc_shape_blend(a->under_integral[own], a->under_integral[beside], a->under_integral[own], a->under_integral[beside], wi, 0, SAMPLES, under);
    fit->height = fit->amplitude * nvc_shape_event_peak(lobe, under, fit->undershoot_share, s->event_duration_s);
}

/* Tents against nothing, and beside the fitted response x. */
static void tests(const struct nvc_shape *s, const double *z, const double *x, double zz, struct nvc_shape_fit *fit)
{
    const double k = (double)s->n_tents, left = (double)(s->n - s->whitener.n_nuisance) - k;
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

void nvc_shape_locate(const struct nvc_shape *s, struct nvc_shape_work *w, struct nvc_shape_fit *fit)
{
    enum { POINTS = 641 };
    const double dt_s = 0.05;
    double h[POINTS];
    size_t best = 0;
    fill(s, w);
    for (size_t g = 0; g < GRID; g++)
        if (w->surface.gain[g] > w->surface.gain[best])
            best = g;
    refine(s, w, best, fit);
    w->gain = fmax(w->gain, w->surface.gain[best]);
    nvc_shape_curve(fit, dt_s, POINTS, h);
    fit->curve = nvc_curve_measure(h, POINTS, dt_s, 12);
}

static int work_new(struct nvc_shape_work **w, const struct nvc_shape *s, struct nvc_error *err)
{
    if (!(*w = nvc_array(1, sizeof **w, err)))
        return NVC_ESYS;
    if (!((*w)->z = nvc_array(3 * s->n, sizeof *(*w)->z, err)))
        return NVC_ESYS;
    (*w)->x = (*w)->z + s->n, (*w)->u = (*w)->x + s->n;
    return 0;
}

static void work_free(struct nvc_shape_work *w)
{
    if (w)
        free(w->z);
    free(w);
}

/* Everything but intervals. */
static int fit_series(const struct nvc_shape *s, const double *y, struct nvc_shape_work *w, struct nvc_shape_fit *fit, struct nvc_error *err)
{
    const struct nvc_interval none = { NAN, NAN };
    *fit = (struct nvc_shape_fit){ .latency_s = NAN, .latency_se_s = NAN, .ttp_ci_s = none, .fwhm_ci_s = none, .height_ci = none,
                                   .onset_ci_s = none, .undershoot_ci = none, .undershoot_time_ci_s = none, .auc_ci = none };
    nvc_whitener_apply(&s->whitener, y, w->z);
    w->zz = nvc_dot(w->z, w->z, s->n);
    if (!(w->zz > 1e-18 * nvc_dot(y, y, s->n)))
        return nvc_fail(err, NVC_EDATA, "nothing varies beside the drift and the confounds");
    nvc_shape_locate(s, w, fit);
    fit->dof = (double)(s->n - s->whitener.n_nuisance) - 4;
    fit->rss = w->zz - w->gain;
    fit->sigma = sqrt(fit->rss / fit->dof);
    fit->amplitude_se = fit->sigma / sqrt(w->norm2);
    fit->z_fit = fit->amplitude / fit->amplitude_se;
    tests(s, w->z, w->x, w->zz, fit);
    return 0;
}

int nvc_shape_point(const struct nvc_shape *s, const double *y, struct nvc_shape_fit *fit, struct nvc_error *err)
{
    struct nvc_shape_work *w = NULL;
    int status = work_new(&w, s, err);
    if (!status)
        status = fit_series(s, y, w, fit, err);
    work_free(w);
    return status;
}

int nvc_shape_estimate(const struct nvc_shape *s, const double *y, const struct nvc_shape_bootstrap *how, struct nvc_shape_fit *fit,
                       struct nvc_shape_band *band, struct nvc_error *err)
{
    struct nvc_shape_work *w = NULL;
    int status = work_new(&w, s, err);
    if (!status && !(status = fit_series(s, y, w, fit, err))) {
        nvc_shape_intervals(s, w, fit, band);
        if (how)
            status = nvc_shape_resample(s, w, how, fit, err);
    }
    work_free(w);
    return status;
}
