// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import com.trackunit.fabric.core.CorrelationId;
import okhttp3.HttpUrl;

/**
 * What every message about a call begins with: no query, no header.
 *
 * @param step start, upload, confirm or health; a metric's tag too
 * @param url where it goes
 * @param id the correlation id of the work
 */
record CallSite(String step, HttpUrl url, CorrelationId id) {
  String describe(String seen) {
    return "ingestion "
        + step
        + " at "
        + url.scheme()
        + "://"
        + url.host()
        + ":"
        + url.port()
        + url.encodedPath()
        + " (correlation id "
        + id
        + "): "
        + seen;
  }

  /** Hides the query. */
  @Override
  public String toString() {
    return describe("");
  }
}
