/* One sample against 0, in each group and in both together: responses, changes, paired differences. */
#ifndef NVC_MODEL_ONE_SAMPLE_H
#define NVC_MODEL_ONE_SAMPLE_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_one_sample_row {
    struct nvc_key key;
    const char *group; /* label of the group, or "all" */
    size_t n;
    double mean, sd, ci_low, ci_high, t, dof, p;
    double g, g_low, g_high;   /* mean over sd with the exact factor J(n - 1), noncentral-t interval */
    double perm_p, perm_p_fwe; /* sign flips, exact when they are few; maximum over the keys of one group */
    size_t perm_n;
    const char *perm_method;
    double wilcoxon_p; /* signed ranks, exact (ties included) up to 200 non-zero values, else normal */
};

struct nvc_one_sample_table { /* zero it before use */
    struct nvc_one_sample_row *rows;
    size_t n;
};
/* Three rows per key that is no quality.  Permutation options as in nvc_group_options. */
int nvc_one_sample_compute(struct nvc_one_sample_table *t, const struct nvc_cohort *c,
                           const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                           struct nvc_error *err) NVC_CHECKED;
void nvc_one_sample_release(struct nvc_one_sample_table *t);

/* Wilcoxon's signed-rank test: two-sided p of x[n] (any order), conditional on the ties; NaN without a
 * non-zero value. */
int nvc_wilcoxon(const double *x, size_t n, double *p, bool *exact, struct nvc_error *err) NVC_CHECKED;

#endif
