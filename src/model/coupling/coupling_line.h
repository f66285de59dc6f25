/* The coupling residual of a region: rows nvc_residual, nvc_residual_z and nvc_flow_slope from points of parcels. */
#ifndef NVC_MODEL_COUPLING_LINE_H
#define NVC_MODEL_COUPLING_LINE_H

#include "base/status.h"
#include "model/coupling/coupling.h"
#include "model/coupling/coupling_maps.h"
#include "model/coupling/flow_line.h"

/* row: who and where.  A line that cannot be drawn: n/a and why. */
int nvc_coupling_of_line(struct nvc_coupling *c, const struct nvc_coupling_row *row, const struct nvc_flow_line_point *parcels, size_t n,
                         const struct nvc_flow_line_point *region, struct nvc_error *err) NVC_CHECKED;

/* The same with points from maps: parcels of which at least half has a value in both maps and no voxel is near (within 10 mm of
 * the region). */
int nvc_coupling_of_parcels(struct nvc_coupling *c, const struct nvc_coupling_row *row, const struct nvc_map_set *s, const struct nvc_half_map *activity,
                            const bool *near, const struct nvc_flow_line_point *region, struct nvc_error *err) NVC_CHECKED;

#endif
