/* What nvc-coupling is asked for. */
#ifndef NVC_CMD_COUPLING_JOB_H
#define NVC_CMD_COUPLING_JOB_H

#include "base/text.h"
#include "cli/cmd.h"
#include "cmd/shared/coupling_files.h"
#include "model/coupling/coupling.h"

struct coupling_options {
    const char *confounds, *mask, *cbf, *grey, *tsnr, *parcels, *bids_name, *flow_series, *bold_series, *flow_glm, *co2, *imco_maps, *output, *halves;
    struct nvc_list rows, parcel_rows, activity, cbf_half, activity_half;
    int compat, bootstrap, davis, draws, seed, orientation;
    double radius_mm, max_lag_s;
};
enum coupling_compat { COMPAT_NONE, COMPAT_MICA };

extern const char *const coupling_description[], *const coupling_references[];
extern const struct nvc_section coupling_sections[];

/* One more input for the sidecar. */
int coupling_mark(struct nvc_marks *marks, const struct nvc_input_mark *mark, struct nvc_error *err) NVC_CHECKED;
/* Rows from maps, and from their halves; known: rows of the same person, whose errors are used. */
int coupling_maps(struct nvc_coupling *c, struct nvc_coupling *halves, const struct coupling_options *o, const struct nvc_coupling *known, struct nvc_marks *marks,
                  struct nvc_error *err) NVC_CHECKED;
/* Names of the grammar of --activity and the numbers of halves, before a file is read. */
int coupling_check_maps(const struct coupling_options *o, struct nvc_error *err) NVC_CHECKED;

#endif
