/* Rows of the coupling table from the reactivity of vessels, all of class reactivity. */
#ifndef NVC_TABLE_REACTIVITY_H
#define NVC_TABLE_REACTIVITY_H

#include "base/status.h"
#include "model/coupling/coupling.h"
#include "model/reactivity/reactivity.h"
#include "model/region/series.h"

/* What the slope is called:
 *   NVC_CVR_CO2            cvr           %/mmHg  contrast co2        per mmHg of end-tidal CO2
 *   NVC_CVR_BLOCK          cvr           %/mmHg  contrast: condition per mmHg of a declared step; cvr_block, %, without one
 *   NVC_CVR_BREATH_HOLD    bh_response   %       contrast: condition of a hold of the condition's median duration
 *   NVC_CVR_GAS_FREE       cvr_relative  ratio   contrast gas-free   per % of the reference */
enum nvc_cvr_kind { NVC_CVR_CO2, NVC_CVR_BLOCK, NVC_CVR_BREATH_HOLD, NVC_CVR_GAS_FREE };
struct nvc_cvr_rows { /* borrowed */
    enum nvc_cvr_kind kind;
    const char *contrast;  /* condition of blocks and holds */
    double step_mmhg;      /* of NVC_CVR_BLOCK; NaN: not declared */
    double mean_fd_mm;
    bool one_lag;          /* nothing was searched: no row of the lag */
};

/* The rows of a region: the index above with se, dof and interval, and cvr_lag (s) with its interval (NaN where a side is open).
 * Notes: weak (|value| < 2 se: divide nothing by it), lag_at_edge, empty. */
int nvc_cvr_indices(struct nvc_coupling *c, const struct nvc_series *s, size_t region, const struct nvc_reactivity *r,
                    const struct nvc_cvr_rows *how, struct nvc_error *err) NVC_CHECKED;

#endif
