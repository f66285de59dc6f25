/* Neural input of the Balloon model: one train per condition on the microtime grid. */
#ifndef NVC_MODEL_BALLOON_INPUT_H
#define NVC_MODEL_BALLOON_INPUT_H

#include "base/status.h"
#include "model/design/events.h"

#include <stddef.h>

/* u: n_bins x e->n_conditions, column-major, the caller's to free.  An event with a duration is a box of its weight over
 * round(duration / dt_s) bins from bin round(onset / dt_s); one without is an impulse, weight / dt_s in one bin.  The part before
 * the first volume is left out: the model starts at rest.  NVC_EDATA: a condition without any event inside the run. */
int nvc_balloon_input(double **u, const struct nvc_events *e, size_t n_bins, double dt_s, struct nvc_error *err) NVC_CHECKED;

#endif
