/* The steps of nvc_group_compute. */
#ifndef NVC_MODEL_GROUP_INTERNAL_H
#define NVC_MODEL_GROUP_INTERNAL_H

#include "model/group/group.h"

/* Everything about one key but permutations and false discoveries. */
int nvc_group_describe(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                       const struct nvc_contrast_groups *g, const struct nvc_group_options *o, struct nvc_rank_law *law,
                       struct nvc_error *err) NVC_CHECKED;
int nvc_group_adjust(struct nvc_group_row *row, const struct nvc_cohort *c, size_t k,
                     const struct nvc_contrast_groups *g, const struct nvc_group_options *o,
                     struct nvc_error *err) NVC_CHECKED;
/* Refuse covariates that fail in everybody, naming them. */
int nvc_group_check_covariates(const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                               const struct nvc_group_options *o, struct nvc_error *err) NVC_CHECKED;
/* The model of key k as an outcome to be permuted, in the family when the row is, in no pool; M and y (room for c->n) hold it.  n 0: the
 * key has none. */
int nvc_group_outcome(const struct nvc_group_row *row, const struct nvc_cohort *c, size_t k, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_matrix *M, double *y, struct nvc_permute_outcome *u,
                      struct nvc_error *err) NVC_CHECKED;
int nvc_group_permute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err) NVC_CHECKED;

#endif
