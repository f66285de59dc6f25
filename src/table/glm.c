#include "table/glm.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const nvc_glm_type_names[] = { "condition", "t", "F", "regressor", NULL };

const struct nvc_column nvc_glm_columns[] = {
    { "participant_id", NULL, "participant, with sub-" },
    { "session", NULL, "session without ses-" },
    { "task", NULL, "task" },
    { "run", NULL, "run; n/a where runs were combined" },
    { "space", NULL, "space of the image" },
    { "atlas", NULL, "where the region comes from" },
    { "region", NULL, "region" },
    { "side", NULL, "L, R, B (both), n/a; RL: the difference R - L" },
    { "contrast", NULL, "name of the condition, contrast or regressor" },
    { "type", NULL, "condition, t, F or regressor" },
    { "weights", NULL, "the contrast in weights of regressors" },
    { "effect", "signal", "weighted sum of the estimates, per unit of the regressor" },
    { "se", "signal", "standard error of the effect" },
    { "effect_pct", "%", "100 effect / s0" },
    { "se_pct", "%", "100 se / s0" },
    { "stat", NULL, "t = effect / se, or F" },
    { "df_num", NULL, "degrees of freedom of the numerator (1 for t)" },
    { "dof", NULL, "degrees of freedom of the noise" },
    { "p", NULL, "probability under no effect, two-sided for t" },
    { "z", NULL, "normal deviate of the same two-sided p, with the sign of t" },
    { "psc", "%", "percent signal change of a declared isolated event" },
    { "psc_se", "%", "standard error of psc" },
    { "event_duration_s", "s", "duration of that event" },
    { "s0", "signal", "mean of the signal over the retained volumes" },
    { "noise", NULL, "model of the serial correlation" },
    { "ar", NULL, "autoregressive parameter a" },
    { "ma", NULL, "moving average parameter b" },
    { "sigma", "signal", "standard deviation of the noise" },
    { "n_vol", NULL, "volumes in the model" },
    { "n_censored", NULL, "of them censored" },
    { "n_vox", NULL, "voxels of the region that were used" },
    { "coverage", NULL, "share of the region that was used" },
    { "tsnr", NULL, "temporal signal to noise ratio, median of the voxels" },
    { "note", NULL, "words joined by ;" },
    { NULL, NULL, NULL }
};

/* Where a column lives in the row; the order is that of nvc_glm_columns. */
enum kind { TEXT, OWNED, TYPE, REAL };
struct field {
    enum kind kind;
    size_t offset, size;
};
#define TEXT_FIELD(F) { TEXT, offsetof(struct nvc_glm_row, F), sizeof((struct nvc_glm_row *)0)->F }
#define OWNED_FIELD(F) { OWNED, offsetof(struct nvc_glm_row, F), 0 }
#define REAL_FIELD(F) { REAL, offsetof(struct nvc_glm_row, F), 0 }
static const struct field fields[] = {
    TEXT_FIELD(who.participant_id), TEXT_FIELD(who.session), TEXT_FIELD(who.task), TEXT_FIELD(who.run),
    TEXT_FIELD(who.space), TEXT_FIELD(atlas), TEXT_FIELD(region), TEXT_FIELD(side), OWNED_FIELD(contrast),
    { TYPE, offsetof(struct nvc_glm_row, type), 0 }, OWNED_FIELD(weights),
    REAL_FIELD(effect), REAL_FIELD(se), REAL_FIELD(effect_pct), REAL_FIELD(se_pct), REAL_FIELD(stat), REAL_FIELD(df_num),
    REAL_FIELD(dof), REAL_FIELD(p), REAL_FIELD(z), REAL_FIELD(psc), REAL_FIELD(psc_se), REAL_FIELD(event_duration_s),
    REAL_FIELD(s0), TEXT_FIELD(noise), REAL_FIELD(ar), REAL_FIELD(ma), REAL_FIELD(sigma), REAL_FIELD(n_vol),
    REAL_FIELD(n_censored), REAL_FIELD(n_vox), REAL_FIELD(coverage), REAL_FIELD(tsnr), TEXT_FIELD(note)
};
enum { N_FIELDS = sizeof fields / sizeof *fields };
_Static_assert(sizeof nvc_glm_columns / sizeof *nvc_glm_columns == N_FIELDS + 1, "a field for every column");

void nvc_glm_table_release(struct nvc_glm_table *t)
{
    for (size_t i = 0; i < t->n; i++) {
        free(t->rows[i].contrast);
        free(t->rows[i].weights);
    }
    free(t->rows);
    *t = (struct nvc_glm_table){ 0 };
}

