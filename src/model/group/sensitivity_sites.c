/* Groups compared site by site, and the dose of the cases. */
#include "model/group/sensitivity_internal.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/stat/stat_weighted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Sorted values of one site (or of all others), and their Hedges g with its variance. */
static double site_effect(struct nvc_sensitivity_work *w, size_t level, bool others, size_t n[2], double *variance,
                          struct nvc_ttest *welch)
{
    const struct nvc_cohort *c = w->c;
    double *x[2] = { w->room, w->room + c->n };
    n[0] = n[1] = 0;
    for (size_t i = 0; i < c->n; i++) {
        double y = c->value[i + c->n * w->k], group = w->g->group.value[i], site = w->o->site->value[i];
        if (!isnan(y) && !isnan(group) && !isnan(site) && (site == (double)level) != others)
            x[group > 0][n[group > 0]++] = y;
    }
    nvc_sort(x[0], n[0]);
    nvc_sort(x[1], n[1]);
    struct nvc_sample a = nvc_sample_describe(x[1], n[1]), b = nvc_sample_describe(x[0], n[0]);
    double g = nvc_effect_size(&a, &b, w->o->group->level).g, N = (double)(n[0] + n[1]);
    *welch = nvc_welch(&a, &b, w->o->group->level);
    *variance = N / ((double)n[0] * (double)n[1]) + g * g / (2 * N);
    return n[0] > 1 && n[1] > 1 ? g : NAN;
}

static int add_pooled(struct nvc_sensitivity_work *w, const double *g, const double *v, size_t k, size_t n_case,
                      size_t n_control, struct nvc_error *err)
{
    struct nvc_pooled p = nvc_pool_effects(g, v, k, w->o->group->level);
    struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "sites_pooled", NULL, "g", err);
    if (!r)
        return NVC_ESYS;
    r->n_case = n_case, r->n_control = n_control;
    double half = nvc_t_critical(w->o->group->level, p.dof) * p.se, t = p.mean / p.se;
    nvc_sensitivity_fill(r, &(struct nvc_estimate){ p.mean, p.se, p.mean - half, p.mean + half, t, p.dof,
                                                    nvc_t_two_sided(t, p.dof) });
    r->i2 = p.i2, r->tau2 = p.tau2, r->prediction_low = p.prediction_low, r->prediction_high = p.prediction_high;
    return 0;
}

/* F of group x site beside both. */
static int add_interaction(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const struct nvc_variable *v[2] = { &w->g->group, w->o->site };
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    struct nvc_lm_f f = { NAN, NAN, NAN, NAN, NAN };
    bool *use = nvc_array(w->c->n, sizeof *use, err);
    size_t *cols = NULL;
    int status = use ? nvc_terms_add(&terms, &v[0], 1, err) : NVC_ESYS;
    status = status ? status : nvc_terms_add(&terms, &v[1], 1, err);
    status = status ? status : nvc_terms_add(&terms, v, 2, err);
    for (size_t i = 0; i < w->c->n && !status; i++)
        use[i] = !isnan(w->c->value[i + w->c->n * w->k]);
    status = status ? status : nvc_matrix_init(&M, &terms, use, w->c->n, err);
    for (size_t i = 0; i < M.n && !status; i++)
        w->room[i] = w->c->value[M.row[i] + w->c->n * w->k];
    status = status ? status : nvc_lm_fit(&lm, M.X, w->room, M.n, M.m, (const char *const *)M.names, err);
    if (!status && !(cols = nvc_array(M.m, sizeof *cols, err)))
        status = NVC_ESYS;
    for (size_t j = M.n_terms ? M.first[2] : 0; j < M.m && !status; j++)
        cols[j - M.first[2]] = j;
    status = status ? status : nvc_lm_drop(&lm, cols, M.m - M.first[2], &f, err);
    struct nvc_sensitivity_row *r = status ? NULL : nvc_sensitivity_add(w, "group_x_site", NULL, "F", err);
    if (r)
        r->stat = f.f, r->dof = f.dof2, r->p = f.p, r->estimate = f.partial_eta2;
    free(cols);
    free(use);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    return status == NVC_EDATA ? 0 : status ? status : r ? 0 : NVC_ESYS;
}

