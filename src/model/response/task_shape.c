#include "model/response/task_shape.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/lsq.h"
#include "model/glm/ar_debias.h"
#include "model/response/shape_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct condition { /* its own events, and the design without it */
    double *onset_s, *duration_s, *weight, *modulation; /* modulation: n_events x modulators, centred */
    double *nuisance;
    struct nvc_shape_problem problem;
};

struct nvc_task_shape {
    struct nvc_task_shape_spec spec;
    struct nvc_lsq f;          /* of the whole design */
    struct nvc_ar_debias noise;
    struct condition *conditions;
    size_t n_conditions;       /* the events may be gone when this is freed */
    struct nvc_shape_family *family;
};

void nvc_task_shape_free(struct nvc_task_shape *t)
{
    if (!t)
        return;
    for (size_t k = 0; t->conditions && k < t->n_conditions; k++) {
        free(t->conditions[k].onset_s);
        free(t->conditions[k].nuisance);
    }
    free(t->conditions);
    nvc_lsq_release(&t->f);
    nvc_shape_family_free(t->family);
    free(t);
}

static void centre(double *x, size_t n)
{
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        x[i] -= mean;
}

static int gather(struct nvc_task_shape *t, size_t k, struct nvc_error *err)
{
    const struct nvc_design *d = t->spec.design;
    const struct nvc_events *e = t->spec.events;
    struct condition *c = t->conditions + k;
    if (!(c->onset_s = nvc_array((3 + e->n_modulators) * e->n, sizeof *c->onset_s, err)) ||
        !(c->nuisance = nvc_array(d->n_rows * d->n_cols, sizeof *c->nuisance, err)))
        return NVC_ESYS;
    c->duration_s = c->onset_s + e->n, c->weight = c->duration_s + e->n, c->modulation = c->weight + e->n;
    struct nvc_shape_problem *p = &c->problem;
    *p = (struct nvc_shape_problem){ .n = d->n_rows, .time_s = t->spec.time_s, .onset_s = c->onset_s, .duration_s = c->duration_s,
                                     .weight = c->weight, .nuisance = c->nuisance, .event_duration_s = t->spec.durations_s[k] };
    const double first = p->time_s[0] - NVC_SHAPE_SUPPORT, last = p->time_s[p->n - 1];
    for (size_t i = 0; i < e->n; i++)
        if (e->condition[i] == k && e->onset_s[i] < last && e->onset_s[i] + e->duration_s[i] > first) { /* others answer outside the run */
            c->onset_s[p->n_events] = e->onset_s[i], c->duration_s[p->n_events] = e->duration_s[i], c->weight[p->n_events] = e->weight[i];
            for (size_t m = 0; m < e->n_modulators; m++)
                c->modulation[p->n_events + e->n * m] = e->modulation[i + e->n * m];
            p->n_events++;
        }
    for (size_t m = 0; m < e->n_modulators; m++)
        centre(c->modulation + e->n * m, p->n_events);
    for (size_t j = 0; j < d->n_cols; j++) {
        const char *own = d->columns[j].role == NVC_ROLE_TASK ? d->columns[j].condition : NULL;
        if (!own || strcmp(own, e->conditions[k]))
            memcpy(c->nuisance + d->n_rows * p->n_nuisance++, d->X + d->n_rows * j, d->n_rows * sizeof *d->X);
    }
    return 0;
}

