"""What is stored: counted and fingerprinted inside PostgreSQL, by one scan.

From the ground up: each module uses only those above it; those marked - are for this package alone.

    row_hash            eight bytes of every stored value, as SQL for each type
    tables              tables and materialised views that can be scanned, with their columns
    scan                scans: which tables together, which in parts
    paced_scan          --gentle: the same scans in small pieces
    unchanged -         proof that a table still holds what it held at an earlier instant
    scan_cache          fingerprints kept on disk for --resume
    per_row_hashes      one hash per row, kept in baselines of small tables
    paired_columns      when a value is the same in two tables, whatever type it has in each
    row_diff            which rows of two tables differ
    scanner             all scans of a run, in the background, largest table first
"""
