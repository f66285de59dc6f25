/* Pseudo-regions for a null distribution in space: copies of a region, voxel for voxel, moved to random places where nothing is asked. */
#ifndef NVC_MODEL_ROI_NULL_H
#define NVC_MODEL_ROI_NULL_H

#include "model/region/roi.h"

#include <stdint.h>

struct nvc_null_places {
    const bool *inside;    /* one per voxel of the grid: where they may lie */
    const double *like;    /* a map, one per voxel (temporal signal-to-noise ratio), of which each copy must have the region's mean within a fifth; NULL: no */
    size_t n;              /* copies of each region */
    uint64_t seed;
};

/* Append up to p->n copies of every region that is there, named null<region>001 and so on with its side.  A copy lies in the hemisphere of
 * its side, at least 10 mm from every region that is there, overlaps no other copy, and has at least four fifths of the region's
 * share of weight inside.  *fewest: of any region.  NVC_EDATA: a region that is empty, has no voxel inside, or of which no copy finds a place;
 * NVC_ESYS. */
int nvc_mask_add_null(struct nvc_mask *m, const struct nvc_null_places *p, size_t *fewest, struct nvc_error *err) NVC_CHECKED;

#endif
