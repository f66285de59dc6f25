/* From a fit of regional series to rows of the glm table: region by region, conditions, contrasts, regressors,
 * then the differences R - L of regions that come in both sides, and those from control regions. */
#ifndef NVC_TABLE_GLM_ROWS_H
#define NVC_TABLE_GLM_ROWS_H

#include "base/text.h"
#include "model/glm/glm.h"
#include "model/glm/plan.h"
#include "table/glm.h"

struct nvc_glm_rows {
    const struct nvc_plan *plan;
    const struct nvc_design *design;
    const struct nvc_series *series;
    const struct nvc_glm *glm;
    const struct nvc_glm_fit *fit;
    enum nvc_noise noise;
    struct nvc_list minus;     /* control regions: every other region of the same side minus each; of one without side: every one */
};

/* Append the rows.  Where s0 is unknown it is the mean of the series if that is at least 10 times its sd (note
 * s0_of_series), else percentages are NaN (note s0_unknown).  Further notes: empty_region, no_residual,
 * psc_not_a_mean, psc_no_height, difference_of_regions (of a control region: "BLA-CM"), and those of the extraction.  NVC_EDATA: a
 * control region that is not in the series. */
int nvc_glm_rows_add(struct nvc_glm_table *t, const struct nvc_glm_rows *r, struct nvc_error *err) NVC_CHECKED;

/* After the rows of several runs: append for every region and effect (not F) that more than one run has the
 * precision-weighted mean of its runs (model/design/runs.h), with what the runs share as its identity. */
int nvc_glm_rows_combine(struct nvc_glm_table *t, struct nvc_error *err) NVC_CHECKED;

#endif
