/* Taking voxels out of a region. */
#ifndef NVC_MODEL_ROI_EDIT_H
#define NVC_MODEL_ROI_EDIT_H

#include "model/region/roi.h"

/* Erode from the medial-dorsal side, where the basal vein runs (Boubela 2015, doi:10.1038/srep10499): remove the voxels
 * whose centre lies less than trim_mm below the most medial-dorsal centre of a voxel of weight >= 0.5 (of any weight when
 * there is none), measured along (medial + dorsal) / sqrt 2.  Medial is towards x = 0 from the region's centre; a region on
 * both sides is trimmed on both.  trim_mm 0 removes nothing.  Measures the region. */
void nvc_region_trim(struct nvc_region *r, const struct nvc_grid *g, double trim_mm);

/* Remove the voxels where excluded[index] is true; measures the region.  Returns how many went. */
size_t nvc_region_exclude(struct nvc_region *r, const struct nvc_grid *g, const bool *excluded);

/* Append side B of each region that has both sides: the union of the two.  0, NVC_EDATA (it is there already), NVC_ESYS. */
int nvc_mask_add_bilateral(struct nvc_mask *m, struct nvc_error *err) NVC_CHECKED;

#endif
