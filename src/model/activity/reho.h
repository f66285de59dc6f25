/* Regional homogeneity: Kendall's W of a voxel with its neighbours, tie-corrected.
 *
 * W = 12 S / (K^2 (N^3 - N) - K sum_k sum (t^3 - t)), S the squares of the rank sums about their mean.  Zang et al. 2004, doi
 * 10.1016/j.neuroimage.2003.12.030; ties as in the Friedman test.
 * W of unrelated series is 1 / K, so W rises where neighbours are missing: at the edge of the mask and beside dropout, where the
 * amygdala lies.  rbar = (K W - 1) / (K - 1), the mean rank correlation, does not: it is what regions are summarised by. */
#ifndef NVC_MODEL_REHO_H
#define NVC_MODEL_REHO_H

#include "base/grid.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

struct nvc_reho;
/* index[n_voxels]: linear grid index of each voxel, ascending; neighbours: 7 (faces), 19 (edges) or 27 (corners), the voxel
 * included.  n: samples that enter.  NVC_EUSAGE: other neighbourhoods; NVC_ESYS: memory (2 n n_voxels bytes and the grid). */
int nvc_reho_new(struct nvc_reho **r, const struct nvc_grid *grid, const size_t *index, size_t n_voxels, size_t n, int neighbours,
                 struct nvc_error *err) NVC_CHECKED;
void nvc_reho_free(struct nvc_reho *r);

/* Rank the series of voxel v: y[n].  work: 4 n uint32.  Voxels may be ranked by many threads at once. */
void nvc_reho_rank(struct nvc_reho *r, size_t v, const float *y, uint32_t *work);
size_t nvc_reho_work(const struct nvc_reho *r); /* in uint32 */

struct nvc_reho_value { double W, rbar; size_t K; }; /* NaN, K: neighbours found; W needs K > 1 */
/* Once all are ranked.  work as above. */
struct nvc_reho_value nvc_reho_compute(const struct nvc_reho *r, size_t v, uint32_t *work);

#endif
