/* Reliability beside every effect: where indices are means over runs, the share of the spread of people within
 * groups that is no noise of measurement, and g without that noise. */
#ifndef NVC_MODEL_GROUP_RELIABILITY_H
#define NVC_MODEL_GROUP_RELIABILITY_H

#include "model/group/cohort.h"
#include "model/group/group.h"

/* Fill icc, g_true and its limits (BCa bootstrap of participants) of the keys that were measured in several
 * runs of a session; rows that rules hit or that lack coverage stay out.  NVC_ESYS; NVC_EDATA as
 * nvc_reliability_init, but for keys without runs, which stay NaN. */
int nvc_group_reliability(struct nvc_group_table *t, const struct nvc_coupling *rows, const struct nvc_participants *who,
                          const struct nvc_contrast_groups *g, const struct nvc_cohort_options *o, size_t replicates,
                          uint64_t seed, struct nvc_error *err) NVC_CHECKED;

#endif
