"""Every maximum of the product, in one place, each with its reason."""

KIB = 1024
MIB = 1024 * KIB

# Reading
HEAD_BYTES = 1 * MIB
"""Inspected to decide the dialect: enough for hundreds of wide records, one cheap request."""

BATCH_BYTES = 16 * MIB
"""Parsed and profiled at a time inside a chunk: bounds memory; smaller ones pay more calls, the arrays of larger ones
leave the caches (docs/decisions/0024)."""

KEPT_MEMORY_BYTES = 1024 * MIB
"""Freed memory that each process of a command keeps at most: more than it ever has."""

BLOCK_BYTES = 1 * MIB
"""Analysed at a time when a batch is not clean: its token positions, up to 8 times as large, stay in the caches."""

RECORD_BYTES_MAX = 16 * MIB
"""A record that does not end within this is a reject: bounds what a chunk reads past its end."""

WINDOW_BYTES = 64 * KIB
"""Looked at around a cut to guess where the first record starts."""

TAIL_BYTES = 64 * KIB
"""Read at once past a chunk's end to finish its last record: longer records cost another request."""

RECORD_BYTES_MAX_ASKED = 64 * MIB
"""The largest maximum a request may ask for: a chunk holds a record and a batch at a time."""

DELIMITER_CHARACTERS_MAX = 8
"""Longer delimiters are mistakes."""

HEADER_ROWS_MAX = 100
"""More rows than this are data."""

PREAMBLE_LINES_MAX = 1_000
"""Lines before the table that may be skipped: the head has to hold them, and the header."""

COLUMNS_MAX = 10_000
"""More labels than this is not a table anybody profiles."""

REJECTS_KEPT = 10_000
"""Rejects kept with their text, the first in file order; the count is always exact."""

REJECT_TEXT_BYTES = 1 * KIB
"""Kept of a reject's raw text."""

# Profiling
EXACT_VALUES_MAX = 2_000
"""Distinct values counted exactly per column; above it sketches take over."""

KMV_HASHES = 8_192
"""Smallest hashes kept per column above that: distinct counts within 4.3 % in 9,999 of 10,000 datasets, for 64 KiB."""

COUNT_TABLE_WIDTH = 4_096
"""Cells in each of the four rows of a count-min table: a count is over by less than 0.07 % of the values."""

SAMPLE_RECORDS = 1_000
"""Records kept as the uniform sample: holds a value of one record in 200 with 99 %."""

SAMPLE_VALUE_BYTES = 128
"""Kept of a value in the record sample: a thousand records of ten columns stay near 100 KB."""

VALUE_BYTES = 512
"""Kept of a value in exact counts, beside a digest of the rest: whole numbers, names, most addresses fit."""

NUMBER_BYTES_MAX = 320
"""A longer text is no number: an exact integer needs 309, and what VALUE_BYTES cuts is text for certain."""

FORM_BYTES_MAX = 40
"""A longer text with separators or a unit is no number: what people write so has some twenty digits at most."""

NULL_VALUES_MAX = 100
"""Texts that a request may call null: each is kept with its count for every column."""

NULL_VALUE_BYTES_MAX = 64
"""The longest of them: it must stand whole in the record sample."""

INTEGER_DIGITS_MAX = 308
"""An integer of more digits is none: up to here each one has a finite double beside its exact value."""

HASH_WORDS_BYTES = 1 * KIB
"""Longer values are hashed one by one: word by word pays off while many values share the pass."""

SHOWN_CHARACTERS = 80
"""Characters of a value that a report shows; what is cut ends in an ellipsis."""

TOP_VALUES = 20
"""Most frequent values in a report: a screenful."""

TOP_PATTERNS = 10
"""Most frequent patterns of a column in a report: more are free text."""

PATTERN_CHARACTERS = 40
"""Of a pattern, cut like a value: identifiers fit, and sentences have no pattern."""

SHOWN_RECORDS = 20
"""Records of the sample in a report: a screenful."""

SHOWN_CELLS = 5_000
"""Cells of them, for wide tables: a record at least is shown."""

HISTOGRAM_BINS = 25
"""Bins of a histogram; a range of at most this many integers gets one bin each."""

CORRELATED_COLUMNS = 50
"""Columns, the first ones, whose correlations are followed: 1,225 pairs cost a twelfth of the rest, a fifth where all
have gaps."""

CORRELATED_OCTAVES = 128
"""A column of numbers further apart in size (a factor of 10**38) has no correlations: bounds the exact sums."""

MISSING_COLUMNS = 100
"""Columns, the first ones, of which it is counted what pairs of them miss together: 4,950 pairs."""

# Processors
GROUPS_MAX = 10_000
"""Groups of `group_by`: more are no table that anybody reads, and partials must stay small."""

SECTION_BYTES_MAX = 8 * MIB
"""JSON text of what a processor makes of a chunk, of a span, or of a run: bounds what travels and what is shown."""

SECTION_ROWS_SHOWN = 200
"""Rows of a processor's table in report.html; report.json has them all."""

PROCESSOR_OPTIONS_BYTES_MAX = 8 * KIB
"""The options of all processors as JSON: they travel in every message of the run."""

