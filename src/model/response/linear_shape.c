#include "model/response/linear_internal.h"
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/random.h"
#include "math/vector.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = NVC_LINEAR_SAMPLES };
static const double sample_s = 0.05;

/* Peak of the response to the declared event of an impulse response h. */
static double event_height(const double *h, double sign, double duration_s)
{
    double integral[NVC_SHAPE_SAMPLES] = { 0 };
    for (size_t i = 0; i + 1 < NVC_SHAPE_SAMPLES; i++)
        integral[i + 1] = integral[i] + (i + 1 < SAMPLES ? sign * (h[i] + h[i + 1]) / 2 * sample_s : 0);
    return sign * nvc_shape_event_peak(integral, integral, 0, duration_s);
}

/* The indices of one set of coefficients. */
static void describe(const struct nvc_linear *l, const double *beta, double *h, struct nvc_curve_shape *curve, double *height)
{
    const bool informed = l->spec.kind == NVC_LINEAR_INFORMED;
    cblas_dgemv(CblasColMajor, CblasNoTrans, SAMPLES, (int)l->k, 1, l->curve, SAMPLES, beta, 1, 0, h, 1);
    *curve = nvc_curve_measure(h, SAMPLES, sample_s, informed ? 12 : fmin(0.8 * l->spec.length_s, 12));
    *height = informed && curve->height != 0 ? event_height(h, curve->height > 0 ? 1 : -1, l->event_duration_s) : curve->height;
}

static double error_at(const struct nvc_linear *l, const double *root, size_t sample)
{
    double variance = 0;
    for (size_t j = 0; j < l->k; j++) {
        double s = 0;
        for (size_t i = 0; i < l->k; i++)
            s += l->curve[sample + SAMPLES * i] * root[i + l->k * j];
        variance += s * s;
    }
    return sqrt(variance);
}

static void fill_band(const struct nvc_linear *l, const struct nvc_linear_posterior *p, const double *h, struct nvc_shape_band *band)
{
    const double t = nvc_t_critical(0.95, p->dof);
    for (size_t i = 0; i < NVC_SHAPE_POINTS; i++) {
        const double reach = t * error_at(l, p->root, 2 * i);
        band->value[i] = h[2 * i];
        band->low[i] = h[2 * i] - reach;
        band->high[i] = h[2 * i] + reach;
    }
}

static int draw_intervals(const struct nvc_linear *l, const struct nvc_linear_posterior *p, const struct nvc_shape_bootstrap *how,
                          struct nvc_shape_fit *fit, struct nvc_error *err)
{
    const size_t B = how->replicates < 20 ? 0 : (size_t)how->replicates, k = l->k;
    double *draws = nvc_array(B * (NVC_DRAWS + 1) + k + SAMPLES, sizeof *draws, err);
    if (!draws)
        return NVC_ESYS;
    double *work = draws + B * NVC_DRAWS, *beta = work + B, *h = beta + k;
    for (size_t b = 0; b < B; b++) {
        struct nvc_rng rng;
        struct nvc_curve_shape curve;
        double height;
        nvc_rng_init(&rng, how->seed, how->stream * 1000003 + b);
        memcpy(beta, p->beta, k * sizeof *beta);
        for (size_t j = 0; j < k; j++)
            nvc_subtract(beta, -nvc_rng_normal(&rng), p->root + k * j, k);
        describe(l, beta, h, &curve, &height);
        nvc_shape_draw(&curve, height, draws + NVC_DRAWS * b);
    }
    if (B > 0)
        nvc_shape_use_draws(draws, B, NVC_DRAWS_ALL, fit, work);
    free(draws);
    return 0;
}

/* -b2 / b1 s; undefined where the canonical part is not above its noise. */
static void latency(const struct nvc_linear_posterior *p, struct nvc_shape_fit *fit)
{
    enum { K = 3 };
    double v[2][2] = { { 0 } };
    for (size_t a = 0; a < 2; a++)
        for (size_t b = 0; b < 2; b++)
            for (size_t j = 0; j < K; j++)
                v[a][b] += p->root[a + K * j] * p->root[b + K * j];
    const double b1 = p->beta[0], ratio = p->beta[1] / b1;
    if (!(b1 * b1 > 4 * v[0][0]))
        return;
    fit->latency_s = -ratio;
    fit->latency_se_s = sqrt(v[1][1] - 2 * ratio * v[0][1] + ratio * ratio * v[0][0]) / fabs(b1);
    const double reach = nvc_t_critical(0.95, fit->dof) * fit->latency_se_s;
    fit->latency_ci_s = (struct nvc_interval){ fit->latency_s - reach, fit->latency_s + reach };
}

