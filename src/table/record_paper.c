/* A table of structs as a paper prints it: the key in one cell, limits beside what they belong to, columns that
 * say nothing left out, three digits. */
#include "table/record.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { KEY_COLUMNS = 8, MOST = 64 };

struct view {
    const struct nvc_column *columns;
    const struct nvc_field *fields;
    size_t n_fields, n, size;
    const char *records;
    bool has_key, atlas;                /* a key stands first; atlases differ */
    bool hidden[MOST];
    size_t low[MOST];                   /* column of the lower limit; 0: none */
    bool alone[MOST];                   /* limits of nothing that stands beside them, "prediction_low" */
};

static const void *at(const struct view *v, size_t i, size_t k)
{
    return v->records + i * v->size + v->fields[k].offset;
}

static const char *text_at(const struct view *v, size_t i, size_t k)
{
    const char *text;
    memcpy(&text, at(v, i, k), sizeof text);
    return text && *text ? text : "n/a";
}

static double number_at(const struct view *v, size_t i, size_t k)
{
    double number;
    memcpy(&number, at(v, i, k), sizeof number);
    return number;
}

void nvc_key_print(char out[static 256], const struct nvc_key *k, bool with_atlas)
{
    const char *const parts[] = { k->index, k->contrast, k->region, k->side, k->task, k->session, with_atlas ? k->atlas : "n/a" };
    const char *const between[] = { "", " ", " ", " ", ", ", ", ", ", " };
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < sizeof parts / sizeof *parts && n < 256; i++)
        if (strcmp(parts[i], "n/a") != 0)
            n += (size_t)snprintf(out + n, 256 - n, "%s%s", n ? between[i] : "", parts[i]);
    if (strcmp(k->unit, "n/a") != 0 && n < 256)
        (void)snprintf(out + n, 256 - n, " (%s)", k->unit);
}

static bool ends(const char *name, const char *with)
{
    size_t n = strlen(name), w = strlen(with);
    return n >= w && !strcmp(name + n - w, with) && (n == w || name[n - w - 1] == '_');
}

static bool says_nothing(const struct view *v, size_t k)
{
    bool nothing = v->fields[k].kind != NVC_FIELD_COUNT && v->n;
    for (size_t i = 0; i < v->n && nothing; i++)
        nothing = v->fields[k].kind == NVC_FIELD_TEXT ? !strcmp(text_at(v, i, k), "n/a") : isnan(number_at(v, i, k));
    return nothing;
}

static void lay_out(struct view *v)
{
    v->has_key = v->n_fields > KEY_COLUMNS && !strcmp(v->columns[0].name, "index") &&
                 !strcmp(v->columns[KEY_COLUMNS - 1].name, "unit");
    for (size_t k = 0; k < v->n_fields; k++) {
        const char *name = v->columns[k].name;
        v->hidden[k] |= (v->has_key && k > 0 && k < KEY_COLUMNS) || says_nothing(v, k);
        v->alone[k] = ends(name, "low") && !ends(name, "ci_low");
        if (v->alone[k])
            v->hidden[++k] = true;
        if (!ends(name, "ci_low"))
            continue;
        size_t of = k; /* the estimate, past its error */
        while (of > 0 && (of == k || ends(v->columns[of].name, "se") || ends(v->columns[of].name, "sd")))
            of--;
        v->low[of] = v->hidden[k] ? 0 : k;
        v->hidden[k] = v->hidden[k + 1] = true;
    }
    for (size_t i = 1; i < v->n && v->has_key; i++)
        v->atlas |= strcmp(text_at(v, i, 2), text_at(v, 0, 2)) != 0;
}

static int heading(const struct view *v, struct nvc_cells *c, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; k < v->n_fields && !status; k++)
        if (v->alone[k] && !v->hidden[k])
            status = nvc_cells_printf(c, err, "%.*s interval", (int)strlen(v->columns[k].name) - 4, v->columns[k].name);
        else if (!v->hidden[k])
            status = nvc_cells_printf(c, err, "%s%s", k == 0 && v->has_key ? "Index" : v->columns[k].name,
                                      v->low[k] ? " [95% CI]" : "");
    return status;
}

static int number_cell(const struct view *v, struct nvc_cells *c, size_t i, size_t k, struct nvc_error *err)
{
    const char *name = v->columns[k].name;
    char text[32];
    double number = number_at(v, i, k), low = v->low[k] ? number_at(v, i, v->low[k]) : NAN;
    if (isnan(number))
        return nvc_cells_text(c, " ", err);
    if (v->alone[k]) {
        char high[32];
        nvc_print_number(text, number, 3);
        nvc_print_number(high, number_at(v, i, k + 1), 3);
        return nvc_cells_printf(c, err, "[%s, %s]", text, high);
    }
    if (ends(name, "p") || ends(name, "q") || !strncmp(name, "p_", 2) || strstr(name, "_p_"))
        return nvc_cells_p(c, number, err);
    if (!strncmp(name, "dof", 3) && number == floor(number)) {
        (void)snprintf(text, sizeof text, "%.0f", number);
        return nvc_cells_text(c, text, err);
    }
    return nvc_cells_interval(c, number, low, v->low[k] ? number_at(v, i, v->low[k] + 1) : NAN, err);
}

static int row(const struct view *v, struct nvc_cells *c, size_t i, struct nvc_error *err)
{
    char name[256];
    struct nvc_key key;
    int status = 0;
    for (size_t k = 0; k < v->n_fields && !status; k++) {
        if (v->hidden[k])
            continue;
        if (k == 0 && v->has_key) {
            memcpy(&key, at(v, i, 0), sizeof key);
            nvc_key_print(name, &key, v->atlas);
            status = nvc_cells_text(c, name, err);
        } else if (v->fields[k].kind == NVC_FIELD_REAL)
            status = number_cell(v, c, i, k, err);
        else if (v->fields[k].kind == NVC_FIELD_TEXT)
            status = nvc_cells_text(c, strcmp(text_at(v, i, k), "n/a") ? text_at(v, i, k) : " ", err);
        else
            status = nvc_cells_record(c, &v->fields[k], 1, v->records + i * v->size, err);
    }
    return status;
}

int nvc_records_paper(struct nvc_text *out, const struct nvc_column *columns, const struct nvc_field *fields,
                      size_t n_fields, const void *records, size_t n, size_t size, enum nvc_table_kind kind,
                      const char *caption, const char *notes, struct nvc_error *err)
{
    struct view v = { .columns = columns, .fields = fields, .n_fields = n_fields, .n = n, .size = size, .records = records };
    struct nvc_cells c = { 0 };
    lay_out(&v);
    for (size_t k = 0; k < n_fields; k++)
        c.n_cols += !v.hidden[k];
    int status = heading(&v, &c, err);
    for (size_t i = 0; i < n && !status; i++)
        status = row(&v, &c, i, err);
    if (!status)
        status = nvc_cells_write(out, &c, kind, caption, notes, err);
    nvc_cells_release(&c);
    return status;
}
