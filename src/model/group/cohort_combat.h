/* ComBat over all indices of a cohort. */
#ifndef NVC_MODEL_COHORT_COMBAT_H
#define NVC_MODEL_COHORT_COMBAT_H

#include "base/status.h"
#include "model/group/cohort.h"
#include "model/group/combat.h"
#include "model/group/confounding.h"
#include "model/group/group.h"

/* Adjust every key that is no quality; the group and the covariates (those with values) are preserved.
 * Participants outside the groups, without a site or without a covariate become missing.  NVC_EDATA: as
 * nvc_combat; a site that holds one group only together with others that hold the other (group and site cannot
 * be told apart). */
int nvc_cohort_combat(struct nvc_cohort *c, const struct nvc_contrast_groups *g, const struct nvc_variable *site,
                      const struct nvc_variable *covariates, size_t n_covariates, const struct nvc_combat_options *o,
                      struct nvc_confounding *confounding, struct nvc_error *err) NVC_CHECKED;

#endif
