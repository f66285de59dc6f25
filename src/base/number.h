/* Strict text of numbers, independent of any locale. */
#ifndef NVC_BASE_NUMBER_H
#define NVC_BASE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

/* The whole of text[0..len) is one decimal number: optional sign, digits, optional fraction and
 * exponent.  No blanks, hexadecimal, inf, nan, and nothing that overflows.  False leaves *value. */
bool nvc_parse_real(const char *text, size_t len, double *value);

/* The whole of text[0..len) is one decimal integer that a long holds. */
bool nvc_parse_integer(const char *text, size_t len, long *value);

/* Room for any number written by nvc_format_real. */
enum { NVC_NUMBER_SIZE = 32 };

/* Write the fewest digits that read back equal; "n/a" for NaN and infinities.  Returns the length. */
size_t nvc_format_real(char buf[static NVC_NUMBER_SIZE], double value);

#endif
