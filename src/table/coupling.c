#include "table/coupling.h"

#include "base/memory.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

const struct nvc_column nvc_coupling_columns[] = {
    { "participant_id", NULL, "participant, with sub-" },
    { "session", NULL, "BIDS session, n/a when there is none" },
    { "task", NULL, "BIDS task" },
    { "run", NULL, "BIDS run, n/a when there is none" },
    { "space", NULL, "template space of the image" },
    { "atlas", NULL, "atlas of the region" },
    { "region", NULL, "region, without its side" },
    { "side", NULL, "L, R, B (both), RL (right minus left) or n/a" },
    { "index", NULL, "name of the index" },
    { "class", NULL,
      "what kind of measurement the index is: bold-response, bold-shape, bold-fluctuation, perfusion, coupling, "
      "reactivity, connectivity, model, negative-control" },
    { "contrast", NULL, "condition or contrast that the index belongs to" },
    { "value", "see unit", "the index" },
    { "se", "see unit", "standard error within the run" },
    { "dof", NULL, "degrees of freedom of se" },
    { "ci_low", "see unit", "lower limit of the 95 % interval" },
    { "ci_high", "see unit", "upper limit of the 95 % interval" },
    { "unit", NULL, "unit of value" },
    { "n_vox", NULL, "voxels used" },
    { "coverage", NULL, "weight of used voxels over weight of all voxels of the region" },
    { "tsnr", NULL, "median temporal signal-to-noise ratio of the used voxels" },
    { "mean_fd", "mm", "mean framewise displacement of the run" },
    { "noise", NULL, "noise model of the fit" },
    { "note", NULL, "words of a fixed list joined by ;" },
    { 0 },
};

struct field { /* where column i of nvc_coupling_columns lives in a row */
    size_t offset;
    bool number;
};
#define TEXT(F) \
    { \
        offsetof(struct nvc_coupling_row, F), false \
    }
#define REAL(F) \
    { \
        offsetof(struct nvc_coupling_row, F), true \
    }
static const struct field fields[] = {
    TEXT(participant_id), TEXT(session), TEXT(task),  TEXT(run),      TEXT(space),
    TEXT(atlas),          TEXT(region),  TEXT(side),  TEXT(index),    TEXT(class_name),
    TEXT(contrast),       REAL(value),   REAL(se),    REAL(dof),      REAL(ci_low),
    REAL(ci_high),        TEXT(unit),    REAL(n_vox), REAL(coverage), REAL(tsnr),
    REAL(mean_fd_mm),     TEXT(noise),   TEXT(note),
};
enum { FIELDS = sizeof fields / sizeof *fields };

int nvc_coupling_write(struct nvc_text *out, const struct nvc_coupling *c, bool header, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; header && k < FIELDS && !status; k++)
        status = nvc_tsv_cell(out, nvc_coupling_columns[k].name, k + 1 == FIELDS, err);
    for (size_t i = 0; i < c->n && !status; i++)
        for (size_t k = 0; k < FIELDS && !status; k++) {
            const char *at = (const char *)&c->rows[i] + fields[k].offset, *text;
            double number;
            if (fields[k].number) {
                memcpy(&number, at, sizeof number);
                status = nvc_tsv_real(out, number, k + 1 == FIELDS, err);
            } else {
                memcpy(&text, at, sizeof text);
                status = nvc_tsv_cell(out, text, k + 1 == FIELDS, err);
            }
        }
    return status;
}

static int find_columns(const struct nvc_table *t, long at[FIELDS], struct nvc_error *err)
{
    size_t col;
    static const char *const needed[] = { "participant_id", "index", "value" };
    for (size_t i = 0; i < 3; i++)
        if (nvc_table_need(t, needed[i], &col, err))
            return (int)err->status;
    for (size_t k = 0; k < FIELDS; k++)
        at[k] = nvc_table_column(t, nvc_coupling_columns[k].name);
    return 0;
}

/* Cells of one column seldom change from row to row: the last one found saves most look-ups. */
static int read_text(struct nvc_coupling *c, const struct nvc_table *t, size_t row, size_t col, const char **last,
                     char *into, struct nvc_error *err)
{
    const char *cell = nvc_table_cell(t, row, col);
    if ((!*last || strcmp(*last, cell)) && !(*last = nvc_pool_add(&c->text, cell, err)))
        return NVC_ESYS;
    memcpy(into, last, sizeof *last);
    return 0;
}

