#include "model/response/balloon_fit.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "model/glm/ar_debias.h"

#include <gsl/gsl_statistics_double.h>
#include <lapacke.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* The parameters that move: modes of the prior covariance, then the confounds. */
struct ascent {
    const struct nvc_balloon_problem *p;
    size_t n, m, r, q;       /* scans; parameters; modes; modes + confounds */
    double *prior, *cov;     /* m; m x m */
    double *mode, *spread;   /* m x r eigenvectors and their variances */
    double *J;               /* n x q: derivatives of the prediction */
    double ar, hyper;        /* of the noise: AR(1); prior precision of h */
    double *e, *raw, *trial; /* residual, whitened and as it is; prediction */
    double *at, *best;       /* q: position in modes and confounds */
    double *P, *C;           /* q x q: precision; posterior covariance */
    double *gradient, *theta;
    double h, h_best, h_prior, F, F_best;
};

static void whiten(double ar, size_t n, double *x)
{
    for (size_t t = n; t-- > 1;)
        x[t] -= ar * x[t - 1];
    x[0] *= sqrt(1 - ar * ar);
}

void nvc_balloon_fit_release(struct nvc_balloon_fit *fit)
{
    free(fit->prior_mean);
    free(fit->prior_sd);
    free(fit->mean);
    free(fit->sd);
    free(fit->covariance);
    free(fit->shrinkage);
    free(fit->fitted);
    free(fit->response);
    *fit = (struct nvc_balloon_fit){ 0 };
}

/* Parameters as modes from the prior mean. */
static void place(const struct ascent *a, const double *at, double *theta)
{
    memcpy(theta, a->prior, a->m * sizeof *theta);
    for (size_t k = 0; k < a->r; k++)
        for (size_t i = 0; i < a->m; i++)
            theta[i] += a->mode[i + a->m * k] * at[k];
}

/* Response of every scan, without confounds; false outside the model's domain. */
static bool predict(const struct ascent *a, const double *at, double *theta, double *drive, double *signal, double *out)
{
    const struct nvc_balloon_problem *p = a->p;
    struct nvc_error ignored;
    place(a, at, theta);
    const struct nvc_balloon b = nvc_balloon_with(&p->constants, theta);
    if (!(b.transit_s > 0.02 && b.alpha > 0.02 && b.e0 > 0.01 && b.e0 < 0.99 && b.decay > 0 && b.autoregulation > 0))
        return false;
    memset(drive, 0, p->n_bins * sizeof *drive);
    for (size_t k = 0; k < p->n_inputs; k++)
        for (size_t i = 0; i < p->n_bins; i++)
            drive[i] += theta[NVC_BALLOON_SHARED + k] * p->inputs[i + p->n_bins * k];
    if (nvc_balloon_integrate(&b, drive, p->n_bins, p->dt_s, signal, &ignored))
        return false;
    for (size_t i = 0; i < a->n; i++)
        out[i] = signal[i * p->bins_per_scan + p->first_bin];
    return true;
}

/* Residual at `at`, and the columns of J that belong to the modes, by central differences.  Each mode is an own
 * unit of work, so the result does not depend on the number of threads. */
static bool linearise(struct ascent *a)
{
    const size_t n = a->n, bins = a->p->n_bins, room = a->m + a->q + 2 * bins + n;
    bool good = true;
#pragma omp parallel for schedule(dynamic, 1) reduction(&& : good)
    for (size_t k = 0; k <= a->r; k++) {
        double *work = malloc(room * sizeof *work), *at = work + a->m, *drive = at + a->q, *signal = drive + bins;
        if (!work) {
            good = false;
            continue;
        }
        memcpy(at, a->at, a->q * sizeof *at);
        if (k == a->r)
            good = good && predict(a, at, work, drive, signal, a->trial);
        else {
            double *plus = a->J + n * k, *minus = signal + bins;
            const double step = 1e-4 * fmin(1, sqrt(a->spread[k]));
            at[k] += step;
            good = good && predict(a, at, work, drive, signal, plus);
            at[k] -= 2 * step;
            good = good && predict(a, at, work, drive, signal, minus);
            for (size_t i = 0; i < n && good; i++)
                plus[i] = (plus[i] - minus[i]) / (2 * step);
        }
        free(work);
    }
    for (size_t i = 0; i < n && good; i++) {
        a->raw[i] = a->p->y[i] - a->trial[i];
        for (size_t k = a->r; k < a->q; k++)
            a->raw[i] -= a->p->confounds[i + n * (k - a->r)] * a->at[k];
        a->e[i] = a->raw[i];
    }
    memcpy(a->J + n * a->r, a->p->confounds, n * a->p->n_confounds * sizeof *a->J);
    for (size_t k = 0; k < a->q && good; k++)
        whiten(a->ar, n, a->J + n * k);
    whiten(a->ar, n, a->e);
    return good;
}

