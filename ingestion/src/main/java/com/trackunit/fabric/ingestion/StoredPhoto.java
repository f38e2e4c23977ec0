// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.util.Objects;

/**
 * What was really sent to the object store, counted and digested on the way. Immutable.
 *
 * @param bytes how many; more than zero
 * @param checksum their SHA-256, {@code sha256:<64 hex>}
 */
public record StoredPhoto(long bytes, String checksum) {
  /**
   * Checks the parts.
   *
   * @throws IllegalArgumentException if {@code bytes} is not more than zero
   */
  public StoredPhoto {
    Objects.requireNonNull(checksum, "checksum");
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes is " + bytes + ", expected at least 1");
    }
  }
}