static int check_names(const struct nvc_table *t, size_t i, const struct nvc_coupling_row *row, struct nvc_error *err)
{
    const char *bad = !strcmp(row->participant_id, "n/a") || !*row->participant_id ? "participant_id"
                      : !strcmp(row->index, "n/a") || !*row->index                 ? "index"
                                                                                   : NULL;
    if (bad)
        return nvc_fail(err, NVC_EDATA,
                        "%s: line %zu: column '%s' is empty; every row must say whose value it is and of which index",
                        t->path, nvc_table_line(t, i), bad);
    return 0;
}

int nvc_coupling_parse(struct nvc_coupling *c, const struct nvc_table *t, struct nvc_error *err)
{
    long at[FIELDS];
    const char *last[FIELDS] = { NULL };
    int status = find_columns(t, at, err);
    const char *unknown = nvc_pool_add(&c->text, "n/a", err), *nothing = nvc_pool_add(&c->text, "", err);
    if (!unknown || !nothing)
        return NVC_ESYS;
    if (!status)
        status = nvc_grow(&c->rows, &c->cap, c->n + t->n_rows, sizeof *c->rows, err);
    for (size_t i = 0; i < t->n_rows && !status; i++) {
        struct nvc_coupling_row *row = &c->rows[c->n];
        for (size_t k = 0; k < FIELDS && !status; k++) {
            char *into = (char *)row + fields[k].offset;
            double number = NAN;
            if (fields[k].number) {
                status = at[k] < 0 ? 0 : nvc_table_real(t, i, (size_t)at[k], &number, err);
                memcpy(into, &number, sizeof number);
            } else if (at[k] < 0)
                memcpy(into, &unknown, sizeof unknown);
            else
                status = read_text(c, t, i, (size_t)at[k], &last[k], into, err);
        }
        if (row->note == unknown)
            row->note = nothing;
        row->qc = row->positive = NULL;
        for (size_t k = 0; k < NVC_QC_OUTCOMES; k++)
            row->of_qc[k] = NAN;
        status = status ? status : check_names(t, i, row, err);
        c->n += !status;
    }
    return status;
}

int nvc_coupling_read(struct nvc_coupling *c, const char *path, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    int status = nvc_table_read(&t, path, err);
    if (!status)
        status = nvc_coupling_parse(c, &t, err);
    nvc_table_release(&t);
    return status;
}

int nvc_glm_responses(struct nvc_response **r, size_t *n, const struct nvc_glm_table *glm, struct nvc_error *err)
{
    *n = 0;
    if (!(*r = nvc_array(glm->n, sizeof **r, err)))
        return NVC_ESYS;
    for (size_t i = 0; i < glm->n; i++) {
        const struct nvc_glm_row *g = &glm->rows[i];
        if (g->type == NVC_GLM_CONDITION || g->type == NVC_GLM_T)
            (*r)[(*n)++] = (struct nvc_response){ g->who.participant_id, g->who.session, g->who.task, g->who.run, g->who.space, g->atlas, g->region,
                                                  g->side, g->contrast, g->noise, g->type == NVC_GLM_T, g->psc, g->psc_se, g->z, g->dof, g->n_vox,
                                                  g->coverage, g->tsnr, strstr(g->note, "difference_of_regions") != NULL };
    }
    return 0;
}

int nvc_coupling_of_glm(struct nvc_coupling *c, const struct nvc_glm_table *glm, double mean_fd_mm, struct nvc_error *err)
{
    struct nvc_response *r;
    size_t n;
    int status = nvc_glm_responses(&r, &n, glm, err);
    if (!status)
        status = n ? nvc_coupling_of_responses(c, r, n, mean_fd_mm, err)
                   : nvc_fail(err, NVC_EDATA, "no row of type condition or t: nothing to make an index of");
    free(r);
    return status;
}

int nvc_mean_fd(double *mean_fd_mm, const struct nvc_table *confounds, struct nvc_error *err)
{
    double sum = 0, v;
    size_t col, n = 0;
    int status = nvc_table_need(confounds, "framewise_displacement", &col, err);
    for (size_t i = 0; i < confounds->n_rows && !status; i++) {
        status = nvc_table_real(confounds, i, col, &v, err);
        if (!status && !isnan(v))
            sum += v, n++;
    }
    if (!status && !n)
        status = nvc_fail(err, NVC_EDATA, "%s: column 'framewise_displacement' is n/a throughout", confounds->path);
    *mean_fd_mm = n ? sum / (double)n : NAN;
    return status;
}
