/* The family of responses, and its columns for one design. */
#include "model/shape_internal.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "math/vector.h"

#include <gsl/gsl_sf_lambert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { GRID = NVC_SHAPE_TTP * NVC_SHAPE_FWHM, SUPPORT = 36, PER_S = 20, SAMPLES = SUPPORT * PER_S + 1 }; /* s of response kept, samples per s of its integral */
static const double first_ttp_s = 2.5, ttp_step_s = 0.25, first_fwhm_s = 2, fwhm_step_s = 0.25, widest = 1.9, tent_s = 2;
static const double under_delay_s = 10, under_fwhm_s = 9.2;

double nvc_shape_ttp(size_t i) { return first_ttp_s + ttp_step_s * (double)i; }
double nvc_shape_fwhm(size_t j) { return first_fwhm_s + fwhm_step_s * (double)j; }

/* A gamma lobe (t/m)^p exp(-p (t/m - 1)) is at half height where x - log x - 1 = c = log 2 / p, x = t/m: at the two
 * branches of Lambert's W of -exp(-1 - c).  The width grows with c. */
static double half_width(double c)
{
    const double at = -exp(-1 - c);
    return gsl_sf_lambert_W0(at) - gsl_sf_lambert_Wm1(at);
}

static double power_of(double ttp_s, double fwhm_s)
{
    double low = 1e-4, high = 20;
    for (int i = 0; i < 50; i++) {
        const double c = sqrt(low * high);
        *(half_width(c) > fwhm_s / ttp_s ? &high : &low) = c;
    }
    return log(2) / high;
}

static double gamma_lobe(double t_s, double mode_s, double power)
{
    const double x = t_s / mode_s;
    return x > 0 ? exp(power * (log(x) - x + 1)) : 0;
}

double nvc_shape_lobe(double t_s, double ttp_s, double fwhm_s)
{
    return gamma_lobe(t_s, ttp_s, power_of(ttp_s, fwhm_s));
}

/* Running integral of a kernel, every 1 / PER_S s. */
typedef double kernel_fn(double t_s, const double *at);
static void integrate(kernel_fn *kernel, const double *at, double *integral)
{
    integral[0] = 0;
    for (int i = 0; i < SUPPORT * PER_S; i++)
        integral[i + 1] = integral[i] + kernel((i + 0.5) / PER_S, at) / PER_S;
}

static double read_integral(const double *integral, double t_s)
{
    const double x = t_s * PER_S;
    if (x <= 0)
        return 0;
    if (x >= SUPPORT * PER_S)
        return integral[SUPPORT * PER_S];
    const size_t i = (size_t)x;
    return integral[i] + (x - (double)i) * (integral[i + 1] - integral[i]);
}

/* Response of all events at the frame times.  An event of no duration is an impulse: a box of one sample of the
 * integral around its onset, rescaled. */
static void column(const struct nvc_shape_problem *p, const double *integral, double *x)
{
    memset(x, 0, p->n * sizeof *x);
    for (size_t e = 0; e < p->n_events; e++) {
        const double width = fmax(p->duration_s[e], 1.0 / PER_S), gain = p->duration_s[e] > 0 ? 1 : PER_S;
        const double onset = p->onset_s[e] - (p->duration_s[e] > 0 ? 0 : width / 2);
        size_t t = 0;
        for (size_t high = p->n; t < high;) { /* first volume after the onset */
            const size_t middle = (t + high) / 2;
            *(p->time_s[middle] > onset ? &high : &t) = middle + (p->time_s[middle] <= onset);
        }
        for (double since; t < p->n && (since = p->time_s[t] - onset) - width < SUPPORT; t++)
            x[t] += gain * (read_integral(integral, since) - read_integral(integral, since - width));
    }
}

struct nvc_shape_family {
    double lobe[GRID][SAMPLES], under[NVC_SHAPE_TTP][SAMPLES], tent[NVC_SHAPE_TENTS][SAMPLES]; /* integrals */
};

