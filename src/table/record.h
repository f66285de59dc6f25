/* Tables of structs: one list of columns per table (an X macro) gives both what the documents print and where
 * each cell lives in the struct.
 *
 *     #define COLUMNS(X, S) \
 *         X(TEXT, "index", NULL, S, key.index, "name of the index") \
 *         X(COUNT, "n", NULL, S, n, "values") \
 *         X(REAL, "t", NULL, S, t, "Student t")
 *     const struct nvc_column columns[] = { COLUMNS(NVC_AS_COLUMN, struct row) { 0 } };
 *     static const struct nvc_field fields[] = { COLUMNS(NVC_AS_FIELD, struct row) };
 */
#ifndef NVC_TABLE_RECORD_H
#define NVC_TABLE_RECORD_H

#include "model/group/cohort.h"
#include "table/cells.h"

#include <stdbool.h>
#include <stddef.h>

enum nvc_field_kind { NVC_FIELD_TEXT, NVC_FIELD_COUNT, NVC_FIELD_REAL }; /* const char *, size_t, double */

struct nvc_field {
    enum nvc_field_kind kind;
    size_t offset;
};
#define NVC_AS_COLUMN(KIND, NAME, UNIT, S, FIELD, HELP) { NAME, UNIT, HELP },
#define NVC_AS_FIELD(KIND, NAME, UNIT, S, FIELD, HELP) { NVC_FIELD_##KIND, offsetof(S, FIELD) },

/* The unit of a number that is in that of its row. */
#define NVC_UNIT_OF_ROW "see unit"
/* The columns of a struct nvc_key called `key`, which stand first in every table of indices. */
#define NVC_KEY_COLUMNS(X, S) \
    X(TEXT, "index", NULL, S, key.index, "name of the index") \
    X(TEXT, "contrast", NULL, S, key.contrast, "condition or contrast that the index belongs to") \
    X(TEXT, "atlas", NULL, S, key.atlas, "atlas of the region") \
    X(TEXT, "region", NULL, S, key.region, "region, without its side") \
    X(TEXT, "side", NULL, S, key.side, "L, R, B (both), RL (right minus left) or n/a") \
    X(TEXT, "task", NULL, S, key.task, "BIDS task") \
    X(TEXT, "session", NULL, S, key.session, "BIDS session") \
    X(TEXT, "unit", NULL, S, key.unit, "unit of the index")

/* Append the cells of one struct. */
int nvc_cells_record(struct nvc_cells *c, const struct nvc_field *fields, size_t n, const void *record, struct nvc_error *err) NVC_CHECKED;
/* A whole table of n structs of `size` bytes: every number in .tsv and .csv, else as a paper prints it. */
int nvc_records_write(struct nvc_text *out, const struct nvc_column *columns, const struct nvc_field *fields, size_t n_fields,
                      const void *records, size_t n, size_t size, enum nvc_table_kind kind, const char *caption,
                      struct nvc_error *err) NVC_CHECKED;
/* The latter: the columns of a key become one, limits stand beside what they belong to, columns without a value
 * are left out, and so is what is undefined; three digits.  At most 64 columns. */
int nvc_records_paper(struct nvc_text *out, const struct nvc_column *columns, const struct nvc_field *fields, size_t n_fields,
                      const void *records, size_t n, size_t size, enum nvc_table_kind kind, const char *caption,
                      const char *notes, struct nvc_error *err) NVC_CHECKED;
/* "psc face BLA L, faces (%)", at its end the atlas when asked for. */
void nvc_key_print(char out[static 256], const struct nvc_key *k, bool with_atlas);

#endif
