/* The glm table (nvc-tables(5)): one row per region x contrast, from nvc-glm to nvc-coupling. */
#ifndef NVC_TABLE_GLM_H
#define NVC_TABLE_GLM_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/tsv.h"
#include "model/glm/plan.h"
#include "model/region/series.h"

#include <stddef.h>


/* "condition", "t", "F", "regressor". */
extern const char *const nvc_glm_type_names[];

/* Numbers that are undefined are NaN.  Side "RL" marks the difference R - L of a pair of regions, whose se
 * includes their residual covariance: effect, se and s0 are NaN there, effect_pct and psc are differences. */
struct nvc_glm_row {
    struct nvc_identity who;
    char atlas[96], region[96], side[8];
    char *contrast, *weights;      /* owned by the row */
    enum nvc_glm_type type;
    double effect, se, effect_pct, se_pct, stat, df_num, dof, p, z;
    double psc, psc_se, event_duration_s, s0;
    char noise[24];
    double ar, ma, sigma;          /* of ARMA(1,1), or ar alone; sd of the noise */
    double n_vol, n_censored, n_vox, coverage, tsnr;
    char note[160];                /* words joined by ';', or "" */
};

struct nvc_glm_table {
    struct nvc_glm_row *rows;
    size_t n, cap;
};
void nvc_glm_table_release(struct nvc_glm_table *t);

extern const struct nvc_column nvc_glm_columns[];

/* A new row at the end with every number NaN and every text "n/a" or empty; borrowed until the next call. */
struct nvc_glm_row *nvc_glm_table_add(struct nvc_glm_table *t, struct nvc_error *err) NVC_CHECKED;

/* Append header and rows. */
int nvc_glm_write(struct nvc_text *out, const struct nvc_glm_table *t, struct nvc_error *err) NVC_CHECKED;

/* From a table already read.  Columns are found by name; an absent one is refused with a near miss; a
 * value of the wrong kind is refused with its line.  t is released by the caller, also after a failure. */
int nvc_glm_parse(struct nvc_glm_table *t, const struct nvc_table *in, struct nvc_error *err) NVC_CHECKED;
int nvc_glm_read(struct nvc_glm_table *t, const char *path, struct nvc_error *err) NVC_CHECKED;

#endif
