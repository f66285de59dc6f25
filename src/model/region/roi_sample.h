/* Sampling an atlas image on the grid of a run. */
#ifndef NVC_MODEL_ROI_SAMPLE_H
#define NVC_MODEL_ROI_SAMPLE_H

#include "model/region/roi.h"

enum nvc_sampling {
    NVC_SAMPLE_NEAREST, /* what the atlas says at the centre of the voxel */
    NVC_SAMPLE_LINEAR,  /* trilinear between atlas voxels, at the centre of the voxel */
    NVC_SAMPLE_VOLUME   /* mean over a lattice of points in the voxel (at most 0.5 mm apart): the share of the voxel */
};
extern const char *const nvc_sampling_names[]; /* "nearest", "linear", "volume"; ends with NULL */

/* Part of an atlas image: values on a grid of its own; everything outside is 0. */
struct nvc_atlas_image {
    struct nvc_grid grid;
    float *value;       /* owned */
    bool probability;   /* values are weights 0..1; else labels, compared for equality */
};
void nvc_atlas_image_release(struct nvc_atlas_image *a);

/* The box of a grid that holds voxels lo..hi (inclusive): its grid. */
struct nvc_grid nvc_grid_crop(const struct nvc_grid *g, const size_t lo[3], const size_t hi[3]);

/* Add weight * (share of each voxel of g that lies in the part) to volume (dim0*dim1*dim2).  label: the value of the part
 * in a label image.  *outside grows by the number of atlas voxels of the part whose centre lies outside g, *whole by the
 * number of all (labels: of that value; probabilities: the sum of the values).  NVC_EDATA for singular axes. */
int nvc_sample_part(float *volume, const struct nvc_grid *g, const struct nvc_atlas_image *a, long label, double weight,
                    enum nvc_sampling how, double *outside, double *whole, struct nvc_error *err) NVC_CHECKED;

#endif