static double prior_precision(const struct ascent *a, size_t k) { return k < a->r ? 1 / a->spread[k] : 1e-8; }

/* C = (exp(h) J'J + prior precision)^-1 through its Cholesky factor; returns log |C|. */
static double posterior(struct ascent *a, const double *JJ, double h)
{
    const int q = (int)a->q;
    double log_det = 0;
    for (size_t i = 0; i < a->q * a->q; i++)
        a->C[i] = exp(h) * JJ[i];
    for (size_t k = 0; k < a->q; k++)
        a->C[k * (a->q + 1)] += prior_precision(a, k);
    if (LAPACKE_dpotrf(LAPACK_COL_MAJOR, 'L', q, a->C, q))
        return NAN;
    for (size_t k = 0; k < a->q; k++)
        log_det -= 2 * log(a->C[k * (a->q + 1)]);
    LAPACKE_dpotri(LAPACK_COL_MAJOR, 'L', q, a->C, q);
    for (size_t j = 0; j < a->q; j++)
        for (size_t i = 0; i < j; i++)
            a->C[i + a->q * j] = a->C[j + a->q * i];
    return log_det;
}

/* Most likely log precision of the noise given J and e (Newton), then the free energy. */
static double free_energy(struct ascent *a)
{
    const size_t n = a->n, q = a->q;
    const double hyper = a->hyper, half = (double)n / 2;
    double ee = 0, log_det = NAN;
    for (size_t j = 0; j < q; j++)
        for (size_t i = 0; i < q; i++) {
            double s = 0;
            for (size_t t = 0; t < n; t++)
                s += a->J[t + n * i] * a->J[t + n * j];
            a->P[i + q * j] = s;
        }
    for (size_t t = 0; t < n; t++)
        ee += a->e[t] * a->e[t];
    for (int pass = 0; pass < 64; pass++) {
        double trace = 0;
        log_det = posterior(a, a->P, a->h);
        if (isnan(log_det))
            return NAN;
        for (size_t i = 0; i < q * q; i++)
            trace += a->C[i] * a->P[i];
        const double slope = half - exp(a->h) * (ee + trace) / 2 - hyper * (a->h - a->h_prior);
        const double dh = fmax(-1, fmin(1, slope / (half + hyper)));
        a->h += dh;
        if (fabs(dh) < 1e-10)
            break;
    }
    const double d = a->h - a->h_prior;
    double F = half * a->h - exp(a->h) * ee / 2 - half * log(2 * M_PI) + log(1 - a->ar * a->ar) / 2;
    double prior = 0, log_prior = 0;
    for (size_t k = 0; k < q; k++) {
        prior += prior_precision(a, k) * a->at[k] * a->at[k];
        log_prior += log(prior_precision(a, k));
    }
    F += (log_prior + log_det) / 2 - prior / 2;
    return F + log(hyper / (half + hyper)) / 2 - hyper * d * d / 2;
}

/* One damped Gauss-Newton step from where J and e are; returns the gain it promises. */
static double step(struct ascent *a, double damping)
{
    const size_t n = a->n, q = a->q;
    const double precision = exp(a->h);
    double promise = 0;
    for (size_t k = 0; k < q; k++) {
        double s = 0;
        for (size_t t = 0; t < n; t++)
            s += a->J[t + n * k] * a->e[t];
        a->gradient[k] = precision * s - prior_precision(a, k) * a->at[k];
    }
    for (size_t i = 0; i < q * q; i++)
        a->C[i] = precision * a->P[i];
    for (size_t k = 0; k < q; k++) {
        a->C[k * (q + 1)] += prior_precision(a, k);
        if (k < a->r)
            a->C[k * (q + 1)] *= 1 + damping;
    }
    double *move = a->theta;
    memcpy(move, a->gradient, q * sizeof *move);
    if (LAPACKE_dposv(LAPACK_COL_MAJOR, 'L', (int)q, 1, a->C, (int)q, move, (int)q))
        return NAN;
    for (size_t k = 0; k < q; k++) {
        promise += a->gradient[k] * move[k];
        a->at[k] += move[k];
    }
    return promise;
}

