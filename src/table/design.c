#include "table/design.h"

#include "base/memory.h"
#include "io/json.h"
#include "table/times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct nvc_column nvc_design_columns[] = {
    { "time", "s", "start of the stored volume" },
    { NULL, NULL, NULL },
};

static json_t *text_or_null(const char *s) { return s ? json_string(s) : json_null(); }

static json_t *column_facts(const struct nvc_regressor *c)
{
    if (c->role != NVC_ROLE_TASK)
        return json_pack("{s:s, s:s}", "name", c->name, "role", nvc_role_name(c->role));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:I}", "name", c->name, "role", "task", "condition", text_or_null(c->condition),
                     "basis", text_or_null(c->basis), "modulator", text_or_null(c->modulator), "event_duration_s",
                     nvc_json_real(c->event_duration_s), "h_ref", nvc_json_real(c->h_ref), "n_events", (json_int_t)c->n_events);
}

json_t *nvc_design_facts(const struct nvc_design *d, struct nvc_error *err)
{
    json_t *columns = json_array(), *facts = NULL;
    bool good = columns != NULL;
    for (size_t j = 0; good && j < d->n_cols; j++)
        good = !json_array_append_new(columns, column_facts(&d->columns[j]));
    if (good)
        facts = json_pack("{s:s, s:o, s:o, s:i, s:o, s:O}", "table", "design", "tr_s", nvc_json_real(d->tr_s), "frame_offset_s",
                          nvc_json_real(d->frame_offset_s), "microtime", d->microtime, "high_pass_s", nvc_json_real(d->high_pass_s),
                          "columns", columns);
    json_decref(columns);
    if (!facts)
        (void)nvc_json_fail(err, "the facts of the design");
    return facts;
}

static int write_facts(struct nvc_text *out, const struct nvc_design *d, struct nvc_error *err)
{
    json_t *f = nvc_design_facts(d, err);
    int status = f ? nvc_text_puts(out, "#nvc ", err) : (int)err->status;
    if (!status)
        status = nvc_json_write(out, f, 0, err);
    json_decref(f);
    return status ? status : nvc_text_puts(out, "\n", err);
}

int nvc_design_write(struct nvc_text *out, const struct nvc_design *d, bool facts, struct nvc_error *err)
{
    int status = facts ? write_facts(out, d, err) : 0;
    if (!status)
        status = nvc_tsv_cell(out, "time", !d->n_cols, err);
    for (size_t j = 0; !status && j < d->n_cols; j++)
        status = nvc_tsv_cell(out, d->columns[j].name, j + 1 == d->n_cols, err);
    for (size_t i = 0; !status && i < d->n_rows; i++) {
        status = nvc_tsv_real(out, round((double)(i + d->n_dummy) * d->tr_s * 1e6) / 1e6, !d->n_cols, err);
        for (size_t j = 0; !status && j < d->n_cols; j++)
            status = nvc_tsv_real(out, d->X[i + d->n_rows * j], j + 1 == d->n_cols, err);
    }
    return status;
}

static int take_text(char **to, const json_t *object, const char *key, struct nvc_error *err)
{
    const char *text = nvc_json_get_text(object, key, NULL);
    *to = text ? nvc_strdup(text, err) : NULL;
    return text && !*to ? (int)err->status : 0;
}

static const json_t *facts_of(const json_t *facts, const char *column)
{
    const json_t *row;
    size_t i;
    json_array_foreach(json_object_get(facts, "columns"), i, row)
        if (!strcmp(nvc_json_get_text(row, "name", ""), column))
            return row;
    return NULL;
}

static enum nvc_role role_of_name(const char *name)
{
    if (!strcmp(name, "constant"))
        return NVC_ROLE_CONSTANT;
    return !strncmp(name, "cosine", 6) && name[6] && strspn(name + 6, "0123456789") == strlen(name + 6) ? NVC_ROLE_DRIFT : NVC_ROLE_UNKNOWN;
}

