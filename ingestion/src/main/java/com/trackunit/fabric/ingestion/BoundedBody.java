// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import okhttp3.ResponseBody;
import okio.BufferedSource;

/** As much of an answer's body as we are ready to hold. */
final class BoundedBody {
  /** The most bytes kept of an answer; the longest honest one has about 2 KiB. */
  static final int LIMIT = 64 * 1024;

  private final byte[] bytes;
  private final boolean isCut;

  private BoundedBody(byte[] bytes, boolean isCut) {
    this.bytes = bytes;
    this.isCut = isCut;
  }

  static BoundedBody read(ResponseBody body) throws IOException {
    BufferedSource source = body.source();
    boolean cut = source.request(LIMIT + 1L);
    long size = Math.min(source.getBuffer().size(), LIMIT);
    return new BoundedBody(source.getBuffer().readByteArray(size), cut);
  }

  /** What was read; not to be changed. */
  byte[] bytes() {
    return bytes;
  }

  /** What was read, as UTF-8. */
  String text() {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** Whether there was more. */
  boolean isCut() {
    return isCut;
  }
}