# Schemas
RULE_EXAMPLES = 10
"""Records shown for each broken rule, the first in file order; the count is always exact."""

ENUM_VALUES_MAX = 20
"""A column with more values is not taken for an enumeration."""

SCHEMA_BYTES_MAX = 1 * MIB
"""A schema that is read from a blob: thousands of fields fit."""

# Drift
DRIFT_BINS = 10
"""Bins that numbers are compared by: deciles, as the population stability index is usually taken."""

DRIFT_VALUES = 50
"""Values compared one by one, the most frequent; the others make one bin."""

DRIFT_CELLS = 64
"""Cells that the hashes of many texts are compared by."""

DRIFT_PSI_NOTABLE = 0.1
"""Below, a distribution is called stable, as is usual with this index."""

DRIFT_PSI_STRONG = 0.25
"""Above, it is called shifted."""

DRIFT_NULL_RATE = 0.05
"""Change of the share of empty values that raises an alert."""

DRIFT_RECORDS_SHARE = 0.5
"""Change of the number of records, as a share of what it was, that raises an alert."""

DRIFT_ROWS_SHOWN = 200
"""Columns compared in report.html, those that changed most; report.json has them all."""

# Running
CHUNK_BYTES_MIN = 1
"""The smallest chunk: tests split everywhere."""

CHUNK_BYTES_MAX = 4 * 1024 * MIB
"""The largest chunk that may be asked for: batches bound its memory, the function's timeout its time."""

CHUNKS_MAX = 64**4
"""More chunks than four levels of spans hold are refused: the chunk size is wrong."""

FAN_OUT_MAX = 64
"""Children of one orchestration: its history is replayed at every step, so it must stay short."""

CONCURRENCY_DEFAULT = 256
"""Chunks at work at a time unless a request or a setting says otherwise: enough for a hundred workers, and few enough
that none waits for a worker until its deadline."""

CONCURRENCY_MAX = 10_000
"""More chunks than this at a time are asked for by mistake: the largest plans scale to a thousand workers."""

WAVE_CHUNKS = 16
"""Chunks that a span has at work at a time, where the run may have so many: each wave replays the span's history, and
64 waves of one chunk cost ten times what four of sixteen do."""

CHUNK_DEADLINE_S = 1_800
"""An attempt at a chunk is given up after this: six times an activity's own limit, so that waiting for a worker, which
counts, too, is not taken for its death."""

RUN_DEADLINE_S = 24 * 3600
"""A run ends after this, whatever happens: a day is several times what 100 TB take (docs/scale.md)."""

DEADLINE_MAX_S = 5 * 24 * 3600
"""The longest deadline that may be asked for: every storage of the scheduler keeps a timer of so many days as one."""

FAILED_CHUNKS_KEPT = 20
"""Failed chunks, and ranges not read, that travel with their reason; the counts are always exact."""

FAILED_CHUNK_CHARS = 200
"""Kept of a failed chunk's message."""

PROGRESS_BATCH = 16
"""Chunks that a span tells of at a time: one entity hears of all of them, and must not be the slowest part."""

CLEAN_AT_ONCE = 10_000
"""Blobs removed by one activity: half a minute, well within its limit."""

CLEAN_ROUNDS_MAX = 64
"""Activities that clean up after a run: what is left, of more than 640,000 blobs, is swept later."""

WORK_RETENTION_DAYS = 7
"""Work of runs that did not complete is kept so long, to be taken up again: a week-end and some days."""

WORK_RETENTION_DAYS_MAX = 3650
"""Ten years: who wants more does not want it removed."""

SWEEP_S = 180
"""A sweep removes nothing more after this: with what is under way it is done within the five minutes of a function."""

MESSAGE_BYTES_MAX = 128 * KIB
"""An activity's input or result: references and counts only (the scheduler allows 1 MB)."""

COMPLETION_BYTES_MAX = 47 * KIB
"""The completion message before base64: 48 KiB fill a queue message after it, and a delivery adds a few bytes."""

BLOB_NAME_MAX = 1_024
"""Characters in a blob's name, as Azure Storage has it: the report's names are longer than the dataset's."""

ATTEMPTS_MAX = 6
"""Times an activity is tried: five back-offs, a minute in all, outlast a storage hiccup."""

ANNOUNCE_ATTEMPTS_MAX = 30
"""Times the completion message is tried: some four hours, for a run that ends in silence is worse than a late one."""

RETRY_FIRST_DELAY_S = 2
"""Wait before the first retry; each further one doubles it."""

RETRY_DELAY_MAX_S = 600
"""Longest wait between two tries."""

FOLD_AT_ONCE = 16
"""Partials in memory at a time while folding, as bytes: bounds the aggregation activity."""

FOLD_BYTES = 256 * MIB
"""No partial is added to as many bytes of them, but two are always folded: wide tables have large ones."""

TALLIED_AT_ONCE = 16_384
"""Different values of columns measured together: reading them costs more than what each look at a group does."""

PROFILE_COLUMNS_AT_ONCE = 32
"""Columns of each partial unpacked at a time while folding: 16 partials of any width then need some 100 MB."""

