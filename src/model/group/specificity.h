/* Is a difference one of this region, or of the whole head?  A gain that is lower everywhere (age, haematocrit,
 * caffeine, stiffer vessels) lowers every region alike.
 *
 * For region B against control region C: rho = sum B_i / sum C_i over everybody (not group-balanced),
 * D_i = B_i - rho C_i, compared between groups (Welch; with covariates ANCOVA with HC3).  rho does not know
 * the labels, and a purely global gain leaves D at 0 on average; the difference B - C, log ratios of
 * individuals and ANCOVA on C do not have both properties.  In percent: 100 (exp(ln(B1/C1) - ln(B0/C0)) - 1) of
 * the group means, interval by the delta method.
 *
 * Verdict, by the interaction alone, never by "significant here, not there":
 *   specific      the interval of D excludes 0
 *   shared        it does not, and both regions differ between groups with the same sign
 *   undetermined  neither, or the control region responds too weakly (mean C <= 4 se) to say */
#ifndef NVC_MODEL_SPECIFICITY_H
#define NVC_MODEL_SPECIFICITY_H

#include "base/status.h"
#include "base/text.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_specificity_row {
    struct nvc_key key;
    const char *control_region, *verdict, *note; /* note: "weak_control", "negative_mean" or NULL */
    size_t n_case, n_control;
    double rho, mean_case, mean_control;          /* of D */
    double diff, se, ci_low, ci_high, t, dof, p;  /* of D, case minus control */
    double percent, percent_low, percent_high;
    double diff_region, diff_region_p, diff_control_region, diff_control_region_p; /* Welch, of B and C alone */
    double control_over_se;                       /* mean C over its standard error */
    /* null regions: (1 + #{|g_m| >= |g_B|}) / (M + 1), descriptive; NaN without them */
    double spatial_rank;
    size_t n_null;
};

struct nvc_specificity { /* zero it before use */
    struct nvc_specificity_row *rows;
    size_t n, cap;
};
/* For every key whose region matches `region` (glob) and each key that differs from it only in the region,
 * one of `controls` (globs; side and atlas may differ where the control has just one).  Regions that match
 * `null_regions` (glob or NULL) give the spatial rank.  NVC_EDATA: no such region. */
int nvc_specificity_compute(struct nvc_specificity *s, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                            const struct nvc_group_options *o, const char *region, const struct nvc_list *controls,
                            const char *null_regions, struct nvc_error *err) NVC_CHECKED;
void nvc_specificity_release(struct nvc_specificity *s);

#endif
