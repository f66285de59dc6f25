#include "table/forks.h"

#include "table/record.h"

#define COLUMNS(X, S) \
    NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "set", NULL, S, set, "the keys asked for") \
    X(COUNT, "n_case", NULL, S, n_case, "cases") \
    X(COUNT, "n_control", NULL, S, n_control, "controls") \
    X(REAL, "hedges_g", NULL, S, g, "Hedges g of this fork") \
    X(REAL, "hedges_g_ci_low", NULL, S, g_low, "lower limit of its 95 % interval") \
    X(REAL, "hedges_g_ci_high", NULL, S, g_high, "upper limit") \
    X(REAL, "perm_t", NULL, S, t, "studentised t that was permuted") \
    X(COUNT, "forks", NULL, S, forks, "forks of the set") \
    X(REAL, "median_g", NULL, S, median_g, "median g of the set") \
    X(REAL, "lowest_g", NULL, S, lowest_g, "lowest g of the set") \
    X(REAL, "highest_g", NULL, S, highest_g, "highest g of the set") \
    X(REAL, "same_sign", NULL, S, same_sign, "share of forks with the sign of the median") \
    X(REAL, "p_mean", NULL, S, p_mean, "joint permutation p of the mean t of the set") \
    X(REAL, "p_largest", NULL, S, p_largest, "joint permutation p of its largest absolute t") \
    X(COUNT, "perm_n", NULL, S, perm_n, "arrangements")

const struct nvc_column nvc_forks_columns[] = { COLUMNS(NVC_AS_COLUMN, struct nvc_fork_row) { 0 } };
static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct nvc_fork_row) };

int nvc_forks_write(struct nvc_text *out, const struct nvc_forks *t, enum nvc_table_kind kind, struct nvc_error *err)
{
    return nvc_records_write(out, nvc_forks_columns, fields, sizeof fields / sizeof *fields, t->rows, t->n, sizeof *t->rows, kind,
                             "Specification curve", err);
}