DOCUMENTS_HELD = 64
"""Layouts, chains and schemas that a process keeps at hand instead of fetching them for every chunk: some KB each."""

# Emitting
PARTS_MAX = 100_000
"""Parts of one run: the manifest names each, so it stays below 30 MB."""

ROW_GROUP_BYTES = 16 * MIB
"""Read before a row group is written: bounds memory, and groups of this size compress and skip well."""

PART_MEMORY_BYTES = 32 * MIB
"""Of a part held in memory before it goes to a temporary file: a part of the usual chunk never does."""

# Reporting
REJECT_EXAMPLES = 20
"""Rejects shown in the report itself; the rest is in rejects.csv."""

CARDS_MAX = 1_000
"""Columns with a card and a table row in report.html: a page of more opens slowly; report.json has them all."""

MARKDOWN_ALERTS = 20
"""Alerts in report.md: a comment nobody scrolls through."""

MARKDOWN_COLUMNS = 60
"""Columns in report.md, for the same reason."""

ALERTS_OPEN = 8
"""Alerts shown before the reader asks for the others."""

ALERTS_SHOWN = 500
"""Alerts in report.html, the most severe ones: ten thousand columns may raise thirty thousand."""

SAMPLE_COLUMNS_SHOWN = 50
"""Columns of the sample of records in report.html: more are not read side by side."""

UNREAD_SHOWN = 20
"""Failed chunks and ranges that were not read in report.html, the first ones."""

# Ways in
REQUEST_BYTES_MAX = 64 * KIB
"""A request as JSON, its options and a schema among them: a queue message holds no more."""

REQUEST_DEPTH_MAX = 32
"""Arrays and objects in one another: a Table Schema needs six, and what reads it goes down level by level."""

DATASETS_MAX = 200
"""Datasets of one run: one orchestration follows them all, and its history is replayed at every step."""

DATASETS_BYTES_MAX = 48 * KIB
"""Their names and versions as JSON: they travel in one message, beside the options."""

DATASETS_AT_ONCE = 16
"""Of them at work at a time, each with its share of the run's chunks."""

UPLOAD_BYTES_MAX = 64 * MIB
"""A dataset in the body of a request: it is in memory, and the Functions host takes 100 MB. Larger ones are dropped."""

UPLOAD_OPTIONS_BYTES_MAX = 4 * KIB
"""Options of an upload: they become metadata of the blob, which holds 8 KiB in all."""

REQUEST_CONTAINERS_MAX = 20
"""Containers that requests may name besides the input."""

INPUT_SUFFIXES_MAX = 20
"""Suffixes that events are filtered by."""

RECONCILED_AT_ONCE = 500
"""Blobs that one tick of the reconciliation looks at: with two questions each it is done well within the timeout."""

RECONCILE_STARTS_MAX = 100
"""Runs that one tick starts: what was missed must not push aside what comes in."""

# Ways out
WEBHOOK_TIMEOUT_S = 10
"""A request to the webhook, all in all: who has more to do with a message does it after the answer."""

WEBHOOK_DELAYS_S = (5, 60, 300, 1_800, 7_200, 18_000, 36_000)
"""Waits between the tries of a delivery: eight tries in some eighteen hours outlast a bad night of the receiver."""

WEBHOOK_SECRETS_MAX = 2
"""Secrets that sign a delivery: the old one and the new one while it is changed."""

SUBSCRIBED_AT_ONCE = 32
"""Messages taken off a queue by one request: as many as the service gives."""

TIMELINE_ROWS_MAX = 250
"""Rows of a run's timeline: a fan-out, or the datasets of a run, the steps around it, and some tried anew."""

# HTTP
RUNS_PAGE = 50
"""Runs on a page of the list, unless the caller says otherwise."""

RUNS_PAGE_MAX = 200
"""Runs on a page of the list, at most."""

RUNS_PAGES_LOOKED_AT = 10
"""Pages of the scheduler's list, of RUNS_PAGE_MAX, that one page of ours is sorted from: large runs are many
orchestrations there."""

RUNS_ASKED_MAX = 100
"""Runs that one request asks the status of."""

REPORT_BYTES_MAX = 96 * MIB
"""The largest report that is passed through the app: it is in memory, and the Functions host takes 100 MB."""

REASON_CHARS_MAX = 200
"""Why somebody cancels a run: a line in its message."""

# Samples
SAMPLE_BODY_BYTES_MAX = 64 * KIB
"""A sample's request: what is made of it, all results together, stays under the 1 MB that the scheduler takes."""

SAMPLE_ITEMS_MAX = 1_000
"""Items or activities of one sample: two levels of fan-out, and a result that a person still opens."""

SAMPLE_DATASET_ITEMS_MAX = 4_096
"""Items of the sample on large datasets, of which it returns counts only: a request holds no more."""

SAMPLE_ITEM_CHARACTERS_MAX = 100
"""Characters of an item, which is a name and no document."""

SAMPLE_NUMBER_MAX = 1_000_000_000
"""Quantities, prices and values in a sample: their products are exact as numbers of JSON."""
