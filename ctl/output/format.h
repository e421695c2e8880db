/* The formats of --format. */
#ifndef CTL_FORMAT_H
#define CTL_FORMAT_H 1

enum format {
	FORMAT_DEFAULT, /* each command has its own */
	FORMAT_TABLE,
	FORMAT_LIST,
	FORMAT_JSON,
	FORMAT_YAML,
	FORMAT_CSV,
	/* Pictures: of `show` alone. */
	FORMAT_DOT,
	FORMAT_SVG,
};

#endif
