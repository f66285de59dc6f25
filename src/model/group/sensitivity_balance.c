/* Cases and controls made alike in motion, signal and covariates: matched pairs and overlap weights. */
#include "model/group/sensitivity_internal.h"

#include "base/memory.h"
#include "model/stat/stat_logit.h"
#include "model/stat/stat_weighted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Constant, covariates, motion and tSNR where known: the model of group membership, and what its terms are. */
static int make_propensity_model(struct nvc_sensitivity_work *w, struct nvc_matrix *M, const char ***names, struct nvc_error *err)
{
    const struct nvc_group_options *o = w->o->group;
    static const char *const qualities[] = { "mean_fd", "tsnr" };
    struct nvc_variable *own = nvc_array(o->n_covariates + 2, sizeof *own, err);
    bool *use = nvc_array(w->c->n, sizeof *use, err);
    struct nvc_terms terms = { 0 };
    size_t n = 0;
    *names = nvc_array(o->n_covariates + 2, sizeof **names, err);
    int status = own && use && *names ? 0 : NVC_ESYS;
    for (size_t j = 0; j < o->n_covariates && !status; j++)
        if (o->covariates[j].value)
            own[n++] = o->covariates[j];
    for (size_t q = 0; q < 2 && !status; q++) {
        double *value = nvc_cohort_quality(w->c, w->k, qualities[q]);
        if (value)
            own[n++] = (struct nvc_variable){ .name = qualities[q], .numeric = true, .value = value };
    }
    for (size_t j = 0; j < n && !status; j++) {
        const struct nvc_variable *v = &own[j];
        (*names)[j] = v->name;
        status = nvc_terms_add(&terms, &v, 1, err);
    }
    for (size_t i = 0; i < w->c->n && !status; i++)
        use[i] = !isnan(w->g->group.value[i]) && !isnan(w->c->value[i + w->c->n * w->k]);
    if (!status)
        status = n ? nvc_matrix_init(M, &terms, use, w->c->n, err) : nvc_fail(err, NVC_EDATA, "nothing to balance");
    nvc_terms_release(&terms);
    free(own);
    free(use);
    return status;
}

/* Each case, from the most case-like on, takes the nearest free control within the caliper. */
static size_t match(const double *logit, const double *group, size_t n, double caliper, size_t *partner)
{
    size_t pairs = 0;
    for (size_t i = 0; i < n; i++)
        partner[i] = SIZE_MAX;
    for (;;) {
        size_t next = SIZE_MAX, best = SIZE_MAX;
        for (size_t i = 0; i < n; i++)
            if (group[i] > 0 && partner[i] == SIZE_MAX && (next == SIZE_MAX || logit[i] > logit[next]))
                next = i;
        if (next == SIZE_MAX)
            return pairs;
        for (size_t j = 0; j < n; j++)
            if (!(group[j] > 0) && partner[j] == SIZE_MAX && fabs(logit[j] - logit[next]) <= caliper &&
                (best == SIZE_MAX || fabs(logit[j] - logit[next]) < fabs(logit[best] - logit[next])))
                best = j;
        partner[next] = best == SIZE_MAX ? next : best; /* itself: nobody within reach */
        if (best != SIZE_MAX) {
            partner[best] = next;
            pairs++;
        }
    }
}

static int add_matched(struct nvc_sensitivity_work *w, const double *y, const double *group, double *logit, size_t n,
                       struct nvc_error *err)
{
    double *x[2] = { w->room + 4 * w->c->n, w->room + 5 * w->c->n };
    size_t count[2] = { 0, 0 };
    double caliper = 0.2 * sqrt(nvc_sum_squares(logit, n, nvc_mean(logit, n)) / ((double)n - 1));
    (void)match(logit, group, n, caliper, w->rows);
    for (size_t i = 0; i < n; i++) {
        size_t g = group[i] > 0;
        if (w->rows[i] != SIZE_MAX && w->rows[i] != i)
            x[g][count[g]++] = y[i];
    }
    nvc_sort(x[0], count[0]);
    nvc_sort(x[1], count[1]);
    struct nvc_sample a = nvc_sample_describe(x[1], count[1]), b = nvc_sample_describe(x[0], count[0]);
    struct nvc_ttest t = nvc_welch(&a, &b, w->o->group->level);
    struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "matched", NULL, "unit", err);
    if (!r)
        return NVC_ESYS;
    r->n_case = count[1], r->n_control = count[0];
    nvc_sensitivity_fill(r, &(struct nvc_estimate){ t.diff, t.se, t.ci_low, t.ci_high, t.t, t.dof, t.p });
    return 0;
}

