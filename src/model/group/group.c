#include "model/group/group.h"

#include "base/memory.h"
#include "model/group/group_internal.h"
#include "model/stat/stat_multiple.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_role_of_row_names[] = { "family", "primary", "derived", "outside", "negative-control", "null-region", "quality", NULL };

void nvc_group_table_release(struct nvc_group_table *t)
{
    free(t->rows);
    *t = (struct nvc_group_table){ 0 };
}

void nvc_key_name(char out[static 256], const struct nvc_key *k)
{
    const char *const parts[] = { k->index, k->contrast, k->region, k->side, k->task, k->session };
    const char between[] = { 0, '.', '.', '_', '.', '.' };
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts && n < 255; i++)
        if (strcmp(parts[i], "n/a") != 0) {
            if (n)
                out[n++] = between[i];
            n += (size_t)snprintf(out + n, 256 - n, "%s", parts[i]);
        }
}

bool nvc_key_matches(const char *glob, const struct nvc_key *k)
{
    char name[256];
    nvc_key_name(name, k);
    for (char *end = name + strlen(name); end && end > name; end = strrchr(name, '.')) {
        *end = '\0';
        if (nvc_glob_match(glob, name))
            return true;
    }
    return false;
}

static int assign_roles(struct nvc_group_table *t, const struct nvc_group_options *o, struct nvc_error *err)
{
    size_t primaries = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct nvc_key *k = t->rows[i].key;
        bool chosen = !o->family.n;
        for (size_t f = 0; f < o->family.n; f++)
            chosen |= nvc_key_matches(o->family.items[f], k);
        const bool moved = o->null_regions && nvc_glob_match(o->null_regions, k->region);
        t->rows[i].role = moved                        ? NVC_ROW_NULL
                          : k->quality                 ? NVC_ROW_QUALITY
                          : k->control                 ? NVC_ROW_CONTROL
                          : !o->family.n && k->derived ? NVC_ROW_DERIVED
                          : chosen                     ? NVC_ROW_FAMILY
                                                       : NVC_ROW_OUTSIDE;
        if (o->primary && nvc_key_is_index(k) && !moved && nvc_key_matches(o->primary, k)) {
            t->rows[i].role = NVC_ROW_PRIMARY;
            primaries++;
        }
    }
    if (o->primary && primaries != 1)
        return nvc_fail(err, NVC_EDATA,
                        "--primary '%s' matches %zu keys; the primary test is one, named INDEX.CONTRAST.REGION_SIDE",
                        o->primary, primaries);
    return 0;
}

/* Over the rows of one role. */
static int adjust_for_many(struct nvc_group_table *t, enum nvc_role_of_row role, bool adjusted, struct nvc_error *err)
{
    size_t m = 0;
    double *p = nvc_array(4 * t->n, sizeof *p, err), *q[3] = { p + t->n, p + 2 * t->n, p + 3 * t->n };
    if (!p)
        return NVC_ESYS;
    for (size_t i = 0; i < t->n; i++)
        p[i] = t->rows[i].role != role ? NAN : adjusted ? t->rows[i].adjusted.p : t->rows[i].welch.p;
    int status = nvc_adjust(NVC_ADJUST_BH, p, t->n, q[0], &m, err);
    if (!status)
        status = nvc_adjust(NVC_ADJUST_BY, p, t->n, q[1], NULL, err);
    if (!status)
        status = nvc_adjust(NVC_ADJUST_HOLM, p, t->n, q[2], NULL, err);
    for (size_t i = 0; i < t->n && !status; i++) {
        struct nvc_group_row *r = &t->rows[i];
        if (r->role != role)
            continue;
        r->q = q[0][i], r->q_by = q[1][i], r->p_holm = q[2][i];
        r->q_of_adjusted = adjusted;
        r->family_m = isnan(p[i]) ? 0 : m;
    }
    free(p);
    return status;
}

/* Keys are independent pieces of work; the first failure in their order is told. */
static int compute_keys(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                        const struct nvc_group_options *o, struct nvc_error *err)
{
    int *status = nvc_array(t->n, sizeof *status, err), first = 0;
    struct nvc_error *errors = nvc_array(t->n, sizeof *errors, err);
    long n = (long)t->n;
    if (!status || !errors) {
        free(status);
        free(errors);
        return NVC_ESYS;
    }
#pragma omp parallel num_threads(o->threads > 0 ? o->threads : 1)
    {
        struct nvc_rank_law law = { 0 };
#pragma omp for schedule(dynamic)
        for (long k = 0; k < n; k++) {
            status[k] = nvc_group_describe(&t->rows[k], c, (size_t)k, g, o, &law, &errors[k]);
            if (!status[k])
                status[k] = nvc_group_adjust(&t->rows[k], c, (size_t)k, g, o, &errors[k]);
        }
        nvc_rank_law_release(&law);
    }
    for (long k = n; k-- > 0;)
        if (status[k]) {
            first = status[k];
            *err = errors[k];
        }
    free(status);
    free(errors);
    return first;
}

int nvc_group_compute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err)
{
    *t = (struct nvc_group_table){ .n = c->n_keys };
    t->rows = nvc_array(c->n_keys, sizeof *t->rows, err);
    int status = t->rows ? 0 : NVC_ESYS;
    if (!status && o->n_covariates)
        status = nvc_group_check_covariates(c, g, o, err);
    if (!status)
        status = compute_keys(t, c, g, o, err);
    if (!status)
        status = assign_roles(t, o, err);
    for (size_t k = 0; k < t->n && !status; k++)
        t->rows[k].q = t->rows[k].q_by = t->rows[k].p_holm = NAN;
    if (!status)
        status = adjust_for_many(t, NVC_ROW_FAMILY, o->n_covariates > 0, err);
    if (!status)
        status = adjust_for_many(t, NVC_ROW_CONTROL, o->n_covariates > 0, err);
    for (size_t k = 0; k < c->n_keys && !status; k++)
        t->rows[k].permuted = (struct nvc_permute_result){ NAN, NAN, NAN, 0, false };
    if (!status && o->replicates)
        status = nvc_group_permute(t, c, g, o, err);
    return status;
}
