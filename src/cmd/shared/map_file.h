/* A map on a grid that is already there. */
#ifndef NVC_CMD_MAP_FILE_H
#define NVC_CMD_MAP_FILE_H

#include "base/grid.h"
#include "base/status.h"
#include "cli/provenance.h"
#include "io/nifti.h"

/* The mean of all volumes of an image: *values is the caller's to free, one per voxel of g; also after a failure.  NVC_EDATA: another
 * grid than g, that of `whose`. */
int map_read(double **values, const char *path, enum nvc_orientation how, const struct nvc_grid *g, const char *whose, struct nvc_input_mark *mark,
             struct nvc_error *err) NVC_CHECKED;
/* The same of the first map, whose grid is taken. */
int map_read_first(double **values, const char *path, enum nvc_orientation how, struct nvc_grid *g, struct nvc_input_mark *mark, struct nvc_error *err) NVC_CHECKED;
/* NVC_EDATA when a value lies outside 0..1. */
int map_check_probability(const double *values, size_t n, const char *path, struct nvc_error *err) NVC_CHECKED;

#endif
