/* Case against control, key by key: the numbers of the group table.  Differences are case minus control;
 * nothing is tested that is not printed, and every key is printed, found or not. */
#ifndef NVC_MODEL_GROUP_H
#define NVC_MODEL_GROUP_H

#include "base/status.h"
#include "model/cohort.h"
#include "model/stat_effect.h"
#include "model/stat_lm.h"
#include "model/stat_sample.h"
#include "model/terms.h"

#include <stdbool.h>
#include <stddef.h>

/* Who is compared: a copy of a participant variable with two levels, control (0) and case (1). */
struct nvc_contrast_groups {
    struct nvc_variable group; /* levels[0] control, levels[1] case; NaN: neither */
    const char *labels[2];
    size_t n_case, n_control;
};
/* From column `name`: `case_label`, and `control_label` or, when NULL, the only other label.  NVC_EDATA: no
 * such label (with a near miss), more than two labels and none named, fewer than two members. */
int nvc_contrast_groups_init(struct nvc_contrast_groups *g, const struct nvc_participants *p, const char *name,
                             const char *case_label, const char *control_label, struct nvc_error *err) NVC_CHECKED;
void nvc_contrast_groups_release(struct nvc_contrast_groups *g);

struct nvc_group_row {
    const struct nvc_key *key;
    struct nvc_sample cases, controls;
    size_t n_missing, missing[NVC_MISSING_REASONS]; /* of both groups together, by reason */
    struct nvc_ttest welch;
    struct nvc_effect effect;
    struct nvc_estimate adjusted; /* ANCOVA with the covariates; NaN without */
    double q;
    size_t family_m;              /* tests in the family of q; 0: this row is in none */
    bool q_of_adjusted;
    bool rank_deficient, few;     /* notes */
};

struct nvc_group_options {
    /* Borrowed.  One without values is a quality of that name (coverage, tsnr, mean_fd) and is looked up for
     * each key. */
    const struct nvc_variable *covariates;
    size_t n_covariates;
    double level; /* of the intervals: 0.95 */
};

struct nvc_group_table { /* zero it before use */
    struct nvc_group_row *rows;
    size_t n;
};
/* One row per key of the cohort.  Values of a key that are missing are left out of that key (and counted);
 * the ANCOVA also leaves out whoever lacks a covariate.  NVC_EDATA: covariates that are collinear with each
 * other or with the group among all its members. */
int nvc_group_compute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err) NVC_CHECKED;
void nvc_group_table_release(struct nvc_group_table *t);

#endif
