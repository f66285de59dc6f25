/* hrf_recovery TR CNR RUNS [parametric|fir|smooth|canonical|slope [REPLICATES]]: how well nvc-hrf recovers the shape of a response (the table
 * of its manual page); with replicates, the coverage is that of its bootstrap intervals, without of those of the profile.
 * 40 impulses 8-16 s apart, AR(1) noise .63 per s, cosine drift to 128 s in the model; truths: gamma lobe of ttp x fwhm in 4..7 s
 * with fwhm/ttp <= 1.76, less .12 undershoot; CNR: peak over noise sd.  Slope and bias are over all runs, printed or not.
 * slope: the height of an event grows by .3 of the mean per unit of a rating of 0 to 3; how well hrf_slope is recovered and covered, at the
 * fitted shape and, for what an error of the shape costs, at the true one and at that of the response with ttp 5 s, fwhm 5.3 s. */
#include "math/lsq.h"
#include "math/random.h"
#include "model/glm/ar_debias.h"
#include "model/response/linear_shape.h"
#include "model/response/shape.h"
#include "model/response/task_shape.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EVENTS = 40, CELLS = 16, SAMPLES = 641 };
enum index { TTP, FWHM, HEIGHT, ONSET, UNDERSHOOT, UNDERSHOOT_TIME, AUC, INDICES };
static const double dt_s = 0.05, per_rating = 0.3;
static const char *const index_names[INDICES] = { "ttp", "fwhm", "height", "onset", "undershoot", "undershoot_time", "auc" };

struct tally { double truth[CELLS], mean[CELLS], square[CELLS]; int covered[CELLS], given[CELLS], open, shown, shown_covered; };

struct run {
    size_t n, n_drift;
    double onset[EVENTS], duration[EVENTS], rating[EVENTS], *time, *y, *X; /* X: drift, then the canonical response and two derivatives */
};

static double canonical(double t)
{
    return t > 0 ? exp(5 * log(t) - t) / 120 - exp(15 * log(t) - t) / 1307674368000.0 / 6 : 0;
}

static struct nvc_curve_shape make_truth(double ttp_s, double fwhm_s, double *h)
{
    for (int k = 0; k < SAMPLES; k++)
        h[k] = nvc_shape_lobe(k * dt_s, ttp_s, fwhm_s) - 0.12 * nvc_shape_lobe(k * dt_s, ttp_s + 10, 9.2);
    return nvc_curve_measure(h, SAMPLES, dt_s, 12);
}

static double *room(size_t n)
{
    double *p = calloc(n, sizeof *p);
    if (!p)
        exit(3);
    return p;
}

static void make_run(struct run *r, const double *h, double peak, double tr_s, double cnr, double per_unit, struct nvc_rng *rng)
{
    double at = 8, phi = pow(0.63, tr_s), noise = nvc_rng_normal(rng);
    for (int k = 0; k < EVENTS; k++, at += 8 + 8 * nvc_rng_uniform(rng))
        r->onset[k] = at, r->duration[k] = 0, r->rating[k] = (k * 7 + k * k / 3) % 4;
    r->n = (size_t)((at + 16) / tr_s);
    r->n_drift = (size_t)(2 * (double)r->n * tr_s / 128 + 1);
    r->time = room(r->n), r->y = room(r->n), r->X = room(r->n * (r->n_drift + 3));
    for (size_t t = 0; t < r->n; t++) {
        r->time[t] = (double)t * tr_s;
        r->y[t] = noise;
        noise = phi * noise + sqrt(1 - phi * phi) * nvc_rng_normal(rng);
        for (size_t k = 0; k < r->n_drift; k++)
            r->X[t + r->n * k] = cos(M_PI * (2 * (double)t + 1) * (double)k / (2 * (double)r->n));
        double *x = r->X + t + r->n * r->n_drift;
        for (int k = 0; k < EVENTS; k++) {
            const double u = r->time[t] - r->onset[k];
            if (u <= 0 || u >= 32)
                continue;
            const int i = (int)(u / dt_s);
            r->y[t] += (1 + per_unit * (r->rating[k] - 1.5)) * cnr * (h[i] + (h[i + 1] - h[i]) * (u / dt_s - i)) / peak;
            x[0] += canonical(u);
            x[r->n] += canonical(u + 0.1) - canonical(u - 0.1);
            x[2 * r->n] += canonical(u / 1.1) - canonical(u / 0.9);
        }
    }
}

