"""How large a survey file may be; beyond these an import is refused before it costs anything."""

MEBIBYTE = 1024 * 1024
LARGEST_FILE_BYTES = 512 * MEBIBYTE
LARGEST_UNPACKED_BYTES = 4096 * MEBIBYTE
# Of one page of Parquet, which is decoded as a whole; writers make pages of a mebibyte.
LARGEST_PAGE_BYTES = 256 * MEBIBYTE
LARGEST_RECORD_BYTES = MEBIBYTE
# What a spreadsheet cell holds; longer ones are no survey answers.
LARGEST_VALUE_BYTES = 32 * 1024
MOST_ROWS = 5_000_000
MOST_COLUMNS = 500
# Of what has to be held as a whole.
MOST_CELLS = 20_000_000
MOST_GROUPS = 60
MOST_CATEGORIES = 300
INSPECTED_ROWS = 20_000
INSPECTED_BYTES = 16 * MEBIBYTE
LISTED_REFUSALS = 1_000
# A workbook is held as a whole: sheets, and the XML that it unfolds to.
# A list of JSON records is parsed as a whole; one record in each line has no such end.
LARGEST_JSON_BYTES = 128 * MEBIBYTE
MOST_SHEETS = 100
MOST_MEMBERS = 5_000
LARGEST_WORKBOOK_BYTES = 2048 * MEBIBYTE
MOST_SHEET_CELLS = MOST_CELLS
