/* A run while nvc-qc works on it. */
#ifndef NVC_CMD_QC_WORK_H
#define NVC_CMD_QC_WORK_H

#include "cmd/qc/job.h"
#include "cmd/qc/scan.h"
#include "io/bids.h"
#include "plot/canvas.h"
#include "table/design.h"

/* Everything of one run of the command. */
struct qc_work {
    const struct qc_options *o;
    struct qc_scan scan;
    struct nvc_bids_name name;
    struct nvc_design design;
    struct nvc_qc_model model;   /* of the design: weights and nuisance are ours */
    double *weights, *P, *fd;
    bool *nuisance, has_design, has_effect;
    size_t vein[3];              /* L, R, B: places in the mask, or SIZE_MAX */
    double *grey;                /* map of its probability, or NULL */
    size_t positive_region;      /* place in the mask, with --positive */
    struct nvc_qc_positive positive;
    struct nvc_input_mark marks[8];
    size_t n_marks;
    struct nvc_qc_row *rows;
    const char *note;
};

/* What must be there in everybody: the region of --positive joins the mask, flow of grey matter is read from --flow-rows; and, after
 * the scan, the effect in that region. */
int qc_positive_open(struct qc_work *j, struct nvc_error *err) NVC_CHECKED;
int qc_positive_fit(struct qc_work *j, const struct nvc_qc_run *run, struct nvc_error *err) NVC_CHECKED;

/* The files that were asked for. */
int qc_write_table(struct qc_work *j, struct nvc_error *err) NVC_CHECKED;
int qc_write_maps(const struct qc_work *j, struct nvc_error *err) NVC_CHECKED;
int qc_draw(struct qc_work *j, enum nvc_picture kind, struct nvc_error *err) NVC_CHECKED;
/* The verdicts to a person. */
void qc_say(const struct qc_work *j);

#endif