struct nvc_glm_row *nvc_glm_table_add(struct nvc_glm_table *t, struct nvc_error *err)
{
    if (nvc_grow(&t->rows, &t->cap, t->n + 1, sizeof *t->rows, err))
        return NULL;
    struct nvc_glm_row *row = &t->rows[t->n++];
    *row = (struct nvc_glm_row){ .type = NVC_GLM_T };
    for (size_t k = 0; k < N_FIELDS; k++) {
        char *at = (char *)row + fields[k].offset;
        if (fields[k].kind == REAL)
            *(double *)(void *)at = NAN;
        else if (fields[k].kind == TEXT)
            memcpy(at, "n/a", 4);
    }
    row->note[0] = '\0';
    return row;
}

int nvc_glm_write(struct nvc_text *out, const struct nvc_glm_table *t, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < N_FIELDS && !status; k++)
        status = nvc_tsv_cell(out, nvc_glm_columns[k].name, k + 1 == N_FIELDS, err);
    for (size_t i = 0; i < t->n; i++)
        for (size_t k = 0; k < N_FIELDS && !status; k++) {
            const char *at = (const char *)&t->rows[i] + fields[k].offset;
            bool last = k + 1 == N_FIELDS;
            switch (fields[k].kind) {
            case TEXT: status = nvc_tsv_cell(out, at, last, err); break;
            case OWNED: status = nvc_tsv_cell(out, *(char *const *)(const void *)at, last, err); break;
            case TYPE: status = nvc_tsv_cell(out, nvc_glm_type_names[t->rows[i].type], last, err); break;
            case REAL: status = nvc_tsv_real(out, *(const double *)(const void *)at, last, err); break;
            }
        }
    return status;
}

static int parse_type(enum nvc_glm_type *type, const struct nvc_table *in, size_t row, const char *cell, struct nvc_error *err)
{
    for (int k = 0; nvc_glm_type_names[k]; k++)
        if (!strcmp(cell, nvc_glm_type_names[k])) {
            *type = (enum nvc_glm_type)k;
            return 0;
        }
    return nvc_fail(err, NVC_EDATA, "%s: line %zu: type is '%s', wanted condition, t, F or regressor", in->path,
                    nvc_table_line(in, row), cell);
}

static int parse_cell(struct nvc_glm_row *r, const struct field *f, const struct nvc_table *in, size_t row, size_t col,
                      struct nvc_error *err)
{
    char *at = (char *)r + f->offset;
    const char *cell = nvc_table_cell(in, row, col);
    switch (f->kind) {
    case REAL:
        return nvc_table_real(in, row, col, (double *)(void *)at, err);
    case TYPE:
        return parse_type(&r->type, in, row, cell, err);
    case OWNED:
        *(char **)(void *)at = nvc_strdup(cell, err);
        return *(char **)(void *)at ? 0 : NVC_ESYS;
    case TEXT:
        if (strlen(cell) >= f->size)
            return nvc_fail(err, NVC_EDATA, "%s: line %zu, column %s: text of %zu bytes, at most %zu", in->path,
                            nvc_table_line(in, row), in->names[col], strlen(cell), f->size - 1);
        memcpy(at, cell, strlen(cell) + 1);
        return 0;
    }
    return nvc_fail(err, NVC_EBUG, "glm table: field without a kind");
}

int nvc_glm_parse(struct nvc_glm_table *t, const struct nvc_table *in, struct nvc_error *err)
{
    size_t columns[N_FIELDS];
    *t = (struct nvc_glm_table){ 0 };
    for (size_t k = 0; k < N_FIELDS; k++) {
        int status = nvc_table_need(in, nvc_glm_columns[k].name, &columns[k], err);
        if (status)
            return status;
    }
    for (size_t i = 0; i < in->n_rows; i++) {
        struct nvc_glm_row *r = nvc_glm_table_add(t, err);
        if (!r)
            return NVC_ESYS;
        for (size_t k = 0; k < N_FIELDS; k++) {
            int status = parse_cell(r, &fields[k], in, i, columns[k], err);
            if (status)
                return status;
        }
        if (!strcmp(r->note, "n/a"))
            r->note[0] = '\0';
    }
    return 0;
}

int nvc_glm_read(struct nvc_glm_table *t, const char *path, struct nvc_error *err)
{
    struct nvc_table in;
    *t = (struct nvc_glm_table){ 0 };
    int status = nvc_table_read(&in, path, err);
    if (status)
        return status;
    status = nvc_glm_parse(t, &in, err);
    nvc_table_release(&in);
    return status;
}