static double noise_of(const struct run *r)
{
    struct nvc_error err;
    struct nvc_lsq f;
    struct nvc_ar_debias d;
    double *beta = room(r->n_drift + 3), *residual = room(r->n);
    if (nvc_lsq_init(&f, r->X, r->n, r->n_drift + 3, &err) || nvc_ar_debias_init(&d, f.Q, r->n, r->n_drift + 3, &err))
        exit(3);
    nvc_lsq_solve(&f, r->y, beta, residual);
    const double ar = nvc_ar_debias_estimate(&d, residual, r->n);
    nvc_lsq_release(&f);
    free(beta);
    free(residual);
    return ar;
}

/* given: an interval with a side at least; shown: by the rule of the command as well. */
static void count(struct tally *t, int cell, double value, struct nvc_interval ci, int runs, bool shown)
{
    const bool given = !isnan(ci.low) || !isnan(ci.high), covered = given && !(ci.low > t->truth[cell]) && !(ci.high < t->truth[cell]);
    if (isnan(value)) /* a curve without half height or undershoot */
        value = t->truth[cell];
    t->mean[cell] += value / runs;
    t->square[cell] += value * value / runs;
    t->given[cell] += given, t->covered[cell] += covered;
    t->shown += shown && given, t->shown_covered += shown && covered;
    t->open += isnan(ci.low) || isnan(ci.high);
}

static void print(const char *what, const struct tally *t, int cells, int runs)
{
    double mx = 0, my = 0, sxx = 0, sxy = 0, sd = 0, worst = 0;
    double least = 1;
    int covered = 0, given = 0;
    for (int k = 0; k < cells; k++) {
        mx += t->truth[k] / cells, my += t->mean[k] / cells;
        sd += sqrt(t->square[k] - t->mean[k] * t->mean[k]) / cells;
        if (fabs(t->mean[k] - t->truth[k]) > fabs(worst))
            worst = t->mean[k] - t->truth[k];
        covered += t->covered[k], given += t->given[k];
        least = fmin(least, (double)t->covered[k] / t->given[k]);
    }
    for (int k = 0; k < cells; k++) {
        sxx += (t->truth[k] - mx) * (t->truth[k] - mx);
        sxy += (t->truth[k] - mx) * (t->mean[k] - my);
    }
    if (sxx < 1e-6) /* one truth in all cells */
        sxx = NAN;
    printf("%s\tslope %.3f\tbias %+.3f\tworst cell %+.2f\tsd %.2f\tcoverage %.4f\tworst cell %.3f\tof those shown %.4f (%d)\topen %.3f\n", what,
           sxy / sxx, my - mx, worst, sd, (double)covered / given, least, (double)t->shown_covered / t->shown, t->shown,
           (double)t->open / (cells * runs));
}

static double value_of(enum index k, const struct nvc_curve_shape *c, double height)
{
    const double values[INDICES] = { c->ttp_s, c->fwhm_s, height, c->onset_s, c->undershoot, c->undershoot_s, c->auc_positive + c->auc_negative };
    return values[k];
}

static struct nvc_interval interval_of(enum index k, const struct nvc_shape_fit *f)
{
    const struct nvc_interval all[INDICES] = { f->ttp_ci_s, f->fwhm_ci_s, f->height_ci, f->onset_ci_s, f->undershoot_ci, f->undershoot_time_ci_s, f->auc_ci };
    return all[k];
}