/* Climb until a step gains less than `enough`.  A step that lowers F is taken back and damped tenfold. */
static int climb(struct ascent *a, double enough, struct nvc_balloon_fit *fit, struct nvc_error *err)
{
    const int first = fit->steps, most = first + (a->p->max_steps ? a->p->max_steps : 128);
    const double little = 1e-4; /* in log density: a hundredth of a posterior sd */
    double damping = 0.01, promise = INFINITY;
    a->F_best = -INFINITY;
    for (fit->converged = 0; fit->steps < most; fit->steps++) {
        const bool good = linearise(a);
        a->F = good ? free_energy(a) : NAN;
        if (a->F > a->F_best || (fit->steps == first && !isnan(a->F))) {
            const double gain = a->F - a->F_best;
            a->F_best = a->F, a->h_best = a->h;
            memcpy(a->best, a->at, a->q * sizeof *a->best);
            damping = fmax(damping / 10, 1e-8);
            if (fit->steps > first && gain < enough && promise < enough) {
                fit->converged = 1;
                break;
            }
        } else {
            if (fit->steps == first)
                return nvc_fail(err, NVC_EDATA, "the Balloon model has no finite response at its prior mean");
            if (promise < fmax(enough, little) || damping > 1e10) { /* F holds a term of the curvature, which the steps do not see */
                fit->converged = promise < fmax(enough, little);
                break;
            }
            damping = fmax(damping * 10, 1e-4);
            memcpy(a->at, a->best, a->q * sizeof *a->at);
            a->h = a->h_best;
            if (!linearise(a) || isnan(free_energy(a)))
                break;
        }
        promise = step(a, damping);
    }
    memcpy(a->at, a->best, a->q * sizeof *a->at);
    a->h = a->h_best;
    if (!linearise(a) || isnan(a->F_best = free_energy(a)))
        return nvc_fail(err, NVC_EBUG, "the best point of the inversion cannot be evaluated again");
    return 0;
}

/* AR(1) of the noise, from the residual where the ascent stands, freed of what fitting the columns of J does to it. */
static int estimate_noise(struct ascent *a, struct nvc_error *err)
{
    struct nvc_lsq f;
    struct nvc_ar_debias d;
    int status = nvc_lsq_init(&f, a->J, a->n, a->q, err);
    if (!status && !(status = nvc_ar_debias_init(&d, f.Q, a->n, f.rank, err)))
        a->ar = nvc_ar_debias_estimate(&d, a->raw, a->n);
    nvc_lsq_release(&f);
    return status;
}

/* Eigenvectors of the prior covariance with a variance worth the name. */
static int modes(struct ascent *a, struct nvc_error *err)
{
    const int m = (int)a->m;
    double *V = nvc_array(a->m * a->m + a->m, sizeof *V, err), *w = V ? V + a->m * a->m : NULL;
    if (!V)
        return NVC_ESYS;
    memcpy(V, a->cov, a->m * a->m * sizeof *V);
    if (LAPACKE_dsyev(LAPACK_COL_MAJOR, 'V', 'L', m, V, m, w)) {
        free(V);
        return nvc_fail(err, NVC_EBUG, "the prior covariance has no eigenvectors");
    }
    a->r = 0;
    for (size_t k = a->m; k-- > 0;)
        if (w[k] > 1e-9) { /* the modes that SPM left out hold 1e-19 */
            memcpy(a->mode + a->m * a->r, V + a->m * k, a->m * sizeof *V);
            a->spread[a->r++] = w[k];
        }
    free(V);
    return 0;
}

static int start(struct ascent *a, struct nvc_error *err)
{
    const struct nvc_balloon_problem *p = a->p;
    const double variance = gsl_stats_variance(p->y, 1, a->n);
    int status = modes(a, err);
    if (status)
        return status;
    a->q = a->r + p->n_confounds;
    memset(a->at, 0, a->q * sizeof *a->at);
    if (p->n_confounds) {
        struct nvc_lsq f;
        if ((status = nvc_lsq_init(&f, p->confounds, a->n, p->n_confounds, err)))
            return nvc_fail_in(err, "confounds");
        if (!(status = nvc_lsq_require(&f, 1e8, NULL, err)))
            nvc_lsq_solve(&f, p->y, a->at + a->r, a->e);
        nvc_lsq_release(&f);
        if (status)
            return nvc_fail_in(err, "confounds");
    }
    a->h = a->h_prior = 4 - log(variance);
    a->hyper = p->priors == NVC_PRIORS_SPM ? exp(4) : exp(-4);
    return 0;
}

