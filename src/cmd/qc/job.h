/* What nvc-qc does with its options. */
#ifndef NVC_CMD_QC_JOB_H
#define NVC_CMD_QC_JOB_H

#include "base/status.h"
#include "model/quality/qc.h"

struct qc_options {
    const char *mask, *labels, *brain_mask, *design, *contrast, *confounds, *bids_name, *space, *grey, *positive, *positive_contrast, *flow_rows;
    const char *output, *figure, *tsnr_map, *lag_map;
    int dummy_scans, no_vein, fail_status, orientation;
    double max_lag_s;
    struct nvc_qc_limits limits;
};
int qc_run(const struct qc_options *o, const char *path, struct nvc_error *err) NVC_CHECKED;

#endif
