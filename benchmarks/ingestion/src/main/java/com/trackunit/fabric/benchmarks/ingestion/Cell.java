// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.io.IOException;
import java.util.Locale;

/**
 * What is measured at a time.
 *
 * @param protocol as in the report
 * @param call which of the two
 * @param threads that call at the same time
 */
record Cell(String protocol, Call call, int threads) {
  /** The service's calls that have a body both ways. */
  enum Call {
    START {
      @Override
      boolean make(Arm arm) throws IOException {
        return arm.start().uploadId().equals(UploadServer.UPLOAD_ID);
      }
    },
    CONFIRM {
      @Override
      boolean make(Arm arm) throws IOException {
        return arm.confirm(UploadServer.UPLOAD_ID).equals("accepted");
      }
    };

    /** Whether the answer is the server's. */
    abstract boolean make(Arm arm) throws IOException;
  }

  @Override
  public String toString() {
    return protocol + " " + call.name().toLowerCase(Locale.ROOT) + " x" + threads;
  }
}