int nvc_task_shape_new(struct nvc_task_shape **out, const struct nvc_task_shape_spec *spec, struct nvc_error *err)
{
    const struct nvc_design *d = spec->design;
    struct nvc_task_shape *t = *out = nvc_array(1, sizeof *t, err);
    if (!t)
        return NVC_ESYS;
    t->spec = *spec, t->n_conditions = spec->events->n_conditions;
    int status = nvc_lsq_init(&t->f, d->X, d->n_rows, d->n_cols, err);
    if (!status && t->f.rank < d->n_cols)
        status = nvc_fail(err, NVC_EDATA, "the design is rank-deficient (%zu of %zu columns): leave out confounds, or one of two conditions "
                          "whose events coincide", t->f.rank, d->n_cols);
    if (!status)
        status = nvc_ar_debias_init(&t->noise, t->f.Q, d->n_rows, d->n_cols, err);
    if (!status && !(t->conditions = nvc_array(spec->events->n_conditions, sizeof *t->conditions, err)))
        status = NVC_ESYS;
    for (size_t k = 0; k < spec->events->n_conditions && !status; k++)
        status = gather(t, k, err);
    if (!status && spec->method == NVC_TASK_PARAMETRIC)
        status = nvc_shape_family_new(&t->family, err);
    if (status) {
        nvc_task_shape_free(t);
        *out = NULL;
    }
    return status;
}

/* AR(1) of the noise of one series; work: columns + rows. */
static double noise_of(const struct nvc_task_shape *t, const double *y, double *work)
{
    nvc_lsq_solve(&t->f, y, work, work + t->f.m);
    return nvc_ar_debias_estimate(&t->noise, work + t->f.m, t->f.n);
}

static int fit_parametric(const struct nvc_task_shape *t, const struct nvc_shape_problem *p, const struct nvc_shape_bootstrap *how,
                          const double *y, struct nvc_shape_fit *fit, struct nvc_shape_band *band, struct nvc_error *err)
{
    struct nvc_shape *s;
    int status = nvc_shape_new(&s, t->family, p, err);
    if (!status)
        status = nvc_shape_estimate(s, y, how, fit, band, err);
    nvc_shape_free(s);
    return status;
}

static int fit_linear(const struct nvc_task_shape *t, const struct nvc_shape_problem *p, const struct nvc_shape_bootstrap *how,
                      const double *y, struct nvc_shape_fit *fit, struct nvc_shape_band *band, struct nvc_error *err)
{
    static const enum nvc_linear_kind kinds[] = { [NVC_TASK_FIR] = NVC_LINEAR_FIR, [NVC_TASK_SMOOTH] = NVC_LINEAR_SMOOTH,
                                                  [NVC_TASK_INFORMED] = NVC_LINEAR_INFORMED };
    const struct nvc_linear_spec spec = { kinds[t->spec.method], t->spec.bin_s, t->spec.length_s };
    struct nvc_linear *l;
    int status = nvc_linear_new(&l, &spec, p, err);
    if (!status)
        status = nvc_linear_estimate(l, y, how, fit, band, err);
    nvc_linear_free(l);
    return status;
}

int nvc_task_shape_fit(const struct nvc_task_shape *t, const double *y, uint64_t stream, struct nvc_shape_fit *fits,
                       struct nvc_shape_band *bands, double *ar, struct nvc_error *err)
{
    const struct nvc_events *e = t->spec.events;
    double *work = nvc_array(t->f.n + t->f.m, sizeof *work, err);
    int status = work ? 0 : NVC_ESYS;
    if (!status)
        *ar = noise_of(t, y, work);
    free(work);
    for (size_t k = 0; k < e->n_conditions && !status; k++) {
        struct nvc_shape_problem p = t->conditions[k].problem;
        struct nvc_shape_bootstrap how = t->spec.bootstrap;
        p.ar = *ar, how.stream = stream * e->n_conditions + k;
        if ((status = (t->spec.method == NVC_TASK_PARAMETRIC ? fit_parametric : fit_linear)(t, &p, &how, y, fits + k, bands + k, err)))
            status = nvc_fail_in(err, "condition '%s'", e->conditions[k]);
    }
    return status;
}

