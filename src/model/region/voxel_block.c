#include "model/region/voxel_block.h"

#include "base/memory.h"

#include <stdlib.h>

enum { TURN = 16 };

int nvc_voxel_block_init(struct nvc_voxel_block *b, size_t n_volumes, size_t n_voxels, struct nvc_error *err)
{
    *b = (struct nvc_voxel_block){ .n_volumes = n_volumes, .n_voxels = n_voxels };
    if (n_voxels > (size_t)-1 / 8 / (n_volumes ? n_volumes : 1))
        return nvc_fail(err, NVC_ESYS, "%zu voxels x %zu volumes do not fit into memory", n_voxels, n_volumes);
    if (!(b->Y = nvc_array(n_volumes * n_voxels, sizeof *b->Y, err)) ||
        !(b->pending = nvc_array(TURN * n_voxels, sizeof *b->pending, err))) {
        nvc_voxel_block_release(b);
        return NVC_ESYS;
    }
    return 0;
}

void nvc_voxel_block_release(struct nvc_voxel_block *b)
{
    free(b->Y);
    free(b->pending);
    *b = (struct nvc_voxel_block){ 0 };
}

static void turn(struct nvc_voxel_block *b)
{
    for (size_t v = 0; v < b->n_voxels; v++) {
        float *series = b->Y + b->n_volumes * v + b->filled;
        for (size_t k = 0; k < b->n_pending; k++)
            series[k] = b->pending[v + b->n_voxels * k];
    }
    b->filled += b->n_pending;
    b->n_pending = 0;
}

void nvc_voxel_block_add(struct nvc_voxel_block *b, const float *volume, const size_t *index)
{
    float *row = b->pending + b->n_voxels * b->n_pending;
    for (size_t v = 0; v < b->n_voxels; v++)
        row[v] = volume[index ? index[v] : v];
    if (++b->n_pending == TURN || b->filled + b->n_pending == b->n_volumes)
        turn(b);
}
