/* Comparisons within participants before groups are compared: change from one session to another, a trend
 * over conditions of rising intensity.
 *
 * "session: post - pre"        change; in the group table its difference is group x time
 * "contrast: -1*low + 1*high"  any linear combination of the labels of one part of the key
 *
 * The keys that differ in that part alone become one key, whose part is the name of the combination (the
 * expression, or NAME = EXPR).  A participant who lacks a value that has weight lacks the result; se are
 * combined as independent. */
#ifndef NVC_MODEL_WITHIN_H
#define NVC_MODEL_WITHIN_H

#include "base/status.h"
#include "model/group/cohort.h"

/* Replace the keys of c (quality is left out).  NVC_EUSAGE: no "PART:" or a part that is not session, contrast,
 * task, region, side or atlas, grammar; NVC_EDATA: a label that no key has (with a near miss), no key that has
 * them all. */
int nvc_cohort_within(struct nvc_cohort *c, const char *text, struct nvc_error *err) NVC_CHECKED;

#endif
