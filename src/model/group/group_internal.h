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
int nvc_group_permute(struct nvc_group_table *t, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                      const struct nvc_group_options *o, struct nvc_error *err) NVC_CHECKED;

#endif
