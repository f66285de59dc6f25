/* The report of nvc-design: one row per column of the design (table/design.h). */
#include "table/design.h"

#include <math.h>

const struct nvc_column nvc_design_report_columns[] = {
    { "name", NULL, "column of the design" },
    { "role", NULL, "task, confound, drift, censor or constant" },
    { "condition", NULL, "condition of a task column" },
    { "basis", NULL, "function of the response: hrf, derivative, dispersion, delay_3 and so on" },
    { "modulator", NULL, "modulator of a task column" },
    { "n_events", NULL, "events of the condition inside the run" },
    { "event_duration_s", "s", "event that a percent signal change refers to" },
    { "h_ref", NULL, "height of the column for that event alone: its largest value on the microtime grid" },
    { "vif", NULL, "variance inflation: 1/(1 - R2) of the column on all others; 1: orthogonal to them" },
    { "efficiency", NULL, "1/[(X'X)^-1]: the variance of the estimate is that of white noise over this; task columns" },
    { NULL, NULL, NULL },
};

/* All digits for a program, four for a person. */
static int add_number(struct nvc_cells *cells, double v, enum nvc_table_kind kind, struct nvc_error *err)
{
    char text[32];
    if (kind == NVC_TSV || kind == NVC_CSV || (v == round(v) && fabs(v) < 1e4))
        return nvc_cells_real(cells, v, err);
    nvc_print_number(text, v, 4);
    return nvc_cells_text(cells, text, err);
}

static int add_row(struct nvc_cells *cells, const struct nvc_regressor *c, double vif, double efficiency, enum nvc_table_kind kind,
                   struct nvc_error *err)
{
    bool task = c->role == NVC_ROLE_TASK;
    const char *const texts[] = { c->name, nvc_role_name(c->role), c->condition, c->basis, c->modulator };
    const double numbers[] = { task ? (double)c->n_events : NAN, c->event_duration_s, c->h_ref, vif, efficiency };
    int status = 0;
    for (size_t i = 0; !status && i < 5; i++)
        status = nvc_cells_text(cells, texts[i], err);
    for (size_t i = 0; !status && i < 5; i++)
        status = add_number(cells, numbers[i], kind, err);
    return status;
}

int nvc_design_report_write(struct nvc_text *out, const struct nvc_design *d, const struct nvc_design_report *r,
                            enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells cells = { .n_cols = sizeof nvc_design_report_columns / sizeof *nvc_design_report_columns - 1 };
    int status = nvc_cells_header(&cells, nvc_design_report_columns, err);
    for (size_t j = 0; !status && j < d->n_cols; j++)
        status = add_row(&cells, &d->columns[j], r->vif[j], r->efficiency[j], kind, err);
    if (!status)
        status = nvc_cells_write(out, &cells, kind, NULL, NULL, err);
    nvc_cells_release(&cells);
    return status;
}
