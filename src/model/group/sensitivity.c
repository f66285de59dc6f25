#include "model/group/sensitivity.h"

#include "base/memory.h"
#include "model/group/sensitivity_internal.h"
#include "model/stat/stat_corr.h"
#include "model/stat/stat_weighted.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_sensitivity_release(struct nvc_sensitivity *s)
{
    free(s->rows);
    *s = (struct nvc_sensitivity){ 0 };
}

struct nvc_sensitivity_row *nvc_sensitivity_add(struct nvc_sensitivity_work *w, const char *analysis,
                                                const char *detail, const char *scale, struct nvc_error *err)
{
    struct nvc_sensitivity *s = w->out;
    if (nvc_grow(&s->rows, &s->cap, s->n + 1, sizeof *s->rows, err))
        return NULL;
    struct nvc_sensitivity_row *r = &s->rows[s->n++];
    *r = (struct nvc_sensitivity_row){ .key = w->c->keys[w->k],
                                       .analysis = analysis,
                                       .detail = detail,
                                       .scale = scale,
                                       .i2 = NAN,
                                       .tau2 = NAN,
                                       .prediction_low = NAN,
                                       .prediction_high = NAN };
    nvc_sensitivity_fill(r, &(struct nvc_estimate){ NAN, NAN, NAN, NAN, NAN, NAN, NAN });
    return r;
}

void nvc_sensitivity_fill(struct nvc_sensitivity_row *r, const struct nvc_estimate *e)
{
    r->estimate = e->estimate, r->se = e->se, r->ci_low = e->ci_low, r->ci_high = e->ci_high;
    r->stat = e->t, r->dof = e->dof, r->p = e->p;
}

int nvc_sensitivity_fit(struct nvc_sensitivity_work *w, const struct nvc_variable *covariates, size_t n,
                        struct nvc_estimate *e, struct nvc_estimate *last, size_t *n_case, size_t *n_control,
                        struct nvc_error *err)
{
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    double *contrast = NULL;
    *n_case = *n_control = 0;
    int status = nvc_group_model(w->c, w->k, w->c->value + w->c->n * w->k, w->g, covariates, n, &M, w->room, err);
    for (size_t i = 0; i < M.n && !status; i++)
        *(M.X[i + M.n] > 0 ? n_case : n_control) += 1;
    if (!status)
        status = nvc_lm_fit(&lm, M.X, w->room, M.n, M.m, (const char *const *)M.names, err);
    if (!status && !(contrast = nvc_array(M.m, sizeof *contrast, err)))
        status = NVC_ESYS;
    if (!status) {
        contrast[1] = 1;
        *e = nvc_lm_contrast(&lm, contrast, false, w->o->group->level);
        contrast[1] = 0;
        contrast[M.m - 1] = 1;
        if (last)
            *last = nvc_lm_contrast(&lm, contrast, false, w->o->group->level);
    }
    free(contrast);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    return status;
}

static struct nvc_estimate of_ttest(const struct nvc_ttest *t)
{
    return (struct nvc_estimate){ t->diff, t->se, t->ci_low, t->ci_high, t->t, t->dof, t->p };
}

static int add_basic(struct nvc_sensitivity_work *w, const struct nvc_group_row *row, struct nvc_error *err)
{
    const struct nvc_estimate welch = of_ttest(&row->welch);
    double *const x[2] = { w->room, w->room + w->c->n };
    size_t n[2];
    struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "welch", NULL, "unit", err);
    if (!r)
        return NVC_ESYS;
    r->n_case = row->cases.n, r->n_control = row->controls.n;
    nvc_sensitivity_fill(r, &welch);
    for (int robust = 0; robust < 2 && w->o->group->n_covariates; robust++) {
        if (!(r = nvc_sensitivity_add(w, robust ? "ancova_hc3" : "ancova", NULL, "unit", err)))
            return NVC_ESYS;
        r->n_case = row->cases.n, r->n_control = row->controls.n;
        nvc_sensitivity_fill(r, robust ? &row->adjusted_hc3 : &row->adjusted);
    }
    if (!(r = nvc_sensitivity_add(w, "yuen", NULL, "unit", err)))
        return NVC_ESYS;
    nvc_group_values(w->c, w->k, w->g, x, n);
    const struct nvc_estimate trimmed = nvc_trimmed_difference(x[1], n[1], x[0], n[0], w->o->group->level);
    r->n_case = n[1], r->n_control = n[0];
    nvc_sensitivity_fill(r, &trimmed);
    return 0;
}

/* One quality as a further covariate; nothing when it is unknown or a covariate already. */
static int add_adjusted(struct nvc_sensitivity_work *w, const char *quality, const char *analysis,
                        struct nvc_error *err)
{
    const struct nvc_group_options *o = w->o->group;
    const double *known = nvc_cohort_quality(w->c, w->k, quality);
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < w->c->n && known; i++)
        least = fmin(least, known[i]), most = fmax(most, known[i]);
    if (!(least < most)) /* unknown, or (a volume on a template) alike in everybody */
        return 0;
    for (size_t j = 0; j < o->n_covariates; j++)
        if (!strcmp(o->covariates[j].name, quality))
            return 0;
    struct nvc_variable *v = nvc_array(o->n_covariates + 1, sizeof *v, err);
    struct nvc_sensitivity_row *r = v ? nvc_sensitivity_add(w, analysis, NULL, "unit", err) : NULL;
    struct nvc_estimate e;
    if (!r) {
        free(v);
        return NVC_ESYS;
    }
    if (o->n_covariates)
        memcpy(v, o->covariates, o->n_covariates * sizeof *v);
    v[o->n_covariates] = (struct nvc_variable){ .name = quality, .numeric = true };
    int status = nvc_sensitivity_fit(w, v, o->n_covariates + 1, &e, NULL, &r->n_case, &r->n_control, err);
    if (!status)
        nvc_sensitivity_fill(r, &e);
    free(v);
    return status == NVC_EDATA ? 0 : status;
}

