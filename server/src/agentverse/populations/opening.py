"""Any readable file behind one protocol."""

from pathlib import Path
from typing import Final

from agentverse.populations.file_formats import check_size, detect_format
from agentverse.populations.json_files import JsonSurvey
from agentverse.populations.row_batches import CsvSurvey, ParquetSurvey, SurveyFile
from agentverse.populations.schemas import FileReading
from agentverse.populations.statistics_files import StatisticsSurvey
from agentverse.populations.text_files import TextFile
from agentverse.populations.workbooks import WorkbookSurvey

AS_IT_STANDS: Final = FileReading()


def open_survey(path: Path, reading: FileReading) -> SurveyFile:
    """Open a file as its content says; reading: what a person said of it. Raises InvalidFile."""
    check_size(path.stat().st_size)
    kind = detect_format(path)
    match kind:
        case "parquet":
            return ParquetSurvey(path)
        case "xlsx" | "ods":
            return WorkbookSurvey(path, kind, reading)
        case "sav" | "zsav" | "dta":
            return StatisticsSurvey(path, kind)
        case "json" | "jsonl":
            text = TextFile(path, reading.encoding)
            return JsonSurvey(text, in_lines=kind == "jsonl")
        case "csv":
            return CsvSurvey(TextFile(path, reading.encoding), reading)
