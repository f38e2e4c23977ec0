// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.ingestion;

import java.util.Objects;

/**
 * How far the upload of a photo has come: from any of these {@link IngestionClient#uploadPhoto(
 * Photo, UploadStep, CallOptions)} goes on. Immutable values that may be kept and made again, such
 * as after a restart; {@link Started} and {@link Stored} hold a presigned URL, which is a secret
 * until it expires.
 */
public sealed interface UploadStep {
  /** Nothing has been done. */
  record NotStarted() implements UploadStep {}

  /**
   * The service has given leave; the object store may hold nothing, or all, of the photo.
   *
   * @param upload the leave
   */
  record Started(Upload upload) implements UploadStep {
    /** Checks that it is there. */
    public Started {
      Objects.requireNonNull(upload, "upload");
    }
  }

  /**
   * The object store has taken the photo; the service does not know yet.
   *
   * @param upload the leave
   * @param photo what was sent
   */
  record Stored(Upload upload, StoredPhoto photo) implements UploadStep {
    /** Checks that both are there. */
    public Stored {
      Objects.requireNonNull(upload, "upload");
      Objects.requireNonNull(photo, "photo");
    }
  }

  /**
   * The service has taken it from here: done.
   *
   * @param upload the leave
   * @param photo what was sent
   * @param status the service's word for it, such as {@code accepted}
   */
  record Confirmed(Upload upload, StoredPhoto photo, String status) implements UploadStep {
    /** Checks that all are there. */
    public Confirmed {
      Objects.requireNonNull(upload, "upload");
      Objects.requireNonNull(photo, "photo");
      Objects.requireNonNull(status, "status");
    }
  }
}
