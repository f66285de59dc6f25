#include "model/group/cohort_combat.h"

#include "base/memory.h"
#include "model/group/combat_sample.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int choose_members(struct nvc_combat_sample *s, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                       const struct nvc_variable *site, const struct nvc_variable *covariates, size_t n,
                       struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    const struct nvc_variable *v = &g->group;
    bool *use = nvc_array(c->n, sizeof *use, err);
    int status = use ? nvc_terms_add(&terms, &v, 1, err) : NVC_ESYS;
    for (size_t j = 0; j < n && !status; j++) {
        v = &covariates[j];
        if (v->value && strcmp(v->name, site->name) != 0)
            status = nvc_terms_add(&terms, &v, 1, err);
    }
    for (size_t i = 0; i < c->n && !status; i++) {
        bool any = false;
        for (size_t k = 0; k < c->n_keys && !any; k++)
            any = nvc_key_is_index(&c->keys[k]) && !isnan(c->value[i + c->n * k]);
        use[i] = any && !isnan(site->value[i]);
    }
    status = status ? status : nvc_matrix_init(&s->M, &terms, use, c->n, err);
    nvc_terms_release(&terms);
    free(use);
    return status;
}

/* Batches are numbered as the sites that occur; keys that everybody lacks stay out. */
static int fill_sample(struct nvc_combat_sample *s, const struct nvc_cohort *c, const struct nvc_variable *site,
                       size_t level, struct nvc_error *err)
{
    size_t *number = nvc_array(site->n_levels, sizeof *number, err);
    s->y = nvc_array(s->M.n * c->n_keys, sizeof *s->y, err);
    s->batch = nvc_array(s->M.n, sizeof *s->batch, err);
    s->key = nvc_array(c->n_keys, sizeof *s->key, err);
    if (!number || !s->y || !s->batch || !s->key) {
        free(number);
        return NVC_ESYS;
    }
    s->reference = SIZE_MAX;
    for (size_t l = 0; l < site->n_levels; l++) {
        bool present = false;
        for (size_t i = 0; i < s->M.n && !present; i++)
            present = site->value[s->M.row[i]] == (double)l;
        if (level == l && present)
            s->reference = s->batches;
        number[l] = present ? s->batches++ : SIZE_MAX;
    }
    for (size_t i = 0; i < s->M.n; i++)
        s->batch[i] = number[(size_t)site->value[s->M.row[i]]];
    for (size_t k = 0; k < c->n_keys; k++) {
        size_t present = 0;
        for (size_t i = 0; i < s->M.n; i++) {
            s->y[i + s->M.n * s->J] = c->value[s->M.row[i] + c->n * k];
            present += isnan(s->y[i + s->M.n * s->J]) ? 0 : 1;
        }
        if (nvc_key_is_index(&c->keys[k]) && present > s->batches + s->M.m)
            s->key[s->J++] = k;
    }
    free(number);
    return 0;
}

void nvc_combat_sample_release(struct nvc_combat_sample *s)
{
    free(s->y);
    free(s->batch);
    free(s->key);
    nvc_matrix_release(&s->M);
    *s = (struct nvc_combat_sample){ 0 };
}

int nvc_combat_sample_init(struct nvc_combat_sample *s, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                           const struct nvc_variable *site, const struct nvc_variable *covariates, size_t n_covariates,
                           const struct nvc_combat_options *o, struct nvc_error *err)
{
    int status = choose_members(s, c, g, site, covariates, n_covariates, err);
    return status ? status : fill_sample(s, c, site, o->reference, err);
}

int nvc_combat_sample_adjust(const struct nvc_combat_sample *s, double *y, const struct nvc_combat_options *o,
                             struct nvc_error *err)
{
    struct nvc_combat_options own = *o;
    own.reference = s->reference;
    return nvc_combat(y, s->M.n, s->J, s->batch, s->batches, s->M.X + s->M.n, s->M.m - 1, &own, err);
}

int nvc_cohort_combat(struct nvc_cohort *c, const struct nvc_contrast_groups *g, const struct nvc_variable *site,
                      const struct nvc_variable *covariates, size_t n_covariates, const struct nvc_combat_options *o,
                      struct nvc_confounding *confounding, struct nvc_error *err)
{
    struct nvc_combat_sample s = { .batches = 0 };
    int status = nvc_combat_sample_init(&s, c, g, site, covariates, n_covariates, o, err);
    status = status ? status : nvc_confounding_measure(confounding, g, site, s.M.row, s.M.n, err);
    if (!status && isinf(confounding->vif))
        status = nvc_fail(err, NVC_EDATA, "group and %s cannot be told apart: every %s holds one group only", site->name,
                          site->name);
    if (!status && s.batches < 2)
        status = nvc_fail(err, NVC_EDATA, "%s has one level only: nothing to harmonise", site->name);
    if (!status)
        status = nvc_combat_sample_adjust(&s, s.y, o, err);
    for (size_t k = 0; k < c->n_keys && !status; k++)
        for (size_t i = 0; i < c->n && nvc_key_is_index(&c->keys[k]); i++) {
            size_t cell = i + c->n * k;
            c->missing[cell] = c->missing[cell] == NVC_PRESENT ? NVC_MISSING_EXCLUDED : c->missing[cell];
            c->value[cell] = NAN;
        }
    for (size_t j = 0; j < s.J && !status; j++)
        for (size_t i = 0; i < s.M.n; i++) {
            size_t cell = s.M.row[i] + c->n * s.key[j];
            if (!isnan(s.y[i + s.M.n * j])) {
                c->value[cell] = s.y[i + s.M.n * j];
                c->missing[cell] = NVC_PRESENT;
            }
        }
    nvc_combat_sample_release(&s);
    return status ? nvc_fail_in(err, "--combat %s", site->name) : 0;
}
