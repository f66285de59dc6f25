#include "model/group/scores.h"

#include "base/memory.h"
#include "model/stat/stat_corr.h"
#include "model/stat/stat_multiple.h"
#include "model/stat/stat_rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { METHODS = 5 };
static const char *const methods[METHODS] = { "pearson", "spearman", "kendall", "partial_pearson", "partial_spearman" };

void nvc_scores_release(struct nvc_scores *s)
{
    free(s->rows);
    *s = (struct nvc_scores){ 0 };
}

struct pairs {
    size_t n;
    double *x, *y;
    struct nvc_matrix M; /* covariates of the pairs that have them; n of its own */
    double *px, *py;
};

static void collect(struct pairs *p, const double *value, const struct nvc_variable *score,
                    const struct nvc_contrast_groups *g, int which, size_t n)
{
    p->n = 0;
    for (size_t i = 0; i < n; i++) {
        double group = g->group.value[i];
        if (isnan(group) || (which < 2 && (group > 0) != which) || isnan(value[i]) || isnan(score->value[i]))
            continue;
        p->x[p->n] = value[i];
        p->y[p->n++] = score->value[i];
    }
}

static int make_partial(struct pairs *p, const double *value, const struct nvc_variable *score,
                        const struct nvc_contrast_groups *g, int which, size_t n, const struct nvc_group_options *o,
                        struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    bool *use = nvc_array(n, sizeof *use, err);
    int status = use ? 0 : NVC_ESYS;
    for (size_t i = 0; i < n && !status; i++) {
        double group = g->group.value[i];
        use[i] = !isnan(group) && (which == 2 || (group > 0) == which) && !isnan(value[i]) && !isnan(score->value[i]);
    }
    for (size_t j = 0; j < o->n_covariates && !status; j++) {
        const struct nvc_variable *v = &o->covariates[j];
        status = v->value ? nvc_terms_add(&terms, &v, 1, err) : 0;
    }
    status = status ? status : nvc_matrix_init(&p->M, &terms, use, n, err);
    for (size_t i = 0; i < p->M.n && !status; i++) {
        p->px[i] = value[p->M.row[i]];
        p->py[i] = score->value[p->M.row[i]];
    }
    nvc_terms_release(&terms);
    free(use);
    return status;
}

/* Spearman's partial form ranks the variables and the numeric covariates first. */
static int rank_all(struct pairs *p, const struct nvc_group_options *o, struct nvc_error *err)
{
    double ties;
    int status = nvc_midranks(p->px, p->M.n, p->px, &ties, err);
    status = status ? status : nvc_midranks(p->py, p->M.n, p->py, &ties, err);
    for (size_t j = 0, term = 0; j < o->n_covariates && !status; j++) {
        if (!o->covariates[j].value)
            continue;
        double *column = p->M.X + p->M.n * p->M.first[term++];
        if (o->covariates[j].numeric)
            status = nvc_midranks(column, p->M.n, column, &ties, err);
    }
    return status;
}

static int correlate(struct pairs *p, int method, const struct nvc_group_options *o, struct nvc_correlation *r,
                     struct nvc_error *err)
{
    int status = 0;
    switch (method) {
    case 0: *r = nvc_corr_pearson(p->x, p->y, p->n, o->level); break;
    case 1: status = nvc_corr_spearman(p->x, p->y, p->n, o->level, r, err); break;
    case 2: status = nvc_corr_kendall(p->x, p->y, p->n, o->level, r, err); break;
    default:
        if (method == 4)
            status = rank_all(p, o, err);
        status = status ? status : nvc_corr_partial(p->px, p->py, p->M.X, p->M.n, p->M.m, o->level, r, err);
    }
    return status;
}

/* All methods for one key, score and group; a partial correlation that cannot be fitted is a row of n/a. */
static int add_rows(struct nvc_scores *s, const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                    const struct nvc_group_options *o, const char *covariate_text, const struct nvc_variable *score,
                    int which, struct pairs *p, struct nvc_error *err)
{
    const double *value = c->value + c->n * k;
    int status = 0, partial = 0;
    collect(p, value, score, g, which, c->n);
    if (o->n_covariates)
        partial = make_partial(p, value, score, g, which, c->n, o, err);
    for (int m = 0; m < (o->n_covariates ? METHODS : 3) && !status; m++) {
        struct nvc_correlation r = { 0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };
        status = nvc_grow(&s->rows, &s->cap, s->n + 1, sizeof *s->rows, err);
        if (!status && (m < 3 || !partial)) {
            status = correlate(p, m, o, &r, err);
            status = status == NVC_EDATA ? 0 : status;
        }
        if (!status)
            s->rows[s->n++] = (struct nvc_score_row){ c->keys[k],
                                                      score->name,
                                                      which == 2 ? "all" : g->labels[which],
                                                      methods[m],
                                                      m < 3 ? NULL : covariate_text,
                                                      r.n,
                                                      r.r,
                                                      r.ci_low,
                                                      r.ci_high,
                                                      r.t,
                                                      r.dof,
                                                      r.p,
                                                      NAN };
    }
    nvc_matrix_release(&p->M);
    return status ? status : partial == NVC_ESYS ? partial : 0;
}

static int adjust_families(struct nvc_scores *s, struct nvc_error *err)
{
    double *p = nvc_array(2 * s->n, sizeof *p, err), *q = p + s->n;
    int status = p ? 0 : NVC_ESYS;
    for (size_t i = 0; i < s->n && !status; i++) {
        const struct nvc_score_row *a = &s->rows[i];
        if (!isnan(a->q) || isnan(a->p))
            continue;
        for (size_t j = 0; j < s->n; j++) {
            const struct nvc_score_row *b = &s->rows[j];
            p[j] = a->score == b->score && a->group == b->group && a->method == b->method ? b->p : NAN;
        }
        status = nvc_adjust(NVC_ADJUST_BH, p, s->n, q, NULL, err);
        for (size_t j = 0; j < s->n && !status; j++)
            if (!isnan(q[j]))
                s->rows[j].q = q[j];
    }
    free(p);
    return status;
}

int nvc_scores_compute(struct nvc_scores *s, const struct nvc_group_table *t, const struct nvc_cohort *c,
                       const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                       const char *covariate_text, const struct nvc_variable *const *scores, size_t n_scores,
                       struct nvc_error *err)
{
    double *room = nvc_array(4 * c->n, sizeof *room, err);
    struct pairs p = { .x = room, .y = room + c->n, .px = room + 2 * c->n, .py = room + 3 * c->n };
    int status = room ? 0 : NVC_ESYS;
    for (size_t k = 0; k < t->n && !status; k++)
        for (size_t j = 0; j < n_scores && !status; j++)
            for (int which = 1; which >= -1 && !status; which--)
                if (t->rows[k].role == NVC_ROW_FAMILY || t->rows[k].role == NVC_ROW_PRIMARY)
                    status = add_rows(s, c, k, g, o, covariate_text, scores[j], which < 0 ? 2 : which, &p, err);
    if (!status)
        status = adjust_families(s, err);
    free(room);
    return status;
}
