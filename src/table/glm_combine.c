/* Rows of several runs, combined. */
#include "table/glm_rows.h"

#include "base/memory.h"
#include "model/design/runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool same_effect(const struct nvc_glm_row *a, const struct nvc_glm_row *b)
{
    return !strcmp(a->contrast, b->contrast) && !strcmp(a->region, b->region) && !strcmp(a->side, b->side) &&
           !strcmp(a->atlas, b->atlas) && a->type == b->type;
}

/* Mean of a value and its standard error over the rows of one effect; dof may be NULL. */
static void mean_of(const struct nvc_glm_table *t, size_t n, const struct nvc_glm_row *like, size_t value, size_t error, double *mean,
                    double *se, double *dof)
{
    struct nvc_fixed f = { 0 };
    for (size_t i = 0; i < n; i++) {
        const char *row = (const char *)&t->rows[i];
        double e = *(const double *)(const void *)(row + value), s = *(const double *)(const void *)(row + error);
        if (same_effect(&t->rows[i], like))
            nvc_fixed_add(&f, e, s * s, t->rows[i].dof);
    }
    *mean = nvc_fixed_effect(&f);
    *se = sqrt(nvc_fixed_variance(&f));
    if (dof)
        *dof = nvc_fixed_dof(&f);
}

static int add_mean(struct nvc_glm_table *t, size_t n, size_t first, struct nvc_error *err)
{
    struct nvc_glm_row *row = nvc_glm_table_add(t, err);
    size_t n_runs = 0;
    if (!row)
        return NVC_ESYS;
    const struct nvc_glm_row *like = &t->rows[first];
    struct nvc_glm_row mean = *like;
    mean.contrast = mean.weights = NULL;
    mean.ar = mean.ma = mean.sigma = NAN;
    mean.s0 = mean.n_vol = mean.n_censored = 0;
    for (size_t i = 0; i < n; i++) {
        const struct nvc_glm_row *r = &t->rows[i];
        if (!same_effect(r, like))
            continue;
        n_runs++;
        nvc_identity_join(&mean.who, &r->who);
        mean.s0 += r->s0;
        mean.n_vol += r->n_vol;
        mean.n_censored += r->n_censored;
        mean.n_vox = fmin(mean.n_vox, r->n_vox);
        mean.coverage = fmin(mean.coverage, r->coverage);
        mean.tsnr = fmin(mean.tsnr, r->tsnr);
        mean.event_duration_s = r->event_duration_s == like->event_duration_s ? mean.event_duration_s : NAN;
    }
    mean.s0 /= (double)n_runs;
#define FIELDS(VALUE, ERROR) offsetof(struct nvc_glm_row, VALUE), offsetof(struct nvc_glm_row, ERROR), &mean.VALUE, &mean.ERROR
    mean_of(t, n, like, FIELDS(effect, se), NULL);
    mean_of(t, n, like, FIELDS(psc, psc_se), NULL);
    mean_of(t, n, like, FIELDS(effect_pct, se_pct), &mean.dof);
#undef FIELDS
    bool percent = !isnan(mean.effect_pct);
    mean.stat = percent ? mean.effect_pct / mean.se_pct : mean.effect / mean.se;
    if (!percent)
        mean_of(t, n, like, offsetof(struct nvc_glm_row, effect), offsetof(struct nvc_glm_row, se), &mean.effect, &mean.se, &mean.dof);
    mean.p = nvc_glm_p(mean.stat, mean.dof);
    mean.z = nvc_glm_z(mean.stat, mean.dof);
    (void)snprintf(mean.note, sizeof mean.note, "runs:%zu", n_runs);
    mean.contrast = nvc_strdup(like->contrast, err);
    mean.weights = nvc_strdup(like->weights, err);
    *row = mean;
    return mean.contrast && mean.weights ? 0 : NVC_ESYS;
}

int nvc_glm_rows_combine(struct nvc_glm_table *t, struct nvc_error *err)
{
    size_t n = t->n;
    int status = 0;
    for (size_t i = 0; i < n && !status; i++) {
        size_t earlier = 0, later = 0;
        for (size_t k = 0; k < n; k++)
            if (k != i && t->rows[i].type != NVC_GLM_F && same_effect(&t->rows[i], &t->rows[k]))
                *(k < i ? &earlier : &later) += 1;
        if (earlier == 0 && later > 0)
            status = add_mean(t, n, i, err);
    }
    return status;
}
