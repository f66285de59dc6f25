/* How far an index depends on the atlas that drew its region: the range of its values over atlases.
 *
 * Published masks of the basolateral amygdala overlap with Dice 0.38 to 0.51 only, so an index of one atlas alone is one choice of
 * several; its spread stands beside it as a row of its own. */
#ifndef NVC_MODEL_SPREAD_H
#define NVC_MODEL_SPREAD_H

#include "model/coupling/coupling.h"

/* Append to *out one row for each index, contrast, region and side of a run that stands in two atlases or more: index
 * `<index>_spread`, value the largest minus the smallest, atlas the names joined by '+' in the order of *in, se n/a, note `derived`;
 * rows without an atlas are passed over; where fewer than two of the values are defined the value is n/a, and `one_atlas` is noted.
 * NVC_EDATA: an atlas gives an index twice.  NVC_ESYS. */
int nvc_coupling_spread(struct nvc_coupling *out, const struct nvc_coupling *in, struct nvc_error *err) NVC_CHECKED;

#endif
