/* Motion parameters and framewise displacement from a confounds table in the manner of fMRIPrep. */
#ifndef NVC_TABLE_MOTION_H
#define NVC_TABLE_MOTION_H

#include "io/tsv.h"
#include "model/quality/motion.h"

/* Rows [skip, skip + n) of trans_x ... rot_z into *P (n x 6, column-major) and of framewise_displacement into *fd (from the
 * parameters when that column is absent; n/a becomes NaN); the caller frees both.  The table must have skip + n rows.
 * NVC_EDATA: rows, a missing column, n/a among the parameters. */
int nvc_motion_take(double **P, double **fd, const struct nvc_table *t, size_t skip, size_t n, struct nvc_error *err) NVC_CHECKED;

#endif
