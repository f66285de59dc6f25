/* Indices against clinical scores: three correlations and their partial forms, in the cases, the controls and
 * both. */
#ifndef NVC_MODEL_SCORES_H
#define NVC_MODEL_SCORES_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/group.h"

struct nvc_score_row {
    struct nvc_key key;
    const char *score, *group; /* label of the group, or "all" */
    const char *method;        /* "pearson", "spearman", "kendall", "partial_pearson", "partial_spearman" */
    const char *covariates;    /* of the partial ones, else NULL */
    size_t n;
    double r, ci_low, ci_high, t, dof, p;
    double q; /* Benjamini-Hochberg over the rows of the same method, group and score */
};

struct nvc_scores { /* zero it before use */
    struct nvc_score_row *rows;
    size_t n, cap;
};
/* For the rows of the family and the primary one.  Partial correlations with the covariates of o (those with
 * values); covariate_text names them. */
int nvc_scores_compute(struct nvc_scores *s, const struct nvc_group_table *t, const struct nvc_cohort *c,
                       const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                       const char *covariate_text, const struct nvc_variable *const *scores, size_t n_scores,
                       struct nvc_error *err) NVC_CHECKED;
void nvc_scores_release(struct nvc_scores *s);

#endif
