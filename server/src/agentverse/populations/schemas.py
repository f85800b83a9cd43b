"""Wire types of populations: upload, mapping, import report, synthesis."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from agentverse.platform.tags import Tags
from agentverse.platform.wire import RequestModel, WireModel
from agentverse.tasks import TaskPayload

PopulationStatus = Literal["uploaded", "importing", "ready", "failed"]


class FarValue(WireModel):
    """A number far from the rest of its column: it may stand for no answer, or be real."""

    value: float
    rows: int = Field(description="Inspected rows that hold it.")
    is_code: bool = Field(description="It looks like a code for no answer, as -99 does.")


class FileReading(RequestModel):
    """How the file as a whole is read, where it does not speak for itself."""

    sheet: str | None = Field(
        default=None, max_length=200, description="Of a workbook; null: the first with a table."
    )
    header_line: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description="The row with the names of the columns; null: the first as wide as the table.",
    )
    encoding: Literal["utf-8", "utf-16", "windows-1252"] | None = Field(
        default=None, description="Of a text file; null: as its bytes show."
    )


class ValueLabel(WireModel):
    """What the file calls a code of a column."""

    code: str
    label: str


class NoAnswerCode(WireModel):
    """A code that the file declares to mean no answer; it is read as a gap."""

    code: str = Field(description="With its label, where it has one.")
    rows: int = Field(description="Inspected rows that hold it.")


class ColumnSummary(WireModel):
    """What inspection saw in one column of the uploaded file."""

    name: str
    label: str = Field(default="", description="The question, where the file says it.")
    value_labels: list[ValueLabel] = Field(
        default_factory=list[ValueLabel],
        description="In the order of the codes. Used as a number the column has its codes, as a "
        "choice, group or category their labels.",
    )
    no_answer: list[NoAnswerCode] = Field(default_factory=list[NoAnswerCode])
    type: Literal["number", "integer", "boolean", "text"]
    missing: int
    not_numeric: int = Field(
        default=0, description="Values of the inspected rows that are there and are no numbers."
    )
    distinct: int = Field(description="Distinct values in the inspected rows.")
    minimum: float | None
    maximum: float | None
    examples: list[str]
    decimal: Literal[".", ","] | None = Field(
        default=None, description="How its numbers write decimals, where that shows."
    )
    thousands: str = ""
    unit: str = Field(default="", description="The percent or currency sign its numbers carry.")
    ambiguous: str | None = Field(
        default=None,
        description="The first number that can be read in two ways (1.215), where nothing in the "
        "column decides: say which in `readings`.",
    )
    ambiguous_row: int | None = None
    far_values: list[FarValue] = Field(default_factory=list[FarValue])


class PersonalColumn(WireModel):
    """A column that looks personal; no suggestion takes it in."""

    column: str
    reason: str


SuggestedPart = Literal[
    "layout",
    "choice",
    "attributes",
    "availability",
    "region",
    "segment",
    "weight",
    "person",
    "kept",
    "left_out",
]


class SuggestionNote(WireModel):
    """Why a part of the suggested mapping is filled in as it is, or that it is left open."""

    part: SuggestedPart
    columns: list[str] = Field(default_factory=list[str])
    is_open: bool = Field(default=False, description="Nothing was recognised: a person must say.")
    text: str


class ColumnReading(WireModel):
    """How the values of one column are read, where they do not speak for themselves."""

    decimal: Literal[".", ","] | None = Field(
        default=None, description="The decimal mark; null: as all rows of the column show."
    )
    missing: list[float] = Field(
        default_factory=list[float], max_length=20, description="Numbers that mean no answer: -99."
    )


class AlternativeMapping(WireModel):
    """One option a persona can choose: its value in the choice column and what people call it."""

    value: str = Field(
        max_length=60, description="Value in the choice column; names its variables."
    )
    label: str = Field(min_length=1, max_length=80)
    synonyms: list[str] = Field(default_factory=list, max_length=40)


class FamilyMapping(WireModel):
    """One attribute that every alternative has, a column for each alternative."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", examples=["installation_cost"])
    label: str = Field(min_length=1, max_length=80)
    unit: str = Field(default="1", max_length=30)
    synonyms: list[str] = Field(default_factory=list, max_length=40)
    columns: dict[str, str] = Field(description="alternative value → column name")


class LongLayout(WireModel):
    """A file with one row per person and alternative; it is turned into one row per choice.

    The other columns of the mapping are then those of the turned file: a column that is the same
    in all rows of a choice keeps its name, `cost.car` is the cost in the row of the car, and the
    column of alternatives says which one was chosen.
    """

    situation: list[str] = Field(
        min_length=1,
        max_length=3,
        description="Columns that together say whose choice a row is of.",
    )
    alternative: str = Field(description="What could be chosen.")
    chosen: str = Field(description="Yes or 1 in the row of what was chosen.")


