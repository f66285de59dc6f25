/* How well the values of a key repeat themselves from run to run, beside its effect. */
#include "model/group/group_reliability.h"

#include "base/memory.h"
#include "model/group/reliability.h"

#include <math.h>
#include <stdlib.h>

/* The rows that no rule hits, borrowed from `all`. */
static int keep_rows(struct nvc_coupling *kept, const struct nvc_coupling *all, const struct nvc_participants *who,
                     const struct nvc_rule *rules, size_t n_rules, struct nvc_error *err)
{
    *kept = (struct nvc_coupling){ .rows = nvc_array(all->n, sizeof *all->rows, err) };
    int status = kept->rows ? 0 : NVC_ESYS;
    for (size_t i = 0; i < all->n && !status; i++) {
        bool out = false;
        size_t at;
        status = nvc_participants_find(who, all->rows[i].participant_id, &at, err);
        for (size_t k = 0; k < n_rules && !status; k++)
            out |= nvc_rule_hits_row(&rules[k], &all->rows[i]) || nvc_rule_hits_participant(&rules[k], at);
        if (!out)
            kept->rows[kept->n++] = all->rows[i];
    }
    return status;
}

int nvc_group_reliability(struct nvc_group_table *t, const struct nvc_coupling *rows, const struct nvc_participants *who,
                          const struct nvc_contrast_groups *g, const struct nvc_cohort_options *o, size_t replicates,
                          uint64_t seed, struct nvc_error *err)
{
    struct nvc_reliability r = { 0 };
    struct nvc_coupling kept;
    int status = keep_rows(&kept, rows, who, o->rules, o->n_rules, err);
    if (!status)
        status = nvc_reliability_init(&r, &kept, NVC_BY_RUN, o->min_coverage, err);
    if (status == NVC_EDATA && !r.n) /* nothing was measured twice */
        status = 0;
    else if (!status)
        status = nvc_reliability_compute(&r, who, g, replicates, seed, err);
    for (size_t k = 0; k < t->n && !status; k++) {
        struct nvc_group_row *row = &t->rows[k];
        for (size_t i = 0; i < r.n; i++)
            if (!nvc_key_compare(&r.repeats[i].key, row->key)) {
                const struct nvc_reliability_row *of = &r.rows[i];
                row->icc = (of->g / of->g_true) * (of->g / of->g_true);
                row->g_true = of->g_true, row->g_true_low = of->g_true_low, row->g_true_high = of->g_true_high;
            }
    }
    nvc_reliability_release(&r);
    free(kept.rows);
    return status;
}
