/* One finding through several choices that could have been made: atlases, confounds, spaces.  They are
 * replicates, not tests: one p for all of them, and how far the effect depends on the choice. */
#ifndef NVC_MODEL_FORKS_H
#define NVC_MODEL_FORKS_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_fork_row {
    struct nvc_key key;
    const char *set; /* the glob that named the set; borrowed */
    size_t n_case, n_control;
    double g, g_low, g_high, t; /* Hedges g with interval; the studentised t that is permuted */
    /* of the set, the same on all of its rows */
    size_t forks, perm_n;
    double median_g, lowest_g, highest_g, same_sign; /* same_sign: share of rows with the sign of the median */
    double p_mean, p_largest;                        /* joint permutation p of the mean t and of the largest |t| */
};

struct nvc_forks { /* zero it before use */
    struct nvc_fork_row *rows;
    size_t n, cap;
};
/* One set per glob of keys (nvc_key_matches).
 * Rows of a set are sorted by g: a specification curve.  NVC_EDATA: a set of fewer than
 * two keys. */
int nvc_forks_compute(struct nvc_forks *f, const struct nvc_group_table *t, const struct nvc_cohort *c,
                      const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                      const struct nvc_list *sets, struct nvc_error *err) NVC_CHECKED;
void nvc_forks_release(struct nvc_forks *f);

#endif
