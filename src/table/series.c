#include "table/series.h"

#include "base/memory.h"
#include "io/json.h"
#include "table/times.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct nvc_column nvc_series_columns[] = {
    { "time", "s", "start of each stored volume: i times the repetition time" },
    { NULL, NULL, NULL },
};

void nvc_region_split(const char *column, char region[static 96], char side[static 8])
{
    size_t n = strlen(column);
    bool sided = n > 2 && column[n - 2] == '_' && strchr("LRB", column[n - 1]);
    (void)snprintf(side, 8, "%s", sided ? column + n - 1 : "n/a");
    (void)snprintf(region, 96, "%.*s", (int)(sided ? n - 2 : n), column);
}

/* The numbers of a region, in the order in which they are written. */
static const struct { const char *name; size_t at; } numbers[] = {
    { "n_vox_mask", offsetof(struct nvc_region_facts, n_vox_mask) }, { "n_vox", offsetof(struct nvc_region_facts, n_vox) },
    { "coverage", offsetof(struct nvc_region_facts, coverage) }, { "s0", offsetof(struct nvc_region_facts, s0) },
    { "tsnr", offsetof(struct nvc_region_facts, tsnr) }, { "dropout", offsetof(struct nvc_region_facts, dropout) },
    { "n_zero", offsetof(struct nvc_region_facts, n_zero) }, { "n_nonfinite", offsetof(struct nvc_region_facts, n_nonfinite) },
    { "n_constant", offsetof(struct nvc_region_facts, n_constant) },
};
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

static double *number_of(struct nvc_region_facts *f, size_t i) { return (double *)(void *)((char *)f + numbers[i].at); }

static json_t *region_facts(const struct nvc_region_facts *f)
{
    struct nvc_region_facts copy = *f;
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "column", f->column, "region", f->region, "side", f->side, "atlas", f->atlas);
    bool good = row != NULL;
    for (size_t i = 0; good && i < N_NUMBERS; i++)
        good = !json_object_set_new(row, numbers[i].name, nvc_json_real(*number_of(&copy, i)));
    if (good && !json_object_set_new(row, "note", json_string(f->note)))
        return row;
    json_decref(row);
    return NULL;
}

json_t *nvc_series_facts(const struct nvc_series *s, struct nvc_error *err)
{
    json_t *regions = json_array();
    bool good = regions != NULL;
    for (size_t r = 0; good && r < s->n_regions; r++)
        good = !json_array_append_new(regions, region_facts(&s->regions[r]));
    json_t *corrected = s->slice_time_corrected < 0 ? json_null() : json_boolean(s->slice_time_corrected);
    json_t *facts = good ? json_pack("{s:s, s:o, s:I, s:O, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:O}", "table", "series",
        "tr_s", nvc_json_real(s->tr_s), "n_volumes", (json_int_t)s->n_volumes, "slice_time_corrected", corrected,
        "start_time_s", nvc_json_real(s->start_time_s), "participant_id", s->who.participant_id, "session", s->who.session,
        "task", s->who.task, "run", s->who.run, "space", s->who.space, "summary", s->summary, "signal_unit", s->signal_unit,
        "regions", regions) : NULL;
    json_decref(corrected);
    json_decref(regions);
    if (!facts)
        (void)nvc_json_fail(err, "the facts of the series");
    return facts;
}

int nvc_series_write(struct nvc_text *out, const struct nvc_series *s, bool facts, struct nvc_error *err)
{
    int status = 0;
    if (facts) {
        json_t *f = nvc_series_facts(s, err);
        status = f ? nvc_text_puts(out, "#nvc ", err) : (int)err->status;
        if (!status)
            status = nvc_json_write(out, f, 0, err);
        if (!status)
            status = nvc_text_puts(out, "\n", err);
        json_decref(f);
    }
    if (!status)
        status = nvc_tsv_cell(out, "time", !s->n_regions, err);
    for (size_t r = 0; !status && r < s->n_regions; r++)
        status = nvc_tsv_cell(out, s->regions[r].column, r + 1 == s->n_regions, err);
    for (size_t t = 0; !status && t < s->n_volumes; t++) {
        status = nvc_tsv_real(out, s->time_s[t], !s->n_regions, err);
        for (size_t r = 0; !status && r < s->n_regions; r++)
            status = nvc_tsv_real(out, s->Y[t + s->n_volumes * r], r + 1 == s->n_regions, err);
    }
    return status;
}

static void copy_text(char *to, size_t size, const json_t *object, const char *key, const char *otherwise)
{
    (void)snprintf(to, size, "%s", nvc_json_get_text(object, key, otherwise));
}

/* Facts of the run; without any, what "unknown" means. */
static int take_facts(struct nvc_series *s, const json_t *facts, struct nvc_error *err)
{
    const char *table = nvc_json_get_text(facts, "table", "series");
    const json_t *corrected = json_object_get(facts, "slice_time_corrected");
    double n_volumes;
    int status;
    if (strcmp(table, "series") != 0)
        return nvc_fail(err, NVC_EDATA, "this is a %s table; want a series table (nvc-extract)", table);
    if ((status = nvc_json_get_real(facts, "tr_s", &s->tr_s, err)) ||
        (status = nvc_json_get_real(facts, "start_time_s", &s->start_time_s, err)) ||
        (status = nvc_json_get_real(facts, "n_volumes", &n_volumes, err)))
        return status;
    if (!isnan(n_volumes) && n_volumes != (double)s->n_volumes)
        return nvc_fail(err, NVC_EDATA, "%zu rows, but the facts say n_volumes %g: the table was cut; make it again with nvc-extract",
                        s->n_volumes, n_volumes);
    if (isnan(s->start_time_s))
        s->start_time_s = 0;
    if (s->tr_s <= 0)
        return nvc_fail(err, NVC_EDATA, "tr_s of the facts is %g; want seconds above 0", s->tr_s);
    s->slice_time_corrected = json_is_boolean(corrected) ? json_is_true(corrected) : -1;
    copy_text(s->who.participant_id, sizeof s->who.participant_id, facts, "participant_id", "n/a");
    copy_text(s->who.session, sizeof s->who.session, facts, "session", "n/a");
    copy_text(s->who.task, sizeof s->who.task, facts, "task", "n/a");
    copy_text(s->who.run, sizeof s->who.run, facts, "run", "n/a");
    copy_text(s->who.space, sizeof s->who.space, facts, "space", "n/a");
    copy_text(s->summary, sizeof s->summary, facts, "summary", "n/a");
    copy_text(s->signal_unit, sizeof s->signal_unit, facts, "signal_unit", "n/a");
    return 0;
}

