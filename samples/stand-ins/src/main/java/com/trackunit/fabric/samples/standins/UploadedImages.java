// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import com.trackunit.fabric.samples.contracts.ImageUploaded;

/** Where the ingestion service tells of photos that are there. */
@FunctionalInterface
interface UploadedImages {
  /**
   * Tells of one photo and waits until the news is safe.
   *
   * @throws PublishFailedException if that is not known to be so; telling it again may tell it
   *     twice
   */
  void publish(ImageUploaded image, Journey journey) throws PublishFailedException;

  /** The news of a photo may not have arrived. */
  final class PublishFailedException extends Exception {
    private static final long serialVersionUID = 1L;

    PublishFailedException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
