/* Coupling indices that follow from rows of the same person which other commands made. */
#ifndef NVC_MODEL_COUPLING_ROWS_H
#define NVC_MODEL_COUPLING_ROWS_H

#include "base/status.h"
#include "model/coupling/coupling.h"

#include <stddef.h>

/* Flow and activity of every region that has both, against grey matter (region GM, side B; alff: row lnalff):
 *   nvc_logratio_X, nvc_ratio_X  as in model/coupling/coupling_maps.h, X alff, falff, reho, dc, dcbinary
 *   nvc_residual ...             (alff) with parcels, rows of cbf and alff of many regions (NULL: none)
 * NVC_EDATA: rows of several participants or sessions. */
int nvc_coupling_of_rows(struct nvc_coupling *c, const struct nvc_coupling *rows, const struct nvc_coupling *parcels, struct nvc_error *err) NVC_CHECKED;

/* The task response over the reactivity of the vessels of the same region: psc rows of c (those of its first n) over rows of index
 *   cvr -> psc_per_cvr, mmHg;  cvr_relative -> psc_per_cvr_relative, %;  rsfa -> psc_per_rsfa, ratio;  bh_response -> psc_per_bh, ratio
 * with Fieller's interval; class bold-response, for no flow enters.  A denominator that is not above 0 by two of its errors: n/a,
 * denominator_small; without an error of its own: denominator_error_unknown. */
int nvc_coupling_scaled(struct nvc_coupling *c, size_t n, const struct nvc_coupling *rows, struct nvc_error *err) NVC_CHECKED;

#endif
