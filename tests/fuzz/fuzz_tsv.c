/* Tables: what is read has its shape, and what is written reads back.  The first byte tells CSV from TSV. */
#include "fuzz.h"

#include "nvc.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static int read_table(struct nvc_table *t, const char *path, bool csv)
{
    struct nvc_error err;
    struct nvc_stream *s;
    int status = nvc_stream_open(&s, path, NVC_INFLATE_BEST, &err);
    if (status)
        return status;
    status = nvc_table_read_stream(t, s, csv, &err);
    nvc_stream_close(s);
    FUZZ_CHECK(status == 0 || (strlen(err.text) > 0 && err.status != NVC_EBUG));
    return status;
}

/* 0 when all cells could be written: those of CSV may hold line ends. */
static int write_table(struct nvc_text *out, const struct nvc_table *t)
{
    struct nvc_error err;
    int status = 0;
    for (size_t col = 0; col < t->n_cols && !status; col++)
        status = nvc_tsv_cell(out, t->names[col], col + 1 == t->n_cols, &err);
    for (size_t row = 0; row < t->n_rows && !status; row++)
        for (size_t col = 0; col < t->n_cols && !status; col++)
            status = nvc_tsv_cell(out, nvc_table_cell(t, row, col), col + 1 == t->n_cols, &err);
    return status;
}

static void check(const struct nvc_table *t)
{
    struct nvc_error err;
    double v;
    size_t line = 0;
    for (size_t col = 0; col < t->n_cols; col++)
        FUZZ_CHECK(nvc_table_column(t, t->names[col]) == (long)col);
    for (size_t row = 0; row < t->n_rows; row++) {
        FUZZ_CHECK(nvc_table_line(t, row) > line);
        line = nvc_table_line(t, row);
        for (size_t col = 0; col < t->n_cols; col++)
            if (!nvc_table_real(t, row, col, &v, &err))
                FUZZ_CHECK(isfinite(v) || nvc_table_is_na(t, row, col));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct nvc_table t, again;
    struct nvc_text out = { 0 };
    bool csv = n && data[0] == ',';
    if (!n || read_table(&t, fuzz_file(0, data + csv, n - csv), csv))
        return 0;
    check(&t);
    /* A first name like "#nvc {", a BOM or an annex pointer would say something else when it begins a file. */
    if (isalnum((unsigned char)*t.names[0]) && !write_table(&out, &t)) {
        FUZZ_CHECK(!read_table(&again, fuzz_file(1, out.data, out.len), false));
        FUZZ_CHECK(again.n_rows == t.n_rows && again.n_cols == t.n_cols);
        for (size_t row = 0; row < t.n_rows; row++)
            for (size_t col = 0; col < t.n_cols; col++) {
                const char *was = nvc_table_cell(&t, row, col);
                FUZZ_CHECK(!strcmp(*was ? was : "n/a", nvc_table_cell(&again, row, col)));
            }
        nvc_table_release(&again);
    }
    nvc_text_release(&out);
    nvc_table_release(&t);
    return 0;
}
