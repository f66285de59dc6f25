/* Tables of cells: rows are put together once, cell by cell, and written as TSV, CSV, Markdown, LaTeX or
 * HTML.  A cell is text as a person reads it; what each kind must escape, it escapes. */
#ifndef NVC_TABLE_CELLS_H
#define NVC_TABLE_CELLS_H

#include "base/column.h"
#include "base/status.h"
#include "base/text.h"

#include <stddef.h>

enum nvc_table_kind { NVC_TSV, NVC_CSV, NVC_MARKDOWN, NVC_LATEX, NVC_HTML };
/* By extension: .csv .md .tex .html (.htm); anything else, also "-", is TSV. */
enum nvc_table_kind nvc_table_kind_of(const char *path);

struct nvc_cells { /* zero it, set n_cols; cells run row by row, the header first */
    size_t n_cols;
    struct nvc_text text; /* every cell ends in '\0' */
    size_t n;             /* cells so far */
};
void nvc_cells_release(struct nvc_cells *c);
int nvc_cells_text(struct nvc_cells *c, const char *text, struct nvc_error *err) NVC_CHECKED; /* NULL, "": n/a */
int nvc_cells_real(struct nvc_cells *c, double v, struct nvc_error *err) NVC_CHECKED;         /* shortest */
int nvc_cells_printf(struct nvc_cells *c, struct nvc_error *err, const char *fmt, ...) NVC_PRINTF(3, 4) NVC_CHECKED;
/* A row of its own that says what the rows after it are: text over all columns. */
int nvc_cells_heading(struct nvc_cells *c, const char *text, struct nvc_error *err) NVC_CHECKED;
/* Its text, when cell is the first of a heading, else NULL. */
const char *nvc_cell_heading(const char *cell);
/* A header of column names. */
int nvc_cells_header(struct nvc_cells *c, const struct nvc_column *columns, struct nvc_error *err) NVC_CHECKED;

/* Append the whole.  `caption` (may be NULL) and `notes` (below the table, may be NULL) are printed by
 * Markdown, LaTeX and HTML only.  LaTeX is a table environment with booktabs rules. */
int nvc_cells_write(struct nvc_text *out, const struct nvc_cells *c, enum nvc_table_kind kind, const char *caption,
                    const char *notes, struct nvc_error *err) NVC_CHECKED;

/* Numbers as papers print them: `digits` significant digits with trailing zeros kept, "n/a" when undefined;
 * p as "<.001" or three decimals without the leading zero. */
void nvc_print_number(char out[static 32], double v, int digits);
void nvc_print_p(char out[static 32], double p);
/* The same as cells: "0.123 [0.100, 0.146]" (without limits 0.123 alone), a p; a blank where undefined. */
int nvc_cells_interval(struct nvc_cells *c, double v, double low, double high, struct nvc_error *err) NVC_CHECKED;
int nvc_cells_p(struct nvc_cells *c, double p, struct nvc_error *err) NVC_CHECKED;

#endif
