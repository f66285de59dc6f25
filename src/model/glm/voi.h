/* The series of a volume of interest as SPM12 makes it (spm_regions.m; Friston and others 1996): the voxels as the model sees
 * them, whitened and, with ar1-reml, filtered, less what the columns of no interest explain (adjusted for the effects of
 * interest), and their first eigenvariate. */
#ifndef NVC_MODEL_VOI_H
#define NVC_MODEL_VOI_H

#include "model/glm/diagnosis.h"

/* One column for each region and side of of->series, whose voxels stand side by side (nvc-extract --summary all): Y loadings /
 * sqrt(voxels), signs such that the loadings sum to more than 0; rows are those of the design.  Voxels without an estimate are left
 * out.  out is the caller's: nvc_series_release, also after a failure.  NVC_EDATA: no voxel; NVC_ESYS. */
int nvc_voi_series(struct nvc_series *out, const struct nvc_diagnosis_of *of, struct nvc_error *err) NVC_CHECKED;

#endif
