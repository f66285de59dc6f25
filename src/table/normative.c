#include "table/normative.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "participant_id", NULL, S, id, "participant") \
    X(TEXT, "group", NULL, S, group, "label of the group") \
    X(REAL, "value", NVC_UNIT_OF_ROW, S, value, "value of the index") \
    X(REAL, "expected", NVC_UNIT_OF_ROW, S, expected, "what the controls predict (each control: the others)") \
    X(REAL, "sd", NVC_UNIT_OF_ROW, S, sd, "standard deviation of the controls around that") \
    X(COUNT, "n_norm", NULL, S, n_norm, "controls behind the norm") \
    X(REAL, "z", NULL, S, z, "distance in standard deviations of the controls") \
    X(REAL, "z_ci_low", NULL, S, z_low, "lower limit of its 95 % interval (noncentral t)") \
    X(REAL, "z_ci_high", NULL, S, z_high, "upper limit") \
    X(REAL, "t", NULL, S, t, "distance over its standard error (Crawford-Howell)") \
    X(REAL, "dof", NULL, S, dof, "degrees of freedom") \
    X(REAL, "p", NULL, S, p, "two-sided p that the participant is one of the controls") \
    X(REAL, "percentile", "%", S, percentile, "share of controls expected below")

const struct nvc_column nvc_normative_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_normative_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_normative_row) };

int nvc_normative_write(struct nvc_text *out, const struct nvc_normative *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_normative_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Participants against the controls", err);
}
