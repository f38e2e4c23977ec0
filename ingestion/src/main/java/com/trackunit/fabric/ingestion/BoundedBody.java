// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import okhttp3.ResponseBody;
import okio.BufferedSource;

/**
 * As much of an answer's body as we are ready to hold.
 *
 * @param text what was read, as UTF-8
 * @param isCut whether there was more
 */
record BoundedBody(String text, boolean isCut) {
  /** The most bytes kept of an answer; the longest honest one has about 2 KiB. */
  static final int LIMIT = 64 * 1024;

  static BoundedBody read(ResponseBody body) throws IOException {
    BufferedSource source = body.source();
    boolean cut = source.request(LIMIT + 1L);
    long size = Math.min(source.getBuffer().size(), LIMIT);
    return new BoundedBody(source.getBuffer().readString(size, StandardCharsets.UTF_8), cut);
  }
}
