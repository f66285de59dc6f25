/* well_formed FILE: whether a page is XML, runs no script, and fetches nothing. */
#include <expat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int bad;

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attributes)
{
    (void)user;
    if (!strcmp(name, "script") || !strcmp(name, "link") || !strcmp(name, "iframe") || !strcmp(name, "object")) {
        (void)fprintf(stderr, "element <%s>\n", name);
        bad = 1;
    }
    for (; *attributes; attributes += 2)
        if (!strncmp(attributes[0], "on", 2) || ((!strcmp(attributes[0], "src") || !strcmp(attributes[0], "href")) && strncmp(attributes[1], "data:image/", 11))) {
            (void)fprintf(stderr, "attribute %s of <%s>: %.40s\n", attributes[0], name, attributes[1]);
            bad = 1;
        }
}

int main(int argc, char **argv)
{
    static char buffer[1 << 16];
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    XML_Parser parser = XML_ParserCreate("UTF-8");
    size_t n;
    if (!f || !parser)
        return 2;
    XML_SetStartElementHandler(parser, on_start);
    do {
        n = fread(buffer, 1, sizeof buffer, f);
        if (XML_Parse(parser, buffer, (int)n, n < sizeof buffer) != XML_STATUS_OK) {
            (void)fprintf(stderr, "line %lu: %s\n", (unsigned long)XML_GetCurrentLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)));
            bad = 1;
            break;
        }
    } while (n == sizeof buffer);
    XML_ParserFree(parser);
    (void)fclose(f);
    return bad;
}
