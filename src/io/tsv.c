#include <config.h>
#include "io/tsv.h"

#include "base/memory.h"
#include "base/number.h"
#include "io/bids.h"
#include "io/json.h"
#include "io/plain.h"

#include <csv.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_LIMIT = 1 << 20 };

static const char no_header[] = "empty; wanted a header line with the names of the columns";

/* Cells are '\0'-terminated in the text itself; 32-bit offsets, row by row, say where they start. */
struct nvc_table_store {
    char *text;
    uint32_t *cells;
    size_t n_cells, cap;   /* the header's cells are the first row */
    size_t first_line;     /* of the header */
    uint32_t *lines;       /* CSV, whose cells may hold line ends: the line of each row, header included */
    size_t n_lines, lines_cap;
    uint32_t *sorted;      /* columns in the order of their names */
};

void nvc_table_release(struct nvc_table *t)
{
    if (t->store) {
        free(t->store->text);
        free(t->store->cells);
        free(t->store->lines);
        free(t->store->sorted);
        free(t->store);
    }
    json_decref(t->facts);
    free(t->names);
    free(t->path);
    *t = (struct nvc_table){ 0 };
}

static const char *cell_text(const struct nvc_table_store *s, size_t i)
{
    return s->text + s->cells[i];
}

/* One row is complete: `found` cells were met.  The first row decides how many there must be. */
static int end_row(struct nvc_table *t, size_t found, size_t line, struct nvc_error *err)
{
    if (!t->n_cols)
        t->n_cols = found;
    else
        t->n_rows++;
    if (found == t->n_cols)
        return 0;
    return nvc_fail(err, NVC_EDATA, "line %zu: %zu cell%s, but the header has %zu; every row needs all columns, "
                    "missing values are written n/a%s", line, found, found == 1 ? "" : "s", t->n_cols,
                    found == 1 || t->n_cols == 1 ? " (tabs separate columns; commas only in a file named .csv)" : "");
}

static int blank_line(size_t line, struct nvc_error *err)
{
    return nvc_fail(err, NVC_EDATA, "line %zu: blank line between rows; remove it", line);
}

static int long_cell(size_t line, struct nvc_error *err)
{
    return nvc_fail(err, NVC_EDATA, "line %zu: a cell of more than 1 MiB", line);
}

/* The cells of one line: tabs become '\0'.  *found may exceed t->n_cols, the surplus is only counted. */
static int split_line(struct nvc_table *t, char *line, char *stop, size_t *found, bool *fits, struct nvc_error *err)
{
    struct nvc_table_store *s = t->store;
    char *cell = line, *tab;
    size_t n = 0;
    *fits = true;
    do {
        int status = t->n_cols ? 0 : nvc_grow(&s->cells, &s->cap, n + 1, sizeof *s->cells, err);
        if (status)
            return status;
        if (!t->n_cols || n < t->n_cols)
            s->cells[s->n_cells + n] = (uint32_t)(cell - s->text);
        n++;
        tab = memchr(cell, '\t', (size_t)(stop - cell));
        if (!tab)
            tab = stop;
        if (tab - cell > CELL_LIMIT)
            *fits = false;
        *tab = '\0';
        cell = tab + 1;
    } while (tab < stop);
    *found = n;
    return 0;
}

static int split_tsv(struct nvc_table *t, char *at, char *end, struct nvc_error *err)
{
    struct nvc_table_store *s = t->store;
    for (size_t line = s->first_line; at < end; line++) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t found = 0;
        bool fits = true;
        if (!stop)
            stop = end;
        if (stop == at)
            return blank_line(line, err);
        int status = nvc_grow(&s->cells, &s->cap, s->n_cells + t->n_cols, sizeof *s->cells, err);
        if (!status)
            status = split_line(t, at, stop, &found, &fits, err);
        if (!status && !fits)
            status = long_cell(line, err);
        if (!status)
            status = end_row(t, found, line, err);
        if (status)
            return status;
        s->n_cells += found;
        at = stop + 1;
    }
    return 0;
}

/* libcsv calls back for each cell and each row.  A cell is never longer than its source, so it is written
 * over the text that has been parsed. */
struct csv_walk {
    struct nvc_table *t;
    char *to;
    size_t line, row_line, found; /* line: of what is being parsed; row_line: where the row began */
    int status;
    struct nvc_error *err;
};

static void csv_cell(void *data, size_t n, void *user)
{
    struct csv_walk *w = user;
    struct nvc_table_store *s = w->t->store;
    if (w->status)
        return;
    if (!w->found)
        w->row_line = w->line;
    w->found++;
    if (n > CELL_LIMIT) {
        w->status = long_cell(w->row_line, w->err);
        return;
    }
    for (const char *p = data; (p = memchr(p, '\n', n - (size_t)(p - (char *)data))); p++)
        w->line++;
    w->status = nvc_grow(&s->cells, &s->cap, s->n_cells + 1, sizeof *s->cells, w->err);
    if (w->status)
        return;
    s->cells[s->n_cells++] = (uint32_t)(w->to - s->text);
    memcpy(w->to, data, n);
    w->to[n] = '\0';
    w->to += n + 1;
}

