"""What can be wrong with a population, its file and its mapping; each message names the way out."""

from agentverse.platform.errors import (
    AgentVerseError,
    BodyTooLarge,
    Conflict,
    InvalidInput,
    NotFound,
)


class PopulationNotFound(NotFound):
    code = "population_not_found"
    title = "Population not found"


class PopulationNotReady(Conflict):
    code = "population_not_ready"
    title = "The population is not ready"


class PopulationFrozen(Conflict):
    code = "population_frozen"
    title = "A ready population never changes"


class NameMissing(InvalidInput):
    code = "name_missing"
    title = "A name is missing"


class PopulationWithoutChoice(Conflict):
    code = "population_without_choice"
    title = "The population holds no choice"


class ImportRunning(Conflict):
    code = "import_running"
    title = "An import of this file is already running"


class InvalidFile(InvalidInput):
    """The uploaded file as a whole cannot be used."""

    code = "invalid_file"
    title = "The file cannot be used"


class EmptyFile(InvalidFile):
    code = "empty_file"
    title = "The file is empty"


class HeaderOnly(InvalidFile):
    code = "header_only"
    title = "The file has a header and no rows"


class NotUtf8(InvalidFile):
    code = "not_utf8"
    title = "The file is not UTF-8 text"


class UnknownFileType(InvalidFile):
    code = "unknown_file_type"
    status = 415
    title = "Files of this type are not read"


class DuplicateColumns(InvalidFile):
    code = "duplicate_columns"
    title = "Two columns have the same name"


class MalformedCsv(InvalidFile):
    code = "malformed_csv"
    title = "The CSV file cannot be read"


class MalformedJson(InvalidFile):
    code = "malformed_json"
    title = "The JSON file cannot be read"


class CorruptArchive(InvalidFile):
    code = "corrupt_archive"
    title = "The compressed file cannot be unpacked"


class CorruptParquet(InvalidFile):
    code = "corrupt_parquet"
    title = "The Parquet file cannot be read"


class CorruptWorkbook(InvalidFile):
    code = "corrupt_workbook"
    title = "The workbook cannot be read"


class PasswordProtected(InvalidFile):
    code = "password_protected"
    title = "The workbook is protected by a password"


class EmptySheet(InvalidFile):
    code = "empty_sheet"
    title = "The sheet holds no table"


class UnknownSheet(InvalidFile):
    code = "unknown_sheet"
    title = "The workbook has no such sheet"


class TooManySheets(InvalidFile):
    code = "too_many_sheets"
    title = "The workbook has too many sheets"


class FormulasWithoutValues(InvalidFile):
    code = "formulas_without_values"
    title = "The workbook holds formulas that were never computed"


class CorruptStatisticsFile(InvalidFile):
    code = "corrupt_statistics_file"
    title = "The file of a statistics program cannot be read"


class UnreadableFile(InvalidFile):
    code = "unreadable_file"
    title = "The file cannot be read"


class FileTooDemanding(InvalidFile):
    code = "file_too_demanding"
    title = "Reading the file takes more than it may"


class UnsupportedColumn(InvalidFile):
    code = "unsupported_column"
    title = "A column has a type that cannot be used"


class FileTooLarge(BodyTooLarge):
    code = "file_too_large"
    title = "The file is too large"


class TooManyRows(InvalidFile):
    code = "too_many_rows"
    title = "The file has too many rows"


class TooManyColumns(InvalidFile):
    code = "too_many_columns"
    title = "The file has too many columns"


class InvalidMapping(InvalidInput):
    """The mapping does not fit the file or contradicts itself."""

    code = "invalid_mapping"
    title = "The mapping cannot be used"


class MissingColumn(InvalidMapping):
    code = "missing_column"
    title = "The mapping names a column the file does not have"


class LayoutUnclear(InvalidMapping):
    code = "layout_unclear"
    title = "The rows of a choice cannot be put together"


class AmbiguousNumbers(InvalidMapping):
    code = "ambiguous_numbers"
    title = "Numbers of the file can be read in two ways"


class LossNotAccepted(InvalidInput):
    """The import would leave out more people than were agreed to."""

    code = "loss_not_accepted"
    title = "The import would leave people out"


class NoRowsLeft(InvalidInput):
    code = "no_rows_left"
    title = "No row of the file can be used"


class AlternativeNeverChosen(InvalidInput):
    code = "alternative_never_chosen"
    title = "Nobody in the file chose this alternative"


class EstimationImpossible(InvalidInput):
    code = "estimation_impossible"
    title = "The choices cannot be explained by these columns"


class SnapshotDamaged(AgentVerseError):
    """The stored population no longer has the content its digest names."""

    code = "snapshot_damaged"
    status = 500
    title = "The stored population is damaged"