static int fit_run(const struct nvc_shape_family *family, const struct nvc_shape_problem *p, const char *method,
                   const struct nvc_shape_bootstrap *how, const double *y, struct nvc_shape_fit *fit, struct nvc_error *err)
{
    if (!strcmp(method, "parametric")) {
        struct nvc_shape *s;
        int status = nvc_shape_new(&s, family, p, err);
        if (!status)
            status = nvc_shape_estimate(s, y, how, fit, NULL, err);
        nvc_shape_free(s);
        return status;
    }
    const double step_s = p->time_s[1] - p->time_s[0];
    const struct nvc_linear_spec spec = { *method == 'f' ? NVC_LINEAR_FIR : *method == 's' ? NVC_LINEAR_SMOOTH : NVC_LINEAR_INFORMED,
                                          fmax(1, step_s), 28 };
    struct nvc_linear *l;
    int status = nvc_linear_new(&l, &spec, p, err);
    if (!status)
        status = nvc_linear_estimate(l, y, how, fit, NULL, err);
    nvc_linear_free(l);
    return status;
}

/* One run: the fit is the one of the command. */
static void try_run(const struct nvc_shape_family *family, struct run *r, const char *method, int replicates, struct nvc_shape_fit *fit)
{
    struct nvc_error err;
    const struct nvc_shape_problem p = { .n = r->n, .time_s = r->time, .onset_s = r->onset, .duration_s = r->duration, .n_events = EVENTS,
                                         .nuisance = r->X, .n_nuisance = r->n_drift, .ar = noise_of(r) };
    const struct nvc_shape_bootstrap how = { .replicates = replicates, .seed = 1, .stream = (uint64_t)(1e6 * r->onset[EVENTS - 1]), .all = true };
    if (fit_run(family, &p, method, replicates ? &how : NULL, r->y, fit, &err)) {
        fprintf(stderr, "hrf_recovery: %s\n", err.text);
        exit(1);
    }
    free(r->time);
    free(r->y);
    free(r->X);
}

/* hrf_slope of one run: at the fitted shape, the true one, a fixed one. */
enum { SHAPES = 3 };
static const char *const shape_names[SHAPES] = { "fitted", "true", "5/5.3 s" };
static int try_slopes(struct run *r, double ttp_s, double fwhm_s, struct nvc_slope *slopes, double *F_p, struct nvc_error *err)
{
    static char x[] = "x", rating[] = "rating";
    static size_t condition[EVENTS];
    static double weight[EVENTS];
    static struct nvc_shape_band band;
    char *names[] = { x }, *modulators[] = { rating };
    struct nvc_regressor *columns = calloc(r->n_drift + 3, sizeof *columns);
    const double declared = 0, shape[SHAPES][2] = { { NAN, NAN }, { ttp_s, fwhm_s }, { 5, 5.3 } };
    struct nvc_shape_fit fit;
    struct nvc_task_shape *t;
    double ar;
    for (size_t k = 0; columns && k < r->n_drift + 3; k++)
        columns[k] = (struct nvc_regressor){ .role = k < r->n_drift ? NVC_ROLE_DRIFT : NVC_ROLE_TASK, .condition = x };
    for (size_t k = 0; k < EVENTS; k++)
        weight[k] = 1;
    const struct nvc_events events = { .n = EVENTS, .onset_s = r->onset, .duration_s = r->duration, .weight = weight, .condition = condition,
        .n_conditions = 1, .conditions = names, .n_modulators = 1, .modulators = modulators, .modulation = r->rating };
    const struct nvc_design design = { .n_rows = r->n, .n_cols = r->n_drift + 3, .X = r->X, .columns = columns };
    const struct nvc_task_shape_spec spec = { .events = &events, .durations_s = &declared, .design = &design, .time_s = r->time };
    int status = nvc_task_shape_new(&t, &spec, err);
    if (!status)
        status = nvc_task_shape_fit(t, r->y, 0, &fit, &band, &ar, err);
    for (int k = 0; k < SHAPES && !status; k++) {
        struct nvc_shape_fit at = fit;
        if (k) { /* height per amplitude: the peak of that shape */
            at.lobe_ttp_s = shape[k][0], at.lobe_fwhm_s = shape[k][1], at.undershoot_share = 0.12, at.amplitude = 1, at.height = 1;
        }
        status = nvc_task_shape_slopes(t, 0, r->y, ar, &at, slopes + k, err);
    }
    *F_p = fit.F_p;
    nvc_task_shape_free(t);
    free(columns);
    return status;
}