static void csv_row(int terminator, void *user)
{
    struct csv_walk *w = user;
    struct nvc_table_store *s = w->t->store;
    (void)terminator;
    if (!w->status && !w->found)
        w->status = blank_line(w->line, w->err);
    if (!w->status)
        w->status = end_row(w->t, w->found, w->row_line, w->err);
    if (!w->status)
        w->status = nvc_grow(&s->lines, &s->lines_cap, s->n_lines + 1, sizeof *s->lines, w->err);
    if (!w->status)
        s->lines[s->n_lines++] = (uint32_t)w->row_line;
    w->line++;
    w->found = 0;
}

static int split_csv(struct nvc_table *t, char *at, char *end, struct nvc_error *err)
{
    struct csv_parser parser;
    struct csv_walk w = { .t = t, .to = at, .line = t->store->first_line, .err = err };
    size_t n = (size_t)(end - at);
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL))
        return nvc_fail(err, NVC_EBUG, "libcsv cannot start");
    csv_set_blk_size(&parser, 1 << 16);
    bool good = csv_parse(&parser, at, n, csv_cell, csv_row, &w) == n &&
                csv_fini(&parser, csv_cell, csv_row, &w) == 0;
    if (!w.status && !good)
        w.status = csv_error(&parser) == CSV_ENOMEM
            ? nvc_fail(err, NVC_ESYS, "out of memory")
            : nvc_fail(err, NVC_EDATA, "line %zu: a quote that does not enclose a whole cell, or is not closed; "
                       "a quote inside a quoted cell is written twice", w.line);
    csv_free(&parser);
    return w.status;
}

static int by_name(const void *a, const void *b, void *user)
{
    const char *const *names = user;
    return strcmp(names[*(const uint32_t *)a], names[*(const uint32_t *)b]);
}

static int read_header(struct nvc_table *t, struct nvc_error *err)
{
    struct nvc_table_store *s = t->store;
    if (!t->n_cols)
        return nvc_fail(err, NVC_EDATA, "%s", no_header);
    t->names = nvc_array(t->n_cols, sizeof *t->names, err);
    s->sorted = nvc_array(t->n_cols, sizeof *s->sorted, err);
    if (!t->names || !s->sorted)
        return NVC_ESYS;
    for (size_t i = 0; i < t->n_cols; i++) {
        t->names[i] = cell_text(s, i);
        s->sorted[i] = (uint32_t)i;
        if (!*t->names[i])
            return nvc_fail(err, NVC_EDATA, "line %zu: column %zu of %zu has no name", s->first_line, i + 1,
                            t->n_cols);
    }
    qsort_r(s->sorted, t->n_cols, sizeof *s->sorted, by_name, t->names);
    for (size_t i = 1; i < t->n_cols; i++)
        if (!strcmp(t->names[s->sorted[i - 1]], t->names[s->sorted[i]]))
            return nvc_fail(err, NVC_EDATA, "line %zu: two columns are named '%.80s'", s->first_line,
                            t->names[s->sorted[i]]);
    return 0;
}

/* "#nvc {json}" in the first line; *at moves behind it. */
static int read_facts(struct nvc_table *t, const struct nvc_plain *p, char **at, struct nvc_error *err)
{
    t->store->first_line = 1;
    if (p->n < 5 || memcmp(p->text, "#nvc ", 5))
        return 0;
    char *stop = memchr(p->text, '\n', p->n);
    if (p->unterminated)
        return nvc_fail(err, NVC_EDATA, "cut off: the last line has no line end");
    int status = nvc_json_parse(&t->facts, p->text + 5, (size_t)(stop - p->text) - 5, "line 1 (#nvc)", err);
    if (!status && !json_is_object(t->facts))
        status = nvc_fail(err, NVC_EDATA, "line 1 (#nvc): wanted one JSON object");
    t->store->first_line = 2;
    *at = stop + 1;
    return status;
}

static int read_text(struct nvc_table *t, struct nvc_stream *s, bool csv, struct nvc_error *err)
{
    struct nvc_plain p;
    int status = nvc_plain_read(&p, s, UINT32_MAX - 1, err);
    if (status)
        return status;
    char *at = p.text, *end = p.text + p.n;
    t->store->text = p.text;
    t->unterminated = p.unterminated;
    t->crc32 = nvc_stream_crc32(s);
    t->bytes = nvc_stream_bytes(s);
    status = read_facts(t, &p, &at, err);
    while (end > at && end[-1] == '\n')
        end--;
    if (!status && at == end)
        status = nvc_fail(err, NVC_EDATA, "%s", no_header);
    if (!status)
        status = csv ? split_csv(t, at, end, err) : split_tsv(t, at, end, err);
    return status ? status : read_header(t, err);
}

int nvc_table_read_stream(struct nvc_table *t, struct nvc_stream *s, bool csv, struct nvc_error *err)
{
    *t = (struct nvc_table){ 0 };
    t->path = nvc_strdup(nvc_stream_name(s), err);
    t->store = nvc_array(1, sizeof *t->store, err);
    int status = t->path && t->store ? read_text(t, s, csv, err) : NVC_ESYS;
    if (status) {
        status = nvc_fail_in(err, "%s", nvc_stream_name(s));
        nvc_table_release(t);
    }
    return status;
}

