// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import com.trackunit.fabric.ingestion.Upload;
import java.io.IOException;

/** One way to call the service. Thread-safe: all threads of a run share it. */
interface Arm extends AutoCloseable {
  String FILENAME = "digger.jpg";
  String CONTENT_TYPE = "image/jpeg";
  String CHECKSUM = "sha256:039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";
  long BYTES = 2_345_678;
  String CORRELATION_ID = "7d3f0c1e-8a55-4c39-9a52-0f6b6f0f9a11";

  String name();

  /** Starts an upload and reads the answer to its last field. */
  Upload start() throws IOException;

  /** Confirms an upload; the answer's word for it. */
  String confirm(String uploadId) throws IOException;

  /** Leaves the HTTP client as it is: all arms share it. */
  @Override
  default void close() {}
}
