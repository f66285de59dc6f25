/* The tables of a simulated cohort: participants, events, confounds, truth. */
#ifndef NVC_TABLE_SIMULATED_H
#define NVC_TABLE_SIMULATED_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "model/simulate/simulate.h"

extern const struct nvc_column nvc_sim_participants_columns[], nvc_sim_events_columns[], nvc_sim_truth_columns[];

int nvc_sim_participants_write(struct nvc_text *out, const struct nvc_sim_spec *spec, struct nvc_error *err) NVC_CHECKED;
int nvc_sim_events_write(struct nvc_text *out, const struct nvc_events *events, struct nvc_error *err) NVC_CHECKED;
int nvc_sim_confounds_write(struct nvc_text *out, const struct nvc_sim_confounds *c, struct nvc_error *err) NVC_CHECKED;
int nvc_sim_truth_write(struct nvc_text *out, const struct nvc_sim_spec *spec, const double (*truth)[2],
                        struct nvc_error *err) NVC_CHECKED;

#endif