/* The fitted response to the events, once as they are and once per modulator; n x (1 + modulators), whitened. */
static int modulated_columns(const struct nvc_task_shape *t, const struct condition *c, const struct nvc_whitener *w,
                             const struct nvc_shape_fit *fit, double *X, struct nvc_error *err)
{
    const size_t n = c->problem.n, n_events = t->spec.events->n;
    struct nvc_shape_fit one = *fit;
    double h[2 * NVC_SHAPE_SAMPLES];
    double (*integral)[NVC_SHAPE_WIDE] = nvc_array(NVC_SHAPE_SAMPLES, sizeof *integral, err), *raw = nvc_array(n, sizeof *raw, err);
    double *weight = nvc_array(n_events, sizeof *weight, err);
    int status = integral && raw && weight ? 0 : NVC_ESYS;
    one.amplitude = 1;
    nvc_shape_curve(&one, 0.5 / NVC_SHAPE_PER_S, 2 * NVC_SHAPE_SAMPLES, h);
    for (size_t i = 0; i + 1 < NVC_SHAPE_SAMPLES && !status; i++)
        integral[i + 1][0] = integral[i][0] + h[2 * i + 1] / NVC_SHAPE_PER_S;
    for (size_t m = 0; m <= t->spec.events->n_modulators && !status; m++) {
        struct nvc_shape_problem p = c->problem;
        for (size_t i = 0; i < p.n_events; i++)
            weight[i] = c->weight[i] * (m ? c->modulation[i + n_events * (m - 1)] : 1);
        p.weight = weight;
        if (!(status = nvc_shape_columns((const double (*)[NVC_SHAPE_WIDE])integral, 1, &p, raw, err)))
            nvc_whitener_apply(w, raw, X + n * m);
    }
    free(integral);
    free(raw);
    free(weight);
    return status;
}

int nvc_task_shape_slopes(const struct nvc_task_shape *t, size_t condition, const double *y, double ar, const struct nvc_shape_fit *fit,
                          struct nvc_slope *slopes, struct nvc_error *err)
{
    const struct condition *c = t->conditions + condition;
    const size_t n = c->problem.n, M = t->spec.events->n_modulators, k = M + 1;
    struct nvc_whitener w = { 0 };
    struct nvc_lsq f = { 0 };
    double *X = nvc_array(n * (k + 2) + k * (k + 1), sizeof *X, err);
    int status = X ? nvc_whitener_init(&w, c->nuisance, n, c->problem.n_nuisance, ar, err) : NVC_ESYS;
    for (size_t m = 0; m < M; m++)
        slopes[m] = (struct nvc_slope){ NAN, NAN, NAN, { NAN, NAN } };
    if (status || (status = modulated_columns(t, c, &w, fit, X, err)) || (status = nvc_lsq_init(&f, X, n, k, err)) || f.rank < k)
        goto out;
    double *z = X + n * k, *residual = z + n, *beta = residual + n, *V = beta + k;
    nvc_whitener_apply(&w, y, z);
    const double dof = (double)(n - w.n_nuisance - k) - 3, per = fit->height / fit->amplitude;
    const double sigma2 = nvc_lsq_solve(&f, z, beta, residual) / dof;
    nvc_lsq_covariance(&f, V);
    for (size_t m = 0; m < M; m++) {
        const double value = per * beta[m + 1], se = fabs(per) * sqrt(sigma2 * V[(m + 1) * (k + 1)]), reach = nvc_t_critical(0.95, dof) * se;
        slopes[m] = (struct nvc_slope){ value, se, dof, { value - reach, value + reach } };
    }
out:
    nvc_whitener_release(&w);
    nvc_lsq_release(&f);
    free(X);
    return status;
}

const char *const nvc_shape_map_names[NVC_SHAPE_MAPS] = { "height", "ttp", "fwhm", "z" };

enum { AR_STEPS = 73 };
static double ar_of(size_t step) { return 0.02 * ((double)step - 24); } /* -0.48 ... 0.96, as ar_debias.h */
static size_t step_of(double ar) { return (size_t)lround(ar / 0.02 + 24); }

/* Percent of the mean; false where there is none. */
static bool percent(const float *series, size_t n, double *y)
{
    double mean = 0, low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        y[i] = (double)series[i];
        mean += y[i] / (double)n, low = fmin(low, y[i]), high = fmax(high, y[i]);
    }
    if (!isfinite(mean) || !(mean > 0) || !(high > low))
        return false;
    for (size_t i = 0; i < n; i++)
        y[i] = 100 * (y[i] / mean - 1);
    return true;
}