static int allocate(struct ascent *a, struct nvc_balloon_fit *fit, struct nvc_error *err)
{
    const size_t n = a->n, m = a->m, q = m + a->p->n_confounds;
    double **const fields[] = { &a->prior, &a->cov, &a->mode, &a->spread, &a->J, &a->e, &a->raw, &a->trial, &a->at, &a->best,
                                &a->P, &a->C, &a->gradient, &a->theta, &fit->prior_mean, &fit->prior_sd, &fit->mean, &fit->sd,
                                &fit->covariance, &fit->shrinkage, &fit->fitted, &fit->response };
    const size_t room[] = { m, m * m, m * m, m, n * q, n, n, n, q, q, q * q, q * q, q, q, m, m, m, m, m * m, m, n, n };
    for (size_t i = 0; i < sizeof room / sizeof *room; i++)
        if (!(*fields[i] = nvc_array(room[i], sizeof(double), err)))
            return NVC_ESYS;
    return 0;
}

static void report(const struct ascent *a, struct nvc_balloon_fit *fit)
{
    const size_t n = a->n, m = a->m, q = a->q;
    double mean = 0, ss = 0, total = 0;
    place(a, a->at, fit->mean);
    memcpy(fit->prior_mean, a->prior, m * sizeof *fit->prior_mean);
    for (size_t j = 0; j < m; j++)
        for (size_t i = 0; i < m; i++)
            for (size_t k = 0; k < a->r; k++)
                for (size_t l = 0; l < a->r; l++)
                    fit->covariance[i + m * j] += a->mode[i + m * k] * a->C[k + q * l] * a->mode[j + m * l];
    for (size_t i = 0; i < m; i++) {
        fit->prior_sd[i] = sqrt(a->cov[i * (m + 1)]);
        fit->sd[i] = sqrt(fit->covariance[i * (m + 1)]);
        fit->shrinkage[i] = fit->prior_sd[i] > 0 ? 1 - fit->covariance[i * (m + 1)] / a->cov[i * (m + 1)] : NAN;
    }
    for (size_t t = 0; t < n; t++) {
        fit->response[t] = a->trial[t];
        fit->fitted[t] = a->p->y[t] - a->raw[t];
        ss += a->raw[t] * a->raw[t];
        mean += (a->trial[t] + a->raw[t]) / (double)n;
    }
    for (size_t t = 0; t < n; t++)
        total += pow(a->trial[t] + a->raw[t] - mean, 2);
    fit->rmse = sqrt(ss / (double)n);
    fit->variance_explained = 1 - ss / total;
    fit->free_energy = a->F_best;
    fit->ar = a->ar;
    fit->log_precision = a->h;
}

int nvc_balloon_invert(const struct nvc_balloon_problem *p, struct nvc_balloon_fit *fit, struct nvc_error *err)
{
    struct ascent a = { .p = p, .n = p->n_scans, .m = NVC_BALLOON_SHARED + p->n_inputs };
    int status;
    *fit = (struct nvc_balloon_fit){ .n_parameters = a.m };
    if (p->n_scans < a.m + p->n_confounds + 10)
        return nvc_fail(err, NVC_EDATA, "%zu scans are too few for %zu parameters and %zu confounds", p->n_scans, a.m, p->n_confounds);
    if (p->n_bins < (p->n_scans - 1) * p->bins_per_scan + p->first_bin + 1)
        return nvc_fail(err, NVC_EBUG, "the input holds %zu bins, the scans need %zu", p->n_bins,
                        (p->n_scans - 1) * p->bins_per_scan + p->first_bin + 1);
    if ((status = allocate(&a, fit, err)))
        goto out;
    nvc_balloon_prior(p->priors, p->n_inputs, a.prior, a.cov);
    if ((status = start(&a, err)))
        goto out;
    if (p->priors == NVC_PRIORS_WIDE && ((status = climb(&a, 1e-2, fit, err)) || (status = estimate_noise(&a, err))))
        goto out;
    if ((status = climb(&a, 1e-5, fit, err)))
        goto out;
    report(&a, fit);
out:
    free(a.prior), free(a.cov), free(a.mode), free(a.spread), free(a.J), free(a.e), free(a.raw), free(a.trial), free(a.at), free(a.best);
    free(a.P), free(a.C), free(a.gradient), free(a.theta);
    if (status)
        nvc_balloon_fit_release(fit);
    return status;
}
