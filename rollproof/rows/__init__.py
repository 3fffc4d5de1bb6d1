"""Stored rows: counted and fingerprinted inside PostgreSQL, in one scan of each table.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    row_hash            a 64-bit hash of a stored value, as SQL for each type
    row_key             the key that identifies the rows of a table
    tables              tables and materialized views that can be scanned, with their columns
    progress            how far scans are
    footprints          files, sizes and counters of tables, and since when these count
    suspects            tables that are read first, and why
    detail              sums of parts of a table, in the same scan
    detail_choice       by what a table's rows are parted: ranges of a column, or its key
    scan                scans: which tables together, which in parts
    paced_scan          --gentle: the same scans in small pieces
    detail_capture -    sums of parts of many tables, for a baseline
    unchanged -         whether a table holds the rows that it held in an earlier snapshot
    scan_cache          fingerprints kept on disk for --resume
    page_headers -      tables with a page that was written since, by pageinspect
    unreported          sessions that may have written what the server has not counted yet
    untouched           --unread-if-untouched: tables that nobody wrote to since the baseline
    per_row_hashes      one hash per row, kept in baselines of small tables
    paired_columns      equality of values of two tables, whatever types they have
    row_order           keys in the order in which their types sort
    paired_tables       two tables that should hold the same rows
    row_lookup          rows that differ by their places: keys, values, columns that changed
    row_diff            rows that differ between two tables
    detail_search       where rows differ from a baseline's sums
    scanner             all scans of a run, in the background: suspects first, then the largest table
"""
