/* The repetition time of a run, which an image header and a BIDS sidecar may both claim. */
#ifndef NVC_IO_REPETITION_H
#define NVC_IO_REPETITION_H

#include "base/status.h"
#include "io/nifti.h"

#include <jansson.h>

/* choice: NULL (take the one there is; refuse when both are there and differ by more than 1 ms, or when there is
 * none), "header", "sidecar", or seconds as text.  sidecar may be NULL.
 * NVC_EDATA with both values and the option that decides; NVC_EUSAGE for a choice that is none. */
int nvc_repetition_time(double *tr_s, const struct nvc_nifti_header *h, const json_t *sidecar, const char *choice,
                        struct nvc_error *err) NVC_CHECKED;

#endif
