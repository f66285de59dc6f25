#include "cmd/report/files.h"

#include "base/memory.h"
#include "io/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { LIMIT = 64 << 20 };

void report_files_release(struct report_files *f)
{
    for (size_t i = 0; i < f->n; i++) {
        nvc_table_release(&f->items[i].table);
        free(f->items[i].bytes);
    }
    free(f->items);
    free(f->marks);
    *f = (struct report_files){ 0 };
}

static bool has(const struct nvc_table *t, const char *column) { return nvc_table_column(t, column) >= 0; }

static enum report_kind kind_of_table(const struct nvc_table *t)
{
    if (has(t, "hedges_g") && has(t, "n_case") && has(t, "role"))
        return REPORT_GROUP;
    if (has(t, "signal_coverage") && has(t, "verdict"))
        return REPORT_QUALITY;
    if (has(t, "participant_id") && has(t, "index") && has(t, "value"))
        return REPORT_INDICES;
    if (has(t, "dice") && has(t, "distance_mm"))
        return REPORT_OVERLAP;
    if (has(t, "psc") && has(t, "contrast") && has(t, "n_vol"))
        return REPORT_GLM;
    return has(t, "time") || has(t, "weight_sum") || has(t, "onset") ? REPORT_SKIP : REPORT_TABLE; /* series, design, regions, events */
}

static enum report_kind kind_of_name(const char *path)
{
    static const struct { const char *ending; enum report_kind kind; } kinds[] = {
        { ".tsv", REPORT_TABLE }, { ".png", REPORT_PNG }, { ".svg", REPORT_SVG }, { ".txt", REPORT_TEXT }, { ".md", REPORT_MARKDOWN },
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (nvc_has_suffix(path, kinds[i].ending))
            return kinds[i].kind;
    return REPORT_SKIP;
}

static int read_bytes(struct report_file *f, struct nvc_input_mark *mark, struct nvc_error *err)
{
    struct nvc_stream *s;
    uint64_t extra;
    bool zero;
    int status = nvc_stream_open(&s, f->path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_stream_slurp(s, LIMIT, &f->bytes, &f->n, err);
    if (!status)
        status = nvc_stream_drain(s, &extra, &zero, err);
    if (status)
        (void)nvc_fail_in(err, "%s", f->path);
    *mark = (struct nvc_input_mark){ f->path, nvc_stream_crc32(s), nvc_stream_bytes(s) };
    nvc_stream_close(s);
    if (!status && f->kind == REPORT_PNG && (f->n < 8 || memcmp(f->bytes, "\x89PNG\r\n\x1a\n", 8) != 0))
        status = nvc_fail(err, NVC_EDATA, "%s: not a PNG picture", f->path);
    if (!status && f->kind != REPORT_PNG && memchr(f->bytes, '\0', f->n))
        status = nvc_fail(err, NVC_EDATA, "%s: a NUL byte where text was wanted", f->path);
    return status;
}

static int read_one(struct report_file *f, struct nvc_input_mark *mark, struct nvc_error *err)
{
    struct stat st;
    f->kind = kind_of_name(f->path);
    if (!stat(f->path, &st) && S_ISDIR(st.st_mode))
        return nvc_fail(err, NVC_EDATA, "%s: is a directory; give the files in it", f->path);
    if (f->kind == REPORT_SKIP)
        return 0;
    if (f->kind != REPORT_TABLE)
        return read_bytes(f, mark, err);
    int status = nvc_table_read(&f->table, f->path, err);
    if (status)
        return status;
    f->kind = kind_of_table(&f->table);
    *mark = (struct nvc_input_mark){ f->path, f->table.crc32, f->table.bytes };
    return 0;
}

/* nvc-group writes its table in several forms: X.md says what X.tsv says. */
static bool repeats(const struct report_file *md, const struct report_files *f)
{
    size_t n = strlen(md->path) - 3;
    for (size_t i = 0; i < f->n; i++)
        if (f->items[i].kind != REPORT_MARKDOWN && !strncmp(f->items[i].path, md->path, n) && !strcmp(f->items[i].path + n, ".tsv"))
            return true;
    return false;
}

int report_files_read(struct report_files *f, char **paths, int n, struct nvc_error *err)
{
    size_t shown = 0;
    f->items = nvc_array((size_t)n, sizeof *f->items, err);
    f->marks = f->items ? nvc_array((size_t)n, sizeof *f->marks, err) : NULL;
    int status = f->marks ? 0 : (int)err->status;
    for (int i = 0; i < n && !status; i++) {
        struct report_file *file = &f->items[f->n];
        const char *slash = strrchr(paths[i], '/');
        *file = (struct report_file){ .path = paths[i], .name = slash ? slash + 1 : paths[i] };
        status = read_one(file, &f->marks[f->n], err);
        shown += file->kind != REPORT_SKIP && file->kind != REPORT_GLM;
        if (file->kind != REPORT_SKIP || status)
            f->n++;
        else
            nvc_table_release(&file->table);
    }
    for (size_t i = 0; i < f->n && !status; i++)
        if (f->items[i].kind == REPORT_MARKDOWN && repeats(&f->items[i], f))
            f->items[i].kind = REPORT_SKIP;
    if (!status && !shown)
        status = nvc_fail(err, NVC_EDATA, "nothing to show among %d file%s: give tables of nvc-coupling, nvc-qc, nvc-spread or nvc-group, pictures and "
                          "texts", n, n == 1 ? "" : "s");
    return status;
}