static int add_precision(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const struct nvc_cohort *c = w->c;
    double *y[2] = { w->room, w->room + c->n }, *v[2] = { w->room + 2 * c->n, w->room + 3 * c->n };
    size_t n[2] = { 0, 0 };
    for (size_t i = 0; i < c->n; i++) {
        size_t cell = i + c->n * w->k, g = w->g->group.value[i] > 0;
        if (isnan(w->g->group.value[i]) || isnan(c->value[cell]) || !(c->se[cell] > 0))
            continue;
        y[g][n[g]] = c->value[cell];
        v[g][n[g]++] = c->se[cell] * c->se[cell];
    }
    if (n[0] < 2 || n[1] < 2)
        return 0;
    struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "precision", NULL, "unit", err);
    struct nvc_estimate e = nvc_precision_difference(y[1], v[1], n[1], y[0], v[0], n[0], w->o->group->level);
    if (!r)
        return NVC_ESYS;
    r->n_case = n[1], r->n_control = n[0];
    nvc_sensitivity_fill(r, &e);
    return 0;
}

/* Values of a key in a cohort that was not thinned out. */
static int add_unexcluded(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const struct nvc_cohort *all = w->o->all;
    for (size_t k = 0; all && k < all->n_keys; k++) {
        double *const x[2] = { w->room, w->room + all->n };
        size_t n[2];
        if (nvc_key_compare(&all->keys[k], &w->c->keys[w->k]))
            continue;
        nvc_group_values(all, k, w->g, x, n);
        struct nvc_sample a = nvc_sample_describe(x[1], n[1]), b = nvc_sample_describe(x[0], n[0]);
        struct nvc_ttest t = nvc_welch(&a, &b, w->o->group->level);
        struct nvc_estimate e = of_ttest(&t);
        struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, "no_exclusions", NULL, "unit", err);
        if (!r)
            return NVC_ESYS;
        r->n_case = n[1], r->n_control = n[0];
        nvc_sensitivity_fill(r, &e);
    }
    return 0;
}

static int add_motion(struct nvc_sensitivity_work *w, struct nvc_error *err)
{
    const double *fd = nvc_cohort_quality(w->c, w->k, "mean_fd");
    for (int group = 1; group >= 0 && fd; group--) {
        size_t n = 0;
        for (size_t i = 0; i < w->c->n; i++) {
            double y = w->c->value[i + w->c->n * w->k];
            if (w->g->group.value[i] == group && !isnan(y) && !isnan(fd[i])) {
                w->room[n] = y;
                w->room[w->c->n + n++] = fd[i];
            }
        }
        struct nvc_correlation c = nvc_corr_pearson(w->room, w->room + w->c->n, n, w->o->group->level);
        struct nvc_sensitivity_row *r = nvc_sensitivity_add(w, group ? "qc_fd_case" : "qc_fd_control", NULL, "r", err);
        if (!r)
            return NVC_ESYS;
        *(group ? &r->n_case : &r->n_control) = n;
        nvc_sensitivity_fill(r, &(struct nvc_estimate){ c.r, NAN, c.ci_low, c.ci_high, c.t, c.dof, c.p });
    }
    return 0;
}

static int compute_key(struct nvc_sensitivity_work *w, const struct nvc_group_row *row, struct nvc_error *err)
{
    int status = add_basic(w, row, err);
    if (!status)
        status = add_adjusted(w, "mean_fd", "fd_adjusted", err);
    if (!status)
        status = add_adjusted(w, "tsnr", "tsnr_adjusted", err);
    if (!status)
        status = add_adjusted(w, "pgm", "pgm_adjusted", err);
    if (!status)
        status = add_adjusted(w, "volume_mm3", "volume_adjusted", err);
    if (!status)
        status = nvc_sensitivity_balance(w, err);
    if (!status)
        status = add_precision(w, err);
    if (!status && w->o->site)
        status = nvc_sensitivity_sites(w, err);
    if (!status && w->o->dose)
        status = nvc_sensitivity_dose(w, err);
    if (!status)
        status = add_unexcluded(w, err);
    return status ? status : add_motion(w, err);
}

int nvc_sensitivity_compute(struct nvc_sensitivity *s, const struct nvc_group_table *t, const struct nvc_cohort *c,
                            const struct nvc_contrast_groups *g, const struct nvc_sensitivity_options *o,
                            struct nvc_error *err)
{
    struct nvc_sensitivity_work w = { .out = s, .c = c, .g = g, .o = o };
    w.room = nvc_array(8 * c->n, sizeof *w.room, err);
    w.rows = nvc_array(2 * c->n, sizeof *w.rows, err);
    int status = w.room && w.rows ? 0 : NVC_ESYS;
    for (w.k = 0; w.k < t->n && !status; w.k++)
        if (t->rows[w.k].role == NVC_ROW_FAMILY || t->rows[w.k].role == NVC_ROW_PRIMARY)
            status = compute_key(&w, &t->rows[w.k], err);
    free(w.room);
    free(w.rows);
    return status;
}
