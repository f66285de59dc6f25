/* The signal of grey matter in voxels that also hold white matter and fluid: linear regression, Asllani, Borogovac & Brown 2008, doi
 * 10.1002/mrm.21670.  Over the 5 x 5 voxels of the slice around a voxel, where tissue signals are taken to be the same,
 *     y_i = p_grey,i m_grey + p_white,i m_white (+ p_csf,i m_csf),
 * and m_grey by least squares is a weighted sum of the 25 values, the same weights for every volume.
 *
 * What it cannot tell: it believes the tissue maps, and smooths by the width of its kernel; a change of flow in one nucleus spreads
 * over its neighbours. */
#ifndef NVC_MODEL_PARTIAL_VOLUME_H
#define NVC_MODEL_PARTIAL_VOLUME_H

#include "base/grid.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

struct nvc_tissue { const double *grey, *white, *csf; }; /* probabilities 0..1, one per grid voxel; white and csf may be NULL */

#define NVC_GREY_LEAST 0.1 /* of a voxel: below, it has too little grey matter to have a signal of its own */

enum { NVC_GREY_KERNEL = 25 };
struct nvc_grey_estimate {
    size_t n;                          /* 0: undefined */
    size_t index[NVC_GREY_KERNEL];     /* grid voxels */
    double weight[NVC_GREY_KERNEL];
};
/* Of one voxel, from the neighbours that `use` (one per grid voxel; NULL: all) allows.  A tissue that no neighbour has (at most 0.01)
 * does not enter.  Undefined (n 0): a probability of grey matter below NVC_GREY_LEAST, tissues that the neighbourhood cannot tell apart,
 * or an estimate noisier than a voxel by itself (sum of squared weights over 1).  NVC_ESYS. */
int nvc_grey_estimate(struct nvc_grey_estimate *e, const struct nvc_tissue *t, const struct nvc_grid *g, size_t voxel, const bool *use,
                      struct nvc_error *err) NVC_CHECKED;

#endif
