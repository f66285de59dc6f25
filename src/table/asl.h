/* How a perfusion run was made, from its `_aslcontext.tsv` and sidecar (BIDS), every number checked: seconds that look like
 * milliseconds are refused, not repaired. */
#ifndef NVC_TABLE_ASL_H
#define NVC_TABLE_ASL_H

#include "base/status.h"
#include "io/tsv.h"
#include "model/perfusion/asl.h"

#include <jansson.h>

/* M0Type; control: there is none, and the control volumes of a run without background suppression stand in. */
enum nvc_m0_source { NVC_M0_INCLUDED, NVC_M0_SEPARATE, NVC_M0_ESTIMATE, NVC_M0_CONTROL };

/* What an option says instead of the sidecar; NaN, -1: nothing. */
struct nvc_asl_choice {
    int kind;                  /* enum nvc_asl_kind */
    int pulses;                /* background suppression pulses */
    int m0;                    /* enum nvc_m0_source */
    double delay_s, label_s, efficiency, tesla, t1_blood_s, t1_tissue_s, haematocrit, lambda, slice_step_s, m0_tr_s, m0_estimate;
};
extern const struct nvc_asl_choice nvc_asl_no_choice;

struct nvc_asl_protocol {
    struct nvc_asl asl;
    struct nvc_asl_plan plan;
    double *slice_s;           /* n_slices: delay added in each slice, from 0; NULL: 3-D */
    size_t n_slices;
    enum nvc_m0_source m0;
    double m0_estimate;        /* of NVC_M0_ESTIMATE */
    double m0_tr_s;            /* repetition time of the M0 (or control) volumes; NaN: unknown */
    double pair_s;             /* repetition time; NaN: unknown */
    bool shows_brain;          /* control volumes whose background is not suppressed */
};
void nvc_asl_protocol_release(struct nvc_asl_protocol *p);

/* context: column volume_type, one row per volume (control, label, m0scan, deltam, cbf, noRF, n/a).  meta: the sidecar `what`, or
 * NULL.  Of volumes that are cbf nothing else is needed.  NVC_EDATA, with the field, what was found and the option that supplies
 * it: another number of rows or slices, a field that is missing or implausible, PASL without QUIPSS II or Q2TIPS, background
 * suppression without number of pulses or efficiency, an M0 that is nowhere. */
int nvc_asl_protocol_read(struct nvc_asl_protocol *p, const struct nvc_table *context, const json_t *meta, const char *what,
                          size_t n_volumes, size_t n_slices, const struct nvc_asl_choice *choice, struct nvc_error *err) NVC_CHECKED;
/* n_volumes of flow: what stands in a CBF image. */
int nvc_asl_protocol_of_cbf(struct nvc_asl_protocol *p, size_t n_volumes, struct nvc_error *err) NVC_CHECKED;

/* RepetitionTimePreparation (or RepetitionTime) of a separate M0 image: NaN when it does not say; NVC_EDATA: implausible. */
int nvc_asl_m0_repetition(double *tr_s, const json_t *meta, const char *what, struct nvc_error *err) NVC_CHECKED;

#endif