static void omnibus(const struct nvc_linear *l, const double *z, double zz, double *along, struct nvc_shape_fit *fit)
{
    const double left = (double)(l->n - l->whitener.n_nuisance - l->k);
    double explained = 0, beyond = 0;
    for (size_t j = 0; j < l->k; j++) {
        along[j] = nvc_dot(l->f.Q + l->n * j, z, l->n);
        explained += along[j] * along[j];
    }
    fit->rss = zz - explained, fit->dof = left, fit->sigma = sqrt(fit->rss / left);
    fit->F_dof = (double)l->k;
    fit->F = explained / fit->F_dof / (fit->rss / left);
    fit->F_p = nvc_f_sf(fit->F, fit->F_dof, left);
    for (size_t j = 0; j < l->n_tents; j++)
        beyond += pow(nvc_dot(l->tent + l->n * j, z, l->n), 2);
    if (!l->n_tents)
        return;
    fit->misfit_dof = (double)l->n_tents;
    fit->misfit_F = beyond / fit->misfit_dof / ((fit->rss - beyond) / (left - fit->misfit_dof));
    fit->misfit_p = nvc_f_sf(fit->misfit_F, fit->misfit_dof, left - fit->misfit_dof);
}

/* Coefficients and their distribution: least squares, or REML. */
static int solve(const struct nvc_linear *l, const double *z, double zz, struct nvc_linear_posterior *p, struct nvc_shape_fit *fit,
                 struct nvc_error *err)
{
    const int k = (int)l->k;
    double *along = nvc_array(l->k, sizeof *along, err);
    if (!along)
        return NVC_ESYS;
    omnibus(l, z, zz, along, fit);
    p->sigma = fit->sigma, p->dof = fit->dof;
    cblas_dgemv(CblasColMajor, CblasNoTrans, k, k, 1, l->f.T, k, along, 1, 0, p->beta, 1);
    for (size_t i = 0; i < l->k * l->k; i++)
        p->root[i] = p->sigma * l->f.T[i];
    free(along);
    return l->spec.kind == NVC_LINEAR_SMOOTH ? nvc_linear_smooth(l, z, zz, p, err) : 0;
}

int nvc_linear_estimate(const struct nvc_linear *l, const double *y, const struct nvc_shape_bootstrap *how, struct nvc_shape_fit *fit,
                        struct nvc_shape_band *band, struct nvc_error *err)
{
    const struct nvc_interval none = { NAN, NAN };
    double *z = nvc_array(l->n + l->k * (l->k + 1) + SAMPLES, sizeof *z, err);
    if (!z)
        return NVC_ESYS;
    struct nvc_linear_posterior p = { .beta = z + l->n, .root = z + l->n + l->k };
    double *h = p.root + l->k * l->k;
    *fit = (struct nvc_shape_fit){ .lobe_ttp_s = NAN, .lobe_fwhm_s = NAN, .undershoot_share = NAN,
                                   .has_latency = l->spec.kind == NVC_LINEAR_INFORMED, .latency_s = NAN, .latency_se_s = NAN, .latency_ci_s = none,
                                   .ttp_ci_s = none, .fwhm_ci_s = none, .height_ci = none, .onset_ci_s = none, .undershoot_ci = none,
                                   .undershoot_time_ci_s = none, .auc_ci = none, .misfit_F = NAN, .misfit_dof = NAN, .misfit_p = NAN };
    nvc_whitener_apply(&l->whitener, y, z);
    const double zz = nvc_dot(z, z, l->n);
    int status = zz > 1e-18 * nvc_dot(y, y, l->n) ? solve(l, z, zz, &p, fit, err)
                                                  : nvc_fail(err, NVC_EDATA, "nothing varies beside the drift and the confounds");
    if (!status) {
        describe(l, p.beta, h, &fit->curve, &fit->height);
        fit->amplitude = fit->curve.height;
        fit->amplitude_se = error_at(l, p.root, isnan(fit->curve.ttp_s) ? 0 : (size_t)round(fit->curve.ttp_s / sample_s));
        fit->z_fit = fit->amplitude / fit->amplitude_se;
        if (l->spec.kind == NVC_LINEAR_INFORMED)
            latency(&p, fit);
        if (band)
            fill_band(l, &p, h, band);
        status = how ? draw_intervals(l, &p, how, fit, err) : 0;
    }
    free(z);
    return status;
}
