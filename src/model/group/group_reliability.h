/* Reliability beside every effect: the share of the spread of people within groups that is no noise of measurement, and g
 * without that noise.  It is seen from several runs or, where there is one, from its halves (odd and even blocks), whose
 * ICC(3,1) is stepped up to the whole run by Spearman and Brown, 2 r / (1 + r): the ICC(3,k) of two halves.  Halves know
 * nothing of what differs from run to run or from day to day and so are the upper bound of a test-retest reliability. */
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

/* The same from halves for the keys that have no reliability yet: rows in the form of the coupling table whose run is odd or even,
 * or first or second, or ends so after a hyphen.  Who has a value (c) and both halves counts; value: n x n_keys, of which g is (c->value, or what
 * it was before it was harmonised).  Halves of several runs of a participant are averaged unless `runs` refuses them.
 * NVC_EDATA: another run, no row of a half, and as nvc_cohort_init. */
int nvc_group_reliability_halves(struct nvc_group_table *t, const struct nvc_cohort *c, const double *value,
                                 const struct nvc_coupling *halves, const struct nvc_contrast_groups *g, enum nvc_runs runs,
                                 size_t replicates, uint64_t seed, struct nvc_error *err) NVC_CHECKED;

/* Set `maps` of the rows of correlations across voxels, from the rows rel_cbf and rel_X of the same region: a map that is noisier in one
 * group correlates less there, though nothing is decoupled.  DIFFER: Welch's p of either is below .05.  Returns how many differ. */
size_t nvc_group_map_reliability(struct nvc_group_table *t);

#endif
