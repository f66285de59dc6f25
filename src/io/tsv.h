/* Tables: TSV (no quoting; BIDS) and CSV in, TSV out, both with an optional first line
 * "#nvc {json}" of facts.  Rules of reading: RELIABILITY section 3; `n/a` is the only missing value. */
#ifndef NVC_IO_TSV_H
#define NVC_IO_TSV_H

#include "base/status.h"
#include "base/text.h"
#include "io/stream.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_table {
    char *path;            /* for messages */
    json_t *facts;         /* of the first line, or of "Facts" in the sidecar x.json; NULL: none */
    size_t n_rows, n_cols;
    const char **names;    /* n_cols column names, unique, non-empty */
    uint32_t crc32;        /* of the decoded bytes */
    uint64_t bytes;
    struct nvc_table_store *store; /* opaque: text and offsets */
};

/* Read a whole table (gzip or plain, "-": standard input).  Names ending in .csv (or .csv.gz) are comma
 * separated, everything else tab separated.  Refuses: NUL, invalid UTF-8, ragged rows (line number, cells
 * found and wanted), duplicate or empty names, a field over 1 MiB, no header.  CRLF and a BOM are accepted. */
int nvc_table_read(struct nvc_table *t, const char *path, struct nvc_error *err) NVC_CHECKED;
/* The same from a stream that is already open (standard input, told apart by content); s is not closed. */
int nvc_table_read_stream(struct nvc_table *t, struct nvc_stream *s, bool csv, struct nvc_error *err) NVC_CHECKED;
void nvc_table_release(struct nvc_table *t);

/* Index of a column, or -1. */
long nvc_table_column(const struct nvc_table *t, const char *name);
/* The same, refusing with a near miss: "events.tsv: no column 'onset'; did you mean 'onsets'?" */
int nvc_table_need(const struct nvc_table *t, const char *name, size_t *col, struct nvc_error *err) NVC_CHECKED;
/* Cell as text; "n/a" is returned as it stands.  Row 0 is the first after the header. */
const char *nvc_table_cell(const struct nvc_table *t, size_t row, size_t col);
bool nvc_table_is_na(const struct nvc_table *t, size_t row, size_t col);
/* Number, NaN for n/a; anything else is refused with file, line, column and the text found. */
int nvc_table_real(const struct nvc_table *t, size_t row, size_t col, double *value, struct nvc_error *err) NVC_CHECKED;
/* A whole column of numbers into out[n_rows]. */
int nvc_table_reals(const struct nvc_table *t, size_t col, double *out, struct nvc_error *err) NVC_CHECKED;
/* Line in the file of a row, counted from 1: for messages. */
size_t nvc_table_line(const struct nvc_table *t, size_t row);

/* Writing is text: cells are appended to a struct nvc_text with these, then handed to a sink.
 * A tab, newline or NUL in a cell is refused (NVC_EDATA); NULL or "" becomes n/a. */
int nvc_tsv_cell(struct nvc_text *out, const char *text, bool last, struct nvc_error *err) NVC_CHECKED;
int nvc_tsv_real(struct nvc_text *out, double value, bool last, struct nvc_error *err) NVC_CHECKED;

#endif
