"""Scores a table with the champion on local-mode Spark, as docs/how-to/spark.md does; prints JSON.

``python spark_labels.py TABLE.csv COLUMN PARTITIONS``, from the project's folder.
"""

import json
import sys

import mlflow
import pandas as pd
from pyspark.sql import DataFrame, SparkSession

RESULT = "label string, probability double"


def start_spark() -> SparkSession:
    """Two threads of this machine, which talk over the loopback only."""
    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    for side in ("host", "bindAddress"):
        builder = builder.config(f"spark.driver.{side}", "127.0.0.1")
    return builder.config("spark.sql.shuffle.partitions", "2").getOrCreate()


def score(spark: SparkSession, rows: DataFrame, column: str) -> DataFrame:
    """The rows with the champion's label and probability."""
    udf = mlflow.pyfunc.spark_udf(
        spark, "models:/sharprecl@champion", result_type=RESULT, env_manager="local"
    )
    return rows.withColumn("answer", udf(column)).select("row", "answer.*")


def main(file: str, column: str, partitions: str) -> None:
    """Print the number of partitions, and rows of number, label and probability."""
    mlflow.set_tracking_uri("sqlite:///mlflow.db")
    texts = pd.read_csv(file, keep_default_na=False)[column]
    spark = start_spark()
    table = pd.DataFrame({"row": range(len(texts)), column: texts})
    rows = spark.createDataFrame(table).repartition(int(partitions))
    scored = score(spark, rows, column)
    answers = [list(row) for row in scored.collect()]
    print(json.dumps({"partitions": scored.rdd.getNumPartitions(), "answers": sorted(answers)}))
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
