# SPDX-License-Identifier: Apache-2.0
"""Our file in the tools it is for: read_written.py FILE. The rows follow ParquetWriterTests.row; a fault ends it with 1."""
import sys

import duckdb
import polars
import pyarrow.parquet

path, count = sys.argv[1], 250_001


def row(index):
    sweep = None if index % 7 == 3 else "démo" if index % 2 == 0 else f"sweep {index % 300}"
    value = None if index % 5 == 0 else 2.0 if index % 3 == 0 else index / 3
    return (sweep, index - 5, value, None)


expected = [row(index) for index in range(count)]
table = pyarrow.parquet.read_table(path)
assert [str(field.type) for field in table.schema] == ["string", "int64", "double", "int64"], table.schema
assert list(zip(*(column.to_pylist() for column in table.columns))) == expected, "pyarrow"
assert pyarrow.parquet.ParquetFile(path).metadata.created_by == "Muster test"
assert polars.read_parquet(path).rows() == expected, "polars"
assert duckdb.sql(f"SELECT * FROM '{path}'").fetchall() == expected, "duckdb"
print("read by pyarrow", pyarrow.__version__, "polars", polars.__version__, "duckdb", duckdb.__version__)