/* Facts beside a table that was written to a file. */
static int facts_of_sidecar(struct nvc_table *t, const char *path, struct nvc_error *err)
{
    json_t *meta = NULL;
    int status = nvc_bids_sidecar(&meta, path, err);
    json_t *facts = json_object_get(meta, "Facts");
    if (!status && facts && !json_is_object(facts))
        status = nvc_fail(err, NVC_EDATA, "%s: 'Facts' in its sidecar is not a JSON object", path);
    if (!status)
        t->facts = json_incref(facts);
    json_decref(meta);
    return status;
}

int nvc_table_read(struct nvc_table *t, const char *path, struct nvc_error *err)
{
    struct nvc_stream *s;
    *t = (struct nvc_table){ 0 };
    int status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_table_read_stream(t, s, nvc_has_suffix(path, ".csv") || nvc_has_suffix(path, ".csv.gz"), err);
    nvc_stream_close(s);
    if (!status && !t->facts && strcmp(path, "-"))
        status = facts_of_sidecar(t, path, err);
    if (status)
        nvc_table_release(t);
    return status;
}

long nvc_table_column(const struct nvc_table *t, const char *name)
{
    size_t low = 0, high = t->n_cols;
    while (low < high) {
        size_t mid = low + (high - low) / 2, col = t->store->sorted[mid];
        int order = strcmp(name, t->names[col]);
        if (!order)
            return (long)col;
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return -1;
}

int nvc_table_need(const struct nvc_table *t, const char *name, size_t *col, struct nvc_error *err)
{
    long found = nvc_table_column(t, name);
    const char *near = nvc_near_miss(name, t->names, t->n_cols);
    *col = (size_t)found;
    if (found >= 0)
        return 0;
    if (near)
        return nvc_fail(err, NVC_EDATA, "%s: no column '%s'; did you mean '%.80s'?", t->path, name, near);
    if (t->n_cols == 1)
        return nvc_fail(err, NVC_EDATA, "%s: no column '%s': the header is the single name '%.80s' "
                        "(tabs separate columns; commas only in a file named .csv)", t->path, name, t->names[0]);
    return nvc_fail(err, NVC_EDATA, "%s: no column '%s'; the %zu columns are '%.40s' ... '%.40s'", t->path, name,
                    t->n_cols, t->names[0], t->names[t->n_cols - 1]);
}

const char *nvc_table_cell(const struct nvc_table *t, size_t row, size_t col)
{
    return cell_text(t->store, (row + 1) * t->n_cols + col);
}

bool nvc_table_is_na(const struct nvc_table *t, size_t row, size_t col)
{
    return !strcmp(nvc_table_cell(t, row, col), "n/a");
}

int nvc_table_real(const struct nvc_table *t, size_t row, size_t col, double *value, struct nvc_error *err)
{
    const char *text = nvc_table_cell(t, row, col);
    if (nvc_parse_real(text, strlen(text), value))
        return 0;
    if (strcmp(text, "n/a"))
        return nvc_fail(err, NVC_EDATA, "%s: line %zu, column '%.80s': %s%.40s%s is not a number; %s", t->path, nvc_table_line(t, row),
                        t->names[col], *text ? "'" : "", *text ? text : "an empty cell", *text ? "'" : "",
                        strchr(text, ',') ? "the decimal sign is a point" : "missing values are written n/a");
    *value = NAN;
    return 0;
}

int nvc_table_reals(const struct nvc_table *t, size_t col, double *out, struct nvc_error *err)
{
    int status = 0;
    for (size_t row = 0; row < t->n_rows && !status; row++)
        status = nvc_table_real(t, row, col, &out[row], err);
    return status;
}

size_t nvc_table_line(const struct nvc_table *t, size_t row)
{
    return t->store->lines ? t->store->lines[row + 1] : t->store->first_line + 1 + row;
}

int nvc_tsv_header(struct nvc_text *out, const struct nvc_column *columns, struct nvc_error *err)
{
    int status = 0;
    for (const struct nvc_column *c = columns; !status && c->name; c++)
        status = nvc_tsv_cell(out, c->name, !c[1].name, err);
    return status;
}

int nvc_tsv_cell(struct nvc_text *out, const char *text, bool last, struct nvc_error *err)
{
    if (!text || !*text)
        text = "n/a";
    if (strpbrk(text, "\t\n\r"))
        return nvc_fail(err, NVC_EDATA, "'%.80s' holds a tab or a line end and cannot be a cell of a table", text);
    int status = nvc_text_puts(out, text, err);
    return status ? status : nvc_text_add(out, last ? "\n" : "\t", 1, err);
}

int nvc_tsv_real(struct nvc_text *out, double value, bool last, struct nvc_error *err)
{
    int status = nvc_text_real(out, value, err);
    return status ? status : nvc_text_add(out, last ? "\n" : "\t", 1, err);
}
