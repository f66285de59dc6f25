#include "table/flow.h"

#include <stdbool.h>

const struct nvc_column nvc_flow_columns[] = {
    { "step", NULL, "assessed, excluded or analysed" },
    { "reason", NULL, "the rule as written, no_group (in neither group), no_value (of no index)" },
    { "n_case", NULL, "cases" },
    { "n_control", NULL, "controls" },
    { "n_other", NULL, "participants in neither group" },
    { "participants", NULL, "who was left out, parted by blanks" },
    { 0 },
};

int nvc_flow_write(struct nvc_text *out, const struct nvc_flow *f, enum nvc_table_kind kind, struct nvc_error *err)
{
    struct nvc_cells c = { .n_cols = 6 };
    static const char *const heads[] = { "Step", "Reason", "Cases", "Controls", "Neither", "Who was left out" };
    const bool full = kind == NVC_TSV || kind == NVC_CSV;
    const char *nothing = full ? NULL : " ";
    int status = full ? nvc_cells_header(&c, nvc_flow_columns, err) : 0;
    for (size_t k = 0; k < 6 && !full && !status; k++)
        status = nvc_cells_text(&c, heads[k], err);
    for (size_t i = 0; i < f->n && !status; i++) {
        const struct nvc_flow_step *s = &f->steps[i];
        status = nvc_cells_text(&c, s->step, err);
        status = status ? status : nvc_cells_text(&c, *s->reason ? s->reason : nothing, err);
        status = status ? status : nvc_cells_printf(&c, err, "%zu", s->n_case);
        status = status ? status : nvc_cells_printf(&c, err, "%zu", s->n_control);
        status = status ? status : nvc_cells_printf(&c, err, "%zu", s->n_other);
        status = status ? status : nvc_cells_text(&c, s->ids && *s->ids ? s->ids : nothing, err);
    }
    if (!status)
        status = nvc_cells_write(out, &c, kind, "Flow of participants", NULL, err);
    nvc_cells_release(&c);
    return status;
}