int nvc_sensitivity_sites(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const struct nvc_variable *site = w->o->site;
    double *g = nvc_array(2 * site->n_levels, sizeof *g, err), *v = g + site->n_levels, effect, variance;
    size_t k = 0, n[2], total[2] = { 0, 0 };
    struct nvc_ttest t;
    int status = g ? 0 : NVC_ESYS;
    for (size_t l = 0; l < site->n_levels && !status; l++) {
        effect = site_effect(w, l, false, n, &variance, &t);
        struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "site", site->levels[l], "g", err);
        if (!r) {
            status = NVC_ESYS;
            break;
        }
        r->n_case = n[1], r->n_control = n[0];
        if (isnan(effect))
            continue;
        r->estimate = effect, r->se = sqrt(variance), r->p = t.p, r->stat = t.t, r->dof = t.dof;
        g[k] = effect, v[k++] = variance;
        total[0] += n[0], total[1] += n[1];
    }
    if (!status && k > 1)
        status = add_pooled(w, g, v, k, total[1], total[0], err);
    for (size_t l = 0; l < site->n_levels && k > 1 && !status; l++) {
        effect = site_effect(w, l, true, n, &variance, &t);
        struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "without_site", site->levels[l], "unit", err);
        if (!r) {
            status = NVC_ESYS;
            break;
        }
        r->n_case = n[1], r->n_control = n[0];
        nvc_sensitivity_fill(r, &(struct nvc_estimate){ t.diff, t.se, t.ci_low, t.ci_high, t.t, t.dof, t.p });
    }
    if (!status && k > 1)
        status = add_interaction(w, err);
    free(g);
    return status;
}

/* Group and the dose of cases (0 in controls), centred or not, beside the covariates. */
int nvc_sensitivity_dose(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const struct nvc_group_options *o = w->o->group;
    size_t n = w->c->n, cases = 0;
    struct nvc_variable *v = nvc_array(o->n_covariates + 1, sizeof *v, err);
    double *dose = nvc_array(n, sizeof *dose, err), mean = 0;
    int status = v && dose ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++)
        if (w->g->group.value[i] > 0 && !isnan(w->o->dose->value[i]) && !isnan(w->c->value[i + n * w->k])) {
            mean += w->o->dose->value[i];
            cases++;
        }
    mean /= (double)cases;
    for (int centred = 1; centred >= 0 && !status; centred--) {
        struct nvc_estimate e, slope;
        for (size_t i = 0; i < n; i++) {
            double d = w->o->dose->value[i];
            dose[i] = w->g->group.value[i] > 0 ? (isnan(d) ? NAN : d - (centred ? mean : 0)) : 0;
        }
        if (o->n_covariates)
            memcpy(v, o->covariates, o->n_covariates * sizeof *v);
        v[o->n_covariates] = (struct nvc_variable){ .name = w->o->dose->name, .numeric = true, .value = dose };
        struct nvc_sensitivity_row *r =
            nvc_sensitivity_add(w, centred ? "at_mean_dose" : "at_dose_0", w->o->dose->name, "unit", err);
        status =
            r ? nvc_sensitivity_fit(w, v, o->n_covariates + 1, &e, &slope, &r->n_case, &r->n_control, err) : NVC_ESYS;
        if (!status)
            nvc_sensitivity_fill(r, &e);
        if (!status && !centred && (r = nvc_sensitivity_add(w, "dose_slope", w->o->dose->name, "unit", err))) {
            r->n_case = cases;
            nvc_sensitivity_fill(r, &slope);
        }
        status = status == NVC_EDATA ? 0 : !status && !r ? NVC_ESYS : status;
    }
    free(v);
    free(dose);
    return status;
}
