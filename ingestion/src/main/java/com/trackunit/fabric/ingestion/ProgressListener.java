// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

/** Is told how far an upload has come. */
@FunctionalInterface
public interface ProgressListener {
  /**
   * Called after each piece of at most 64 KiB, on the thread that sends (the caller's own for a
   * blocking call). When an upload is tried again it begins at zero once more. What it throws ends
   * the upload and reaches the caller.
   *
   * @param sent bytes handed to the connection so far
   * @param total bytes of the photo
   */
  void onProgress(long sent, long total);
}