static int take_column(struct nvc_regressor *c, const json_t *facts, const char *name, struct nvc_error *err)
{
    const json_t *row = facts_of(facts, name);
    double events = NAN;
    int status;
    *c = (struct nvc_regressor){ .role = row ? nvc_role_of(nvc_json_get_text(row, "role", "")) : role_of_name(name),
                                 .event_duration_s = NAN, .h_ref = NAN };
    if (!(c->name = nvc_strdup(name, err)))
        return (int)err->status;
    if (!row)
        return 0;
    if ((status = take_text(&c->condition, row, "condition", err)) || (status = take_text(&c->basis, row, "basis", err)) ||
        (status = take_text(&c->modulator, row, "modulator", err)) ||
        (status = nvc_json_get_real(row, "event_duration_s", &c->event_duration_s, err)) ||
        (status = nvc_json_get_real(row, "h_ref", &c->h_ref, err)) || (status = nvc_json_get_real(row, "n_events", &events, err)))
        return status;
    c->n_events = events >= 0 && events < 1e9 ? (size_t)events : 0;
    return 0;
}

static int take_facts(struct nvc_design *d, const json_t *facts, struct nvc_error *err)
{
    const char *table = nvc_json_get_text(facts, "table", "design");
    double microtime = NAN;
    int status;
    d->tr_s = d->frame_offset_s = d->high_pass_s = NAN;
    if (strcmp(table, "design") != 0)
        return nvc_fail(err, NVC_EDATA, "this is a %s table; want a design (nvc-design)", table);
    if ((status = nvc_json_get_real(facts, "tr_s", &d->tr_s, err)) ||
        (status = nvc_json_get_real(facts, "frame_offset_s", &d->frame_offset_s, err)) ||
        (status = nvc_json_get_real(facts, "high_pass_s", &d->high_pass_s, err)) ||
        (status = nvc_json_get_real(facts, "microtime", &microtime, err)))
        return status;
    d->microtime = microtime >= 1 && microtime <= 1000 ? (int)microtime : 0;
    return d->tr_s <= 0 ? nvc_fail(err, NVC_EDATA, "tr_s of the facts is %g; want seconds above 0", d->tr_s) : 0;
}

/* The time column gives the TR where the facts do not, and how many volumes were dropped before the first row. */
static int take_time(struct nvc_design *d, const struct nvc_table *t, size_t column, struct nvc_error *err)
{
    double *time = nvc_array(d->n_rows, sizeof *time, err);
    int status = time ? nvc_table_times(t, column, time, &d->tr_s, err) : (int)err->status;
    double before = !status ? time[0] / d->tr_s : 0;
    if (!status && (!(before >= 0) || before > 1e6 || fabs(before - round(before)) * d->tr_s > 1e-3))
        status = nvc_fail(err, NVC_EDATA, "column 'time' begins at %g s; want a whole number of volumes of %g s", time[0], d->tr_s);
    d->n_dummy = status ? 0 : (size_t)lround(before);
    free(time);
    return status;
}

int nvc_design_parse(struct nvc_design *d, const struct nvc_table *t, struct nvc_error *err)
{
    long time = nvc_table_column(t, "time");
    size_t n = t->n_rows, m = t->n_cols - (size_t)(time >= 0);
    *d = (struct nvc_design){ .n_rows = n };
    int status = take_facts(d, t->facts, err);
    if (!status && (!n || !m))
        status = nvc_fail(err, NVC_EDATA, "%zu rows of %zu regressors: no design", n, m);
    if (!status && time >= 0)
        status = take_time(d, t, (size_t)time, err);
    if (!status && (!(d->X = nvc_array(n * m, sizeof *d->X, err)) || !(d->columns = nvc_array(m, sizeof *d->columns, err))))
        status = (int)err->status;
    for (size_t j = 0; !status && j < t->n_cols; j++) {
        if ((long)j == time)
            continue;
        double *x = d->X + n * d->n_cols;
        status = take_column(&d->columns[d->n_cols++], t->facts, t->names[j], err);
        if (!status)
            status = nvc_table_reals(t, j, x, err);
        for (size_t i = 0; !status && i < n; i++)
            if (isnan(x[i]))
                status = nvc_fail(err, NVC_EDATA, "line %zu: column '%s' is n/a; a design has a number everywhere", nvc_table_line(t, i), t->names[j]);
    }
    return status && !strstr(err->text, t->path) ? nvc_fail_in(err, "%s", t->path) : status;
}

int nvc_design_read(struct nvc_design *d, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    *d = (struct nvc_design){ 0 };
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = nvc_design_parse(d, &t, err);
    nvc_table_release(&t);
    return status;
}