/* A voxel that cannot be fitted is NaN; only a failing system ends the map. */
static int map_voxel(const struct nvc_shape *s, const double *y, const struct nvc_shape_print *print, float *to, size_t stride, struct nvc_error *err)
{
    struct nvc_shape_fit fit;
    double found[NVC_SHAPE_MAPS] = { NAN, NAN, NAN, NAN };
    const int status = nvc_shape_point(s, y, &fit, err);
    if (!status) {
        const bool inside = nvc_shape_inside(&fit), seen = fit.F_p < print->p && inside, strong = seen && fabs(fit.z_fit) >= print->z;
        found[NVC_SHAPE_MAP_HEIGHT] = fit.height;
        found[NVC_SHAPE_MAP_TTP] = seen ? fit.curve.ttp_s : NAN;
        found[NVC_SHAPE_MAP_FWHM] = strong ? fit.curve.fwhm_s : NAN;
        found[NVC_SHAPE_MAP_Z] = fit.z_fit;
    }
    for (size_t k = 0; k < NVC_SHAPE_MAPS; k++)
        to[stride * k] = (float)found[k];
    return status == NVC_ESYS ? status : 0;
}

/* One design for each step of the noise that a voxel has; shapes: AR_STEPS. */
static int build_shapes(const struct nvc_task_shape *t, size_t condition, const unsigned char *step, size_t n_voxels, struct nvc_shape **shapes,
                        struct nvc_error *err)
{
    int status = 0;
    for (size_t v = 0; v < n_voxels && !status; v++)
        if (step[v] < AR_STEPS && !shapes[step[v]]) {
            struct nvc_shape_problem p = t->conditions[condition].problem;
            p.ar = ar_of(step[v]);
            status = nvc_shape_new(shapes + step[v], t->family, &p, err);
        }
    return status ? nvc_fail_in(err, "condition '%s'", t->spec.events->conditions[condition]) : 0;
}

int nvc_task_shape_maps(const struct nvc_task_shape *t, const float *Y, size_t n_voxels, int n_threads, const struct nvc_shape_print *print,
                        float *maps, struct nvc_error *err)
{
    const size_t n = t->f.n, room = 2 * n + t->f.m;
    unsigned char *step = nvc_array(n_voxels, sizeof *step, err);
    double *work = nvc_array(room * (size_t)n_threads, sizeof *work, err);
    int status = step && work ? 0 : NVC_ESYS;
#pragma omp parallel for num_threads(n_threads) schedule(static)
    for (int thread = 0; thread < n_threads; thread++) {
        double *y = work + room * (size_t)thread;
        for (size_t v = (size_t)thread; !status && v < n_voxels; v += (size_t)n_threads)
            step[v] = percent(Y + n * v, n, y) ? (unsigned char)step_of(noise_of(t, y, y + n)) : AR_STEPS;
    }
    for (size_t k = 0; k < t->spec.events->n_conditions && !status; k++) {
        struct nvc_shape *shapes[AR_STEPS] = { NULL };
        float *to = maps + n_voxels * NVC_SHAPE_MAPS * k;
        const int built = status = build_shapes(t, k, step, n_voxels, shapes, err);
#pragma omp parallel for num_threads(n_threads) schedule(static)
        for (int thread = 0; thread < n_threads; thread++) {
            double *y = work + room * (size_t)thread;
            struct nvc_error said;
            int mine = built;
            for (size_t v = (size_t)thread; !mine && v < n_voxels; v += (size_t)n_threads) {
                if (step[v] < AR_STEPS && percent(Y + n * v, n, y))
                    mine = map_voxel(shapes[step[v]], y, print, to + v, n_voxels, &said);
                else
                    for (size_t m = 0; m < NVC_SHAPE_MAPS; m++)
                        to[v + n_voxels * m] = NAN;
            }
#pragma omp critical
            if (mine && !status) {
                status = mine;
                *err = said;
            }
        }
        for (size_t s = 0; s < AR_STEPS; s++)
            nvc_shape_free(shapes[s]);
    }
    free(step);
    free(work);
    return status;
}
