/* A perfusion run while nvc-cbf works on it. */
#ifndef NVC_CMD_CBF_JOB_H
#define NVC_CMD_CBF_JOB_H

#include "cli/cmd.h"
#include "cli/provenance.h"
#include "cmd/shared/bold.h"
#include "model/perfusion/asl.h"
#include "model/perfusion/asl_series.h"
#include "model/region/roi.h"
#include "table/asl.h"

struct cbf_options {
    const char *mask, *brain_mask, *context, *sidecar, *m0, *grey, *white, *csf, *bids_name, *maps, *flow_series, *bold_series, *output;
    int cbf_map, type, pulses, average, fit, halves, pvc, threads, orientation;
    double delay_s, label_s, efficiency, tesla, t1_blood_s, t1_tissue_s, haematocrit, lambda, slice_step_s, m0_tr_s, m0_scale;
};
enum cbf_fit { CBF_FIT_AUTO, CBF_FIT_KINETIC, CBF_FIT_WEIGHTED };

struct cbf_job {
    const struct cbf_options *o;
    struct bold run;
    struct nvc_asl_protocol protocol;
    struct nvc_cbf_how how;
    struct nvc_mask mask;
    size_t n_voxels;
    size_t *index;             /* grid voxels that are looked at */
    long *at;                  /* and back, -1 */
    bool *brain;               /* NULL: M0 above the clip level */
    double *slice_s;           /* per voxel looked at; NULL: 3-D */
    double *tissue[3];         /* grey, white, csf on the grid; NULL: not given */
    struct nvc_asl_scan scan, pure; /* pure: of grey matter alone, with --pvc */
    struct nvc_input_mark marks[10];
    size_t n_marks;
    char *m0_path;
};
extern const char *const cbf_description[], *const cbf_references[];
extern const struct nvc_section cbf_sections[];

/* The image, its protocol, masks and tissue. */
int cbf_open(struct cbf_job *j, const char *path, struct nvc_error *err) NVC_CHECKED;
/* Every volume; series are written on the way. */
int cbf_scan(struct cbf_job *j, struct nvc_error *err) NVC_CHECKED;
/* The equilibrium magnetisation of every voxel into scan.m0. */
int cbf_m0(struct cbf_job *j, struct nvc_error *err) NVC_CHECKED;
void cbf_release(struct cbf_job *j);

#endif