static double lobe_kernel(double t_s, const double *at) { return gamma_lobe(t_s, at[0], at[1]); }
static double tent_kernel(double t_s, const double *at) { return fmax(0, 1 - fabs(t_s - at[0]) / tent_s); }

static bool in_family(size_t i, size_t j) { return nvc_shape_fwhm(j) <= widest * nvc_shape_ttp(i); }

int nvc_shape_family_new(struct nvc_shape_family **family, struct nvc_error *err)
{
    struct nvc_shape_family *f = *family = nvc_array(1, sizeof *f, err);
    if (!f)
        return NVC_ESYS;
    for (size_t i = 0; i < NVC_SHAPE_TTP; i++) {
        const double ttp = nvc_shape_ttp(i), under = ttp + under_delay_s;
        const double below[2] = { under, power_of(under, under_fwhm_s) };
        integrate(lobe_kernel, below, f->under[i]);
        for (size_t j = 0; j < NVC_SHAPE_FWHM; j++) {
            const double at[2] = { ttp, in_family(i, j) ? power_of(ttp, nvc_shape_fwhm(j)) : 1 };
            integrate(lobe_kernel, at, f->lobe[i + NVC_SHAPE_TTP * j]);
        }
    }
    for (size_t k = 0; k < NVC_SHAPE_TENTS; k++) {
        const double at = tent_s * (double)(k + 1);
        integrate(tent_kernel, &at, f->tent[k]);
    }
    return 0;
}

void nvc_shape_family_free(struct nvc_shape_family *family) { free(family); }

static void whiten(const struct nvc_shape *s, const double *y, double *out)
{
    out[0] = y[0] * sqrt(1 - s->ar * s->ar);
    for (size_t t = 1; t < s->n; t++)
        out[t] = y[t] - s->ar * y[t - 1];
}

static void project(const struct nvc_shape *s, double *x)
{
    for (size_t k = 0; k < s->n_nuisance; k++) {
        const double *q = s->nuisance + s->n * k, c = nvc_dot(q, x, s->n);
        nvc_subtract(x, c, q, s->n);
    }
}

void nvc_shape_clean(const struct nvc_shape *s, const double *y, double *out)
{
    whiten(s, y, out);
    project(s, out);
}

static int whiten_nuisance(struct nvc_shape *s, const struct nvc_shape_problem *p, struct nvc_error *err)
{
    struct nvc_lsq f = { 0 };
    double *W = nvc_array(p->n * p->n_nuisance, sizeof *W, err);
    if (!W || !(s->nuisance = nvc_array(p->n * p->n_nuisance, sizeof *s->nuisance, err))) {
        free(W);
        return NVC_ESYS;
    }
    for (size_t k = 0; k < p->n_nuisance; k++)
        whiten(s, p->nuisance + p->n * k, W + p->n * k);
    int status = nvc_lsq_init(&f, W, p->n, p->n_nuisance, err);
    if (!status) {
        s->n_nuisance = f.rank;
        memcpy(s->nuisance, f.Q, p->n * f.rank * sizeof *f.Q);
    }
    nvc_lsq_release(&f);
    free(W);
    return status;
}

/* Highest point of the response to one event of the declared duration. */
static double event_peak(const double *integral, double duration_s)
{
    const double width = fmax(duration_s, 1.0 / PER_S), gain = duration_s > 0 ? 1 : PER_S;
    double most = 0;
    for (int i = 0; i < 2 * SAMPLES; i++) {
        const double t = (double)i / PER_S;
        most = fmax(most, read_integral(integral, t) - read_integral(integral, t - width));
    }
    return gain * most;
}

static void build_grid(struct nvc_shape *s, const struct nvc_shape_family *family, const struct nvc_shape_problem *p, double *raw)
{
    for (size_t i = 0; i < NVC_SHAPE_TTP; i++) {
        double *u = s->under + s->n * i;
        column(p, family->under[i], raw);
        nvc_shape_clean(s, raw, u);
        s->under2[i] = nvc_dot(u, u, s->n);
        for (size_t j = 0; j < NVC_SHAPE_FWHM; j++) {
            const size_t g = i + NVC_SHAPE_TTP * j;
            double *x = s->lobe + s->n * g;
            if (!in_family(i, j))
                continue;
            column(p, family->lobe[g], raw);
            nvc_shape_clean(s, raw, x);
            s->peak[g] = event_peak(family->lobe[g], s->event_duration_s);
            s->lobe2[g] = nvc_dot(x, x, s->n);
            s->cross[g] = nvc_dot(x, u, s->n);
        }
    }
}

