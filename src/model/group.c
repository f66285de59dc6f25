#include "model/group.h"

#include "base/memory.h"
#include "model/stat_multiple.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_group_table_release(struct nvc_group_table *t)
{
    free(t->rows);
    *t = (struct nvc_group_table){ 0 };
}

struct scratch { /* of one key */
    double *x[2]; /* sorted values of controls and cases */
    double *y;    /* values in the order of the model's rows */
    bool *use;
    struct nvc_variable *own; /* covariates as this key sees them */
};

static void describe(const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g, struct scratch *s,
                     struct nvc_group_row *row, double level)
{
    size_t n[2] = { 0, 0 };
    row->key = &c->keys[k];
    for (size_t i = 0; i < c->n; i++) {
        double v = c->value[i + c->n * k], group = g->group.value[i];
        s->use[i] = !isnan(v) && !isnan(group);
        if (isnan(group))
            continue;
        if (isnan(v)) {
            row->missing[c->missing[i + c->n * k]]++;
            row->n_missing++;
        } else
            s->x[group > 0][n[group > 0]++] = v;
    }
    nvc_sort(s->x[0], n[0]);
    nvc_sort(s->x[1], n[1]);
    row->controls = nvc_sample_describe(s->x[0], n[0]);
    row->cases = nvc_sample_describe(s->x[1], n[1]);
    row->few = n[0] < 2 || n[1] < 2;
    row->welch = nvc_welch(&row->cases, &row->controls, level);
    row->effect = nvc_effect_size(&row->cases, &row->controls, level);
}

static const struct nvc_estimate undefined = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };

/* Group first, then the covariates; `own` (n_covariates) takes those that differ from key to key.  NVC_EDATA:
 * this key has no such quality. */
static int make_terms(struct nvc_terms *t, const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_variable *own, struct nvc_error *err)
{
    const struct nvc_variable *v = &g->group;
    int status = nvc_terms_add(t, &v, 1, err);
    for (size_t j = 0; j < o->n_covariates && !status; j++) {
        own[j] = o->covariates[j];
        if (!own[j].value && !(own[j].value = nvc_cohort_quality(c, k, own[j].name)))
            return nvc_fail(err, NVC_EDATA, "%s has no %s", c->keys[k].index, own[j].name);
        v = &own[j];
        status = nvc_terms_add(t, &v, 1, err);
    }
    return status;
}

/* Rows that lack values may leave a key without a fit that the whole cohort allows: a note, not an error. */
static int adjust_for(const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct scratch *s, struct nvc_group_row *row, struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    double *contrast = NULL;
    int status = row->few ? nvc_fail(err, NVC_EDATA, "too few values") : make_terms(&terms, c, k, g, o, s->own, err);
    if (!status)
        status = nvc_matrix_init(&M, &terms, s->use, c->n, err);
    for (size_t i = 0; i < M.n && !status; i++)
        s->y[i] = c->value[M.row[i] + c->n * k];
    if (!status)
        status = nvc_lm_fit(&lm, M.X, s->y, M.n, M.m, (const char *const *)M.names, err);
    if (!status && !(contrast = nvc_array(M.m, sizeof *contrast, err)))
        status = NVC_ESYS;
    if (!status) {
        contrast[1] = 1; /* the group is the first term */
        row->adjusted = nvc_lm_contrast(&lm, contrast, false, o->level);
    } else if (status == NVC_EDATA) {
        row->rank_deficient = !row->few;
        status = 0;
    }
    free(contrast);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    return status;
}

/* What is wrong with the covariates in everybody is refused once, with the names. */
static int check_covariates(const struct nvc_cohort *c, const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                            struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    const struct nvc_variable *v = &g->group;
    int status = nvc_terms_add(&terms, &v, 1, err);
    for (size_t j = 0; j < o->n_covariates && !status; j++) {
        v = &o->covariates[j];
        status = v->value ? nvc_terms_add(&terms, &v, 1, err) : 0;
    }
    if (!status)
        status = nvc_matrix_init(&M, &terms, NULL, c->n, err);
    if (!status)
        status = nvc_lm_fit(&lm, M.X, M.X, M.n, M.m, (const char *const *)M.names, err);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    return status ? nvc_fail_in(err, "covariates") : 0;
}

static int control_false_discoveries(struct nvc_group_table *t, bool adjusted, struct nvc_error *err)
{
    size_t m = 0;
    double *p = nvc_array(2 * t->n, sizeof *p, err), *q = p ? p + t->n : NULL;
    if (!p)
        return NVC_ESYS;
    for (size_t i = 0; i < t->n; i++)
        p[i] = t->rows[i].key->quality || t->rows[i].key->derived ? NAN : adjusted ? t->rows[i].adjusted.p : t->rows[i].welch.p;
    int status = nvc_adjust(NVC_ADJUST_BH, p, t->n, q, &m, err);
    for (size_t i = 0; i < t->n && !status; i++) {
        t->rows[i].q = q[i];
        t->rows[i].q_of_adjusted = adjusted;
        t->rows[i].family_m = isnan(p[i]) ? 0 : m;
    }
    free(p);
    return status;
}

int nvc_group_compute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err)
{
    struct scratch s = { { NULL, NULL }, NULL, NULL, NULL };
    *t = (struct nvc_group_table){ .n = c->n_keys };
    t->rows = nvc_array(c->n_keys, sizeof *t->rows, err);
    s.y = nvc_array(3 * c->n, sizeof *s.y, err);
    s.use = nvc_array(c->n, sizeof *s.use, err);
    s.own = nvc_array(o->n_covariates, sizeof *s.own, err);
    int status = t->rows && s.y && s.use && s.own ? 0 : NVC_ESYS;
    if (!status && o->n_covariates)
        status = check_covariates(c, g, o, err);
    if (s.y)
        s.x[0] = s.y + c->n, s.x[1] = s.y + 2 * c->n;
    for (size_t k = 0; k < c->n_keys && !status; k++) {
        t->rows[k].adjusted = undefined;
        describe(c, k, g, &s, &t->rows[k], o->level);
        if (o->n_covariates)
            status = adjust_for(c, k, g, o, &s, &t->rows[k], err);
    }
    if (!status)
        status = control_false_discoveries(t, o->n_covariates > 0, err);
    free(s.y);
    free(s.use);
    free(s.own);
    return status;
}