static void slopes_of_cells(double tr_s, double cnr, int runs)
{
    struct nvc_error err;
    static struct tally tally[SHAPES];
    int cells = 0;
    double h[SAMPLES];
    for (int i = 4; i <= 7; i++)
        for (int j = 4; j <= 7 && j <= 1.76 * i; j++, cells++) {
            const double peak = make_truth(i, j, h).height;
            for (int k = 0; k < runs; k++) {
                struct nvc_rng rng;
                struct run r;
                struct nvc_slope slopes[SHAPES];
                double F_p;
                nvc_rng_init(&rng, 5, (uint64_t)(cells * 1000000 + k));
                make_run(&r, h, peak, tr_s, cnr, per_rating, &rng);
                if (try_slopes(&r, i, j, slopes, &F_p, &err))
                    exit(fprintf(stderr, "hrf_recovery: %s\n", err.text));
                for (int s = 0; s < SHAPES; s++) {
                    tally[s].truth[cells] = per_rating * cnr;
                    count(tally + s, cells, slopes[s].value, slopes[s].ci, runs, F_p < 0.001);
                }
                free(r.time);
                free(r.y);
                free(r.X);
            }
        }
    printf("slope %.2f, TR %g s, CNR %g, %d runs in each of %d cells\n", per_rating * cnr, tr_s, cnr, runs, cells);
    for (int s = 0; s < SHAPES; s++)
        print(shape_names[s], tally + s, cells, runs);
}

int main(int argc, char **argv)
{
    struct nvc_error err;
    struct nvc_shape_family *family;
    static struct tally tally[INDICES];
    double z = 0, h[SAMPLES];
    nvc_blas_single_thread();
    int cells = 0;
    if (argc < 4 || nvc_shape_family_new(&family, &err))
        return fprintf(stderr, "usage: hrf_recovery TR CNR RUNS [parametric|fir|smooth|canonical|slope [REPLICATES]]\n"), 2;
    const double tr_s = atof(argv[1]), cnr = atof(argv[2]);
    const int runs = atoi(argv[3]);
    const char *method = argc > 4 ? argv[4] : "parametric";
    if (!strcmp(method, "slope")) {
        nvc_shape_family_free(family);
        slopes_of_cells(tr_s, cnr, runs);
        return 0;
    }
    for (int i = 4; i <= 7; i++)
        for (int j = 4; j <= 7 && j <= 1.76 * i; j++, cells++) {
            const struct nvc_curve_shape truth = make_truth(i, j, h);
            for (int k = 0; k < INDICES; k++)
                tally[k].truth[cells] = value_of(k, &truth, truth.height) * (k == HEIGHT || k == AUC ? cnr / truth.height : 1);
            for (int k = 0; k < runs; k++) {
                struct nvc_rng rng;
                struct run r;
                struct nvc_shape_fit fit;
                nvc_rng_init(&rng, 5, (uint64_t)(cells * 1000000 + k));
                make_run(&r, h, truth.height, tr_s, cnr, 0, &rng);
                try_run(family, &r, method, argc > 5 ? atoi(argv[5]) : 0, &fit);
                if (isnan(fit.curve.fwhm_s) && *method == 'p')
                    fit.curve.fwhm_s = fit.lobe_fwhm_s;
                for (int index = 0; index < INDICES; index++) {
                    const bool wants_z = index == FWHM || index == UNDERSHOOT || index == UNDERSHOOT_TIME;
                    const bool shown = index == HEIGHT || (fit.F_p < 0.001 && (!wants_z || fabs(fit.z_fit) >= 5));
                    count(tally + index, cells, value_of(index, &fit.curve, fit.height), interval_of(index, &fit), runs, shown);
                }
                z += fit.z_fit / runs;
            }
        }
    printf("%s, TR %g s, CNR %g, %d runs in each of %d cells, mean z %.1f\n", method, tr_s, cnr, runs, cells, z / cells);
    for (int k = 0; k < INDICES; k++)
        print(index_names[k], tally + k, cells, runs);
    nvc_shape_family_free(family);
    return 0;
}