/* Tents every 2 s beside the nuisance, orthonormal: the space of any shape. */
static void build_tents(struct nvc_shape *s, const struct nvc_shape_family *family, const struct nvc_shape_problem *p, double *raw)
{
    s->n_tents = 0;
    for (size_t k = 0; k < NVC_SHAPE_TENTS; k++) {
        double *x = s->tent + s->n * s->n_tents;
        column(p, family->tent[k], raw);
        nvc_shape_clean(s, raw, x);
        const double before = nvc_dot(x, x, s->n);
        for (int pass = 0; pass < 2; pass++)
            for (size_t l = 0; l < s->n_tents; l++) {
                const double c = nvc_dot(s->tent + s->n * l, x, s->n);
                nvc_subtract(x, c, s->tent + s->n * l, s->n);
            }
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
    free(s->nuisance);
    free(s->lobe);
    free(s->under);
    free(s->lobe2);
    free(s->cross);
    free(s->under2);
    free(s->peak);
    free(s->tent);
    free(s);
}

int nvc_shape_new(struct nvc_shape **out, const struct nvc_shape_family *family, const struct nvc_shape_problem *p,
                  struct nvc_error *err)
{
    struct nvc_shape *s = *out = nvc_array(1, sizeof *s, err);
    double *raw = nvc_array(p->n, sizeof *raw, err);
    int status = NVC_ESYS;
    if (!s || !raw)
        goto out;
    s->n = p->n, s->ar = p->ar, s->event_duration_s = p->event_duration_s;
    if (p->n_events < 3 || p->n < p->n_nuisance + NVC_SHAPE_TENTS + 10) {
        status = p->n_events < 3 ? nvc_fail(err, NVC_EDATA, "%zu events are too few for a shape (need 3)", p->n_events)
                                 : nvc_fail(err, NVC_EDATA, "%zu volumes are too few for a shape beside %zu nuisance columns",
                                            p->n, p->n_nuisance);
        goto out;
    }
    if (!(s->lobe = nvc_array(s->n * GRID, sizeof *s->lobe, err)) || !(s->lobe2 = nvc_array(GRID, sizeof *s->lobe2, err)) ||
        !(s->cross = nvc_array(GRID, sizeof *s->cross, err)) ||
        !(s->under = nvc_array(s->n * NVC_SHAPE_TTP, sizeof *s->under, err)) ||
        !(s->under2 = nvc_array(NVC_SHAPE_TTP, sizeof *s->under2, err)) ||
        !(s->peak = nvc_array(GRID, sizeof *s->peak, err)) ||
        !(s->tent = nvc_array(s->n * NVC_SHAPE_TENTS, sizeof *s->tent, err)) || (status = whiten_nuisance(s, p, err)))
        goto out;
    build_grid(s, family, p, raw);
    build_tents(s, family, p, raw);
    status = 0;
out:
    free(raw);
    if (status) {
        nvc_shape_free(s);
        *out = NULL;
    }
    return status;
}

void nvc_shape_curve(const struct nvc_shape_fit *fit, double dt_s, size_t n, double *h)
{
    const double under = fit->lobe_ttp_s + under_delay_s;
    const double p = power_of(fit->lobe_ttp_s, fit->lobe_fwhm_s), q = power_of(under, under_fwhm_s);
    for (size_t i = 0; i < n; i++) {
        const double t = (double)i * dt_s;
        h[i] = fit->amplitude * (gamma_lobe(t, fit->lobe_ttp_s, p) - fit->undershoot_share * gamma_lobe(t, under, q));
    }
}