static int add_weighted(struct nvc_sensitivity_work *w, const double *y, const double *group, const double *e, size_t n,
                        struct nvc_error *err)
{
    double *v[2] = { w->room + 4 * w->c->n, w->room + 5 * w->c->n },
           *weight[2] = { w->room + 6 * w->c->n, w->room + 7 * w->c->n };
    size_t count[2] = { 0, 0 };
    for (size_t i = 0; i < n; i++) {
        size_t g = group[i] > 0;
        v[g][count[g]] = y[i];
        weight[g][count[g]++] = g ? 1 - e[i] : e[i];
    }
    struct nvc_estimate d =
        nvc_weighted_difference(v[1], weight[1], count[1], v[0], weight[0], count[0], w->o->group->level);
    struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "overlap_weighted", NULL, "unit", err);
    if (!r)
        return NVC_ESYS;
    r->n_case = count[1], r->n_control = count[0];
    nvc_sensitivity_fill(r, &d);
    return 0;
}

/* Weighted means of column x of both groups apart, in standard deviations of the unweighted groups. */
static double standardised_difference(const double *x, const double *group, const double *weight, size_t n)
{
    double sum[2] = { 0 }, of[2] = { 0 }, plain[2] = { 0 }, square[2] = { 0 }, count[2] = { 0 };
    for (size_t i = 0; i < n; i++) {
        size_t g = group[i] > 0;
        sum[g] += weight[i] * x[i], of[g] += weight[i];
        plain[g] += x[i], count[g]++;
    }
    for (size_t i = 0; i < n; i++) {
        double e = x[i] - plain[group[i] > 0] / count[group[i] > 0];
        square[group[i] > 0] += e * e;
    }
    double variance = square[0] / (count[0] - 1) + square[1] / (count[1] - 1);
    return (sum[1] / of[1] - sum[0] / of[0]) / sqrt(variance / 2);
}

/* How unlike the groups are in each variable: as they are, matched, weighted.  A factor's most unlike level. */
static int add_differences(struct nvc_sensitivity_work *w, const struct nvc_matrix *M, const char *const *names,
                           const double *group, const double *e, struct nvc_error *err)
{
    static const char *const analyses[] = { "smd_before", "smd_matched", "smd_weighted" };
    double *weight = w->room + 4 * w->c->n;
    for (size_t how = 0; how < 3; how++) {
        size_t count[2] = { 0, 0 };
        for (size_t i = 0; i < M->n; i++) {
            bool in = how != 1 || (w->rows[i] != SIZE_MAX && w->rows[i] != i);
            weight[i] = how == 2 ? (group[i] > 0 ? 1 - e[i] : e[i]) : in;
            count[group[i] > 0] += in;
        }
        for (size_t t = 0; t < M->n_terms; t++) {
            struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, analyses[how], names[t], "sd", err);
            if (!r)
                return NVC_ESYS;
            r->n_case = count[1], r->n_control = count[0];
            for (size_t j = M->first[t]; j < M->first[t + 1]; j++) {
                double d = standardised_difference(M->X + M->n * j, group, weight, M->n);
                if (!(fabs(d) <= fabs(r->estimate)))
                    r->estimate = d;
            }
        }
    }
    return 0;
}

int nvc_sensitivity_balance(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    struct nvc_matrix M = { 0 };
    size_t n = w->c->n;
    double *y = w->room, *group = w->room + n, *e = w->room + 2 * n, *logit = w->room + 3 * n, *beta = NULL;
    const char **names = NULL;
    int status = make_propensity_model(w, &M, &names, err);
    for (size_t i = 0; i < M.n && !status; i++) {
        y[i] = w->c->value[M.row[i] + n * w->k];
        group[i] = w->g->group.value[M.row[i]];
    }
    if (!status && !(beta = nvc_array(M.m, sizeof *beta, err)))
        status = NVC_ESYS;
    if (!status)
        status = nvc_firth(M.X, group, M.n, M.m, beta, e, err);
    for (size_t i = 0; i < M.n && !status; i++)
        logit[i] = log(e[i] / (1 - e[i]));
    if (!status)
        status = add_matched(w, y, group, logit, M.n, err);
    if (!status)
        status = add_weighted(w, y, group, e, M.n, err);
    if (!status)
        status = add_differences(w, &M, names, group, e, err);
    free(names);
    free(beta);
    nvc_matrix_release(&M);
    return status == NVC_EDATA ? 0 : status; /* nothing to balance by, or no model: no row */
}
