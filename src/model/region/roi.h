/* Regions of interest on the grid of a run: which voxels, with which weight, and what is known of them.
 * A mask is a list of regions; they may overlap.  Weights are the share of the voxel that belongs to the
 * region, 0 < w <= 1; a binary region has weights of 1. */
#ifndef NVC_MODEL_ROI_H
#define NVC_MODEL_ROI_H

#include "base/grid.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_region {
    char region[96], side[8];  /* side: "L", "R", "B" or "n/a" */
    char column[128];          /* "<region>_<side>", or the region alone when it has no side */
    char atlas[96], space[96], method[48], side_check[24], note[128];
    size_t n;                  /* voxels of weight > 0 */
    size_t *index;             /* linear (i + dim0 (j + dim1 k)), ascending */
    double *weight;
    /* Set by nvc_region_measure; centre NaN when the region is empty. */
    size_t n_half;             /* voxels of weight >= 0.5 */
    double weight_sum, volume_mm3, centre_mm[3];
};

struct nvc_mask {
    struct nvc_grid grid;
    size_t n_regions;
    struct nvc_region *regions;
};

void nvc_region_release(struct nvc_region *r);
void nvc_mask_release(struct nvc_mask *m);

/* Append an empty region with the given names ("n/a" for NULL; column is made from region and side).  *added
 * stays valid until the next append.  0, NVC_EDATA (a name too long or a column that is there already) or NVC_ESYS. */
int nvc_mask_append(struct nvc_mask *m, const char *region, const char *side, struct nvc_region **added,
                    struct nvc_error *err) NVC_CHECKED;

/* Voxels of a whole volume (dim0*dim1*dim2 weights) with weight > 0, replacing what the region held; weights above 1
 * count as 1, NaN as 0. */
int nvc_region_set(struct nvc_region *r, const struct nvc_grid *g, const float *volume, struct nvc_error *err) NVC_CHECKED;
/* The same region as a volume, zero elsewhere. */
void nvc_region_fill(const struct nvc_region *r, const struct nvc_grid *g, float *volume);

/* World mm of the centre of a voxel given by its linear index. */
void nvc_voxel_mm(const struct nvc_grid *g, size_t index, double mm[3]);

/* n_half, weight_sum, volume and weighted centre. */
void nvc_region_measure(struct nvc_region *r, const struct nvc_grid *g);

/* Keep weights >= threshold, as weight 1: a binary region.  Measures it. */
void nvc_region_binarise(struct nvc_region *r, const struct nvc_grid *g, double threshold);

/* The larger weight of a and b at each voxel: a bilateral region, a union. */
int nvc_region_unite(struct nvc_region *out, const struct nvc_region *a, const struct nvc_region *b,
                     struct nvc_error *err) NVC_CHECKED;

/* What the position says against what the name says.  Share of the weight at world x < 0, NaN when empty. */
double nvc_region_left_share(const struct nvc_region *r, const struct nvc_grid *g);
/* Fill side_check: "ok" (the centre lies on the side of the name), "mismatch", "n/a" (side B, n/a or empty).
 * Returns NVC_EDATA with the numbers on a mismatch unless `allow`. */
int nvc_region_check_side(struct nvc_region *r, bool allow, struct nvc_error *err) NVC_CHECKED;

/* Mark the grid voxels within margin_mm of any voxel of the region; others stay as they are. */
void nvc_region_margin(const struct nvc_region *r, const struct nvc_grid *g, double margin_mm, bool *inside);

/* Overlap of two regions on one grid.  Dice (1945, doi:10.2307/1932409) with weights: 2 sum min(a, b) / (sum a + sum b);
 * NaN when both are empty. */
double nvc_region_dice(const struct nvc_region *a, const struct nvc_region *b);
/* Distance of the centres in mm; NaN when one is empty. */
double nvc_region_distance_mm(const struct nvc_region *a, const struct nvc_region *b);

#endif
