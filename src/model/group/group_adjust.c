/* One key with covariates. */
#include "model/group/group_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Group first, then the covariates; `own` (n_covariates) takes those that differ from key to key. */
static int make_terms(struct nvc_terms *t, const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                      const struct nvc_variable *covariates, size_t n, struct nvc_variable *own, bool interactions,
                      struct nvc_error *err)
{
    const struct nvc_variable *v[2] = { &g->group, NULL };
    int status = nvc_terms_add(t, v, 1, err);
    for (size_t j = 0; j < n && !status; j++) {
        own[j] = covariates[j];
        if (!own[j].value && !(own[j].value = nvc_cohort_quality(c, k, own[j].name)))
            return nvc_fail(err, NVC_EDATA, "%s has no %s", c->keys[k].index, own[j].name);
        v[1] = &own[j];
        status = nvc_terms_add(t, &v[1], 1, err);
    }
    for (size_t j = 0; j < n && interactions && !status; j++) {
        v[1] = &own[j];
        status = nvc_terms_add(t, v, 2, err);
    }
    return status;
}

static int make_model(const struct nvc_cohort *c, size_t k, const double *values, const struct nvc_contrast_groups *g,
                      const struct nvc_variable *covariates, size_t n, bool interactions, struct nvc_matrix *M,
                      double *y, struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    struct nvc_variable *own = nvc_array(n, sizeof *own, err);
    bool *use = nvc_array(c->n, sizeof *use, err);
    int status = own && use ? make_terms(&terms, c, k, g, covariates, n, own, interactions, err) : NVC_ESYS;
    for (size_t i = 0; i < c->n && !status; i++)
        use[i] = !isnan(values[i]);
    if (!status)
        status = nvc_matrix_init(M, &terms, use, c->n, err);
    for (size_t i = 0; !status && i < M->n; i++)
        y[i] = values[M->row[i]];
    nvc_terms_release(&terms);
    free(own);
    free(use);
    return status;
}

int nvc_group_model(const struct nvc_cohort *c, size_t k, const double *values, const struct nvc_contrast_groups *g,
                    const struct nvc_variable *covariates, size_t n_covariates, struct nvc_matrix *M, double *y,
                    struct nvc_error *err)
{
    return make_model(c, k, values, g, covariates, n_covariates, false, M, y, err);
}

static int fill(struct nvc_group_row *row, const struct nvc_lm *lm, struct nvc_matrix *M, double level,
                struct nvc_error *err)
{
    const size_t group = 1;
    struct nvc_lm_f f;
    double *contrast = nvc_array(M->m, sizeof *contrast, err);
    int status = contrast ? nvc_lm_drop(lm, &group, 1, &f, err) : NVC_ESYS;
    if (!status) {
        contrast[1] = 1;
        row->adjusted = nvc_lm_contrast(lm, contrast, false, level);
        row->adjusted_hc3 = nvc_lm_contrast(lm, contrast, true, level);
        row->partial_eta2 = f.partial_eta2;
        row->adjusted_d = lm->sigma > 0 ? row->adjusted.estimate / lm->sigma : NAN;
        M->marginal[1] = 0;
        row->emm_control = nvc_lm_contrast(lm, M->marginal, false, level);
        M->marginal[1] = 1;
        row->emm_case = nvc_lm_contrast(lm, M->marginal, false, level);
    }
    free(contrast);
    return status;
}

static int test_slopes(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                       const struct nvc_contrast_groups *g, const struct nvc_group_options *o, double *y,
                       struct nvc_error *err)
{
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    size_t *cols = NULL;
    int status = make_model(c, k, c->value + c->n * k, g, o->covariates, o->n_covariates, true, &M, y, err);
    if (!status)
        status = nvc_lm_fit(&lm, M.X, y, M.n, M.m, (const char *const *)M.names, err);
    if (!status && !(cols = nvc_array(M.m, sizeof *cols, err)))
        status = NVC_ESYS;
    if (!status) {
        size_t first = M.first[1 + o->n_covariates];
        for (size_t j = first; j < M.m; j++)
            cols[j - first] = j;
        status = nvc_lm_drop(&lm, cols, M.m - first, &row->slopes, err);
    }
    free(cols);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    return status == NVC_EDATA ? 0 : status; /* too few for interactions: n/a */
}