static int take_region(struct nvc_region_facts *f, const json_t *facts, const char *column, struct nvc_error *err)
{
    json_t *row;
    size_t i;
    if (strlen(column) >= sizeof f->column)
        return nvc_fail(err, NVC_EDATA, "column name '%.40s...' is longer than %zu bytes", column, sizeof f->column - 1);
    *f = (struct nvc_region_facts){ .atlas = "n/a" };
    (void)snprintf(f->column, sizeof f->column, "%s", column);
    nvc_region_split(column, f->region, f->side);
    for (i = 0; i < N_NUMBERS; i++)
        *number_of(f, i) = NAN;
    json_array_foreach(json_object_get(facts, "regions"), i, row) {
        if (strcmp(nvc_json_get_text(row, "column", ""), column) != 0)
            continue;
        if (nvc_json_get_text(row, "region", NULL) && nvc_json_get_text(row, "side", NULL)) {
            copy_text(f->region, sizeof f->region, row, "region", NULL);
            copy_text(f->side, sizeof f->side, row, "side", NULL);
        }
        copy_text(f->atlas, sizeof f->atlas, row, "atlas", "n/a");
        copy_text(f->note, sizeof f->note, row, "note", "");
        for (size_t k = 0; k < N_NUMBERS; k++) {
            int status = nvc_json_get_real(row, numbers[k].name, number_of(f, k), err);
            if (status)
                return nvc_fail_in(err, "facts of region %s", column);
        }
    }
    return 0;
}

static int take_time(struct nvc_series *s, const struct nvc_table *t, long column, struct nvc_error *err)
{
    if (!(s->time_s = nvc_array(s->n_volumes, sizeof *s->time_s, err)))
        return (int)err->status;
    if (column >= 0) {
        const int status = nvc_table_times(t, (size_t)column, s->time_s, &s->tr_s, err);
        return status || fabs(s->time_s[0]) <= 1e-3 ? status : nvc_fail(err, NVC_EDATA, "the time column starts at %g s; want 0, since no row is "
            "dropped from a series: censor volumes in the design (--confounds scrub:MM), skip the first with --dummy-scans", s->time_s[0]);
    }
    if (isnan(s->tr_s))
        return nvc_fail(err, NVC_EDATA, "no column 'time' and no facts: the repetition time is unknown; "
                        "make the table with nvc-extract");
    for (size_t i = 0; i < s->n_volumes; i++)
        s->time_s[i] = round((double)i * s->tr_s * 1e6) / 1e6;
    return 0;
}

/* Numbers throughout, or n/a throughout: a region without voxels. */
static int take_column(double *y, const struct nvc_table *t, size_t column, struct nvc_error *err)
{
    size_t missing = 0;
    int status = nvc_table_reals(t, column, y, err);
    for (size_t i = 0; !status && i < t->n_rows; i++)
        missing += isnan(y[i]) ? 1 : 0;
    if (!status && missing && missing < t->n_rows)
        return nvc_fail(err, NVC_EDATA, "column '%s' is n/a in %zu of %zu rows; want none or all", t->names[column], missing, t->n_rows);
    return status;
}

int nvc_series_parse(struct nvc_series *s, const struct nvc_table *t, struct nvc_error *err)
{
    long time = nvc_table_column(t, "time");
    size_t n = t->n_rows, m = t->n_cols - (size_t)(time >= 0);
    *s = (struct nvc_series){ .n_volumes = n };
    int status = take_facts(s, t->facts, err);
    if (!status && (!n || !m))
        status = nvc_fail(err, NVC_EDATA, "%zu volumes of %zu regions: nothing to work on", n, m);
    if (!status)
        status = take_time(s, t, time, err);
    if (!status && (!(s->Y = nvc_array(n * m, sizeof *s->Y, err)) || !(s->regions = nvc_array(m, sizeof *s->regions, err))))
        status = (int)err->status;
    for (size_t c = 0; !status && c < t->n_cols; c++) {
        if ((long)c == time)
            continue;
        status = take_region(&s->regions[s->n_regions], t->facts, t->names[c], err);
        if (!status)
            status = take_column(s->Y + n * s->n_regions++, t, c, err);
    }
    return status && !strstr(err->text, t->path) ? nvc_fail_in(err, "%s", t->path) : status;
}

int nvc_series_read(struct nvc_series *s, const char *path, struct nvc_error *err)
{
    struct nvc_table t;
    *s = (struct nvc_series){ 0 };
    int status = nvc_table_read(&t, path, err);
    if (status)
        return status;
    status = nvc_series_parse(s, &t, err);
    nvc_table_release(&t);
    return status;
}
