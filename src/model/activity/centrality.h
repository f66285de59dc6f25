/* Degree centrality: how much of the rest a voxel moves with.
 *
 * Over the targets of a voxel (itself left out): weighted = mean of r where r > threshold, 0 elsewhere; binary = share of r >
 * threshold.  Divided by the number of targets, so that it does not grow with the mask.  Zuo et al. 2012, doi
 * 10.1093/cercor/bhr269; Buckner et al. 2009, doi 10.1523/JNEUROSCI.5062-08.2009. */
#ifndef NVC_MODEL_CENTRALITY_H
#define NVC_MODEL_CENTRALITY_H

#include "base/status.h"

#include <stddef.h>

struct nvc_centrality_value { double weighted, binary; };

/* Z: cleaned series of n_voxels voxels, n samples each (voxel v at Z + n v), which nvc_centrality_scale made unit vectors.
 * sources and targets: voxel numbers.  out[n_sources]; NaN for a source without variance.
 * Tiles go to threads; each source is summed in the order of the targets.  NVC_ESYS: memory. */
int nvc_centrality(const float *Z, size_t n, const size_t *sources, size_t n_sources, const size_t *targets, size_t n_targets,
                   double threshold, struct nvc_centrality_value *out, struct nvc_error *err) NVC_CHECKED;

/* Mean out, unit length; all 0 when nothing varies. */
void nvc_centrality_scale(float *z, size_t n);

#endif
