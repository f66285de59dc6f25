/* AFNI's response models and tents as functions of the time since onset, for model/design/hrf.c. */
#ifndef NVC_MODEL_HRF_AFNI_H
#define NVC_MODEL_HRF_AFNI_H

#include "model/design/hrf.h"

/* Function j of GAM, BLOCK, BLOCK5 or SPMG, without the duration that GAM and SPMG may carry. */
double nvc_afni_response(const struct nvc_hrf *hrf, size_t j, double t_s);
/* The last second at which it differs from 0. */
double nvc_afni_length(const struct nvc_hrf *hrf);
/* GAM and SPMG with a duration are boxes of that duration through the response on a grid of 10 ms, scaled to a largest
 * magnitude of 1: fill b->n, b->dt_s and b->B. */
int nvc_afni_tabulate(struct nvc_basis *b, const struct nvc_hrf *hrf, struct nvc_error *err) NVC_CHECKED;

#endif