class AvailabilityMapping(WireModel):
    """Who could choose what: nobody chooses what they were not offered, in no what-if either."""

    columns: dict[str, str] = Field(
        default_factory=dict[str, str],
        description="alternative value → column: yes or a number other than 0 where it was "
        "offered, no, 0 or a gap where it was not. One without a column was offered to all.",
    )
    gaps: bool = Field(
        default=False,
        description="An alternative of which an attribute is missing was not offered.",
    )


class LabelMapping(WireModel):
    """How one value of a column becomes a region or segment."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,39}$")
    label: str = Field(min_length=1, max_length=80)
    synonyms: list[str] = Field(default_factory=list, max_length=40)
    values: list[str] = Field(default_factory=list, description="Exact values of the column.")
    minimum: float | None = Field(
        default=None, allow_inf_nan=False, description="Numeric band, inclusive."
    )
    maximum: float | None = Field(
        default=None, allow_inf_nan=False, description="Numeric band, exclusive."
    )


class GroupMapping(WireModel):
    """Regions or segments: a column, and optionally bands or names for its values."""

    column: str
    labels: list[LabelMapping] = Field(
        default_factory=list[LabelMapping],
        max_length=60,
        description="Empty: each distinct value is a group.",
    )
    keep_gaps: bool = Field(
        default=False, description="People without an answer are a group of their own, not stated."
    )


class CategoryMapping(WireModel):
    """A column of words or codes kept with each persona; a gap is no answer."""

    column: str
    values: list[str] = Field(
        default_factory=list[str],
        max_length=300,
        description="What it can be, lowest first where ordered; empty: every distinct value, "
        "numbers by size and words by letter.",
    )
    ordered: bool = Field(
        default=False, description="The values have an order: never, sometimes, often."
    )


class DecisionMapping(WireModel):
    """What people decide in the file, how often, and what they call it."""

    choices: str = Field(
        default="choices",
        min_length=1,
        max_length=40,
        description="What is counted when people choose, in the plural: “purchases”, “trips”.",
    )
    holders: str = Field(
        default="people",
        min_length=1,
        max_length=40,
        description="Who or what has a choice until the next one, in the plural.",
    )
    months_between: float = Field(
        default=12.0,
        ge=1.0,
        le=1200.0,
        description="Months from one choice of a person to the next, on average.",
    )
    source: str = Field(
        default="", max_length=200, description="Where that comes from; empty: an assumption."
    )


class ColumnMapping(WireModel):
    """What each column of the file means.

    Without a choice column the population is a table of people: every template but consumer choice
    can use it.
    """

    layout: LongLayout | None = Field(
        default=None, description="Null: the file has one row per person."
    )
    choice_column: str | None = Field(
        default=None, description="What each person chose; null: the file holds no choice."
    )
    alternatives: list[AlternativeMapping] = Field(
        default_factory=list[AlternativeMapping],
        max_length=12,
        description="Two or more with a choice column, else none.",
    )
    families: list[FamilyMapping] = Field(
        default_factory=list[FamilyMapping],
        max_length=12,
        description="Attributes of every alternative; none: the choice is explained by constants.",
    )
    availability: AvailabilityMapping | None = Field(
        default=None, description="Null: everybody could choose every alternative."
    )
    region: GroupMapping | None = None
    segment: GroupMapping | None = None
    traits: list[str] = Field(
        default_factory=list, max_length=40, description="Numeric columns kept with each persona."
    )
    categories: list[CategoryMapping] = Field(
        default_factory=list[CategoryMapping],
        max_length=40,
        description="Columns of words or codes kept with each persona.",
    )
    decision: DecisionMapping = DecisionMapping()
    reference_alternative: str | None = Field(
        default=None, description="Its constant is fixed at zero; default: the last alternative."
    )
    weight_column: str | None = Field(
        default=None,
        description="How many people a row stands for, on any scale; null: all rows alike.",
    )
    person_column: str | None = Field(
        default=None,
        description="Whose choice a row is, where people choose several times; null: each row is "
        "another person. Standard errors are clustered by it.",
    )
    readings: dict[str, ColumnReading] = Field(
        default_factory=dict[str, ColumnReading], max_length=500, description="By column name."
    )


class SynthesisOptions(WireModel):
    personas: int = Field(default=100_000, ge=100, le=1_000_000)
    seed: int = Field(default=20, ge=0, le=2**32 - 1)
    mean_degree: float = Field(default=10.0, ge=0, le=100)
    region_odds_ratio: float = Field(default=4.0, ge=1, le=50, description="Homophily by region.")
    segment_odds_ratio: float = Field(default=2.5, ge=1, le=50, description="Homophily by segment.")


class ImportRequest(RequestModel):
    mapping: ColumnMapping
    synthesis: SynthesisOptions = SynthesisOptions()
    accepted_loss: float | None = Field(
        default=None,
        ge=0,
        le=1,
        description="Share of the rows that may be left out. Beyond it the import stops and says "
        "what each reason would cost; null: the installation's import_accepted_loss.",
    )


class RefusedRow(WireModel):
    row: int = Field(
        description="Line of the file for CSV (the header is line 1), row for Parquet."
    )
    column: str | None
    value: str | None
    reason: str


class Loss(WireModel):
    """What one reason costs: the rows it leaves out, and the first of them."""

    column: str | None
    reason: str
    rows: int
    first_row: int
    first_value: str | None


class ImportReport(WireModel):
    rows_read: int
    rows_imported: int
    rows_refused: int
    losses: list[Loss] = Field(
        default_factory=list[Loss], description="By reason, the most costly first."
    )
    refused: list[RefusedRow] = Field(
        description="The first 1,000; the whole list is downloadable."
    )
    people: int | None = Field(
        default=None, description="Different people in the accepted rows; null: one in each row."
    )
    choice_counts: dict[str, int] = Field(description="Rows, whatever their weight.")
    choice_shares: dict[str, float] = Field(
        default_factory=dict[str, float], description="Percent of people: rows by their weight."
    )
    offered_counts: dict[str, int] = Field(
        default_factory=dict[str, int],
        description="Rows that could choose each alternative; empty: all of them could.",
    )
    region_counts: dict[str, int]
    segment_counts: dict[str, int]
    file_sha256: str


class Marginal(WireModel):
    """Shares of one marginal, survey against personas, in percent points."""

    name: str
    categories: list[str]
    target: list[float]
    achieved: list[float]


class FitReport(WireModel):
    method: str
    survey_rows: int
    personas: int
    marginals: list[Marginal]
    total_absolute_error: float = Field(description="Persons, over all marginals.")
    srmse: float
    worst_cell: str
    worst_cell_points: float = Field(description="Signed percent points.")


class NetworkReport(WireModel):
    edges: int
    mean_degree: float
    maximum_degree: int
    isolated: int
    degree_histogram: list[int] = Field(description="Personas with degree 0, 1, 2, …")
    region_assortativity: float | None
    segment_assortativity: float | None
    digest: str


class Coefficient(WireModel):
    name: str
    label: str
    estimate: float
    standard_error: float
    z: float


class EstimationReport(WireModel):
    """Multinomial logit fitted to the survey's choices."""

    method: str
    reference_alternative: str
    coefficients: list[Coefficient]
    log_likelihood: float
    null_log_likelihood: float
    mcfadden_r2: float
    observations: int
    iterations: int


