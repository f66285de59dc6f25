#include "model/group/normative.h"

#include "base/memory.h"
#include "math/dist.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_normative_release(struct nvc_normative *t)
{
    free(t->rows);
    *t = (struct nvc_normative){ 0 };
}

struct work {
    const struct nvc_cohort *c;
    const struct nvc_contrast_groups *g;
    size_t k;
    struct nvc_matrix M; /* of everybody with a value: constant and covariates */
    double *X, *y;       /* of the controls of one norm */
};

static int make_matrix(struct work *w, const struct nvc_variable *covariates, size_t n, struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    struct nvc_variable *own = nvc_array(n, sizeof *own, err);
    bool *use = nvc_array(w->c->n, sizeof *use, err);
    int status = own && use ? 0 : NVC_ESYS;
    for (size_t j = 0; j < n && !status; j++) {
        own[j] = covariates[j];
        if (!own[j].value && !(own[j].value = nvc_cohort_quality(w->c, w->k, own[j].name)))
            status = nvc_fail(err, NVC_EDATA, "no %s", own[j].name);
        const struct nvc_variable *v = &own[j];
        status = status ? status : nvc_terms_add(&terms, &v, 1, err);
    }
    for (size_t i = 0; i < w->c->n && !status; i++)
        use[i] = !isnan(w->g->group.value[i]) && !isnan(w->c->value[i + w->c->n * w->k]);
    status = status ? status : nvc_matrix_init(&w->M, &terms, use, w->c->n, err);
    nvc_terms_release(&terms);
    free(own);
    free(use);
    return status;
}

/* The norm of row r of the matrix: all controls but itself.  NVC_EDATA: too few. */
static int compare(struct work *w, size_t r, struct nvc_normative_row *out, struct nvc_error *err)
{
    const struct nvc_matrix *M = &w->M;
    struct nvc_lm lm = { 0 };
    size_t n = 0, m = M->m, at = 0;
    double h = 0;
    for (size_t i = 0; i < M->n; i++)
        n += i != r && w->g->group.value[M->row[i]] == 0;
    for (size_t i = 0; i < M->n; i++)
        if (i != r && w->g->group.value[M->row[i]] == 0) {
            for (size_t j = 0; j < m; j++)
                w->X[at + n * j] = M->X[i + M->n * j];
            w->y[at++] = w->c->value[M->row[i] + w->c->n * w->k];
        }
    int status =
        n < m + 2 ? nvc_fail(err, NVC_EDATA, "too few controls") : nvc_lm_fit(&lm, w->X, w->y, n, m, NULL, err);
    if (!status) {
        out->value = w->c->value[M->row[r] + w->c->n * w->k];
        for (size_t j = 0; j < m; j++) {
            out->expected += M->X[r + M->n * j] * lm.beta[j];
            for (size_t k = 0; k < m; k++)
                h += M->X[r + M->n * j] * M->X[r + M->n * k] * lm.V[j + m * k];
        }
        out->n_norm = n, out->sd = lm.sigma, out->dof = lm.dof;
        out->z = (out->value - out->expected) / lm.sigma;
        out->t = out->z / sqrt(1 + h);
        out->p = nvc_t_two_sided(out->t, out->dof);
        out->percentile = 100 * nvc_t_cdf(out->t, out->dof);
        /* z sqrt(1/h) is noncentral t around the true z sqrt(1/h): with h = 1/n the interval of the literature */
        double scale = sqrt(h);
        out->z_low = scale * nvc_nct_ncp(out->z / scale, out->dof, 0.975);
        out->z_high = scale * nvc_nct_ncp(out->z / scale, out->dof, 0.025);
    }
    nvc_lm_release(&lm);
    return status;
}

static int compute_key(struct nvc_normative *t, struct work *w, const char *only, struct nvc_error *err)
{
    int status = 0;
    for (size_t r = 0; r < w->M.n && !status; r++) {
        size_t i = w->M.row[r];
        const char *id = w->c->who->ids.items[i];
        if (only && strcmp(only, id) != 0)
            continue;
        if ((status = nvc_grow(&t->rows, &t->cap, t->n + 1, sizeof *t->rows, err)))
            return status;
        struct nvc_normative_row *row = &t->rows[t->n];
        *row = (struct nvc_normative_row){ .key = w->c->keys[w->k],
                                           .id = id,
                                           .group = w->g->labels[w->g->group.value[i] > 0] };
        status = compare(w, r, row, err);
        t->n += !status;
        status = status == NVC_EDATA ? 0 : status;
    }
    return status;
}

int nvc_normative_compute(struct nvc_normative *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                          const struct nvc_variable *covariates, size_t n_covariates, const char *only,
                          struct nvc_error *err)
{
    struct work w = { .c = c, .g = g };
    int status = (w.y = nvc_array(c->n, sizeof *w.y, err)) ? 0 : NVC_ESYS;
    for (w.k = 0; w.k < c->n_keys && !status; w.k++) {
        if (!nvc_key_is_index(&c->keys[w.k]))
            continue;
        status = make_matrix(&w, covariates, n_covariates, err);
        if (!status && !(w.X = nvc_array(w.M.n * w.M.m, sizeof *w.X, err)))
            status = NVC_ESYS;
        status = status ? status : compute_key(t, &w, only, err);
        nvc_matrix_release(&w.M);
        free(w.X);
        w.X = NULL;
        status = status == NVC_EDATA ? 0 : status;
    }
    free(w.y);
    return status;
}
