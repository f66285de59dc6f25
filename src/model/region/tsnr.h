/* Signal, temporal noise and frame-to-frame change of a list of voxels, from volumes seen once.
 * Memory: 72 bytes a voxel, whatever the number of volumes. */
#ifndef NVC_MODEL_TSNR_H
#define NVC_MODEL_TSNR_H

#include "base/status.h"

#include <stddef.h>

enum { NVC_TSNR_BLOCK = 8 };

struct nvc_tsnr {
    size_t n_voxels, n_volumes, seen; /* n_volumes: how many will come */
    double norm[2];                   /* sums of u^2 and q(u)^2 over all volumes */
    double *sums[4];                  /* of y', y' u, y' q(u), y'^2; y' = y - first, u: time, q: the quadratic */
    float *first;
    float *block;                     /* NVC_TSNR_BLOCK + 1 volumes: the last one before the block, then those not yet summed */
    size_t n_block;
    double *change;                   /* n_volumes: mean over voxels of (y_t - y_(t-1))^2; NaN for t = 0 */
};
int nvc_tsnr_init(struct nvc_tsnr *s, size_t n_voxels, size_t n_volumes, struct nvc_error *err) NVC_CHECKED;
void nvc_tsnr_release(struct nvc_tsnr *s);
/* The next volume: one value a voxel.  Sums are taken 8 volumes at a time, at the latest with the last of n_volumes. */
void nvc_tsnr_add(struct nvc_tsnr *s, const float *values);
/* After the last: mean, and sd about the least-squares parabola (n - 3 degrees of freedom); NaN where a value was not finite
 * or fewer than 4 volumes came. */
void nvc_tsnr_result(const struct nvc_tsnr *s, size_t voxel, double *mean, double *sd);

#endif