class Stage(WireModel):
    """Where a long import stands."""

    name: str
    done: int
    total: int


class PopulationUpdate(RequestModel):
    """What is given changes; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=80)
    tags: Tags | None = None


class Population(WireModel):
    id: UUID
    name: str
    tags: list[str] = Field(default_factory=list[str])
    status: PopulationStatus
    file_name: str
    size_bytes: int
    personas: int | None
    digest: str | None
    created_at: datetime
    stage: Stage | None
    problem: dict[str, object] | None = Field(description="RFC 9457 problem when failed.")


class PopulationDetail(Population):
    columns: list[ColumnSummary] = Field(
        description="Of the file as it is read: turned, where it has a row per alternative."
    )
    preview: list[dict[str, str]] = Field(description="The first rows as text.")
    rows_estimated: int | None
    reading: FileReading = Field(
        default=FileReading(), description="How the file as a whole was read."
    )
    odd_words: list[str] = Field(
        default_factory=list[str],
        description="Words with odd letters, where the encoding is a guess: are they right?",
    )
    sheets: list[str] = Field(
        default_factory=list[str], description="Of a workbook: what `reading.sheet` can be."
    )
    suggested_mapping: ColumnMapping | None
    suggestion_notes: list[SuggestionNote] = Field(
        default_factory=list[SuggestionNote],
        description="What was recognised and why, and what was left open.",
    )
    personal_data: list[PersonalColumn] = Field(
        default_factory=list[PersonalColumn],
        description="Columns that look personal: left out unless the mapping names them.",
    )
    mapping: ColumnMapping | None
    synthesis: SynthesisOptions | None = Field(
        default=None, description="As the last import was asked for."
    )


class PopulationReport(WireModel):
    population_id: UUID
    digest: str
    import_report: ImportReport
    fit: FitReport
    network: NetworkReport
    estimation: EstimationReport | None = Field(description="Null where the file has no choice.")
    source: str = Field(description="Where the data come from, as far as known.")


class BuildPopulation(TaskPayload):
    """Queue payload: import, synthesise, freeze."""
