/* Where the basal vein of Rosenthal is looked for.
 *
 * The vein drains past the medial-dorsal face of the amygdala and answers the task with a larger, later signal (Boubela
 * 2015, doi:10.1038/srep10499; Diamandis, Tyszka & Adolphs 2026).  Its three segments lie in boxes of MNI space
 * (atlases/vein-boxes.tsv); half of a box is amygdala or hippocampus, so a box is where to look and never what to average.
 * Candidates: voxels with their centre in a box of the side, outside all grey matter dilated by one voxel (across faces):
 * the regions to be kept, and nvc_parametric_grey.
 * Vein voxels: of each box, those candidates whose temporal sd (after quadratic detrending) is among the top 10 % of the
 * box's usable voxels; fewer than 5 on a side are none. */
#ifndef NVC_MODEL_VEIN_H
#define NVC_MODEL_VEIN_H

#include "model/region/extract.h"
#include "model/region/roi.h"

enum { NVC_VEIN_LEAST = 5 };

/* Fill r with the voxels of the boxes of `side` ("L", "R", "B": both): weight 1 for candidates, 0.5 for the other voxels
 * of a box, which only rank.  keep: regions that are no vein, dilated as well, or NULL. */
int nvc_vein_boxes(struct nvc_region *r, const struct nvc_grid *g, const char *side, const struct nvc_mask *keep,
                   struct nvc_error *err) NVC_CHECKED;

/* Which voxels of r are vein: vein[i] for voxel i of r; returns how many, 0 when fewer than NVC_VEIN_LEAST.
 * row: place of each voxel in voxels (nvc_extract_rows). */
int nvc_vein_choose(bool *vein, size_t *n_vein, const struct nvc_region *r, const struct nvc_grid *g, const size_t *row,
                    const struct nvc_voxel *voxels, struct nvc_error *err) NVC_CHECKED;

#endif
