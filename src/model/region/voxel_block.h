/* The voxels of a mask through all volumes of a run: one series after the other, in float32. */
#ifndef NVC_MODEL_VOXEL_BLOCK_H
#define NVC_MODEL_VOXEL_BLOCK_H

#include "base/status.h"

#include <stddef.h>

struct nvc_voxel_block {
    size_t n_volumes, n_voxels;
    float *Y;              /* voxel v, volume t: Y[t + n_volumes * v] */
    size_t filled;         /* volumes added */
    float *pending;        /* the last volumes, not yet turned */
    size_t n_pending;
};

/* NVC_ESYS: memory (4 n_volumes n_voxels bytes and 16 volumes of the mask). */
int nvc_voxel_block_init(struct nvc_voxel_block *b, size_t n_volumes, size_t n_voxels, struct nvc_error *err) NVC_CHECKED;
void nvc_voxel_block_release(struct nvc_voxel_block *b);
/* The next volume: volume[index[v]] for each voxel v of the mask (index NULL: volume holds just those).  Volumes are turned
 * sixteen at a time, a cache line per voxel. */
void nvc_voxel_block_add(struct nvc_voxel_block *b, const float *volume, const size_t *index);

#endif
