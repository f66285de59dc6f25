/* The level of the brain's signal: what a region's signal is compared with to see dropout. */
#ifndef NVC_MODEL_BRAIN_H
#define NVC_MODEL_BRAIN_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

/* Mean image over evenly spaced volumes: the median over tens of thousands of voxels needs no more than 16 of them. */
struct nvc_mean_image {
    size_t n_voxels, n_volumes; /* n_volumes: added so far */
    double *sum;
};
int nvc_mean_image_init(struct nvc_mean_image *m, size_t n_voxels, struct nvc_error *err) NVC_CHECKED;
void nvc_mean_image_release(struct nvc_mean_image *m);
/* Volume t of n is one of the at most 16 that are taken: 0, s, 2s ... with s = ceil(n / 16). */
bool nvc_mean_image_wants(size_t t, size_t n);
/* Add voxels [first, first + n) of a volume; the caller counts n_volumes. */
void nvc_mean_image_add(struct nvc_mean_image *m, size_t first, size_t n, const float *values);

/* Median over the brain of the mean image.  The brain is the given mask (one per voxel) or, without one, the voxels above
 * the clip level: the fixed point of half the median of what lies above it (Cox 1996 doi:10.1006/cbmr.1996.0014, AFNI
 * 3dClipLevel).  NaN when nothing is left. */
int nvc_brain_level(const struct nvc_mean_image *m, const bool *brain, double *level, struct nvc_error *err) NVC_CHECKED;

/* The clip level of values[n] (reordered): start at the mean of the positive ones.  NaN when none is positive. */
double nvc_clip_level(double *values, size_t n);

#endif