int nvc_group_adjust(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                     const struct nvc_contrast_groups *g, const struct nvc_group_options *o, struct nvc_error *err)
{
    static const struct nvc_estimate undefined = { NAN, NAN, NAN, NAN, NAN, NAN, NAN };
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    row->adjusted = row->adjusted_hc3 = row->emm_case = row->emm_control = undefined;
    row->slopes = (struct nvc_lm_f){ NAN, NAN, NAN, NAN, NAN };
    row->adjusted_d = row->partial_eta2 = NAN;
    if (!o->n_covariates || row->few)
        return 0;
    double *y = nvc_array(c->n, sizeof *y, err);
    int status =
        y ? nvc_group_model(c, k, c->value + c->n * k, g, o->covariates, o->n_covariates, &M, y, err) : NVC_ESYS;
    if (!status)
        status = nvc_lm_fit(&lm, M.X, y, M.n, M.m, (const char *const *)M.names, err);
    double squares = 0;
    for (size_t i = 0; !status && i < M.n; i++)
        squares += y[i] * y[i];
    const bool varies =
        !status && lm.rss > 1e-24 * squares; /* else it is constant or itself a covariate: n/a, not rounding noise */
    if (varies)
        status = fill(row, &lm, &M, o->level, err);
    if (!status && varies)
        status = test_slopes(row, c, k, g, o, y, err);
    if (status == NVC_EDATA) { /* missing values may leave a key without a fit that the whole cohort allows */
        row->rank_deficient = true;
        status = 0;
    }
    free(y);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    return status;
}

/* Whoever has a value of any index; everybody where nobody has. */
static bool *who_is_left(const struct nvc_cohort *c, struct nvc_error *err)
{
    bool *use = nvc_array(c->n, sizeof *use, err), any = false;
    for (size_t i = 0; use && i < c->n; i++)
        for (size_t k = 0; k < c->n_keys && !use[i]; k++)
            any |= use[i] = nvc_key_is_index(&c->keys[k]) && !isnan(c->value[i + c->n * k]);
    for (size_t i = 0; use && i < c->n && !any; i++)
        use[i] = true;
    return use;
}

static int check_both_groups(const struct nvc_contrast_groups *g, const struct nvc_variable *v, const bool *use, size_t n, struct nvc_error *err)
{
    size_t known[2] = { 0, 0 };
    for (size_t i = 0; i < n && v->value; i++)
        if (use[i] && !isnan(g->group.value[i]))
            known[g->group.value[i] > 0] += isnan(v->value[i]) ? 0 : 1;
    if (v->value && (!known[0] || !known[1]))
        return nvc_fail(err, NVC_EDATA, "'%s' is n/a in every %s and cannot be adjusted for", v->name, g->labels[known[0] ? 1 : 0]);
    return 0;
}

int nvc_group_check_covariates(const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                               const struct nvc_group_options *o, struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    const struct nvc_variable *v = &g->group;
    bool *use = who_is_left(c, err);
    int status = use ? nvc_terms_add(&terms, &v, 1, err) : NVC_ESYS;
    for (size_t j = 0; j < o->n_covariates && !status; j++) {
        v = &o->covariates[j];
        status = v->value ? nvc_terms_add(&terms, &v, 1, err) : 0;
    }
    for (size_t j = 0; j < o->n_covariates && !status; j++)
        status = check_both_groups(g, &o->covariates[j], use, c->n, err);
    if (!status)
        status = nvc_matrix_init(&M, &terms, use, c->n, err);
    if (!status)
        status = nvc_lm_fit(&lm, M.X, M.X, M.n, M.m, (const char *const *)M.names, err);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    nvc_terms_release(&terms);
    free(use);
    return status ? nvc_fail_in(err, "covariates, among the participants who have a value") : 0;
}
