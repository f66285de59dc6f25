/* Tables: TSV (no quoting; BIDS) and CSV in, TSV out, both with an optional first line "#nvc {json}" of
 * facts.  A table is text until a number is asked for; `n/a` is its only missing value.
 *
 * Memory: the text once, and four bytes a cell. */
#ifndef NVC_IO_TSV_H
#define NVC_IO_TSV_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"
#include "io/stream.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_table {
    char *path;            /* for messages: the path, or "standard input" */
    json_t *facts;         /* of the first line, or of "Facts" in the sidecar x.json; NULL: none */
    size_t n_rows, n_cols;
    const char **names;    /* n_cols column names, unique, non-empty */
    uint32_t crc32;        /* of the decoded bytes */
    uint64_t bytes;
    bool unterminated;     /* the last line has no line end: the caller may warn that it can be cut off */
    struct nvc_table_store *store; /* opaque: text and offsets */
};

/* Read a whole table (gzip or plain, "-": standard input).  Names ending in .csv (or .csv.gz) are comma
 * separated (RFC 4180, quotes checked strictly, blanks around cells dropped), all else tab separated.  CRLF, a BOM
 * and blank lines at the end are accepted.  Refused, with the line: NUL, invalid UTF-8, CR-only line ends,
 * ragged rows (cells found and wanted), blank lines between rows, duplicate or empty names, a cell over
 * 1 MiB, no header, 4 GiB and more, and a table with a first line of facts that does not end in a line end:
 * we wrote it, so it was cut off.
 * Returns 0, NVC_EDATA or NVC_ESYS; t is the caller's to release after 0 and empty otherwise. */
int nvc_table_read(struct nvc_table *t, const char *path, struct nvc_error *err) NVC_CHECKED;
/* The same from a stream that is already open (standard input, told apart by content); s is read to its end
 * and not closed, and no sidecar is looked for. */
int nvc_table_read_stream(struct nvc_table *t, struct nvc_stream *s, bool csv, struct nvc_error *err) NVC_CHECKED;
void nvc_table_release(struct nvc_table *t);

/* Index of a column, or -1: a binary search. */
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
/* A line of column names. */
int nvc_tsv_header(struct nvc_text *out, const struct nvc_column *columns, struct nvc_error *err) NVC_CHECKED;
int nvc_tsv_cell(struct nvc_text *out, const char *text, bool last, struct nvc_error *err) NVC_CHECKED;
int nvc_tsv_real(struct nvc_text *out, double value, bool last, struct nvc_error *err) NVC_CHECKED;

#endif
