# Turn a TSV with a header into the rows of a C initialiser: numbers stay numbers, the rest becomes strings.
BEGIN { FS = "\t" }
NR > 1 {
    line = ""
    for (i = 1; i <= NF; i++) {
        cell = $i
        if (cell !~ /^-?[0-9]+(\.[0-9]+)?$/) {
            gsub(/\\/, "\\\\", cell); gsub(/"/, "\\\"", cell)
            cell = "\"" cell "\""
        }
        line = line (i > 1 ? ", " : "") cell
    }
    print "{ " line " },"
}
